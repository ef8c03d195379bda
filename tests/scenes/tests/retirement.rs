//! Databases that go, over 60 days of simulated time: retired and taken back, stopped every night, and made anew for each test.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use futures_util::FutureExt;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_domain::rules::retire::{Change, Wish};
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::{CreateDbInstance, DeleteDbInstance, Request, Settings};
use pilot_light_tests::{SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// The minutes between two rounds of all workers.
const ROUND: i64 = 6 * 60;

/// A scene with `orders` and `billing`, a snapshot every six hours, and a target of eight.
fn scene() -> Scene {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^(orders|billing|ci-)");
    scene.set_source("BackupInterval", "6h");
    scene.set_source("RetentionDays", "12h");
    scene.set_destination("RetentionDays", "12h");
    scene.set_destination("KeepDaily", "7");
    scene.set_destination("RpoTarget", "8h");
    scene
}

/// The copy worker's reports, with everything that was announced, by name.
#[derive(Default)]
struct Life {
    reports: Vec<Report>,
    announced: BTreeMap<String, String>,
}

impl Life {
    /// Lets the workers run for one round.
    fn round(&mut self, scene: &Scene) {
        scene.run_cleanly(&SourceTake);
        scene.wait(10);
        scene.run_cleanly(&SourceShare);
        let report = scene.run_cleanly(&DestinationCopy);
        for announcement in &report.announcements {
            self.announced.insert(announcement.name.clone(), announcement.text.clone());
        }
        self.reports.push(report);
        scene.wait(20);
        scene.run_cleanly(&SourceDelete);
        scene.run_cleanly(&DestinationDelete);
        scene.wait(ROUND - 30);
    }

    fn days(&mut self, scene: &Scene, days: i64) {
        for _ in 0..days * 24 * 60 / ROUND {
            self.round(scene);
        }
    }

    /// The greatest age that the copies of a database have reached since the report with this number, in minutes.
    fn worst_age(&self, database: &str, since: usize) -> Option<i64> {
        let ages = self.reports[since..].iter().flat_map(|report| &report.measurements);
        let of_it = ages.filter(|metric| {
            let is_its = |(_, value): &(_, String)| value.ends_with(&format!("/{database}"));
            metric.name == MetricName::RecoveryPointAge && metric.dimensions.iter().any(is_its)
        });
        #[expect(clippy::cast_possible_truncation, reason = "ages are small")]
        of_it.map(|metric| metric.value as i64 / 60).max()
    }

    fn last(&self) -> &Report {
        self.reports.last().unwrap()
    }

    fn has(&self, reason: &str) -> usize {
        self.last().skipped.get(reason).copied().unwrap_or_default()
    }

    fn announced(&self, kind: &str) -> usize {
        self.announced.keys().filter(|name| name.starts_with(&format!("{kind}-"))).count()
    }
}

fn begin(scene: &Scene, request: Request) {
    scene.simulation.request(&account(SOURCE), &region("us-east-1"), request).unwrap();
}

/// Makes a request and waits until nothing is in progress. AWS starts a stopped instance after a week.
fn ask(scene: &Scene, request: Request) {
    begin(scene, request);
    scene.simulation.settle();
}

fn delete(scene: &Scene, name: &str) {
    let delete = DeleteDbInstance { name: name.to_owned(), skip_final_snapshot: true, final_snapshot: None };
    ask(scene, Request::DeleteDbInstance(delete));
}

fn create(scene: &Scene, name: &str) {
    let create =
        CreateDbInstance { name: name.to_owned(), engine: "postgres".to_owned(), ..Default::default() };
    ask(scene, Request::CreateDbInstance(create));
}

fn set_quota(scene: &Scene, quota: u32) {
    scene.simulation.with_world(|world| {
        let settings = Settings { quota, ..world.settings().clone() };
        world.configure(settings);
    });
}

/// Runs `pilot-light retire` once.
fn retire(scene: &Scene, of: &str, change: Change) -> Result<Report, String> {
    let (cloud, context) = scene.cloud_and_context("destination-copy", Mode::Apply);
    let wish = Wish { of: of.to_owned(), change, by: "user/jane".to_owned() };
    let retired = destination_copy::retire(&cloud, &context, &wish).now_or_never().unwrap();
    retired.map_err(|error| error.to_string())
}

fn copies_of(scene: &Scene, name: &str) -> usize {
    scene.copies().iter().filter(|copy| copy.database.as_str().starts_with(name)).count()
}

#[test]
fn a_deleted_database_stays_late_until_a_person_retires_it_and_again_after_an_undo() {
    let scene = scene();
    let mut life = Life::default();
    life.days(&scene, 10);
    assert_eq!(life.announced.len(), 0, "{:?}", life.announced);
    assert!(life.worst_age("orders", 4).unwrap() < 480, "{:?}", life.worst_age("orders", 4));
    let refusal = retire(&scene, "orders", Change::Retire(None)).unwrap_err();
    assert!(refusal.contains("it is still offered") && refusal.contains("nothing was changed"), "{refusal}");

    delete(&scene, "orders");
    life.days(&scene, 10);
    // Its last snapshot stays shared, so AWS shows no difference between a deleted database and one that is not taken any more.
    assert_eq!((life.announced("late"), life.has("Late")), (1, 1), "{:?}", life.announced);
    assert!(life.worst_age("orders", 40).unwrap() > 9 * 1440);

    let report = retire(&scene, "orders", Change::Retire(None)).unwrap();
    assert_eq!(report.acted.get("retire"), Some(&1), "{report:?}");
    let since = life.reports.len();
    let kept = copies_of(&scene, "orders");
    life.days(&scene, 20);
    assert_eq!((life.has("Late"), life.has("Retired"), life.worst_age("orders", since)), (0, 1, None));
    assert_eq!(copies_of(&scene, "orders"), kept, "its last copies stay");
    assert_eq!(
        (life.announced("retired"), life.announced("late"), life.announced("offered-again")),
        (1, 1, 0)
    );

    let report = retire(&scene, "orders", Change::Undo).unwrap();
    assert_eq!(report.acted.get("undo"), Some(&1), "{report:?}");
    life.days(&scene, 1);
    assert_eq!((life.has("Late"), life.has("Retired")), (1, 0));
    assert!(retire(&scene, "orders", Change::Undo).unwrap_err().contains("it is not retired"));
    // The same name, but another database: it is copied, and the name is late no longer.
    create(&scene, "orders");
    life.days(&scene, 19);
    assert_eq!((life.has("Late"), life.last().blocked), (0, 0), "{:?}", life.last());
}

#[test]
fn the_last_copies_of_a_retired_database_go_after_keep_retired_and_do_not_come_back() {
    let mut scene = scene();
    scene.set_destination("KeepRetired", "10d");
    let mut life = Life::default();
    life.days(&scene, 10);
    delete(&scene, "orders");
    life.days(&scene, 1);
    for snapshot in scene.snapshots(&account(SOURCE), &region("us-east-1")) {
        if snapshot.database.as_str() == "orders" {
            ask(&scene, Request::DeleteDbSnapshot(snapshot.id.parse().unwrap()));
        }
    }
    life.days(&scene, 1);
    assert_eq!((life.has("NoLongerOffered"), life.announced("gone")), (1, 1), "{:?}", life.announced);
    retire(&scene, "orders", Change::Retire(None)).unwrap();
    life.days(&scene, 9);
    assert!(copies_of(&scene, "orders") > 0);
    life.days(&scene, 39);
    assert_eq!(copies_of(&scene, "orders"), 0);
    assert_eq!((life.has("NoLongerOffered"), life.has("Retired"), life.last().blocked), (0, 0, 0));
}

#[test]
fn a_database_that_is_retired_until_a_date_and_comes_back_early_is_a_page_and_protected_from_that_date_on() {
    let scene = scene();
    let mut life = Life::default();
    life.days(&scene, 2);
    delete(&scene, "orders");
    life.days(&scene, 1);
    let until = scene.simulation.now() + TimeDelta::days(4);
    retire(&scene, "orders", Change::Retire(Some(until))).unwrap();
    life.days(&scene, 5);
    assert_eq!(
        (life.has("Late"), life.announced("late")),
        (1, 2),
        "a new lateness, from the date on: {:?}",
        life.announced
    );
}

#[test]
fn a_database_that_is_stopped_every_night_is_late_every_night_and_each_time_announced() {
    let scene = scene();
    let mut life = Life::default();
    for _ in 0..60 {
        life.round(&scene);
        life.round(&scene);
        begin(&scene, Request::StopDbInstance("orders".to_owned(), None));
        life.round(&scene);
        life.round(&scene);
        ask(&scene, Request::StartDbInstance("orders".to_owned()));
    }
    let worst = (life.worst_age("orders", 4).unwrap(), life.worst_age("billing", 4).unwrap());
    assert!((720..=1100).contains(&worst.0) && worst.1 < 480, "{worst:?}");
    assert!((58..=60).contains(&life.announced("late")), "{}", life.announced("late"));
    assert_eq!(life.last().blocked, 0);
}

/// 60 days with a CI database that has another name every six hours. Returns the life, and the names that are still late.
fn with_ci(scene: &Scene) -> Life {
    let mut life = Life::default();
    for number in 0..60 * 24 * 60 / ROUND {
        let name = format!("ci-{number:03}");
        create(scene, &name);
        life.round(scene);
        delete(scene, &name);
    }
    life
}

#[test]
fn a_ci_database_of_a_new_name_every_six_hours_never_stops_the_real_ones() {
    let mut scene = scene();
    set_quota(&scene, 60);
    let life = with_ci(&scene);
    let worst = [life.worst_age("orders", 4).unwrap(), life.worst_age("billing", 4).unwrap()];
    let names: BTreeSet<_> = scene.copies().into_iter().map(|copy| copy.database.to_string()).collect();
    assert!(worst.iter().all(|age| *age < 480), "{worst:?}, {} names", names.len());
    assert!(life.has("QuotaKeptFree") > 0, "{:?}", life.last().skipped);

    scene.set_destination("SnapshotExclusion", "^ci-");
    let excluded = with_ci(&scene);
    assert_eq!(
        (excluded.has("Late"), excluded.has("QuotaKeptFree")),
        (0, 0),
        "{:?}",
        excluded.last().skipped
    );
}
