//! The services with the query protocol: their names, and the versions of their APIs.

/// A service of the query protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Rds,
    ElastiCache,
}

impl Service {
    /// The service that a credential scope names. Every name but ElastiCache's is taken for RDS.
    pub(super) fn named(name: Option<&str>) -> Self {
        if name == Some("elasticache") { Self::ElastiCache } else { Self::Rds }
    }

    /// Its name in a credential scope.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::ElastiCache => "elasticache",
        }
    }

    /// The API version that every client sends.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Rds => "2014-10-31",
            Self::ElastiCache => "2015-02-02",
        }
    }

    /// The XML namespace of its answers.
    pub(super) fn namespace(self) -> String {
        format!("http://{}.amazonaws.com/doc/{}/", self.name(), self.version())
    }
}
