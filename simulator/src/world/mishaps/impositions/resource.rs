//! The kinds of resources that an imposition can concern, single resources, and patterns of their names.

use std::fmt;

use pilot_light_domain::model::ids::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::written::Selection;
use crate::world::place::Place;

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// A DB instance.
    Instance,
    /// A DB snapshot.
    Snapshot,
    /// A DB cluster.
    Cluster,
    /// A DB cluster snapshot.
    ClusterSnapshot,
    /// A global cluster, which has no Region.
    GlobalCluster,
    /// A replication group of ElastiCache.
    ReplicationGroup,
    /// A global datastore of ElastiCache, which has no Region.
    GlobalDatastore,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::world) struct Resource {
    pub(super) kind: ResourceKind,
    pub(super) account: AccountId,
    /// Absent for kinds that have no Region.
    pub(super) region: Option<Region>,
    pub(super) id: String,
}

impl ResourceKind {
    /// Whether its resources are in all Regions.
    pub(super) fn is_global(self) -> bool {
        matches!(self, Self::GlobalCluster | Self::GlobalDatastore)
    }

    /// The service and the type of resource in its ARNs.
    fn in_arns(self) -> (&'static str, &'static str) {
        match self {
            Self::Instance => ("rds", "db"),
            Self::Snapshot => ("rds", "snapshot"),
            Self::Cluster => ("rds", "cluster"),
            Self::ClusterSnapshot => ("rds", "cluster-snapshot"),
            Self::GlobalCluster => ("rds", "global-cluster"),
            Self::ReplicationGroup => ("elasticache", "replicationgroup"),
            Self::GlobalDatastore => ("elasticache", "globalreplicationgroup"),
        }
    }
}

impl Resource {
    /// A resource of a place.
    pub(in crate::world) fn at(kind: ResourceKind, place: &Place, id: &str) -> Self {
        let (account, region) = (place.account.clone(), Some(place.region.clone()));
        Self { kind, account, region, id: id.to_owned() }
    }

    /// A resource that is in all Regions of an account.
    pub(in crate::world) fn global(kind: ResourceKind, account: &AccountId, id: &str) -> Self {
        Self { kind, account: account.clone(), region: None, id: id.to_owned() }
    }

    /// True if it has everything that the selection gives.
    pub(super) fn is_in(&self, on: &Selection) -> bool {
        on.kind == Some(self.kind)
            && on.account.as_ref().is_none_or(|account| *account == self.account)
            && on.region.as_ref().is_none_or(|region| Some(region) == self.region.as_ref())
            && on.resource.as_ref().is_none_or(|pattern| {
                is_like(pattern, &self.id) || (pattern.contains(':') && is_like(pattern, &self.to_string()))
            })
    }
}

/// The ARN.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (service, kind) = self.kind.in_arns();
        let region = self.region.as_ref().map(ToString::to_string).unwrap_or_default();
        let partition =
            self.region.as_ref().map_or("aws".to_owned(), |region| region.partition().to_string());
        write!(f, "arn:{partition}:{service}:{region}:{}:{kind}:{}", self.account, self.id)
    }
}

/// True if the text matches the pattern, in which a star matches any text, even none. Case is ignored.
pub(in crate::world) fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_case_does_not_count() {
        for (pattern, text, is) in [
            ("orders", "orders", true),
            ("Orders", "orderS", true),
            ("orders", "orders-1", false),
            ("orders*", "orders", true),
            ("orders*", "my-orders", false),
            ("*orders", "my-orders", true),
            ("*", "", true),
            ("o*d*s", "orders", true),
            ("o*x*s", "orders", false),
            ("*rs*rs", "orders", false),
            ("*rs*rs", "orders-rs", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(is_like(pattern, text), is, "{pattern} {text}");
        }
    }
}
