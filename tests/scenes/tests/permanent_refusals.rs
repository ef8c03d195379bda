//! Refusals of AWS that last, although their code names a state: each should cost only the one resource.
//!
//! Every test here is expected to fail until the issue "The snapshot workers survive AWS as it is" is done.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_copy::DestinationCopy;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::world::{
    CreateDbInstance, CreateDbInstanceReadReplica, CreateOptionGroup, InstanceOptions, ModifyOptionGroup,
    OptionGroupRequest, OptionToInclude, Request,
};
use pilot_light_tests::{SOURCE, Scene, Way, account, region};
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
#[should_panic(expected = "replica fails the run")]
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
#[should_panic(expected = "special fails the run")]
fn a_snapshot_with_tde_that_cannot_be_shared_is_blocked_and_the_run_succeeds() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^(orders|special)$");
    add_special(&scene, ("sqlserver-ee", "15.00"), "TDE");
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    assert_blocked(&run(&scene, &SourceShare), "special");
}

#[test]
#[should_panic(expected = "no copy of special arrived")]
fn an_oracle_database_with_a_time_zone_is_protected_by_two_hops() {
    let mut scene = Scene::new(Way::TwoHops);
    scene.set_source("InstanceNamePattern", "^special$");
    scene.set_destination("OptionGroupDestination", "special");
    add_special(&scene, ("oracle-se2", "19"), "Timezone");
    add_group_of_the_destination(&scene);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    for _ in 0..3 {
        run(&scene, &DestinationCopy);
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
