//! The services with the query protocol: their names, and the versions of their APIs.

/// A service of the query protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Rds,
    ElastiCache,
    Ec2,
}

impl Service {
    /// The service that a credential scope names. Every other name is taken for RDS.
    pub(super) fn named(name: Option<&str>) -> Self {
        match name {
            Some("elasticache") => Self::ElastiCache,
            Some("ec2") => Self::Ec2,
            _ => Self::Rds,
        }
    }

    /// Its name in a credential scope.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::ElastiCache => "elasticache",
            Self::Ec2 => "ec2",
        }
    }

    /// The API version that every client sends.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Rds => "2014-10-31",
            Self::ElastiCache => "2015-02-02",
            Self::Ec2 => "2016-11-15",
        }
    }

    /// The XML namespace of its answers.
    pub(super) fn namespace(self) -> String {
        format!("http://{}.amazonaws.com/doc/{}/", self.name(), self.version())
    }
}
