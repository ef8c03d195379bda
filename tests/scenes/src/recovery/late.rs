//! The recover worker in a world whose lists show a new resource only after a delay.
//!
//! The lists of the simulator itself show a new resource at once. The rest of the world is the simulator's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use destination_recover::DestinationRecover;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{
    Answer, Call, Change, DbCluster, DbInstance, GlobalCluster, GlobalReplicationGroup, Operator,
    RecoveryCloud, RecoveryGateway,
};
use pilot_light_domain::run::error::WorkerError;
use serde_json::Value;

/// The delay until lists show a new resource.
const LATE: TimeDelta = TimeDelta::seconds(5);

/// The worker with delayed lists, in one world.
#[derive(Debug, Clone, Default)]
pub struct LateLists {
    /// The time of each resource's creation, by its type, Region and name.
    created: Arc<Mutex<BTreeMap<String, Instant>>>,
}

/// AWS with delayed lists, at the instant of one call.
#[derive(Debug, Clone)]
struct Late<T> {
    inner: T,
    now: Instant,
    lists: LateLists,
}

impl Operator for LateLists {
    fn name(&self) -> &'static str {
        DestinationRecover.name()
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let late = Late { inner: cloud, now: call.now, lists: self.clone() };
        DestinationRecover.answer(&late, call, event).await
    }
}

impl LateLists {
    /// Notes the creation of a resource. AWS refuses to create a resource again that lists do not show yet, so the
    /// first time counts.
    fn create(&self, resource: String, now: Instant) {
        let mut created = self.created.lock().unwrap();
        let at = created.entry(resource).or_insert(now);
        if *at + LATE <= now {
            *at = now;
        }
    }

    fn shows(&self, resource: &str, now: Instant) -> bool {
        self.created.lock().unwrap().get(resource).is_none_or(|at| *at + LATE <= now)
    }
}

/// The resource that a change creates, if it creates one.
fn creates(change: &Change, at: &Region) -> Option<String> {
    match change {
        Change::RestoreInstance(ask) => Some(instance(at, &ask.instance)),
        Change::CreateReplica(ask) => Some(instance(at, &ask.instance)),
        Change::CreateClusterInstance(ask) => Some(instance(at, &ask.instance)),
        Change::CreateSecondaryCluster(ask) => Some(cluster(at, &ask.cluster)),
        Change::CreateGlobalCluster { id, .. } => Some(global(id)),
        _ => None,
    }
}

fn instance(at: &Region, name: &DatabaseName) -> String {
    format!("instance {at} {name}")
}

fn cluster(at: &Region, name: &DatabaseName) -> String {
    format!("cluster {at} {name}")
}

fn global(id: &str) -> String {
    format!("global {id}")
}

impl<C: RecoveryCloud> Cloud for Late<&C> {
    type Rds = C::Rds;

    fn rds(&self, region: &Region) -> C::Rds {
        self.inner.rds(region)
    }

    async fn parameters(&self) -> Result<Parameters, GatewayError> {
        self.inner.parameters().await
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        self.inner.publish(metrics).await
    }
}

impl<C: RecoveryCloud> RecoveryCloud for Late<&C> {
    type Recovery = Late<C::Recovery>;

    fn recovery(&self, region: &Region) -> Self::Recovery {
        Late { inner: self.inner.recovery(region), now: self.now, lists: self.lists.clone() }
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        self.inner.exports().await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        self.inner.parameter(name).await
    }
}

impl<G: RecoveryGateway> RecoveryGateway for Late<G> {
    fn region(&self) -> &Region {
        self.inner.region()
    }

    async fn db_instances(&self) -> Result<Listing<DbInstance>, GatewayError> {
        let mut all = self.inner.db_instances().await?;
        all.records.retain(|found| self.lists.shows(&instance(self.region(), &found.arn.id.name), self.now));
        Ok(all)
    }

    async fn db_clusters(&self) -> Result<Listing<DbCluster>, GatewayError> {
        let mut all = self.inner.db_clusters().await?;
        all.records.retain(|found| self.lists.shows(&cluster(self.region(), &found.arn.id.name), self.now));
        Ok(all)
    }

    async fn global_clusters(&self) -> Result<Listing<GlobalCluster>, GatewayError> {
        let mut all = self.inner.global_clusters().await?;
        all.records.retain(|found| self.lists.shows(&global(&found.id), self.now));
        Ok(all)
    }

    async fn replication_groups(&self) -> Result<Listing<GlobalReplicationGroup>, GatewayError> {
        self.inner.replication_groups().await
    }

    async fn snapshots(&self, of: Option<&DatabaseName>) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        self.inner.snapshots(of).await
    }

    async fn change(&self, change: &Change) -> Result<(), GatewayError> {
        if let Some(resource) = creates(change, self.region()) {
            self.lists.create(resource, self.now);
        }
        self.inner.change(change).await
    }
}
