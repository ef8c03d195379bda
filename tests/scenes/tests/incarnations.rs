//! Databases that come, change and go, over weeks of simulated time with the shipped retention: replaced, renamed, switched
//! over, stopped every night, and replaced every day.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::{
    CreateDbInstance, DeleteDbInstance, ModifyDbInstance, Request, SnapshotDump,
};
use pilot_light_tests::{SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// The minutes between two rounds of all workers.
const ROUND: i64 = 6 * 60;

/// A scene with one database, `orders`, and the shipped retention.
fn scene() -> Scene {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^(orders|shop|staging)");
    scene.set_source("BackupInterval", "6h");
    scene.set_source("RetentionDays", "12h");
    scene.set_destination("RetentionDays", "12h");
    scene.set_destination("KeepDaily", "7");
    scene
}

/// Lets the workers run for so many days. Returns the reports of the copy worker.
fn live(scene: &Scene, days: i64) -> Vec<Report> {
    rounds(scene, days * 24 * 60 / ROUND)
}

/// Lets each worker run so many times.
fn rounds(scene: &Scene, number: i64) -> Vec<Report> {
    let round = |_| {
        scene.run_cleanly(&SourceTake);
        scene.wait(10);
        scene.run_cleanly(&SourceShare);
        let report = scene.run_cleanly(&DestinationCopy);
        scene.wait(20);
        scene.run_cleanly(&SourceDelete);
        scene.run_cleanly(&DestinationDelete);
        scene.wait(ROUND - 30);
        report
    };
    (0..number).map(round).collect()
}

/// Makes a request of the owner of the databases.
fn order(scene: &Scene, request: Request) {
    scene.simulation.request(&account(SOURCE), &region("us-east-1"), request).unwrap();
}

/// Makes a request, and waits until it is carried out.
fn ask(scene: &Scene, request: Request) {
    order(scene, request);
    scene.simulation.settle();
}

fn create(scene: &Scene, name: &str) {
    let create =
        CreateDbInstance { name: name.to_owned(), engine: "postgres".to_owned(), ..Default::default() };
    ask(scene, Request::CreateDbInstance(create));
}

fn delete(scene: &Scene, name: &str) {
    let delete = DeleteDbInstance { name: name.to_owned(), skip_final_snapshot: true, final_snapshot: None };
    ask(scene, Request::DeleteDbInstance(delete));
}

/// `terraform apply` replaces a database: it deletes the old one and creates a new one under its name.
fn replace(scene: &Scene, name: &str) {
    delete(scene, name);
    create(scene, name);
}

fn rename(scene: &Scene, from: &str, to: &str) {
    let rename = ModifyDbInstance {
        name: from.to_owned(),
        new_name: Some(to.to_owned()),
        apply_immediately: true,
        ..Default::default()
    };
    ask(scene, Request::ModifyDbInstance(rename));
}

fn copies_of(scene: &Scene, name: &str) -> Vec<SnapshotDump> {
    let mut copies = scene.copies();
    copies.retain(|copy| copy.database.as_str() == name);
    copies
}

fn ids(copies: &[SnapshotDump]) -> BTreeSet<&str> {
    copies.iter().map(|copy| copy.id.as_str()).collect()
}

#[test]
fn the_last_copy_of_a_replaced_database_stays_until_the_new_one_has_dailies_of_a_week() {
    let scene = scene();
    live(&scene, 10);
    let before = copies_of(&scene, "orders");
    let last = before.iter().map(|copy| copy.id.clone()).max().unwrap();
    replace(&scene, "orders");
    let reports = live(&scene, 6);
    assert!(ids(&copies_of(&scene, "orders")).contains(last.as_str()), "{last}");
    let is_told = |report: &&Report| report.settled.iter().any(|entry| entry.what == "Replaced");
    // It is reported until the oldest copy of the new one is a day old. The copies of its first hours expire before that.
    assert_eq!(reports.iter().filter(is_told).count(), 7);
    live(&scene, 3);
    assert!(!ids(&copies_of(&scene, "orders")).contains(last.as_str()), "{last}");
}

#[test]
fn a_database_replaced_every_day_for_sixty_days_keeps_a_bounded_number_of_copies() {
    let scene = scene();
    create(&scene, "staging");
    for _ in 0..60 {
        live(&scene, 1);
        replace(&scene, "staging");
    }
    let number = copies_of(&scene, "staging").len();
    assert!((7..=12).contains(&number), "{number}");
    assert_eq!(copies_of(&scene, "orders").len(), copies_of(&scene, "orders").len().min(10));
}

#[test]
fn a_renamed_database_keeps_one_history_and_is_never_late_under_its_old_name() {
    let scene = scene();
    live(&scene, 10);
    let oldest_daily = |scene: &Scene| scene.copies().iter().map(|copy| copy.id.clone()).min().unwrap();
    assert!(oldest_daily(&scene).starts_with("orders-"));
    rename(&scene, "orders", "shop");
    let reports = live(&scene, 10);
    let last = reports.last().unwrap();
    let ages: Vec<_> = last.measurements.iter().flat_map(|metric| &metric.dimensions).collect();
    assert!(ages.iter().all(|(_, value)| !value.ends_with("/orders")), "{ages:?}");
    assert!(ages.iter().any(|(_, value)| value.ends_with("/shop")), "{ages:?}");
    // The dailies under the old name expire like all others.
    assert_eq!(copies_of(&scene, "orders").len(), 0);
}

#[test]
fn two_switchovers_of_a_blue_green_deployment_lose_no_database_its_last_copy() {
    let scene = scene();
    live(&scene, 8);
    for _ in 0..2 {
        create(&scene, "orders-green");
        live(&scene, 1);
        rename(&scene, "orders", "orders-old1");
        rename(&scene, "orders-green", "orders");
        live(&scene, 1);
        delete(&scene, "orders-old1");
        live(&scene, 10);
    }
    let copies = scene.copies();
    assert!(!copies_of(&scene, "orders").is_empty());
    // The deleted ones stay with their newest copy, until a person decides.
    assert!(!copies_of(&scene, "orders-old1").is_empty(), "{copies:?}");
}

/// The greatest age of the newest copies in minutes, as the copy worker measured it, and the most copies in its Region.
fn figures(reports: &[Report]) -> (f64, f64) {
    let greatest = |name: MetricName| {
        let metrics = reports.iter().flat_map(|report| &report.measurements);
        metrics.filter(|metric| metric.name == name).map(|metric| metric.value).fold(0.0, f64::max)
    };
    // The quota is 100, so its use in percent is the number of snapshots.
    (greatest(MetricName::OldestRecoveryPointAge) / 60.0, greatest(MetricName::SnapshotQuotaUsed))
}

/// An age just before the next copy arrives: the interval of 6 hours, and the way of a snapshot.
const USUAL_AGE: f64 = 6.0 * 60.0 + 30.0;

#[test]
fn sixty_days_in_which_terraform_replaces_a_database_twice_keep_the_usual_ages_and_a_bounded_number_of_copies()
 {
    let scene = scene();
    let mut reports = live(&scene, 20);
    for _ in 0..2 {
        replace(&scene, "orders");
        reports.extend(live(&scene, 20));
    }
    let (age, copies) = figures(&reports);
    // 3 of 12 hours, 7 dailies, one that waits for its deletion, and the last one of each of two earlier databases.
    assert!(age <= USUAL_AGE && copies <= 13.0, "{age} min, {copies} copies");
}

#[test]
fn a_database_that_is_stopped_every_night_for_sixty_days_is_protected_by_day_and_keeps_its_dailies() {
    let scene = scene();
    let mut reports = Vec::new();
    for _ in 0..60 {
        reports.extend(rounds(&scene, 2));
        order(&scene, Request::StopDbInstance("orders".to_owned(), None));
        reports.extend(rounds(&scene, 2));
        order(&scene, Request::StartDbInstance("orders".to_owned()));
        scene.wait(15);
    }
    let (age, copies) = figures(&reports);
    assert!(age <= 3.0 * USUAL_AGE && copies <= 11.0, "{age} min, {copies} copies");
    let days: BTreeSet<_> = copies_of(&scene, "orders")
        .iter()
        .filter_map(|copy| copy.original_created_at)
        .map(|time| time.date_naive())
        .collect();
    assert!(days.len() >= 7, "{days:?}");
}

/// The snapshots of `orders` that the source account has.
fn taken(scene: &Scene) -> Vec<SnapshotDump> {
    let mut taken = scene.snapshots(&account(SOURCE), &region("us-east-1"));
    taken.retain(|snapshot| snapshot.database.as_str() == "orders");
    taken
}

#[test]
fn a_green_instance_gets_its_first_snapshot_in_the_interval_of_its_switchover() {
    let scene = scene();
    create(&scene, "orders-green");
    scene.wait(ROUND);
    scene.run_cleanly(&SourceTake);
    scene.wait(10);
    rename(&scene, "orders", "orders-old1");
    rename(&scene, "orders-green", "orders");
    assert_eq!(taken(&scene).len(), 1);
    scene.run_cleanly(&SourceTake);
    assert_eq!(taken(&scene).len(), 2, "it is the first snapshot of another instance");
    scene.wait(10);
    scene.run_cleanly(&SourceTake);
    assert_eq!(taken(&scene).len(), 2);
}

/// A database is replaced while its last snapshot is on its way: not copied at all, or halfway. Its successor has a snapshot before
/// the next copy.
#[test]
fn the_last_snapshot_of_a_replaced_database_arrives_from_wherever_it_was_on_its_way() {
    for (way, hops) in [(Way::OneStep, 0), (Way::TwoHops, 0), (Way::TwoHops, 1)] {
        let mut scene = Scene::new(way);
        scene.set_source("InstanceNamePattern", "^orders$");
        let share = || {
            scene.run_cleanly(&SourceTake);
            scene.wait(10);
            scene.run_cleanly(&SourceShare);
        };
        share();
        let last = taken(&scene)[0].id.clone();
        // In two hops, the first run finds out that AWS refuses one step.
        (0..hops).for_each(|_| drop(scene.run_cleanly(&DestinationCopy)));
        scene.wait(10);
        replace(&scene, "orders");
        share();
        for _ in 0..6 {
            scene.run_cleanly(&DestinationCopy);
            scene.wait(15);
        }
        let copies = copies_of(&scene, "orders");
        assert!(ids(&copies).contains(last.as_str()), "{way:?}, {hops}: {:?}", ids(&copies));
        assert_eq!(copies.len(), 2, "{way:?}, {hops}: {:?}", ids(&copies));
        assert_eq!(scene.snapshots(&way.keeper(), &region("us-east-1")).len(), 0, "{way:?}: intermediates");
    }
}
