//! Invalid parameters: every worker rejects them by name before it writes anything.
//!
//! A dry run writes nothing either.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::error::ErrorName;
use pilot_light_domain::run::worker::Worker;
use pilot_light_tests::{ORDERS_KEY, Scene, Way};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// A scene in which every worker has actions to plan.
fn busy() -> Scene {
    let scene = Scene::new(Way::OneStep);
    for _ in 0..2 {
        scene.run_cleanly(&SourceTake);
        scene.simulation.settle();
        scene.run_cleanly(&SourceShare);
        scene.run_cleanly(&DestinationCopy);
        scene.wait(26 * 60);
    }
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene
}

fn refusal(scene: &Scene, worker: &impl Worker) -> String {
    let before = scene.simulation.with_world(|world| world.dump());
    let error = scene.run(worker, Mode::Apply).expect("not killed").expect_err("refused");
    assert_eq!(error.name(), ErrorName::InvalidConfiguration, "{error}");
    assert_eq!(
        scene.simulation.with_world(|world| world.dump()),
        before,
        "the worker wrote something although it failed with: {error}"
    );
    error.to_string()
}

#[test]
fn invalid_source_parameters_are_rejected_by_name_and_nothing_is_written() {
    for (name, value, message) in [
        ("InstanceNamePattern", "(?!test)prod", "look-around and back-references are not supported"),
        (
            "InstanceNamePattern",
            "nothing-like-it",
            "InstanceNamePattern 'nothing-like-it' selects none of the 5 DB instances",
        ),
        (
            "InstanceNameExclusion",
            ".",
            "InstanceNamePattern '^(orders|billing|archive|plain)$' without '.' selects none of the 5 DB instances",
        ),
        ("InstanceNameExclusion", "ALL_INSTANCES", "it leaves out every database"),
        ("RetentionDays", "-7", "RetentionDays is '-7'"),
        ("BackupInterval", "0", "BackupInterval is '0'"),
        (
            "DestinationAccount",
            "22222222222",
            "'22222222222' is not a valid account id; allowed: exactly 12 digits",
        ),
        ("KmsKeyShare", "alias/ours", "never an alias"),
        (
            "KmsKeyShare",
            "arn:aws:kms:us-east-1:222222222222:key/theirs",
            "the key belongs to account 222222222222",
        ),
    ] {
        let mut scene = busy();
        scene.set_source(name, value);
        let error = refusal(&scene, &SourceTake);
        assert!(error.contains(message), "{name}={value}: {error}");
        if !error.contains("selects none") {
            assert_eq!(refusal(&scene, &SourceShare), error);
            assert_eq!(refusal(&scene, &SourceDelete), error);
        }
    }
}

#[test]
fn invalid_destination_parameters_are_rejected_by_name_and_nothing_is_written() {
    for (name, value, message) in [
        ("SnapshotPattern", r"(a)\1", "look-around and back-references are not supported"),
        ("SnapshotPattern", "nothing-like-it", "SnapshotPattern 'nothing-like-it' selects none of"),
        ("RetentionDays", "-1", "RetentionDays is '-1'"),
        ("CopyRetentionDays", "soon", "CopyRetentionDays is 'soon'"),
        (
            "SourceAccounts",
            "11111111111",
            "'11111111111' is not a valid account id; allowed: exactly 12 digits",
        ),
        (
            "KmsKeyDestination",
            ORDERS_KEY,
            "the key belongs to account 111111111111; give a key of this account",
        ),
        ("KmsKeyDestination", "alias/copies", "never an alias"),
        (
            "KmsKeySource",
            "arn:aws:kms:us-west-2:222222222222:key/copies",
            "the key is in us-west-2; give a key in us-east-1",
        ),
    ] {
        let mut scene = busy();
        scene.set_destination(name, value);
        let error = refusal(&scene, &DestinationCopy);
        assert!(error.contains(message), "{name}={value}: {error}");
        if !error.contains("selects none") {
            assert_eq!(refusal(&scene, &DestinationDelete), error);
        }
    }
}

#[test]
fn an_unknown_parameter_stops_only_deletion_and_one_worker_of_each_account_asks_for_a_person() {
    let mut scene = busy();
    scene.set_source("RetentionDay", "30");
    scene.set_destination("DestinationRegions", "us-west-2");
    scene.wait(26 * 60);
    let take = scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    let share = scene.run_cleanly(&SourceShare);
    let copy = scene.run_cleanly(&DestinationCopy);
    for (report, verb) in [(&take, "take"), (&share, "share"), (&copy, "copy")] {
        assert!(report.acted[verb] > 0, "{report:?}");
        assert_eq!(report.skipped["UnknownParameter"], 1, "{report:?}");
        assert!(!report.blockers.iter().any(|entry| entry.subject.starts_with("parameter")), "{report:?}");
    }
    scene.wait(60 * 24 * 60);
    let source = scene.run_cleanly(&SourceDelete);
    let destination = scene.run_cleanly(&DestinationDelete);
    for (report, name, meant) in [
        (source, "RetentionDay", "did you mean RetentionDays?"),
        (destination, "DestinationRegions", "did you mean DestinationRegion?"),
    ] {
        assert_eq!((report.planned, report.blocked), (0, 1), "{report:?}");
        let blocker = &report.blockers[0];
        assert_eq!(blocker.subject, format!("parameter {name}"));
        assert!(blocker.detail.contains(meant), "{}", blocker.detail);
    }
}

#[test]
fn workers_without_parameters_refuse_to_run_on_defaults() {
    let mut scene = busy();
    scene.clear_parameters();
    assert!(refusal(&scene, &SourceTake).contains("there are no parameters"));
    for error in [refusal(&scene, &SourceDelete), refusal(&scene, &DestinationDelete)] {
        assert!(error.contains("launch the parameters stack, or correct the path"), "{error}");
    }
}

#[test]
fn a_dry_run_plans_the_same_actions_as_a_real_run_and_writes_nothing() {
    fn check(scene: &Scene, worker: &impl Worker) {
        let before = scene.simulation.with_world(|world| world.dump());
        let dry = scene.run(worker, Mode::DryRun).expect("not killed").expect("a plan");
        assert_eq!(
            scene.simulation.with_world(|world| world.dump()),
            before,
            "the dry run of {} wrote something",
            worker.name()
        );
        assert!(dry.dry_run && dry.acted.is_empty(), "{dry:?}");
        let real = scene.run_cleanly(worker);
        assert_eq!((dry.planned, &dry.actions), (real.planned, &real.actions));
        assert!(real.planned > 0, "{} planned nothing, so the comparison proves nothing", worker.name());
    }
    check(&busy(), &SourceShare);
    check(&busy(), &SourceDelete);
    check(&busy(), &DestinationDelete);
    let due = busy();
    due.wait(30);
    check(&due, &SourceTake);
    let shared = busy();
    shared.run_cleanly(&SourceShare);
    check(&shared, &DestinationCopy);
}
