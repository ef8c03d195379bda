//! The queue for copies: refused and failed copies cost no other database its turn, and neither do snapshots of others.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::model::tags;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::{
    CopyDbSnapshot, CreateDbSnapshot, ModifyDbSnapshotAttribute, Request, Settings, SnapshotDump,
};
use pilot_light_tests::{DESTINATION, SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// A key of the source account that does not admit the destination.
const CLOSED_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/closed";
/// The databases of the scene whose snapshots can be copied.
const HEALTHY: [&str; 3] = ["billing", "orders", "plain"];

fn configure(scene: &Scene, change: impl FnOnce(&mut Settings)) {
    scene.simulation.with_world(|world| {
        let mut settings = world.settings().clone();
        change(&mut settings);
        world.configure(settings);
    });
}

/// A scene with `count` more databases, before all others in the order of names. `key` as in [`Scene::create`].
fn with_more(way: Way, count: usize, key: Option<&str>) -> Scene {
    let mut scene = Scene::new(way);
    scene.set_source("InstanceNamePattern", "^(orders|billing|plain|a-.*)$");
    scene.simulation.with_world(|world| world.register_key(CLOSED_KEY.parse().unwrap(), BTreeSet::new()));
    configure(&scene, |settings| settings.quota = 10_000);
    for number in 0..count {
        scene.create(&format!("a-{number:03}"), key);
    }
    scene.simulation.settle();
    scene
}

fn share(scene: &Scene) {
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
}

fn copy(scene: &Scene) -> Report {
    scene.run(&DestinationCopy, Mode::Apply).unwrap().unwrap()
}

fn between(scene: &Scene) -> Vec<SnapshotDump> {
    scene.snapshots(&scene.way.keeper(), &region("us-east-1"))
}

fn assert_copied(copies: &[SnapshotDump]) {
    let copied: BTreeSet<_> = copies.iter().map(|copy| copy.database.as_str()).collect();
    for name in HEALTHY {
        assert!(copied.contains(name), "no copy of {name} began: {copied:?}");
    }
}

#[test]
fn a_refused_copy_hands_its_slot_to_the_next_database_in_the_same_run() {
    for way in [Way::OneStep, Way::TwoHops, Way::SameRegion] {
        let scene = with_more(way, 20, Some(CLOSED_KEY));
        share(&scene);
        let report = copy(&scene);
        assert_copied(&if way == Way::TwoHops { between(&scene) } else { scene.copies() });
        assert_eq!((report.blocked, report.failed), (20, 0), "{report:?}");
    }
}

#[test]
fn a_refused_copy_hands_its_place_in_the_quota_to_the_next_database_in_the_same_run() {
    let scene = with_more(Way::OneStep, 6, Some(CLOSED_KEY));
    share(&scene);
    configure(&scene, |settings| settings.quota = 94);
    scene
        .simulation
        .with_world(|world| world.fill_quota(&account(DESTINATION), &region("us-west-2"), "theirs"));
    configure(&scene, |settings| settings.quota = 100);
    copy(&scene);
    assert_copied(&scene.copies());
}

#[test]
fn databases_whose_copies_fail_halfway_queue_behind_those_whose_copies_do_not() {
    for can_be_deleted in [true, false] {
        let scene = with_more(Way::OneStep, 20, None);
        configure(&scene, |settings| settings.failed_can_be_deleted = can_be_deleted);
        share(&scene);
        for _ in 0..4 {
            copy(&scene);
            for copy in scene.copies().iter().filter(|copy| copy.database.as_str().starts_with("a-")) {
                scene.simulation.with_world(|world| world.fail_snapshot(&copy.arn));
            }
            scene.simulation.settle();
        }
        assert_copied(&scene.copies());
    }
}

#[test]
fn five_databases_beside_a_hundred_whose_copies_are_refused_keep_their_rpo() {
    let scene = with_more(Way::OneStep, 100, Some(CLOSED_KEY));
    let healthy = ["a-new", "billing", "orders", "plain", "a-newer"];
    scene.create("a-new", None);
    scene.create("a-newer", None);
    let begun = scene.simulation.now();
    for minutes in (0..240).step_by(5) {
        scene.simulation.advance_by(begun + TimeDelta::minutes(minutes) - scene.simulation.now());
        scene.run_cleanly(&SourceTake);
        scene.run_cleanly(&SourceShare);
        copy(&scene);
        let now = scene.simulation.now();
        let copies = scene.copies();
        for name in healthy.iter().filter(|_| minutes >= 60) {
            let ours = copies
                .iter()
                .filter(|copy| copy.database.as_str() == *name && copy.status.as_str() == "available");
            let age = ours.map(|copy| (now - copy.database_time.unwrap()).num_minutes()).min();
            assert!(age.is_some_and(|age| age <= 60), "the newest copy of {name} is {age:?} min old");
        }
    }
}

/// A scene in which every database has a copy, and one database a snapshot that is due for the next one.
fn with_one_copy_due(way: Way) -> Scene {
    let mut scene = Scene::new(way);
    share(&scene);
    for _ in 0..3 {
        scene.run_cleanly(&DestinationCopy);
        scene.simulation.settle();
    }
    scene.wait(30);
    share(&scene);
    scene.set_destination("SnapshotPattern", "^orders$");
    scene
}

/// The next run's first copy is refused. The calls before it read the parameters, three lists and the quota.
fn refuse_the_first_copy(scene: &Scene, code: &str, message: &str) {
    let (code, message) = (code.to_owned(), message.to_owned());
    scene.simulation.inject(Fault::Fail { call: 6, effect: Effect::Before, code, message });
}

#[test]
fn a_refused_copy_does_not_end_copying_in_one_step_where_one_has_arrived() {
    for code in ["InvalidParameterValue", "InvalidParameterCombination", "DBSnapshotNotFound"] {
        let scene = with_one_copy_due(Way::OneStep);
        refuse_the_first_copy(&scene, code, "the reason");
        let report = copy(&scene);
        assert_eq!(between(&scene), [], "a useless first hop");
        assert_eq!(report.blocked + report.failed, 1, "{report:?}");
    }
}

#[test]
fn the_refusal_that_ends_copying_in_one_step_is_reported_in_awss_words() {
    let scene = Scene::new(Way::TwoHops);
    share(&scene);
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!((between(&scene).len(), report.blocked, report.failed), (3, 0, 0));
    let text = serde_json::to_string(&report).unwrap();
    assert!(text.contains("one step is not supported here"), "the refusal is not reported: {text}");
}

fn request(scene: &Scene, owner: &str, place: &str, request: Request) {
    scene.simulation.request(&account(owner), &region(place), request).unwrap();
    scene.simulation.settle();
}

/// A snapshot of `orders` with the older tool's tags, or with none of a tool.
fn take(scene: &Scene, id: &str, tags: Option<tags::Tags>) {
    let create = CreateDbSnapshot { database: "orders".to_owned(), id: id.to_owned(), tags };
    request(scene, SOURCE, "us-east-1", Request::CreateDbSnapshot(create));
}

fn taken_by_the_older_tool(on: &str) -> tags::Tags {
    tags::of([("CreatedBy", "Snapshot Tool for RDS"), ("CreatedOn", on), ("shareAndCopy", "YES")])
}

#[test]
fn a_copy_of_the_older_tool_within_one_account_counts_and_expires() {
    let mut scene = Scene::new(Way::SameAccount);
    scene.set_source("InstanceNamePattern", "^orders$");
    take(&scene, "orders-2026-03-01-00-00", Some(taken_by_the_older_tool("2026-03-01-00-00")));
    let copy = CopyDbSnapshot {
        source: "arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-03-01-00-00".to_owned(),
        target: "orders-2026-03-01-00-00".to_owned(),
        kms_key: Some(scene.way.key()),
        tags: Some(taken_by_the_older_tool("2026-03-01-00-00")),
        ..Default::default()
    };
    request(&scene, SOURCE, "us-west-2", Request::CopyDbSnapshot(copy));
    scene.wait(10);
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!(report.planned, 0, "the older tool's copy is copied again");

    scene.wait(3 * 24 * 60);
    let report = scene.run_cleanly(&DestinationDelete);
    assert_eq!((report.planned, report.skipped.get("NewestUsable")), (0, Some(&1)), "{report:?}");
    share(&scene);
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    let report = scene.run_cleanly(&DestinationDelete);
    assert_eq!(report.acted.get("delete"), Some(&1), "{report:?}");
    assert_eq!(scene.copies().len(), 1);
}

#[test]
fn a_snapshot_that_the_older_tool_left_between_two_hops_is_reported_as_superseded_by_a_newer_copy() {
    let mut scene = Scene::new(Way::TwoHops);
    scene.set_source("InstanceNamePattern", "^orders$");
    scene.set_destination("RetentionDays", "7");
    take(&scene, "orders-2026-03-01-00-00", Some(taken_by_the_older_tool("2026-03-01-00-00")));
    scene.run_cleanly(&SourceShare);
    let copy = CopyDbSnapshot {
        source: "arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-03-01-00-00".to_owned(),
        target: "orders-2026-03-01-00-00".to_owned(),
        kms_key: Some(scene.way.key_between()),
        tags: Some(tags::of([("CopiedBy", "Snapshot Tool for RDS")])),
        ..Default::default()
    };
    // The older tool copied the next day's snapshot completely, and stopped.
    request(&scene, DESTINATION, "us-east-1", Request::CopyDbSnapshot(copy.clone()));
    scene.wait(24 * 60);
    take(&scene, "orders-2026-03-02-00-00", Some(taken_by_the_older_tool("2026-03-02-00-00")));
    scene.run_cleanly(&SourceShare);
    let next = |account: &str, key: String| CopyDbSnapshot {
        source: format!("arn:aws:rds:us-east-1:{account}:snapshot:orders-2026-03-02-00-00"),
        target: "orders-2026-03-02-00-00".to_owned(),
        kms_key: Some(key),
        ..copy.clone()
    };
    request(&scene, DESTINATION, "us-east-1", Request::CopyDbSnapshot(next(SOURCE, scene.way.key_between())));
    request(&scene, DESTINATION, "us-west-2", Request::CopyDbSnapshot(next(DESTINATION, scene.way.key())));

    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!(report.pending, 0, "{:?} is reported as in progress", report.waiting);
    assert_eq!(report.skipped.get("Superseded"), Some(&2), "{report:?}");
}

fn share_by_hand(scene: &Scene, id: &str) {
    take(scene, id, None);
    let share = ModifyDbSnapshotAttribute {
        id: id.to_owned(),
        attribute: "restore".to_owned(),
        add: vec![DESTINATION.to_owned()],
        remove: vec![],
    };
    request(scene, SOURCE, "us-east-1", Request::ModifyDbSnapshotAttribute(share));
}

#[test]
fn a_snapshot_that_a_person_shares_never_costs_the_scheduled_one_its_copy() {
    for way in [Way::OneStep, Way::TwoHops, Way::SameRegion] {
        for is_shared_first in [true, false] {
            let mut scene = Scene::new(way);
            scene.set_source("InstanceNamePattern", "^orders$");
            scene.run_cleanly(&SourceTake);
            scene.simulation.settle();
            let runs = |count: usize| {
                for _ in 0..count {
                    scene.run_cleanly(&DestinationCopy);
                    scene.simulation.settle();
                }
            };
            share_by_hand(&scene, "before-the-upgrade");
            runs(if is_shared_first { 3 } else { 0 });
            scene.run_cleanly(&SourceShare);
            runs(6);
            scene.wait(10);
            runs(1);
            let copies = scene.copies();
            let origins: BTreeSet<_> =
                copies.iter().filter_map(|copy| copy.tags.get(tags::SOURCE_SNAPSHOT_ARN)).collect();
            let scheduled = "arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-03-01-00-00";
            assert!(origins.contains(scheduled), "the scheduled snapshot has no copy: {way:?} {origins:?}");
            assert_eq!(copies.len(), 2, "the person's snapshot is copied after it: {way:?} {origins:?}");
            assert_eq!(between(&scene).len(), if way == Way::SameRegion { 2 } else { 0 }, "{way:?}");
            scene.run_cleanly(&SourceDelete);
        }
    }
}

/// A run of destination-delete must not make databases whose copies fail look like new ones.
#[test]
fn databases_whose_copies_fail_queue_behind_others_although_the_delete_worker_runs_between() {
    let scene = Scene::new(Way::OneStep);
    scene.simulation.with_world(|world| {
        let mut settings = world.settings().clone();
        settings.failed_can_be_deleted = true;
        world.configure(settings);
    });
    share(&scene);
    scene.run_cleanly(&DestinationCopy);
    let failed = scene.copies()[0].arn.clone();
    scene.simulation.with_world(|world| world.fail_snapshot(&failed));
    scene.simulation.settle();
    scene.run_cleanly(&DestinationDelete);
    let left: Vec<_> = scene.copies().into_iter().map(|copy| copy.arn).collect();
    assert!(left.contains(&failed), "the sign of the failed copy is gone: {left:?}");
}
