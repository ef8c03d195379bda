//! A person who keeps snapshots of his own beside both tools.

use std::collections::BTreeSet;

use pilot_light_simulator::world::{CopyDbSnapshot, CreateDbSnapshot, Request, SnapshotDump};

use super::BothTools;
use crate::{DESTINATION, SOURCE, Scene, Way, account, region};

/// The beginning of the names of a person's snapshots.
pub const THEIRS: &str = "theirs-";

impl BothTools {
    /// A person takes a snapshot, and copies one of each place with its tags under another name.
    pub fn a_person_keeps_some(&self) {
        let (scene, source) = (&self.scene, account(SOURCE));
        let take = CreateDbSnapshot {
            database: "orders".to_owned(),
            id: format!("{THEIRS}before-the-migration"),
            tags: None,
        };
        scene.simulation.request(&source, &region("us-east-1"), Request::CreateDbSnapshot(take)).unwrap();
        scene.simulation.settle();
        for found in [newest(scene.snapshots(&source, &region("us-east-1"))), newest(scene.copies())] {
            let copy = CopyDbSnapshot {
                source: found.arn.to_string(),
                target: format!("{THEIRS}in-{}", found.region),
                copy_tags: true,
                ..Default::default()
            };
            let request = Request::CopyDbSnapshot(copy);
            scene.simulation.request(&found.account, &found.region, request).unwrap();
        }
        scene.simulation.settle();
    }
}

/// The snapshots of a person, everywhere.
#[must_use]
pub fn theirs(scene: &Scene) -> BTreeSet<String> {
    let all = scene.simulation.with_world(|world| world.dump()).snapshots;
    let theirs = all.into_iter().filter(|found| found.id.starts_with(THEIRS) && found.status == "available");
    theirs.map(|found| found.arn.to_string()).collect()
}

/// The snapshots that neither tool should have left, after everything has expired: all but the newest of each database in
/// the source and in the destination, and those of a person.
#[must_use]
pub fn left_behind(scene: &Scene) -> Vec<String> {
    let all = scene.simulation.with_world(|world| world.dump()).snapshots;
    let mut seen = BTreeSet::new();
    let is_in_middle = |found: &SnapshotDump| {
        found.account == account(DESTINATION)
            && found.region == region("us-east-1")
            && scene.way != Way::SameRegion
    };
    let mut left = Vec::new();
    // The name ends with the time, so the newest of each database comes first.
    for found in all.iter().rev().filter(|found| !found.id.starts_with(THEIRS)) {
        let place = (&found.account, &found.region, &found.database);
        let is_newest = found.status == "available" && seen.insert(place);
        if is_in_middle(found) || !is_newest {
            left.push(format!("{} {}", found.arn, found.status));
        }
    }
    left
}

fn newest(found: Vec<SnapshotDump>) -> SnapshotDump {
    let usable = found.into_iter().filter(|one| one.status == "available" && !one.id.starts_with(THEIRS));
    usable.max_by_key(|one| one.database_time).unwrap()
}
