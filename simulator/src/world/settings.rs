//! The settings of a world: durations, quotas and abilities.

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
    /// The duration of creating, modifying, restoring or deleting an instance.
    pub instance_seconds: SecondsRange,
    /// Seconds after a change of a database, cluster or group during which `Describe…` still shows the state before it.
    pub lag_seconds: u32,
    /// Manual DB snapshots that an account may have in a Region.
    pub quota: u32,
    /// Copies that an account may have in progress to a Region.
    pub copy_slots: u32,
    /// Whether one `CopyDBSnapshot` may cross account and Region at once.
    pub one_step: bool,
}

impl Default for Settings {
    /// AWS's default quotas, one-step copies, and durations as small databases have them.
    fn default() -> Self {
        Self {
            seed: 0,
            snapshot_seconds: SecondsRange::of(180, 360),
            copy_seconds: SecondsRange::of(240, 600),
            instance_seconds: SecondsRange::of(300, 600),
            lag_seconds: 5,
            quota: 100,
            copy_slots: 20,
            one_step: true,
        }
    }
}
