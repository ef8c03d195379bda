//! The settings of a world: durations, quotas and abilities.

use std::collections::BTreeMap;

use pilot_light_domain::model::ids::Region;
use serde::{Deserialize, Serialize};

use crate::world::time::draw::SecondsRange;

/// Durations, quotas and abilities of a world. A change concerns later requests only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seed of every draw.
    pub seed: u64,
    /// The duration of taking a snapshot.
    pub snapshot_seconds: SecondsRange,
    /// The duration of copying a snapshot, once it is the copy's turn.
    pub copy_seconds: SecondsRange,
    /// The part of that duration for which a copy across accounts or Regions is still `pending`. A copy before its turn
    /// is `pending` all the time.
    pub pending_seconds: SecondsRange,
    /// The duration of creating, modifying, restoring or deleting an instance.
    pub instance_seconds: SecondsRange,
    /// Seconds after a change of a database, cluster or group during which `Describe…` still shows the state before it.
    pub lag_seconds: u32,
    /// Seconds after the creation of a database, cluster or global cluster during which `Describe…` does not show it.
    pub new_lag_seconds: u32,
    /// Manual DB snapshots that an account may have in a Region.
    pub quota: u32,
    /// DB instances that an account may have in a Region.
    pub instances: u32,
    /// DB instances of Oracle, or of one edition of SQL Server, that an account may have with a licence of AWS.
    pub licensed_instances: u32,
    /// GiB of storage that the instances of an account may have in a Region.
    pub storage_gib: u32,
    /// Classes that a Region does not offer. `*` matches any text.
    pub not_offered: BTreeMap<Region, Vec<String>>,
    /// The status of engine versions that have another one than in the catalogue, as in `mysql 8.0.39`.
    pub versions: BTreeMap<String, VersionStatus>,
    /// Copies that an account may have in progress to a Region.
    pub copy_slots: u32,
    /// Whether one `CopyDBSnapshot` may cross account and Region at once.
    pub one_step: bool,
    /// The share of snapshots, in percent, for which AWS gives `SnapshotDatabaseTime`.
    pub database_time_percent: u8,
    /// The instant that `OriginalSnapshotCreateTime` gives.
    pub original_time: OriginalTime,
    /// Whether `DeleteDBSnapshot` accepts a failed snapshot. AWS documents only that it must be available.
    pub failed_can_be_deleted: bool,
}

/// Whether AWS still offers an engine version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionStatus {
    /// It can be ordered.
    Available,
    /// It can no longer be ordered.
    Deprecated,
}

/// The instant that `OriginalSnapshotCreateTime` gives. AWS's own API model contradicts itself about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginalTime {
    /// The instant at which the original snapshot was complete, as recorded answers show it.
    Completion,
    /// The instant of the call that took the original snapshot.
    Call,
}

impl Default for Settings {
    /// AWS's default quotas, one-step copies, and durations as small databases have them. Where AWS's behaviour is not
    /// known, the default is the least convenient one.
    fn default() -> Self {
        Self {
            seed: 0,
            snapshot_seconds: SecondsRange::of(180, 360),
            copy_seconds: SecondsRange::of(240, 600),
            pending_seconds: SecondsRange::of(5, 60),
            instance_seconds: SecondsRange::of(300, 600),
            lag_seconds: 5,
            new_lag_seconds: 0,
            quota: 100,
            instances: 40,
            licensed_instances: 10,
            storage_gib: 100_000,
            not_offered: BTreeMap::new(),
            versions: BTreeMap::new(),
            copy_slots: 20,
            one_step: true,
            database_time_percent: 0,
            original_time: OriginalTime::Completion,
            failed_can_be_deleted: false,
        }
    }
}
