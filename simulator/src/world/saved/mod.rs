//! A world as a file: saved with everything that a later version needs to continue it, and loaded again.
//!
//! The format stays readable for ever. A field that is added later has a default, and no field is renamed. `load` checks
//! a file; `dump` is the shorter view of a world for comparisons and for people. A saved world contains no faults, no
//! journal, no record of calls, and none of the events and subscriptions of `DescribeEvents`.

mod check;
mod load;

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{AccountId, Region};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

pub use self::check::InvalidWorld;

use super::World;
use super::blue_green::BlueGreenRecord;
use super::cache::record::{DatastoreRecord, ReplicationGroupRecord};
use super::clusters::record::{ClusterRecord, ClusterSnapshotRecord};
use super::globals::record::GlobalRecord;
use super::instances::record::InstanceRecord;
use super::keys::record::KeyRecord;
use super::network::record::Network;
use super::option_groups::OptionGroupRecord;
use super::parameter_groups::ParameterGroupRecord;
use super::place::{Holdings, Place};
use super::settings::Settings;
use super::snapshots::record::SnapshotRecord;
use super::subnet_groups::SubnetGroupRecord;
use super::time::event::Event;
use super::time::lag::{Before, Lags};

/// The version of the format. A later one only adds fields.
const FORMAT: u32 = 1;

/// A saved world. Its fields and their order are the format of the file. Other fields at the top of a file are ignored,
/// so that the author can add notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedWorld {
    #[serde(default = "first_format")]
    format: u32,
    now: Instant,
    #[serde(default)]
    settings: Settings,
    #[serde(default)]
    keys: Vec<KeyRecord>,
    places: Vec<SavedPlace>,
    #[serde(default)]
    copy_queues: Vec<SavedQueue>,
    #[serde(default)]
    agenda: Vec<Due>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    global_clusters: Vec<GlobalRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    datastores: Vec<DatastoreRecord>,
    /// Deleted instances that a fault brings back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    taken_away: Vec<InstanceRecord>,
    /// The engine versions of snapshots that are being upgraded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    upgrades: BTreeMap<SnapshotArn, String>,
}

/// The resources of an account in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedPlace {
    account: AccountId,
    region: Region,
    #[serde(default)]
    instances: Vec<InstanceRecord>,
    #[serde(default)]
    clusters: Vec<ClusterRecord>,
    #[serde(default)]
    snapshots: Vec<SnapshotRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cluster_snapshots: Vec<ClusterSnapshotRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replication_groups: Vec<ReplicationGroupRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    option_groups: Vec<OptionGroupRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameter_groups: Vec<ParameterGroupRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subnet_groups: Vec<SubnetGroupRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blue_greens: Vec<BlueGreenRecord>,
    /// Absent while it is that of a new account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    network: Option<Network>,
}

/// The copies of one source database to one place, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedQueue {
    account: AccountId,
    region: Region,
    source_database: String,
    copies: Vec<SavedCopy>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedCopy {
    copy: SnapshotArn,
    reads_from: SnapshotArn,
}

/// An event on the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Due {
    at: Instant,
    #[serde(flatten)]
    event: Event,
}

const fn first_format() -> u32 {
    1
}

/// Writes only the options that are given. The others have AWS's defaults.
pub(in crate::world) fn given<S: Serializer>(
    options: &impl Serialize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut value = serde_json::to_value(options).map_err(serde::ser::Error::custom)?;
    if let Some(options) = value.as_object_mut() {
        options.retain(|_, option| *option != Value::Null);
    }
    value.serialize(serializer)
}

impl World {
    /// The world in a form that [`World::load`] reads.
    #[must_use]
    pub fn save(&self) -> SavedWorld {
        // Without `..`, so that each new field of the world is saved, or left out here.
        let Self {
            settings,
            now,
            places,
            globals,
            datastores,
            keys,
            agenda,
            taken_away,
            upgrades,
            copies: _,
            shared: _,
            public: _,
            mishaps: _,
            journal: _,
            events: _,
        } = self;
        SavedWorld {
            format: FORMAT,
            now: *now,
            settings: settings.clone(),
            keys: keys.all().cloned().collect(),
            places: places.iter().map(|(place, holdings)| saved_place(place, holdings, *now)).collect(),
            copy_queues: self.saved_queues(),
            agenda: agenda.iter().filter(|(_, event)| !is_of_a_fault(event)).map(saved_event).collect(),
            global_clusters: globals.values().map(|record| present(record, *now)).collect(),
            datastores: datastores.values().map(|record| present(record, *now)).collect(),
            taken_away: taken_away.values().map(|record| present(record, *now)).collect(),
            upgrades: upgrades.clone(),
        }
    }

    fn saved_queues(&self) -> Vec<SavedQueue> {
        let copy = |copy: &SnapshotArn| {
            let reads_from = self.copies.source_of(copy)?.clone();
            Some(SavedCopy { copy: copy.clone(), reads_from })
        };
        let queues = self.copies.queues();
        queues
            .map(|(to, source_database, copies)| SavedQueue {
                account: to.account.clone(),
                region: to.region.clone(),
                source_database: source_database.to_owned(),
                copies: copies.iter().filter_map(copy).collect(),
            })
            .collect()
    }
}

fn saved_place(place: &Place, holdings: &Holdings, now: Instant) -> SavedPlace {
    // Without `..`, for the same reason.
    let Holdings {
        instances,
        snapshots,
        manual_snapshots: _,
        clusters,
        cluster_snapshots,
        replication_groups,
        option_groups,
        parameter_groups,
        subnet_groups,
        blue_greens,
        network,
    } = holdings;
    SavedPlace {
        account: place.account.clone(),
        region: place.region.clone(),
        instances: instances.values().map(|record| present(record, now)).collect(),
        clusters: clusters.values().map(|record| present(record, now)).collect(),
        snapshots: all(snapshots),
        cluster_snapshots: all(cluster_snapshots),
        replication_groups: all(replication_groups),
        option_groups: all(option_groups),
        parameter_groups: all(parameter_groups),
        subnet_groups: all(subnet_groups),
        blue_greens: all(blue_greens),
        network: network.as_deref().cloned(),
    }
}

/// All records of a map.
fn all<K, T: Clone>(records: &BTreeMap<K, Arc<T>>) -> Vec<T> {
    records.values().map(|record| record.as_ref().clone()).collect()
}

/// A record without an earlier state that is no longer described.
fn present<T: Lags>(record: &Arc<T>, now: Instant) -> T {
    let mut record = T::clone(record);
    if !record.before().is_described(now) {
        *record.before() = Before::default();
    }
    record
}

fn saved_event((at, event): &(Instant, Event)) -> Due {
    Due { at: *at, event: event.clone() }
}

/// True for the ends of faults, which are not saved.
fn is_of_a_fault(event: &Event) -> bool {
    matches!(event, Event::SnapshotSeen(..) | Event::TagsSeen(_))
}
