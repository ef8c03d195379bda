//! The whole world as plain data: for tests that compare two worlds, and for people who inspect one.
//!
//! Clusters, global clusters and datastores are in `clusters`.

pub(super) mod clusters;

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::tags::Tags;
use serde::Serialize;

use self::clusters::{ClusterDump, DatastoreDump, GlobalDump};
use crate::world::World;
use crate::world::instances::record::InstanceRecord;
use crate::world::keys::record::KeyRecord;
use crate::world::mishaps::impositions::Standing;
use crate::world::place::snapshot_arn;
use crate::world::snapshots::record::{SnapshotOrigin, SnapshotRecord, SnapshotView};

/// The whole world, in a stable order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dump {
    /// The instant of the dump; absent in a dump without times.
    pub now: Option<Instant>,
    /// All instances.
    pub databases: Vec<DatabaseDump>,
    /// All snapshots.
    pub snapshots: Vec<SnapshotDump>,
    /// All clusters.
    pub clusters: Vec<ClusterDump>,
    /// All cluster snapshots: ARN and state.
    pub cluster_snapshots: BTreeMap<SnapshotArn, String>,
    /// All global clusters, by account and identifier.
    pub global_clusters: Vec<GlobalDump>,
    /// All global datastores of ElastiCache, by account and identifier.
    pub datastores: Vec<DatastoreDump>,
    /// All keys.
    pub keys: Vec<KeyRecord>,
    /// The impositions in force.
    pub impositions: Vec<Standing>,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabaseDump {
    /// Its ARN.
    pub arn: DatabaseArn,
    /// Owner.
    pub account: AccountId,
    /// Region.
    pub region: Region,
    /// Identifier.
    pub id: DatabaseName,
    /// Engine name.
    pub engine: String,
    /// Instance class.
    pub class: String,
    /// The cluster it is a member of.
    pub cluster: Option<DatabaseName>,
    /// The instance that it follows.
    pub replica_of: Option<DatabaseArn>,
    /// The instances that follow it.
    pub replicas: BTreeSet<DatabaseArn>,
    /// Whether it is protected from deletion.
    pub deletion_protection: bool,
    /// Its state.
    pub status: String,
    /// The instant at which it became available; absent before, and in a dump without times.
    pub created_at: Option<Instant>,
    /// The key of its storage.
    pub kms_key: Option<KmsKeyArn>,
    /// Its tags.
    pub tags: Tags,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotDump {
    /// Its ARN.
    pub arn: SnapshotArn,
    /// Owner.
    pub account: AccountId,
    /// Region.
    pub region: Region,
    /// Identifier.
    pub id: String,
    /// The instance that it was taken of.
    pub database: DatabaseName,
    /// The party that took it.
    pub origin: SnapshotOrigin,
    /// Its state.
    pub status: String,
    /// Its progress in percent; absent in a dump without times.
    pub percent: Option<u8>,
    /// The instant at which it was complete.
    pub created_at: Option<Instant>,
    /// The instant at which the original snapshot was complete.
    pub original_created_at: Option<Instant>,
    /// The time of the last transaction in it; absent in a dump without times.
    pub database_time: Option<Instant>,
    /// The snapshot that it was copied from, if the copy crossed accounts or Regions.
    pub copied_from: Option<SnapshotArn>,
    /// The key it is encrypted with.
    pub kms_key: Option<KmsKeyArn>,
    /// Whether that is the account's default key.
    pub default_key: bool,
    /// Its tags.
    pub tags: Tags,
    /// The accounts that may copy and restore it.
    pub shared_with: BTreeSet<AccountId>,
    /// Whether every account may copy and restore it.
    pub public: bool,
}

impl World {
    /// The whole world as plain data.
    #[must_use]
    pub fn dump(&self) -> Dump {
        let holdings = || self.places.values();
        Dump {
            now: Some(self.now),
            databases: holdings().flat_map(|at| at.instances.values()).map(|r| DatabaseDump::of(r)).collect(),
            snapshots: holdings()
                .flat_map(|at| at.snapshots.values())
                .map(|r| self.dump_snapshot(r))
                .collect(),
            clusters: holdings().flat_map(|at| at.clusters.values()).map(|r| ClusterDump::of(r)).collect(),
            cluster_snapshots: holdings()
                .flat_map(|at| at.cluster_snapshots.values())
                .map(|record| (record.arn.clone(), record.status.clone()))
                .collect(),
            global_clusters: self.globals.values().map(|record| GlobalDump::of(record)).collect(),
            datastores: self.datastores.values().map(|record| DatastoreDump::of(record)).collect(),
            keys: self.keys.all().cloned().collect(),
            impositions: self.impositions().cloned().collect(),
        }
    }

    fn dump_snapshot(&self, record: &std::sync::Arc<SnapshotRecord>) -> SnapshotDump {
        let view = SnapshotView::new(std::sync::Arc::clone(record), &record.arn.account, self.now);
        SnapshotDump {
            arn: record.arn.clone(),
            account: record.arn.account.clone(),
            region: record.arn.region.clone(),
            id: record.arn.id.to_string(),
            database: record.database.clone(),
            origin: record.origin,
            status: record.status.to_string(),
            percent: Some(view.percent),
            created_at: record.created_at,
            original_created_at: record.original_created_at,
            database_time: Some(record.database_time),
            copied_from: record.copied_from.clone(),
            kms_key: record.kms_key.clone(),
            default_key: record.kms_key.as_ref().is_some_and(|key| self.keys.is_default(key)),
            tags: record.tags.clone(),
            shared_with: record.shared_with.clone(),
            public: record.is_public,
        }
    }
}

impl DatabaseDump {
    fn of(record: &InstanceRecord) -> Self {
        Self {
            arn: record.arn.clone(),
            account: record.arn.id.account.clone(),
            region: record.arn.id.region.clone(),
            id: record.arn.id.name.clone(),
            engine: record.shape.engine.0.to_string(),
            class: record.shape.class.clone(),
            cluster: record.cluster.clone(),
            replica_of: record.replica_of.clone(),
            replicas: record.replicas.clone(),
            deletion_protection: record.options.deletion_protection.unwrap_or(false),
            status: record.status.0.clone(),
            created_at: record.created_at,
            kms_key: record.kms_key.clone(),
            tags: record.tags.clone(),
        }
    }
}

impl SnapshotDump {
    /// Removes the time from the name of an automated snapshot, which AWS names after its instant.
    fn forget_name_of_time(&mut self) {
        let Ok(id) = SnapshotId::new(&format!("rds:{}", self.database)) else { return };
        if self.origin == SnapshotOrigin::Automated {
            self.id = id.to_string();
            self.arn = snapshot_arn(&self.account, &self.region, id);
        }
    }
}

impl Dump {
    /// The dump without times, progress, and names that contain times: for worlds that reached one state at different instants.
    #[must_use]
    pub fn without_times(mut self) -> Self {
        self.now = None;
        for database in &mut self.databases {
            database.created_at = None;
        }
        for cluster in &mut self.clusters {
            cluster.created_at = None;
        }
        for snapshot in &mut self.snapshots {
            snapshot.forget_name_of_time();
            snapshot.percent = None;
            snapshot.created_at = None;
            snapshot.original_created_at = None;
            snapshot.database_time = None;
        }
        for key in &mut self.keys {
            key.created_at = Instant::UNIX_EPOCH;
        }
        for standing in &mut self.impositions {
            standing.until = None;
        }
        self
    }
}
