//! Refusals of AWS that last, although their code names a state: each should cost only the one resource.
//!
//! Those that still fail are to be cleared by "The snapshot workers survive AWS as it is".
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::world::{
    CreateDbInstance, CreateDbInstanceReadReplica, CreateDbSnapshot, CreateOptionGroup, InstanceOptions,
    KeyState, ModifyDbSnapshotAttribute, ModifyOptionGroup, OptionGroupRequest, OptionToInclude, Request,
    Settings,
};
use pilot_light_tests::{DESTINATION, SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

fn ask(scene: &Scene, request: Request) {
    scene.simulation.request(&account(SOURCE), &region("us-east-1"), request).unwrap();
    scene.simulation.settle();
}

/// Adds a database `special` whose option group has this option.
fn add_special(scene: &Scene, (engine, major): (&str, &str), option: &str) {
    let group = |request| Request::OptionGroup(Box::new(request));
    ask(
        scene,
        group(OptionGroupRequest::Create(CreateOptionGroup {
            name: "special".to_owned(),
            engine: engine.to_owned(),
            major_version: major.to_owned(),
            ..Default::default()
        })),
    );
    let include = vec![OptionToInclude { name: option.to_owned(), ..Default::default() }];
    ask(
        scene,
        group(OptionGroupRequest::Modify(ModifyOptionGroup {
            name: "special".to_owned(),
            include,
            ..Default::default()
        })),
    );
    let options = InstanceOptions { option_group: Some("special".to_owned()), ..Default::default() };
    ask(
        scene,
        Request::CreateDbInstance(CreateDbInstance {
            name: "special".to_owned(),
            engine: engine.to_owned(),
            options,
            ..Default::default()
        }),
    );
}

fn run(scene: &Scene, worker: &impl Worker) -> Report {
    scene.run(worker, Mode::Apply).unwrap().unwrap()
}

fn assert_blocked(report: &Report, name: &str) {
    assert_eq!(report.failed, 0, "{name} fails the run: {report:?}");
    assert!(report.blockers.iter().any(|entry| entry.subject.contains(name)), "{report:?}");
}

#[test]
fn a_replica_of_sql_server_that_accepts_no_snapshot_is_blocked_and_the_run_succeeds() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^(orders|replica)$");
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let primary = CreateDbInstance {
        name: "primary".to_owned(),
        engine: "sqlserver-ee".to_owned(),
        options,
        ..Default::default()
    };
    ask(&scene, Request::CreateDbInstance(primary));
    let replica = CreateDbInstanceReadReplica {
        name: "replica".to_owned(),
        source: "primary".to_owned(),
        ..Default::default()
    };
    ask(&scene, Request::CreateDbInstanceReadReplica(replica));
    assert_blocked(&run(&scene, &SourceTake), "replica");
}

#[test]
fn a_snapshot_with_tde_that_cannot_be_shared_is_blocked_and_the_run_succeeds() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^(orders|special)$");
    add_special(&scene, ("sqlserver-ee", "15.00"), "TDE");
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    assert_blocked(&run(&scene, &SourceShare), "special");
}

/// AWS refuses each call of this action on this resource with this code.
fn refuse(scene: &Scene, action: &str, resource: &str, code: &str) {
    let imposition = serde_json::json!({
        "on": {"action": action, "resource": resource},
        "impose": {"error": {"code": code, "message": "It is not supported."}},
    });
    scene.simulation.impose(serde_json::from_value(imposition).unwrap()).unwrap();
}

#[test]
fn an_instance_that_accepts_no_snapshot_although_it_is_available_is_blocked_and_the_run_succeeds() {
    let scene = Scene::new(Way::OneStep);
    refuse(&scene, "CreateDBSnapshot", "orders", "InvalidDBInstanceState");
    assert_blocked(&run(&scene, &SourceTake), "orders");
}

#[test]
fn a_database_whose_key_is_disabled_is_blocked_and_the_run_succeeds() {
    let scene = Scene::new(Way::OneStep);
    refuse(&scene, "CreateDBSnapshot", "orders", "KMSKeyNotAccessibleFault");
    assert_blocked(&run(&scene, &SourceTake), "orders");
}

#[test]
fn an_oracle_database_with_a_time_zone_is_protected_by_two_hops_and_within_a_region() {
    for way in [Way::TwoHops, Way::SameRegion] {
        assert_time_zone_is_protected(way);
    }
}

fn assert_time_zone_is_protected(way: Way) {
    let mut scene = Scene::new(way);
    scene.set_source("InstanceNamePattern", "^special$");
    add_special(&scene, ("oracle-se2", "19"), "Timezone");
    // Within a Region, the group is copied along.
    if way == Way::TwoHops {
        scene.set_destination("OptionGroupDestination", "special");
        add_group_of_the_destination(&scene);
    }
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    for _ in 0..3 {
        let report = scene.run_cleanly(&DestinationCopy);
        assert_eq!(report.blocked, 0, "{report:?}");
        scene.simulation.settle();
    }
    assert_eq!(scene.copies().len(), 1, "no copy of special arrived");
}

#[test]
fn a_copy_that_needs_an_option_group_is_blocked_in_awss_words() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^(orders|special)$");
    add_special(&scene, ("oracle-se2", "19"), "Timezone");
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    let report = run(&scene, &DestinationCopy);
    assert_blocked(&report, "special");
    let text = format!("{report:?}");
    assert!(text.contains("requires a target option group with the following options: [Timezone]"), "{text}");
}

