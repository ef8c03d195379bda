//! The gateways through which the worker sees the fake world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, RdsGateway};
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::database::Database;
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{
    Change, DbCluster, DbInstance, GlobalCluster, GlobalReplicationGroup, RecoveryCloud, RecoveryGateway,
};

use super::{SOURCE, THERE, World};

/// AWS for one test.
#[derive(Debug, Clone)]
pub(crate) struct FakeCloud {
    pub(crate) world: Arc<Mutex<World>>,
}

/// The AWS of one test in one Region.
#[derive(Debug, Clone)]
pub(crate) struct FakeGateway {
    world: Arc<Mutex<World>>,
    region: Region,
}

impl FakeCloud {
    /// A cloud with the parameters of a destination account.
    pub(crate) fn new(mut world: World) -> Self {
        for (name, value) in [("SourceAccounts", SOURCE), ("SourceRegionOverride", THERE)] {
            world.parameters.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
        Self { world: Arc::new(Mutex::new(world)) }
    }

    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&mut World) -> T) -> T {
        use_it(&mut self.world.lock().unwrap())
    }
}

impl World {
    fn read(&mut self, action: &'static str, region: &str) -> Result<(), GatewayError> {
        *self.reads.entry(action).or_default() += 1;
        match self.unreadable.get(&(action, region.to_owned())) {
            Some(code) => Err(GatewayError::of_code(action, code, "refused by the test")),
            None => Ok(()),
        }
    }
}

impl Cloud for FakeCloud {
    type Rds = FakeGateway;

    fn rds(&self, region: &Region) -> FakeGateway {
        self.recovery(region)
    }

    async fn parameters(&self) -> Result<Parameters, GatewayError> {
        Ok(self.with(|world| world.parameters.clone()))
    }

    async fn publish(&self, _metrics: &[Metric]) -> Result<(), GatewayError> {
        panic!("the bootstrap publishes")
    }
}

impl RecoveryCloud for FakeCloud {
    type Recovery = FakeGateway;

    fn recovery(&self, region: &Region) -> FakeGateway {
        FakeGateway { world: self.world.clone(), region: region.clone() }
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        self.with(|world| world.read("ListExports", "").map(|()| world.exports.clone()))
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        self.with(|world| world.read("GetParameter", "").map(|()| world.ssm.get(name).cloned()))
    }
}

impl RecoveryGateway for FakeGateway {
    fn region(&self) -> &Region {
        &self.region
    }

    async fn db_instances(&self) -> Result<Listing<DbInstance>, GatewayError> {
        let mut world = self.world.lock().unwrap();
        world.read("DescribeDBInstances", self.region.as_str())?;
        let all = world.listed.clone().unwrap_or_else(|| world.instances.clone());
        let here = all.into_iter().filter(|found| found.arn.id.region == self.region);
        Ok(here.collect::<Vec<_>>().into())
    }

    async fn db_clusters(&self) -> Result<Listing<DbCluster>, GatewayError> {
        Ok(Listing::default())
    }

    async fn global_clusters(&self) -> Result<Listing<GlobalCluster>, GatewayError> {
        Ok(Listing::default())
    }

    async fn replication_groups(&self) -> Result<Listing<GlobalReplicationGroup>, GatewayError> {
        Ok(Listing::default())
    }

    async fn snapshots(&self, _of: Option<&DatabaseName>) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        let mut world = self.world.lock().unwrap();
        world.read("DescribeDBSnapshots", self.region.as_str())?;
        Ok(world.snapshots.clone().into())
    }

    async fn change(&self, change: &Change) -> Result<(), GatewayError> {
        self.world.lock().unwrap().change(&self.region, change)
    }
}

/// Recovery uses nothing of the gateway of the other workers.
impl RdsGateway for FakeGateway {
    fn region(&self) -> &Region {
        &self.region
    }
    async fn instances(&self) -> Result<Listing<Database>, GatewayError> {
        unreachable!()
    }
    async fn own_snapshots(&self) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        unreachable!()
    }
    async fn shared_snapshots(&self) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        unreachable!()
    }
    async fn own_snapshot(&self, _: &SnapshotId) -> Result<Option<Snapshot>, GatewayError> {
        unreachable!()
    }
    async fn snapshot_quota(&self) -> Result<u32, GatewayError> {
        unreachable!()
    }
    async fn default_key(&self) -> Result<Option<KmsKeyArn>, GatewayError> {
        unreachable!()
    }
    async fn key_is_enabled(&self, _: &KmsKeyArn) -> Result<bool, GatewayError> {
        unreachable!()
    }
    async fn create_snapshot(&self, _: &CreateSnapshot) -> Result<(), GatewayError> {
        unreachable!()
    }
    async fn copy_snapshot(&self, _: &CopySnapshot) -> Result<(), GatewayError> {
        unreachable!()
    }
    async fn change_sharing(
        &self,
        _: &SnapshotId,
        _: &BTreeSet<AccountId>,
        _: &BTreeSet<AccountId>,
    ) -> Result<(), GatewayError> {
        unreachable!()
    }
    async fn tag_snapshot(&self, _: &SnapshotArn, _: &Tags) -> Result<(), GatewayError> {
        unreachable!()
    }
    async fn delete_snapshot(&self, _: &SnapshotId) -> Result<(), GatewayError> {
        unreachable!()
    }
}
