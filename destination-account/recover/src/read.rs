//! Reads the lists that the resources of a step need: each list once per call, all in parallel.
//!
//! The conclusions from the lists are left to the kinds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::model::listing::{Listing, OddRecord};
use pilot_light_domain::model::recovery_point::Sources;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{
    CacheEndpoint, Call, DbCluster, DbInstance, Found, GlobalCluster, GlobalReplicationGroup, RecoveryCloud,
    RecoveryGateway,
};
use pilot_light_domain::run::effects::side_by_side;
use pilot_light_domain::run::error::{ErrorName, WorkerError};

use crate::facts::{Facts, Need};

/// The lists that were read, and the errors for the others.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The facts, with the missing lists in `unread`.
    pub(crate) facts: Facts,
    /// The error of AWS for each missing list.
    pub(crate) errors: BTreeMap<Need, GatewayError>,
    requested: usize,
}

enum List {
    Instances(Listing<DbInstance>),
    Clusters(Listing<DbCluster>),
    GlobalClusters(Listing<GlobalCluster>),
    ReplicationGroups(Listing<GlobalReplicationGroup>),
    CacheEndpoints(Listing<CacheEndpoint>),
    Snapshots(Listing<Arc<Snapshot>>),
    Lookup(Found),
}

/// Reads every list of `needs`.
pub(crate) async fn read<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    sources: &Sources,
    needs: &BTreeSet<Need>,
) -> Reading {
    let mut reading =
        Reading { facts: nothing(call, sources), errors: BTreeMap::new(), requested: needs.len() };
    reading.read_more(cloud, call, needs).await;
    reading
}

async fn list<C: RecoveryCloud>(cloud: &C, call: &Call, need: &Need) -> Result<List, GatewayError> {
    Ok(match need {
        Need::Instances(region) => List::Instances(cloud.recovery(region).db_instances().await?),
        Need::Clusters(region) => List::Clusters(cloud.recovery(region).db_clusters().await?),
        Need::GlobalClusters(region) => List::GlobalClusters(cloud.recovery(region).global_clusters().await?),
        Need::ReplicationGroups(region) => {
            List::ReplicationGroups(cloud.recovery(region).replication_groups().await?)
        }
        Need::CacheEndpoints(region) => List::CacheEndpoints(cloud.recovery(region).cache_endpoints().await?),
        Need::Snapshots => List::Snapshots(cloud.recovery(&call.region).snapshots(None).await?),
        Need::Lookup(region, lookup) => {
            let answer = cloud.recovery(region).look_up(lookup).await;
            List::Lookup(answer.or_else(|error| lookup.answered_by(&error).ok_or(error))?)
        }
    })
}

fn nothing(call: &Call, sources: &Sources) -> Facts {
    Facts {
        account: call.account.clone(),
        region: call.region.clone(),
        now: call.now,
        sources: sources.clone(),
        instances: BTreeMap::new(),
        clusters: BTreeMap::new(),
        global_clusters: BTreeMap::new(),
        replication_groups: BTreeMap::new(),
        cache_endpoints: BTreeMap::new(),
        snapshots: Vec::new(),
        lookups: BTreeMap::new(),
        unread: BTreeMap::new(),
        odd: BTreeMap::new(),
    }
}

impl Facts {
    fn add(&mut self, need: &Need, list: List) {
        let odd = match (need, list) {
            (Need::Instances(region), List::Instances(found)) => put(&mut self.instances, region, found),
            (Need::Clusters(region), List::Clusters(found)) => put(&mut self.clusters, region, found),
            (Need::GlobalClusters(region), List::GlobalClusters(found)) => {
                put(&mut self.global_clusters, region, found)
            }
            (Need::ReplicationGroups(region), List::ReplicationGroups(found)) => {
                put(&mut self.replication_groups, region, found)
            }
            (Need::CacheEndpoints(region), List::CacheEndpoints(found)) => {
                put(&mut self.cache_endpoints, region, found)
            }
            (_, List::Snapshots(found)) => {
                self.snapshots = found.records;
                found.odd
            }
            (_, List::Lookup(found)) => {
                self.lookups.insert(need.clone(), found);
                Vec::new()
            }
            _ => Vec::new(),
        };
        if !odd.is_empty() {
            self.odd.insert(need.clone(), odd);
        }
    }
}

/// Keeps the records of a Region. Returns those that cannot be read.
fn put<T>(lists: &mut BTreeMap<Region, Vec<T>>, region: &Region, found: Listing<T>) -> Vec<OddRecord> {
    lists.insert(region.clone(), found.records);
    found.odd
}

impl Reading {
    /// Reads further lists of the same facts.
    pub(crate) async fn read_more<C: RecoveryCloud>(
        &mut self,
        cloud: &C,
        call: &Call,
        needs: &BTreeSet<Need>,
    ) {
        let calls: Vec<_> = needs.iter().map(|need| list(cloud, call, need)).collect();
        for (need, answer) in needs.iter().zip(side_by_side(calls).await) {
            match answer {
                Ok(list) => self.facts.add(need, list),
                Err(error) => self.leave_out(need, error),
            }
        }
    }

    fn leave_out(&mut self, need: &Need, error: GatewayError) {
        self.facts.unread.insert(need.clone(), error.to_string());
        self.errors.insert(need.clone(), error);
    }

    /// The error of the whole call if no list could be read. A retryable error takes precedence.
    pub(crate) fn failure(&self) -> Option<WorkerError> {
        if self.errors.is_empty() || self.errors.len() < self.requested {
            return None;
        }
        let name = ErrorName::of_many(self.errors.values().map(|error| error.kind.name()))?;
        let (need, error) = self.errors.iter().find(|(_, error)| error.kind.name() == name)?;
        Some(WorkerError::Read { doing: format!("list {need}"), cause: error.clone() })
    }
}
