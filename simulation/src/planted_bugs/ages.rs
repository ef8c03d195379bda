//! Planted bugs that show in the ages of the copies, or in the published age.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::snapshot::Snapshot;

use super::*;
use crate::estate;
use crate::homes::Homes;

/// A key of the source account that does not admit the destination.
const CLOSED_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/closed";

/// The newest offered snapshot of each database of the source account.
async fn newest_offers(cloud: &SimulatedCloud) -> BTreeMap<DatabaseName, Arc<Snapshot>> {
    let mut offers = cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap();
    offers
        .records
        .retain(|offer| offer.arn.account.as_str() == SOURCE && offer.database.as_str() != "theirs");
    offers.records.sort_by_key(|offer| offer.original_created_at);
    offers.into_iter().map(|offer| (offer.database.clone(), offer)).collect()
}

async fn copy_home(cloud: &SimulatedCloud, offer: &Snapshot) {
    copy(cloud, "us-west-2", &offer.arn, OUR_KEY, &offer.arn).await;
}

#[test]
fn a_database_that_is_never_copied_is_a_violation() {
    let never_the_first = || {
        instead(|cloud, _| async move {
            for offer in
                newest_offers(&cloud).await.into_values().filter(|offer| offer.database.as_str() != "db-0000")
            {
                copy_home(&cloud, &offer).await;
            }
        })
    };
    let violations = violations_with(&scenario(), WorkerName::DestinationCopy, never_the_first());
    assert_found(&violations, "db-0000 has no usable copy");
    assert!(violations.iter().all(|violation| !violation.contains("db-0001")), "{violations:?}");

    let mut engine = engine(&scenario());
    engine.replace(WorkerName::DestinationCopy, never_the_first());
    let summary = engine.run(&scenario()).unwrap();
    let shortfalls: Vec<_> = shortfalls(&summary).iter().map(ToString::to_string).collect();
    assert_eq!(
        shortfalls,
        [
            "db-0000 had no usable copy at the end, 1440 min after it became available; the schedule allows 56 min for the \
             first copy",
            "without any fault, the age of db-0000 reached 1440 min, which exceeds the RpoTarget of 60 min by 1380 min",
        ]
    );
}

/// Two days with a retention of one hour for 18 hours, by mistake.
fn cut() -> Scenario {
    struck(3, Kind::ShortRetention, TimeDelta::hours(6), TimeDelta::hours(18))
}

/// The unchanged worker, and then the deletion of those that the retention of today does not keep.
#[test]
fn deleting_points_by_a_shortened_retention_against_their_promise_is_a_violation() {
    let bug = || {
        after(DestinationDelete, |cloud, context| async move {
            let short = cloud.parameters().await.unwrap()["RetentionDays"] == "1h";
            let rds = cloud.rds(&region("us-west-2"));
            let mut copies = rds.own_snapshots().await.unwrap();
            copies.records.sort_by_key(|copy| Reverse(copy.taken_at()));
            let old = context.now - TimeDelta::hours(2);
            let aged = copies.iter().filter(|copy| short && copy.is_available()).skip(1);
            for copy in aged.filter(|copy| copy.taken_at() < Some(old)) {
                let _ = rds.delete_snapshot(&copy.arn.id).await;
            }
        })
    };
    assert_found(&violations_with(&cut(), WorkerName::DestinationDelete, bug()), "but 720 min were promised");
    let correct = Runnable::of(DestinationDelete);
    assert_eq!(violations_with(&cut(), WorkerName::DestinationDelete, correct), Vec::<String>::new());
}

/// A day's last copy stays for seven days, although its 12 hours are over.
#[test]
fn deleting_the_last_copy_of_a_promised_day_is_a_violation() {
    let bug = after(DestinationDelete, |cloud, context| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let old = context.now - TimeDelta::hours(13);
        let copies = rds.own_snapshots().await.unwrap();
        for copy in copies.iter().filter(|copy| copy.is_available() && copy.taken_at() < Some(old)) {
            let _ = rds.delete_snapshot(&copy.arn.id).await;
        }
    });
    let scenario = Scenario { databases: 1, days: 3, ..scenario() };
    assert_found(
        &violations_with(&scenario, WorkerName::DestinationDelete, bug),
        "but it was the last one of its day, and those of 7 days were promised",
    );
}