/// The group that the second hop needs.
fn add_group_of_the_destination(scene: &Scene) {
    let group = |request| Request::OptionGroup(Box::new(request));
    let create = CreateOptionGroup {
        name: "special".to_owned(),
        engine: "oracle-se2".to_owned(),
        major_version: "19".to_owned(),
        ..Default::default()
    };
    let include = vec![OptionToInclude { name: "Timezone".to_owned(), ..Default::default() }];
    let modify = ModifyOptionGroup { name: "special".to_owned(), include, ..Default::default() };
    for request in [OptionGroupRequest::Create(create), OptionGroupRequest::Modify(modify)] {
        scene.simulation.request(&scene.way.keeper(), &scene.way.region(), group(request)).unwrap();
    }
}

#[test]
fn a_snapshot_of_this_account_whose_key_is_disabled_is_blocked_and_its_copy_fails_no_run() {
    let scene = Scene::new(Way::SameAccount);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    let source = scene.snapshots(&account(SOURCE), &region("us-east-1"));
    let orders = source.iter().find(|one| one.database.as_str() == "orders").unwrap();
    let key = orders.kms_key.clone().unwrap();
    scene.simulation.with_world(|world| world.set_key_state(&key, KeyState::Disabled));
    let report = run(&scene, &DestinationCopy);
    assert_blocked(&report, "orders");
}

/// A person takes a snapshot and shares it with the destination.
fn share_by_hand(scene: &Scene, database: &str, id: &str) {
    let create = CreateDbSnapshot { database: database.to_owned(), id: id.to_owned(), tags: None };
    ask(scene, Request::CreateDbSnapshot(create));
    let share = ModifyDbSnapshotAttribute {
        id: id.to_owned(),
        attribute: "restore".to_owned(),
        add: vec![DESTINATION.to_owned()],
        remove: Vec::new(),
    };
    ask(scene, Request::ModifyDbSnapshotAttribute(share));
}

#[test]
fn a_snapshot_whose_name_is_too_long_for_a_tag_blocks_only_itself() {
    for way in [Way::OneStep, Way::TwoHops, Way::SameRegion] {
        let scene = Scene::new(way);
        scene.run_cleanly(&SourceTake);
        scene.simulation.settle();
        scene.run_cleanly(&SourceShare);
        let long = "l".repeat(213);
        share_by_hand(&scene, "orders", &long);
        for _ in 0..2 {
            let report = run(&scene, &DestinationCopy);
            assert_blocked(&report, &long);
            assert_eq!(report.blocked, 1, "{report:?}");
            scene.simulation.settle();
        }
        let copies = scene.copies();
        let copied: BTreeSet<_> = copies.iter().map(|copy| copy.database.as_str()).collect();
        assert_eq!(copied, BTreeSet::from(["billing", "orders", "plain"]), "{way:?}");
    }
}

#[test]
fn a_snapshot_that_a_person_shares_is_copied_if_aws_refuses_that_of_the_schedule() {
    for way in [Way::OneStep, Way::TwoHops, Way::SameRegion] {
        let scene = Scene::new(way);
        scene.run_cleanly(&SourceTake);
        scene.simulation.settle();
        scene.run_cleanly(&SourceShare);
        share_by_hand(&scene, "orders", "by-hand");
        let source = scene.snapshots(&account(SOURCE), &region("us-east-1"));
        let scheduled = source.iter().find(|one| one.arn.id.as_str().starts_with("orders-")).unwrap();
        refuse(&scene, "CopyDBSnapshot", &scheduled.arn.to_string(), "KMSKeyNotAccessibleFault");
        for _ in 0..3 {
            assert_blocked(&run(&scene, &DestinationCopy), "orders-");
            scene.simulation.settle();
        }
        let copies = scene.copies();
        let orders = copies.iter().filter(|copy| copy.database.as_str() == "orders");
        let names: Vec<_> = orders.map(|copy| copy.arn.id.to_string()).collect();
        assert_eq!(names, ["by-hand"], "{way:?}");
    }
}

#[test]
fn a_refused_snapshot_hands_its_place_in_the_quota_to_the_next_database_in_the_same_run() {
    let scene = Scene::new(Way::OneStep);
    scene.simulation.with_world(|world| {
        let settings = Settings { quota: 1, ..world.settings().clone() };
        world.configure(settings);
    });
    refuse(&scene, "CreateDBSnapshot", "archive", "InvalidDBInstanceState");
    let report = run(&scene, &SourceTake);
    assert_blocked(&report, "archive");
    let taken = scene.snapshots(&account(SOURCE), &region("us-east-1"));
    let taken: Vec<_> = taken.iter().map(|snapshot| snapshot.database.as_str()).collect();
    assert_eq!((taken, report.blocked, report.considered), (vec!["billing"], 3, 5), "{report:?}");
}

/// Each of many databases has three snapshots, and the older two are due for deletion.
#[test]
fn snapshots_that_aws_does_not_delete_leave_the_deletions_of_a_run_to_others() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^(orders|billing|plain|a-.*)$");
    for number in 0..25 {
        scene.create(&format!("a-{number:02}"), None);
    }
    scene.simulation.settle();
    for _ in 0..3 {
        scene.run_cleanly(&SourceTake);
        scene.simulation.settle();
        scene.wait(30);
    }
    scene.wait(24 * 60);
    refuse(&scene, "DeleteDBSnapshot", "a-*", "InvalidDBSnapshotState");
    let report = run(&scene, &SourceDelete);
    assert_blocked(&report, "a-00");
    let left = scene.snapshots(&account(SOURCE), &region("us-east-1"));
    let left = |name: &str| left.iter().filter(|one| one.database.as_str().starts_with(name)).count();
    assert_eq!(["a-", "orders", "billing", "plain"].map(left), [75, 1, 1, 1], "{report:?}");
}
