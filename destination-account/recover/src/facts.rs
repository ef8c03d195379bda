//! The facts for the decisions of one step: the lists that AWS returned for each Region that a layer's resources need.
//!
//! Reading the lists is left to `read`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::recovery_point::Sources;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{
    CacheEndpoint, DbCluster, DbInstance, Endpoint, Found, GlobalCluster, GlobalReplicationGroup, Lookup,
};

use crate::identity::Recovery;

/// A list that the decisions of a resource need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// The DB instances of a Region.
    Instances(Region),
    /// The DB clusters of a Region.
    Clusters(Region),
    /// The global clusters, as a Region lists them.
    GlobalClusters(Region),
    /// The global datastores, as a Region lists them.
    ReplicationGroups(Region),
    /// The endpoints of the replication groups of a Region.
    CacheEndpoints(Region),
    /// The account's own snapshots in the worker's Region, manual and automated.
    Snapshots,
    /// A list of a Region that decides whether a database can be created there. Only the validation reads it.
    Lookup(Region, Lookup),
}

/// The answers of AWS.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// The account and Region of the worker.
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The time of this call.
    pub(crate) now: Instant,
    /// The accounts and the Region that copies come from. They determine the identity of recovery points.
    pub(crate) sources: Sources,
    pub(crate) instances: BTreeMap<Region, Vec<DbInstance>>,
    pub(crate) clusters: BTreeMap<Region, Vec<DbCluster>>,
    pub(crate) global_clusters: BTreeMap<Region, Vec<GlobalCluster>>,
    pub(crate) replication_groups: BTreeMap<Region, Vec<GlobalReplicationGroup>>,
    pub(crate) cache_endpoints: BTreeMap<Region, Vec<CacheEndpoint>>,
    pub(crate) snapshots: Vec<Arc<Snapshot>>,
    /// The answers to [`Need::Lookup`].
    pub(crate) lookups: BTreeMap<Need, Found>,
    /// The lists that could not be read, each with the error of AWS. A resource that needs one of them waits.
    pub(crate) unread: BTreeMap<Need, String>,
    /// The records of the lists that cannot be read. A resource that such a record may concern waits.
    pub(crate) odd: BTreeMap<Need, Vec<OddRecord>>,
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

    /// A global cluster, as the worker's own Region lists it.
    pub(crate) fn global_cluster(&self, id: &str) -> Option<&GlobalCluster> {
        self.global_clusters.get(&self.region)?.iter().find(|global| global.id == id)
    }

    /// A global datastore, as the worker's own Region lists it.
    pub(crate) fn replication_group(&self, id: &str) -> Option<&GlobalReplicationGroup> {
        self.replication_groups.get(&self.region)?.iter().find(|group| group.id == id)
    }

    /// The endpoint of a replication group of the worker's own Region.
    pub(crate) fn cache_endpoint(&self, group: &str) -> Option<&Endpoint> {
        let all = self.cache_endpoints.get(&self.region)?;
        all.iter().find(|found| found.group == group)?.endpoint.as_ref()
    }
}

/// Facts with every list that a resource needs. Only [`Facts::known`] creates them, so that no kind decides while a list
/// is missing and mistakes it for an empty one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a>(&'a Facts);

impl Facts {
    /// The facts, if all of `needs` could be read.
    ///
    /// # Errors
    /// The first list that could not be read, and the error of AWS.
    pub(crate) fn known(&self, needs: &[Need]) -> Result<Known<'_>, String> {
        match needs.iter().find_map(|need| Some((need, self.unread.get(need)?))) {
            Some((need, why)) => Err(format!("cannot list {need}: {why}")),
            None => Ok(Known(self)),
        }
    }
}

impl Facts {
    /// The facts, if all lists could be read that a resource needs, and every record that may concern it. `words` are the
    /// values of its parameters.
    ///
    /// Snapshots are an exception: a restore uses the newest snapshot that can be read.
    ///
    /// # Errors
    /// The first list or record that could not be read, and the problem.
    pub(crate) fn known_to(&self, needs: &[Need], words: &[String]) -> Result<Known<'_>, String> {
        let lists = needs.iter().filter(|need| **need != Need::Snapshots);
        let mut odd =
            lists.flat_map(|need| self.odd.get(need).into_iter().flatten().map(move |odd| (need, odd)));
        match odd.find(|(_, record)| may_concern(record, words)) {
            Some((need, record)) => Err(format!("cannot read {record} among {need}: {}", record.problem)),
            None => self.known(needs),
        }
    }

    /// The snapshots that cannot be read.
    pub(crate) fn odd_snapshots(&self) -> &[OddRecord] {
        self.odd.get(&Need::Snapshots).map_or(&[], Vec::as_slice)
    }
}

/// True if a parameter names the record, or if the record's name is made from a parameter, as in `drill-orders-1a2b3c4d`.
/// A record without an identifier may concern every resource.
fn may_concern(record: &OddRecord, words: &[String]) -> bool {
    let Some(id) = record.id.as_deref().map(str::to_ascii_lowercase) else { return true };
    words
        .iter()
        .map(|word| word.trim().to_ascii_lowercase())
        .any(|word| word == id || word.ends_with(&format!(":{id}")) || id.contains(&format!("-{word}-")))
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
            Self::CacheEndpoints(region) => write!(f, "the replication groups in {region}"),
            Self::Snapshots => write!(f, "the account's snapshots"),
            Self::Lookup(region, lookup) => write!(f, "{lookup} in {region}"),
        }
    }
}

/// The account, Region and recovery in which a resource is brought up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The account of the worker.
    pub(crate) account: AccountId,
    /// The Region of the worker, which is the Region that takes over.
    pub(crate) region: Region,
    /// The recovery. Everything that it creates is tagged with it.
    pub(crate) recovery: Recovery,
    /// The resource's name in the manifest.
    pub(crate) resource: String,
    /// The number of times that AWS refused the resource because it had no capacity or no quota for it.
    pub(crate) refusals: usize,
    /// The adjustments that AWS refused for good, each as [`crate::kinds::Next::Adjust`] describes the database without it.
    pub(crate) lacks: BTreeSet<String>,
    /// The parameters that could not be read. A resource with such a parameter is checked as far as possible, and never
    /// brought up.
    pub(crate) unread: BTreeSet<String>,
}

impl Setting {
    /// True if all of these parameters could be read. A check must not conclude anything from one that could not.
    pub(crate) fn knows(&self, parameters: &[&str]) -> bool {
        !parameters.iter().any(|name| self.unread.contains(*name))
    }
}

/// The lists that several resources need, each once.
pub(crate) fn all_needs(needs: impl IntoIterator<Item = Vec<Need>>) -> BTreeSet<Need> {
    needs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_record_concerns_the_resources_that_name_it_and_no_others() {
        let odd = |id: Option<&str>| OddRecord { id: id.map(str::to_owned), ..OddRecord::default() };
        let words = ["Orders".to_owned(), "arn:aws:rds:us-east-1:111111111111:cluster:shop".to_owned()];
        for id in ["orders", "drill-orders-0123abcd", "new-orders-0123abcd", "shop"] {
            assert!(may_concern(&odd(Some(id)), &words), "{id}");
        }
        for id in ["billing", "orders-archive", "reorders"] {
            assert!(!may_concern(&odd(Some(id)), &words), "{id}");
        }
        assert!(may_concern(&odd(None), &words));
    }
}
