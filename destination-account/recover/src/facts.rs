//! What one step is decided from: the lists of AWS, of each Region that a layer's resources ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};
use pilot_light_domain::model::recovery_point::Sources;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{DbCluster, DbInstance, GlobalCluster, GlobalReplicationGroup};

/// A list that a resource's decision needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// The DB instances of a Region.
    Instances(Region),
    /// The DB clusters of a Region.
    Clusters(Region),
    /// The global clusters, as a Region tells of them.
    GlobalClusters(Region),
    /// The global datastores, as a Region tells of them.
    ReplicationGroups(Region),
    /// The account's own snapshots in the worker's Region, manual and automated.
    Snapshots,
}

/// What AWS said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// The account and Region of the worker.
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The clock of this call.
    pub(crate) now: Instant,
    /// Which accounts and Region copies come from, for the identity of recovery points.
    pub(crate) sources: Sources,
    pub(crate) instances: BTreeMap<Region, Vec<DbInstance>>,
    pub(crate) clusters: BTreeMap<Region, Vec<DbCluster>>,
    pub(crate) global_clusters: BTreeMap<Region, Vec<GlobalCluster>>,
    pub(crate) replication_groups: BTreeMap<Region, Vec<GlobalReplicationGroup>>,
    pub(crate) snapshots: Vec<Arc<Snapshot>>,
    /// Lists that could not be read, with what AWS said: whoever needs one of them waits.
    pub(crate) unread: BTreeMap<Need, String>,
}

impl Facts {
    /// An instance of the worker's own Region.
    pub(crate) fn instance(&self, name: &DatabaseName) -> Option<&DbInstance> {
        self.instance_in(&self.region, name)
    }

    /// An instance of a Region.
    pub(crate) fn instance_in(&self, region: &Region, name: &DatabaseName) -> Option<&DbInstance> {
        self.instances.get(region)?.iter().find(|instance| instance.arn.id.name == *name)
    }

    /// A cluster by its ARN.
    pub(crate) fn cluster(&self, arn: &DatabaseArn) -> Option<&DbCluster> {
        self.clusters.get(&arn.id.region)?.iter().find(|cluster| cluster.arn == *arn)
    }

    /// A global cluster, as the worker's own Region tells of it.
    pub(crate) fn global_cluster(&self, id: &str) -> Option<&GlobalCluster> {
        self.global_clusters.get(&self.region)?.iter().find(|global| global.id == id)
    }

    /// A global datastore, as the worker's own Region tells of it.
    pub(crate) fn replication_group(&self, id: &str) -> Option<&GlobalReplicationGroup> {
        self.replication_groups.get(&self.region)?.iter().find(|group| group.id == id)
    }
}

/// Facts with every list that a resource needs: nothing but [`Facts::known`] makes them, so that no kind is asked to
/// decide while one is missing, and takes it for an empty one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a>(&'a Facts);

impl Facts {
    /// The facts, if all of `needs` could be read.
    ///
    /// # Errors
    /// The first list that could not, and what AWS said.
    pub(crate) fn known(&self, needs: &[Need]) -> Result<Known<'_>, String> {
        match needs.iter().find_map(|need| Some((need, self.unread.get(need)?))) {
            Some((need, why)) => Err(format!("cannot list {need}: {why}")),
            None => Ok(Known(self)),
        }
    }
}

impl<'a> Known<'a> {
    /// The facts.
    pub(crate) fn facts(self) -> &'a Facts {
        self.0
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instances(region) => write!(f, "the DB instances in {region}"),
            Self::Clusters(region) => write!(f, "the DB clusters in {region}"),
            Self::GlobalClusters(region) => write!(f, "the global clusters in {region}"),
            Self::ReplicationGroups(region) => write!(f, "the global datastores in {region}"),
            Self::Snapshots => write!(f, "the account's snapshots"),
        }
    }
}

/// Where and in which execution a resource is brought up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The account of the worker.
    pub(crate) account: AccountId,
    /// The Region of the worker, which is the one that takes over.
    pub(crate) region: Region,
    /// The execution's name: what this run creates is tagged with it.
    pub(crate) execution: String,
    /// When the execution began.
    pub(crate) started: Instant,
    /// The resource's name in the manifest.
    pub(crate) resource: String,
}

/// Everything that several resources need, once.
pub(crate) fn all_needs(needs: impl IntoIterator<Item = Vec<Need>>) -> BTreeSet<Need> {
    needs.into_iter().flatten().collect()
}
