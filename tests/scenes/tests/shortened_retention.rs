//! A retention of 30 days that is shortened by mistake, and points that expire by the thousand.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeMap;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use futures_util::FutureExt;
use pilot_light_domain::run::context::{Confirmation, Mode};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::world::Settings;
use pilot_light_tests::{Scene, Way};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// The minutes between two rounds of all workers.
const ROUND: i64 = 6 * 60;

/// A scene with one selected database, which gets four copies a day.
fn scene(keep_for: &str) -> Scene {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^orders$");
    scene.set_source("BackupInterval", "6h");
    scene.set_destination("RetentionDays", keep_for);
    scene.simulation.with_world(|world| {
        let settings = Settings { quota: 5000, ..world.settings().clone() };
        world.configure(settings);
    });
    scene
}

/// Lets each worker run so many times. Returns the last report of the delete worker.
fn rounds(scene: &Scene, number: i64) -> Option<Report> {
    let round = || {
        scene.run_cleanly(&SourceTake);
        scene.wait(10);
        scene.run_cleanly(&SourceShare);
        scene.run_cleanly(&DestinationCopy);
        scene.wait(20);
        scene.run_cleanly(&SourceDelete);
        let report = scene.run_cleanly(&DestinationDelete);
        scene.wait(ROUND - 30);
        report
    };
    let mut last = None;
    for _ in 0..number {
        last = Some(round());
    }
    last
}

/// The keys of the reasons in a report, without those of single snapshots.
fn notes(report: &Report) -> Vec<&str> {
    report.settled.iter().chain(&report.blockers).map(|entry| entry.what.as_str()).collect()
}

/// The number of copies before the retention of 30 days is cut to one hour, two days later, after the correction, and after a
/// confirmation in place of the correction.
fn cut(copies: i64) -> [usize; 4] {
    let mut scene = scene("30d");
    rounds(&scene, copies);
    let before = scene.copies().len();
    scene.set_destination("RetentionDays", "1h");
    let report = rounds(&scene, 8).unwrap();
    assert!(notes(&report).contains(&"PromisesKept"), "{report:?}");
    let during = scene.copies().len();
    let confirmed = {
        let (cloud, mut context) = scene.cloud_and_context("destination-delete", Mode::DryRun);
        let date = scene.simulation.now().date_naive();
        context.confirmation = Some(Confirmation { date, by: "Jane".to_owned(), of: "*".to_owned() });
        let report = DestinationDelete.run(&cloud, &context).now_or_never().unwrap().unwrap();
        assert_eq!(report.confirmed_by.as_deref(), Some("Jane"));
        during - report.planned
    };
    scene.set_destination("RetentionDays", "30d");
    rounds(&scene, 4);
    [before, during, scene.copies().len(), confirmed]
}

#[test]
fn a_retention_cut_from_30_days_to_an_hour_deletes_nothing_that_was_promised_until_a_person_confirms_it() {
    for copies in [20, 100] {
        let [before, during, corrected, confirmed] = cut(copies);
        let copies = usize::try_from(copies).unwrap();
        // Of the copies that were made meanwhile, the newest one stays.
        assert_eq!((before, during, corrected), (copies, copies + 1, copies + 5), "{copies}");
        assert!(confirmed <= 2, "{copies}: {confirmed}");
    }
}

#[test]
fn a_thousand_points_that_have_expired_are_deleted_in_a_few_runs_without_a_question() {
    const DATABASES: usize = 12;
    let mut scene = scene("12h");
    scene.set_source("InstanceNamePattern", "^db-");
    scene.set_destination("DeleteOldSnapshots", "FALSE");
    (0..DATABASES).for_each(|n| scene.create(&format!("db-{n:02}"), None));
    scene.simulation.settle();
    rounds(&scene, 86);
    assert_eq!(scene.copies().len(), 86 * DATABASES);
    scene.set_destination("DeleteOldSnapshots", "TRUE");
    scene.set_destination("KeepDaily", "7");
    let deleted = |scene: &Scene| {
        let before = scene.copies().len();
        let report = scene.run_cleanly(&DestinationDelete);
        assert_eq!(report.blocked, 0, "{report:?}");
        before - scene.copies().len()
    };
    assert_eq!([deleted(&scene), deleted(&scene), deleted(&scene)], [500, 436, 0]);
    let mut of_each: BTreeMap<String, usize> = BTreeMap::new();
    scene.copies().iter().for_each(|copy| *of_each.entry(copy.database.to_string()).or_default() += 1);
    assert!(of_each.len() == DATABASES && of_each.values().all(|number| *number == 8), "{of_each:?}");
}