/// A scenario of one database that is deleted after three hours, and created again an hour later.
fn replaced() -> Scenario {
    struck(3, Kind::ReplacedInstance, TimeDelta::hours(3), TimeDelta::hours(1))
}

#[test]
fn taking_the_copies_of_an_earlier_database_for_those_of_a_recreated_one_is_a_violation() {
    let bug = instead(|cloud, _| async move {
        let copies = cloud.rds(&region("us-west-2")).own_snapshots().await.unwrap();
        let names: BTreeSet<_> = copies.iter().map(|copy| copy.database.clone()).collect();
        for offer in
            newest_offers(&cloud).await.into_values().filter(|offer| !names.contains(&offer.database))
        {
            copy_home(&cloud, &offer).await;
        }
    });
    assert_found(
        &violations_with(&replaced(), WorkerName::DestinationCopy, bug),
        "db-0000 was created again under its old name",
    );
}

/// A database that lives for twelve hours, and is then replaced every three hours, ten times.
fn replaced_often() -> Scenario {
    let plan = (0..10).try_fold(FaultPlan::none(), |plan, number| {
        let after = TimeDelta::hours(12 + 3 * number);
        let lasts = TimeDelta::hours(1);
        plan.with_scripted(Scripted { fault: Kind::ReplacedInstance, after, lasts, side: None })
    });
    Scenario { databases: 1, days: 3, faults: Faults::Plan(plan.unwrap()), ..scenario() }
}

#[test]
fn deleting_the_last_copy_of_a_long_lived_database_among_many_short_lived_ones_is_a_violation() {
    let bug = after(DestinationDelete, |cloud, _| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let mut copies = rds.own_snapshots().await.unwrap().records;
        copies.retain(|copy| copy.database.as_str() == "db-0000" && copy.is_available());
        copies.sort_by_key(|copy| copy.taken_at());
        let ids: BTreeSet<_> = copies.iter().map(|copy| copy.resource_id.clone()).collect();
        let first = copies.first().and_then(|copy| copy.resource_id.clone());
        for copy in copies.iter().filter(|copy| ids.len() > 8 && copy.resource_id == first) {
            let _ = rds.delete_snapshot(&copy.arn.id).await;
        }
    });
    assert_found(
        &violations_with(&replaced_often(), WorkerName::DestinationDelete, bug),
        "but it was the last copy of a replaced db-0000",
    );
    let correct = Runnable::of(DestinationDelete);
    let violations = violations_with(&replaced_often(), WorkerName::DestinationDelete, correct);
    assert_eq!(violations, Vec::<String>::new());
}

#[test]
fn deleting_the_last_copy_of_a_replaced_database_before_its_successor_has_old_copies_is_a_violation() {
    let bug = after(DestinationDelete, |cloud, _| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let copies = rds.own_snapshots().await.unwrap();
        let newest = copies.iter().filter(|copy| copy.is_available()).max_by_key(|copy| copy.taken_at());
        let present = newest.and_then(|copy| copy.resource_id.clone());
        let database = newest.map(|copy| copy.database.clone());
        let earlier = copies.iter().filter(|copy| {
            copy.is_available() && Some(&copy.database) == database.as_ref() && copy.resource_id != present
        });
        if let Some(copy) = earlier.max_by_key(|copy| copy.taken_at()) {
            let _ = rds.delete_snapshot(&copy.arn.id).await;
        }
    });
    assert_found(
        &violations_with(&replaced(), WorkerName::DestinationDelete, bug),
        "but it was the last copy of a replaced db-0000",
    );
}

/// A scenario of two databases, and 20 more whose key does not admit the destination.
fn with_refused_databases(scenario: &Scenario) -> Engine {
    let engine = engine(scenario);
    let homes = Homes::new().unwrap();
    let key = CLOSED_KEY.parse().unwrap();
    engine.simulation().with_world(|world| world.register_key(key, BTreeSet::new()));
    for number in 0..20 {
        estate::create(engine.simulation(), &homes, format!("bad-{number:02}"), CLOSED_KEY).unwrap();
    }
    engine.simulation().settle();
    engine
}

const DELAYED: &str = "for a copy while AWS refused the copies of 20 other databases";

#[test]
fn refused_copies_that_take_the_copy_slots_of_other_databases_are_a_violation() {
    let mut engine = with_refused_databases(&scenario());
    let bug = instead(|cloud, _| async move {
        for offer in newest_offers(&cloud).await.into_values().take(20) {
            copy_home(&cloud, &offer).await;
        }
    });
    engine.replace(WorkerName::DestinationCopy, bug);
    assert_found(&texts(engine.run(&scenario()).unwrap()), DELAYED);
}

