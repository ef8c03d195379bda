//! Statuses and times as AWS shows them: pending copies, unknown statuses, failed snapshots, and absent times.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::{OriginalTime, SecondsRange, Settings, SnapshotDump};
use pilot_light_tests::{DESTINATION, SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// The databases of the scene that can be copied. `archive` is encrypted under the default key.
const COPIED: [&str; 3] = ["billing", "orders", "plain"];

fn configure(scene: &Scene, change: impl FnOnce(&mut Settings)) {
    scene.simulation.with_world(|world| {
        let mut settings = world.settings().clone();
        change(&mut settings);
        world.configure(settings);
    });
}

/// Every copy from elsewhere is pending for two days from now on.
fn copies_stay_pending(scene: &Scene) {
    let days = SecondsRange::new(172_800, 172_800).unwrap();
    configure(scene, |settings| (settings.copy_seconds, settings.pending_seconds) = (days, days));
}

/// A scene whose snapshots have been taken and shared.
fn shared(way: Way) -> Scene {
    let scene = Scene::new(way);
    share(&scene);
    scene
}

fn share(scene: &Scene) {
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
}

fn between(scene: &Scene) -> Vec<SnapshotDump> {
    scene.snapshots(&scene.way.keeper(), &region("us-east-1"))
}

fn of(snapshots: &[SnapshotDump]) -> Vec<(&str, &str)> {
    snapshots.iter().map(|snapshot| (snapshot.database.as_str(), snapshot.status.as_str())).collect()
}

fn oldest_age(report: &Report) -> TimeDelta {
    let metrics = report.metrics();
    let age = metrics.iter().find(|metric| metric.name == MetricName::OldestRecoveryPointAge).unwrap();
    TimeDelta::milliseconds((age.value * 1000.0) as i64)
}

#[test]
fn a_pending_copy_is_made_once_however_often_the_worker_runs() {
    for way in [Way::OneStep, Way::TwoHops, Way::SameRegion] {
        let scene = shared(way);
        copies_stay_pending(&scene);
        for _ in 0..6 {
            scene.run_cleanly(&DestinationCopy);
            scene.wait(5);
        }
        let copies = if way == Way::TwoHops { between(&scene) } else { scene.copies() };
        assert_eq!(of(&copies), COPIED.map(|name| (name, "pending")), "{way:?}");
    }
}

#[test]
fn the_intermediate_that_a_pending_copy_reads_is_kept() {
    let scene = shared(Way::TwoHops);
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    copies_stay_pending(&scene);
    for _ in 0..6 {
        scene.run_cleanly(&DestinationCopy);
        scene.wait(5);
    }
    assert_eq!(of(&scene.copies()), COPIED.map(|name| (name, "pending")));
    assert_eq!(of(&between(&scene)), COPIED.map(|name| (name, "available")));
}

#[test]
fn a_copy_in_an_unknown_status_is_not_made_again_and_is_blocked_after_a_day() {
    let scene = shared(Way::OneStep);
    scene.run_cleanly(&DestinationCopy);
    let odd = scene.copies()[0].arn.clone();
    scene.simulation.with_world(|world| world.impose_snapshot_status(&odd, "a-status-of-next-year"));
    let blocked = |report: Report| {
        let blockers = report.blockers.iter().filter(|entry| entry.what == "UnknownStatus");
        blockers.map(|entry| entry.subject.clone()).collect::<Vec<_>>()
    };
    assert_eq!(blocked(scene.run_cleanly(&DestinationCopy)), Vec::<String>::new());
    scene.wait(24 * 60 + 10);
    assert_eq!(blocked(scene.run_cleanly(&DestinationCopy)), [odd.to_string()]);
    assert_eq!(scene.copies().len(), 3);
}

#[test]
fn the_published_age_is_too_young_by_at_most_the_duration_of_one_snapshot() {
    for original_time in [OriginalTime::Completion, OriginalTime::Call] {
        let scene = Scene::new(Way::OneStep);
        configure(&scene, |settings| settings.original_time = original_time);
        share(&scene);
        scene.run_cleanly(&DestinationCopy);
        scene.simulation.settle();
        scene.wait(30);
        let now = scene.simulation.now();
        let published = oldest_age(&scene.run_cleanly(&DestinationCopy));
        let truth = scene.copies().iter().map(|copy| now - copy.database_time.unwrap()).max().unwrap();
        let longest = TimeDelta::seconds(240);
        let allowed = match original_time {
            OriginalTime::Completion => truth - longest..=truth - TimeDelta::seconds(1),
            OriginalTime::Call => truth..=truth,
        };
        assert!(allowed.contains(&published), "{original_time:?}: {published} is not in {allowed:?}");
    }
}

#[test]
fn an_idle_database_whose_last_transaction_is_days_old_is_no_breach() {
    let scene = shared(Way::OneStep);
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    let idle_since = scene.simulation.now() - TimeDelta::days(3);
    for copy in scene.copies() {
        scene.simulation.with_world(|world| world.impose_last_transaction(&copy.arn, Some(idle_since)));
    }
    let age = oldest_age(&scene.run_cleanly(&DestinationCopy));
    assert!(age < TimeDelta::minutes(20), "{age}");
}

fn undeletable(report: &Report) -> Vec<&str> {
    let blockers =
        report.blockers.iter().filter(|entry| entry.detail.contains("does not delete this failed"));
    blockers.map(|entry| entry.subject.as_str()).collect()
}

#[test]
fn a_failed_copy_that_aws_does_not_delete_is_blocked_and_the_run_succeeds() {
    let scene = shared(Way::OneStep);
    scene.run_cleanly(&DestinationCopy);
    let copy = scene.copies()[0].arn.clone();
    scene.simulation.with_world(|world| world.fail_snapshot(&copy));
    // It is made again. The failed one is removed once the other has arrived.
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!(undeletable(&report), [copy.to_string()]);
}

#[test]
fn a_failed_snapshot_that_aws_does_not_delete_is_blocked_and_source_delete_succeeds() {
    let scene = shared(Way::OneStep);
    let taken = scene.snapshots(&account(SOURCE), &region("us-east-1"))[0].arn.clone();
    scene.simulation.with_world(|world| world.fail_snapshot(&taken));
    let report = scene.run_cleanly(&SourceDelete);
    assert_eq!(undeletable(&report), [taken.to_string()]);
}

#[test]
fn a_copy_that_keeps_failing_and_cannot_be_deleted_is_not_repeated_without_end() {
    let scene = shared(Way::OneStep);
    for _ in 0..6 {
        scene.run(&DestinationCopy, Mode::Apply).unwrap().unwrap();
        for copy in scene.copies() {
            if copy.database.as_str() == COPIED[0] {
                scene.simulation.with_world(|world| world.fail_snapshot(&copy.arn));
            }
        }
        scene.simulation.settle();
    }
    let copies = scene.copies();
    let repeated = copies.iter().filter(|copy| copy.database.as_str() == COPIED[0]).count();
    assert!(repeated <= 3, "{repeated} copies of one snapshot");
}

#[test]
fn a_first_hop_that_failed_is_repeated_and_its_point_arrives_without_a_newer_snapshot() {
    let scene = shared(Way::TwoHops);
    scene.run_cleanly(&DestinationCopy);
    for copy in between(&scene) {
        scene.simulation.with_world(|world| world.fail_snapshot(&copy.arn));
    }
    for _ in 0..2 {
        scene.run_cleanly(&DestinationCopy);
        scene.simulation.settle();
    }
    assert_eq!(of(&scene.copies()), COPIED.map(|name| (name, "available")));
}

#[test]
fn a_database_whose_failed_copies_stay_leaves_the_quota_to_the_others_for_days() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("RetentionDays", "3h");
    scene.set_destination("RetentionDays", "3h");
    // Somebody else has 60 snapshots in the destination.
    configure(&scene, |settings| settings.quota = 60);
    scene
        .simulation
        .with_world(|world| world.fill_quota(&account(DESTINATION), &region("us-west-2"), "theirs"));
    configure(&scene, |settings| settings.quota = 100);
    let of_orders = || scene.copies().into_iter().filter(|copy| copy.database.as_str() == "orders");
    for step in 0..2 * 24 * 12 {
        scene.run_cleanly(&SourceTake);
        scene.run_cleanly(&SourceShare);
        let report = scene.run_cleanly(&DestinationCopy);
        assert_eq!(report.skipped.get("QuotaFull"), None, "{report:?}");
        for copy in of_orders().filter(|copy| copy.status != "failed") {
            scene.simulation.with_world(|world| world.fail_snapshot(&copy.arn));
        }
        if step % 12 == 0 {
            scene.run_cleanly(&SourceDelete);
            scene.run_cleanly(&DestinationDelete);
        }
        scene.wait(5);
    }
    assert!(of_orders().count() <= 10, "{} failed copies", of_orders().count());
}
