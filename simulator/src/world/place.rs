//! A place, which is one account in one Region, and the resources that it holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn, SnapshotPlace};
use pilot_light_domain::model::ids::{AccountId, DatabaseId, DatabaseKind, DatabaseName, Region, SnapshotId};

use crate::world::blue_green::BlueGreenRecord;
use crate::world::cache::record::ReplicationGroupRecord;
use crate::world::clusters::record::{ClusterRecord, ClusterSnapshotRecord};
use crate::world::instances::record::InstanceRecord;
use crate::world::network::record::Network;
use crate::world::option_groups::OptionGroupRecord;
use crate::world::parameter_groups::ParameterGroupRecord;
use crate::world::snapshots::record::SnapshotRecord;
use crate::world::subnet_groups::SubnetGroupRecord;

/// One account in one Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

/// The resources of an account in a Region.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    pub(crate) instances: BTreeMap<DatabaseName, Arc<InstanceRecord>>,
    pub(crate) snapshots: BTreeMap<SnapshotId, Arc<SnapshotRecord>>,
    /// The number of manual snapshots in every status: all count for the quota.
    pub(crate) manual_snapshots: usize,
    pub(crate) clusters: BTreeMap<DatabaseName, Arc<ClusterRecord>>,
    pub(crate) cluster_snapshots: BTreeMap<SnapshotId, Arc<ClusterSnapshotRecord>>,
    pub(crate) blue_greens: BTreeMap<String, Arc<BlueGreenRecord>>,
    /// Without the default groups.
    pub(crate) option_groups: BTreeMap<String, Arc<OptionGroupRecord>>,
    /// Without the default groups.
    pub(crate) parameter_groups: BTreeMap<String, Arc<ParameterGroupRecord>>,
    /// Without the default group.
    pub(crate) subnet_groups: BTreeMap<String, Arc<SubnetGroupRecord>>,
    /// Absent while it is that of a new account.
    pub(crate) network: Option<Arc<Network>>,
    pub(crate) replication_groups: BTreeMap<String, Arc<ReplicationGroupRecord>>,
}

impl Place {
    pub(crate) fn new(account: &AccountId, region: &Region) -> Self {
        Self { account: account.clone(), region: region.clone() }
    }

    pub(crate) fn of_snapshot(arn: &SnapshotArn) -> Self {
        Self::new(&arn.account, &arn.region)
    }

    pub(crate) fn of_instance(arn: &DatabaseArn) -> Self {
        Self::new(&arn.id.account, &arn.id.region)
    }

    pub(crate) fn snapshot_arn(&self, id: SnapshotId) -> SnapshotArn {
        self.snapshot_arn_of(DatabaseKind::Instance, id)
    }

    pub(crate) fn cluster_snapshot_arn(&self, id: SnapshotId) -> SnapshotArn {
        self.snapshot_arn_of(DatabaseKind::Cluster, id)
    }

    fn snapshot_arn_of(&self, kind: DatabaseKind, id: SnapshotId) -> SnapshotArn {
        let (region, account) = (self.region.clone(), self.account.clone());
        SnapshotArn::new(SnapshotPlace { partition: region.partition(), region, account, kind }, id)
    }

    pub(crate) fn instance_arn(&self, name: DatabaseName) -> DatabaseArn {
        self.database_arn(DatabaseKind::Instance, name)
    }

    pub(crate) fn cluster_arn(&self, name: DatabaseName) -> DatabaseArn {
        self.database_arn(DatabaseKind::Cluster, name)
    }

    fn database_arn(&self, kind: DatabaseKind, name: DatabaseName) -> DatabaseArn {
        DatabaseArn {
            partition: self.region.partition(),
            id: DatabaseId { account: self.account.clone(), region: self.region.clone(), kind, name },
        }
    }
}

/// The ARN of a DB snapshot.
pub(crate) fn snapshot_arn(account: &AccountId, region: &Region, id: SnapshotId) -> SnapshotArn {
    Place::new(account, region).snapshot_arn(id)
}
