//! The resource `CreateAuroraSecondaryDBCluster` and the state of its cluster, as the facts show it.
//!
//! Reading the parameters is left to `parameters`, the reasons to change nothing to `guards`.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::snapshot::LIST_DELAY;
use pilot_light_domain::recovery::{CreateClusterInstance, CreateSecondaryCluster, DbCluster, GlobalCluster};

use crate::facts::Facts;
use crate::tagging;

/// A secondary cluster with one instance in this Region, whose primary is in another Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateAuroraSecondaryDBCluster {
    /// The cluster of this Region. The old and the new cluster have the same name.
    pub(super) here: DatabaseArn,
    /// The new primary, in another Region.
    pub(super) primary: DatabaseArn,
    pub(super) cluster: CreateSecondaryCluster,
    pub(super) instance: CreateClusterInstance,
}

/// The state of the cluster of this Region.
pub(super) enum State<'a> {
    /// It does not exist.
    Gone,
    /// It is being deleted.
    Leaving(&'a DbCluster),
    /// It follows the new primary.
    Follows(&'a DbCluster),
    /// It was just created, and AWS does not show its membership yet.
    Coming(&'a DbCluster),
    /// It is the old cluster, which is to be replaced.
    Old(&'a DbCluster),
}

/// True if AWS's lists may not show yet that the cluster is a member of its global cluster. A recovery may last a day, and
/// meanwhile the cluster may have led and been left.
fn is_new(cluster: &DbCluster, facts: &Facts) -> bool {
    cluster.created_at.is_none_or(|created| facts.now - created < LIST_DELAY)
}

impl CreateAuroraSecondaryDBCluster {
    pub(super) fn state<'a>(&self, facts: &'a Facts) -> State<'a> {
        let Some(cluster) = facts.cluster(&self.here) else { return State::Gone };
        let recovery = self.cluster.tags.get(tagging::RECOVERY);
        match cluster.status.as_str() {
            "deleting" => State::Leaving(cluster),
            _ if self.follows(facts) => State::Follows(cluster),
            "creating" => State::Coming(cluster),
            _ if cluster.tags.get(tagging::RECOVERY) == recovery && is_new(cluster, facts) => {
                State::Coming(cluster)
            }
            _ => State::Old(cluster),
        }
    }

    /// True if the cluster of this Region is a secondary of the new primary, in the global cluster of the manifest.
    fn follows(&self, facts: &Facts) -> bool {
        let Some(global) = self.global(facts) else { return false };
        let is_secondary = global.member(&self.here).is_some_and(|member| !member.is_writer);
        is_secondary && global.writer() == Some(&self.primary)
    }

    pub(super) fn global<'a>(&self, facts: &'a Facts) -> Option<&'a GlobalCluster> {
        facts.global_cluster(&self.cluster.global)
    }
}
