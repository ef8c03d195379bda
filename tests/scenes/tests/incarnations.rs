//! Databases that come, change and go, over weeks of simulated time with the shipped retention: replaced, renamed, switched
//! over, and replaced every day. Also a retention that is cut by mistake.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::run::context::{Confirmation, Mode};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
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
    (0..days * 24 * 60 / ROUND).map(round).collect()
}

fn ask(scene: &Scene, request: Request) {
    scene.simulation.request(&account(SOURCE), &region("us-east-1"), request).unwrap();
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
    // It is reported for one day.
    assert_eq!(reports.iter().filter(is_told).count(), 4);
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

/// The number of copies of `orders` after a retention of `days` is cut to one hour for a day, by mistake.
fn after_a_cut(days: i64) -> (usize, usize, usize) {
    let mut scene = scene();
    scene.set_destination("RetentionDays", &format!("{days}d"));
    live(&scene, days);
    let before = copies_of(&scene, "orders").len();
    scene.set_destination("RetentionDays", "1h");
    scene.set_destination("KeepDaily", "0");
    live(&scene, 1);
    let during = copies_of(&scene, "orders").len();
    let early =
        Confirmation { date: scene.simulation.now().date_naive(), by: "Jane".to_owned(), of: "*".to_owned() };
    let (cloud, mut context) = scene.cloud_and_context("destination-delete", Mode::Apply);
    context.confirmation = Some(early);
    let report = futures_util::FutureExt::now_or_never(DestinationDelete.run(&cloud, &context));
    assert_eq!(report.unwrap().unwrap().confirmed_by.as_deref(), Some("Jane"));
    (before, during, copies_of(&scene, "orders").len())
}

#[test]
fn a_retention_cut_by_mistake_deletes_nothing_that_was_promised_until_a_person_confirms_it() {
    for (days, points) in [(5, 20), (25, 100)] {
        let (before, during, confirmed) = after_a_cut(days);
        // A day's points reach their age in time, and only the newest new one stays.
        assert!(before >= points && during + 4 > before, "{days} d: {before}, {during}");
        assert!(confirmed <= 2, "{days} d: {confirmed}");
    }
}
