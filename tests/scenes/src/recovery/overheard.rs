//! A worker whose requests to AWS can be read: the simulated AWS keeps only what its answers show.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use destination_recover::DestinationRecover;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{
    Answer, CacheEndpoint, Call, Change, DbCluster, DbInstance, Found, GlobalCluster, GlobalReplicationGroup,
    Lookup, Operator, RecoveryCloud, RecoveryGateway,
};
use pilot_light_domain::run::error::WorkerError;
use serde_json::Value;

/// The worker, and the changes that it has requested, in their order.
#[derive(Debug, Clone, Default)]
pub struct Overheard(Arc<Mutex<Vec<Change>>>);

impl Overheard {
    /// The changes so far.
    ///
    /// # Panics
    /// If a request panicked.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        self.0.lock().unwrap().clone()
    }
}

impl Operator for Overheard {
    fn name(&self) -> &'static str {
        "destination-recover"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        DestinationRecover.answer(&Wire { cloud, heard: self.clone() }, call, event).await
    }
}

/// The cloud, or a gateway of it, with the list that its changes are added to.
struct Wire<C> {
    cloud: C,
    heard: Overheard,
}

impl<C: RecoveryCloud> Cloud for Wire<&C> {
    type Rds = C::Rds;

    fn rds(&self, region: &Region) -> Self::Rds {
        self.cloud.rds(region)
    }

    async fn parameters(&self) -> Result<Parameters, GatewayError> {
        self.cloud.parameters().await
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        self.cloud.publish(metrics).await
    }
}

impl<C: RecoveryCloud> RecoveryCloud for Wire<&C> {
    type Recovery = Wire<C::Recovery>;

    fn recovery(&self, region: &Region) -> Self::Recovery {
        Wire { cloud: self.cloud.recovery(region), heard: self.heard.clone() }
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        self.cloud.exports().await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        self.cloud.parameter(name).await
    }
}

impl<G: RecoveryGateway> RecoveryGateway for Wire<G> {
    fn region(&self) -> &Region {
        self.cloud.region()
    }

    async fn db_instances(&self) -> Result<Listing<DbInstance>, GatewayError> {
        self.cloud.db_instances().await
    }

    async fn db_clusters(&self) -> Result<Listing<DbCluster>, GatewayError> {
        self.cloud.db_clusters().await
    }

    async fn global_clusters(&self) -> Result<Listing<GlobalCluster>, GatewayError> {
        self.cloud.global_clusters().await
    }

    async fn replication_groups(&self) -> Result<Listing<GlobalReplicationGroup>, GatewayError> {
        self.cloud.replication_groups().await
    }

    async fn cache_endpoints(&self) -> Result<Listing<CacheEndpoint>, GatewayError> {
        self.cloud.cache_endpoints().await
    }

    async fn snapshots(&self, of: Option<&DatabaseName>) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        self.cloud.snapshots(of).await
    }

    async fn look_up(&self, lookup: &Lookup) -> Result<Found, GatewayError> {
        self.cloud.look_up(lookup).await
    }

    async fn change(&self, change: &Change) -> Result<(), GatewayError> {
        self.heard.0.lock().unwrap().push(change.clone());
        self.cloud.change(change).await
    }
}