#[test]
fn databases_whose_copies_are_refused_delay_no_other_database() {
    let violations = texts(with_refused_databases(&scenario()).run(&scenario()).unwrap());
    let delayed: Vec<_> = violations.iter().filter(|violation| violation.contains(DELAYED)).collect();
    assert!(delayed.is_empty(), "{delayed:?}");
}

/// The unchanged worker for six hours, and then only dry runs.
fn stopping<W: Worker + Clone + 'static>(worker: W) -> Runnable {
    Runnable(Box::new(move |cloud, context| {
        let worker = worker.clone();
        Box::pin(async move {
            let mode = if context.now < pilot_light_domain::testing::at("2024-10-04T06:00:00Z") {
                Mode::Apply
            } else {
                Mode::DryRun
            };
            worker.run(&cloud, &Context { mode, ..context }).await.map_err(|error| error.name().as_str())
        })
    }))
}

#[test]
fn ages_that_never_return_to_the_bound_are_a_violation() {
    let violations = violations_with(&scenario(), WorkerName::SourceTake, stopping(SourceTake));
    assert_found(&violations, "the system did not return to its bound by itself");
}

/// The unchanged worker, whose announcements are lost if their subjects contain `lost`.
fn silent_about(lost: &'static str) -> Runnable {
    Runnable(Box::new(move |cloud, context| {
        Box::pin(async move {
            let worker = Runnable::of(DestinationCopy);
            let mut report = (worker.0)(cloud, context).await?;
            report.announcements.retain(|message| !message.subject.contains(lost));
            Ok(report)
        })
    }))
}

/// The unchanged worker for six hours. Then the source shares nothing any more.
fn no_longer_sharing() -> Runnable {
    Runnable(Box::new(|cloud, context| {
        Box::pin(async move {
            let report = (stopping(SourceTake).0)(cloud.clone(), context.clone()).await?;
            if context.now >= pilot_light_domain::testing::at("2024-10-04T06:00:00Z") {
                let rds = cloud.rds(&region("us-east-1"));
                let destination = BTreeSet::from(["222222222222".parse().unwrap()]);
                for snapshot in rds.own_snapshots().await.unwrap() {
                    let _ = rds.change_sharing(&snapshot.arn.id, &BTreeSet::new(), &destination).await;
                }
            }
            Ok(report)
        })
    }))
}

#[test]
fn a_late_database_that_nobody_announces_is_a_violation() {
    type Take = fn() -> Runnable;
    let sources: [(Take, &str); 2] =
        [(|| stopping(SourceTake), "is late"), (no_longer_sharing, "is no longer offered")];
    for (source, lost) in sources {
        for (silent, is_found) in [(lost, true), ("another event", false)] {
            let mut engine = engine(&scenario());
            engine.replace(WorkerName::SourceTake, source());
            engine.replace(WorkerName::DestinationCopy, silent_about(silent));
            let violations = texts(engine.run(&scenario()).unwrap());
            let found = violations.iter().any(|text| text.contains("and no run has announced it"));
            assert_eq!(found, is_found, "{lost}, {silent}: {violations:?}");
        }
    }
}

/// The unchanged worker for six hours, which also publishes a false age of `seconds`.
fn publishing_a_false_age(seconds: f64) -> Runnable {
    Runnable(Box::new(move |cloud, context| {
        Box::pin(async move {
            let worker = stopping(DestinationCopy);
            let report = (worker.0)(cloud.clone(), context).await?;
            let false_age = [Metric::overall(MetricName::OldestRecoveryPointAge, seconds)];
            cloud.publish(&false_age).await.map_err(|_| "Unavailable")?;
            Ok(report)
        })
    }))
}

#[test]
fn a_metric_that_hides_a_breach_of_the_rpo_is_a_violation() {
    assert_found(
        &violations_with(&scenario(), WorkerName::DestinationCopy, publishing_a_false_age(0.0)),
        "no alarm would fire",
    );
}

#[test]
fn a_metric_that_raises_a_false_alarm_is_a_violation() {
    assert_found(
        &violations_with(&scenario(), WorkerName::DestinationCopy, publishing_a_false_age(86_400.0)),
        "a false alarm would fire",
    );
}
