//! Snapshots that a person copied from our own with their tags, and the tags that the user gave an instance.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::model::tags::Tags;
use pilot_light_simulator::world::{CopyDbSnapshot, CreateDbInstance, Request, SnapshotDump};
use pilot_light_tests::{DESTINATION, SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

fn protect(scene: &Scene) {
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    for _ in 0..2 {
        scene.run_cleanly(&DestinationCopy);
        scene.simulation.settle();
    }
}

/// A person copies the snapshot with its tags, under another name or in another Region.
fn copy_by_hand(scene: &Scene, place: (&AccountId, &Region), source: &SnapshotDump, target: &str) {
    let is_elsewhere = source.region != *place.1;
    let copy = CopyDbSnapshot {
        source: source.arn.to_string(),
        target: target.to_owned(),
        copy_tags: true,
        kms_key: is_elsewhere.then(|| format!("arn:aws:kms:{}:{}:key/between", place.1, place.0)),
        ..Default::default()
    };
    scene.simulation.request(place.0, place.1, Request::CopyDbSnapshot(copy)).unwrap();
    scene.simulation.settle();
}

fn of(snapshots: Vec<SnapshotDump>, database: &str) -> SnapshotDump {
    snapshots.into_iter().find(|snapshot| snapshot.database.as_str() == database).unwrap()
}

fn names(scene: &Scene, owner: &str, place: &str) -> BTreeSet<String> {
    scene.snapshots(&account(owner), &region(place)).into_iter().map(|found| found.id).collect()
}

/// A week passes, with one round of all workers at its end.
fn a_week_later(scene: &Scene) {
    scene.wait(7 * 24 * 60);
    protect(scene);
    scene.run_cleanly(&SourceDelete);
    scene.run_cleanly(&DestinationDelete);
    scene.simulation.settle();
}

#[test]
fn a_snapshot_that_a_person_copied_from_ours_in_the_source_is_left_alone() {
    let scene = Scene::new(Way::OneStep);
    protect(&scene);
    let place = (account(SOURCE), region("us-east-1"));
    let ours = of(scene.snapshots(&place.0, &place.1), "orders");
    copy_by_hand(&scene, (&place.0, &place.1), &ours, "orders-before-the-migration");
    a_week_later(&scene);
    let names = names(&scene, SOURCE, "us-east-1");
    assert!(names.contains("orders-before-the-migration"), "the person's copy is deleted: {names:?}");
    assert!(!names.contains(&ours.id), "our own is deleted after its retention: {names:?}");
}

#[test]
fn a_snapshot_that_a_person_copied_from_ours_in_the_destination_is_left_alone() {
    for way in Way::ALL {
        let scene = Scene::new(way);
        protect(&scene);
        let ours = of(scene.copies(), "orders");
        copy_by_hand(&scene, (&way.keeper(), &way.region()), &ours, "orders-for-the-auditors");
        a_week_later(&scene);
        let names: BTreeSet<_> = scene.copies().into_iter().map(|copy| copy.id).collect();
        assert!(names.contains("orders-for-the-auditors"), "the person's copy is deleted: {way:?} {names:?}");
        assert!(!names.contains(&ours.id), "{way:?} {names:?}");
    }
}

#[test]
fn a_copy_of_ours_that_a_person_made_in_the_other_region_is_left_alone() {
    let scene = Scene::new(Way::TwoHops);
    protect(&scene);
    // The older tool's copies have one tag only, in both Regions.
    let ours = of(scene.copies(), "orders");
    let bare = [("CopiedBy", "Snapshot Tool for RDS")].into_iter().collect::<Tags>();
    scene.simulation.with_world(|world| world.impose_snapshot_tags(&ours.arn, bare));
    let place = (account(DESTINATION), region("us-east-1"));
    copy_by_hand(&scene, (&place.0, &place.1), &ours, "orders-in-the-east");
    a_week_later(&scene);
    let names = names(&scene, DESTINATION, "us-east-1");
    assert!(
        names.contains("orders-in-the-east"),
        "the person's copy is taken for an intermediate: {names:?}"
    );
}

#[test]
fn a_copy_that_a_person_makes_fills_no_interval_and_is_not_shared() {
    let scene = Scene::new(Way::OneStep);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    let place = (account(SOURCE), region("us-east-1"));
    let ours = of(scene.snapshots(&place.0, &place.1), "orders");
    copy_by_hand(&scene, (&place.0, &place.1), &ours, "orders-by-hand");
    let delete = Request::DeleteDbSnapshot(ours.id.clone());
    scene.simulation.request(&place.0, &place.1, delete).unwrap();
    let planned = scene.run_cleanly(&SourceTake).planned;
    assert_eq!(planned, 1, "the person's copy counts for the interval");
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    let by_hand = scene.snapshots(&place.0, &place.1).into_iter().find(|one| one.id == "orders-by-hand");
    assert_eq!(by_hand.unwrap().shared_with, BTreeSet::new());
}

/// Adds a database `tagged` under the default key, with this number of tags.
fn add_tagged(scene: &mut Scene, count: usize) {
    scene.set_source("InstanceNamePattern", "^tagged$");
    let mut tags: Tags = (0..count - 2).map(|n| (format!("Tag{n:02}"), format!("value {n}"))).collect();
    tags.extend([("CostCentre", "4711"), ("SharedWith", "nobody")]);
    let create = CreateDbInstance {
        name: "tagged".to_owned(),
        engine: "postgres".to_owned(),
        encrypted: true,
        tags,
        ..Default::default()
    };
    scene
        .simulation
        .request(&account(SOURCE), &region("us-east-1"), Request::CreateDbInstance(create))
        .unwrap();
    scene.simulation.settle();
}

#[test]
fn the_tags_of_an_instance_reach_its_snapshots_and_their_copies_in_its_account() {
    let mut scene = Scene::new(Way::SameAccount);
    add_tagged(&mut scene, 3);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    for place in ["us-east-1", "us-west-2"] {
        let found = of(scene.snapshots(&account(SOURCE), &region(place)), "tagged");
        assert_eq!(found.tags.get("CostCentre"), Some("4711"), "the cost centre is missing in {place}");
        assert_eq!(found.tags.get("SharedWith"), None, "our own tags never come from a user");
    }
}

#[test]
fn the_tags_of_an_instance_fit_beside_our_own_into_the_limit_of_aws() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("KmsKeyShare", pilot_light_tests::ORDERS_KEY);
    add_tagged(&mut scene, 50);
    for _ in 0..2 {
        scene.run_cleanly(&SourceTake);
        scene.simulation.settle();
        scene.run_cleanly(&SourceShare);
        scene.simulation.settle();
    }
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    let mut taken = scene.snapshots(&account(SOURCE), &region("us-east-1"));
    taken.retain(|found| found.database.as_str() == "tagged");
    assert_eq!(taken.len(), 2, "the snapshot and its re-encrypted copy");
    for found in &taken {
        assert_eq!(found.tags.get("CostCentre"), Some("4711"), "the cost centre is missing: {found:?}");
    }
    let shared = taken.iter().filter(|found| found.tags.get("SharedWith") == Some(DESTINATION)).count();
    assert_eq!((shared, scene.copies().len()), (1, 1));
}
