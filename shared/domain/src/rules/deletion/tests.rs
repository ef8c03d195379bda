//! The plan of deletions: oldest first, up to the ceiling, and never the newest usable point.

mod incarnations;

use proptest::prelude::*;

use super::*;
use crate::testing::{at, snapshot};

const NOW: &str = "2026-03-01T00:00:00Z";
const DAY: Retention = Retention { keep_for: TimeDelta::days(1), keep_last: 1, keep_daily: 0 };

fn point(name: &str, database: &str, time: &str) -> RecoveryPoint {
    let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), database);
    taken.database_time = Some(at(time));
    taken.tags = tags::of([(tags::CREATED_BY, tags::TOOL), (tags::RETENTION, &DAY.to_string())]);
    RecoveryPoint::original(taken)
}

/// The same point with another promise, or without one.
fn promised(mut point: RecoveryPoint, promise: Option<&str>) -> RecoveryPoint {
    let tags = &mut Arc::make_mut(&mut point.snapshot).tags;
    tags.remove(tags::RETENTION);
    tags.extend(promise.map(|text| (tags::RETENTION, text)));
    point
}

/// The rules of a worker that may delete.
fn rules(retention: Retention) -> Rules<'static> {
    const NONE: &UnknownParameters = &UnknownParameters::NONE;
    Rules { delete: true, unknown: NONE, retention, keep_retired: None, confirmation: None }
}

fn planned(points: &[RecoveryPoint], others: &[Snapshot]) -> Vec<String> {
    let others = others.iter().cloned().map(Arc::new).collect();
    let facts = Facts { points: points.to_vec(), others, ..Facts::default() };
    let count = points.len() + facts.others.len();
    let plan = plan(&facts, rules(DAY), at(NOW)).unwrap();
    assert_eq!(plan.actions.len() + plan.skips.len(), count, "everything is accounted for");
    plan.actions.iter().map(|delete| delete.arn.id.to_string()).collect()
}

#[test]
fn nothing_is_deleted_with_delete_old_snapshots_false() {
    let points = vec![point("a-1", "a", "2026-02-01T00:00:00Z"), point("a-2", "a", "2026-02-02T00:00:00Z")];
    let off = Rules { delete: false, ..rules(DAY) };
    let plan = plan(&Facts { points, ..Facts::default() }, off, at(NOW)).unwrap();
    assert_eq!((plan.actions, plan.skips[0].reason.clone()), (vec![], SkipReason::TurnedOff));
}

#[test]
fn nothing_is_deleted_while_a_parameter_is_unknown_and_only_the_parameter_is_blocked() {
    let points = vec![point("a-1", "a", "2026-02-01T00:00:00Z"), point("a-2", "a", "2026-02-02T00:00:00Z")];
    let unknown = UnknownParameters::new([&"KeepLst".to_owned()].into_iter(), &["KeepLast"]);
    let of = |delete| {
        let rules =
            Rules { delete, unknown: &unknown, retention: DAY, keep_retired: None, confirmation: None };
        let plan = plan(&Facts { points: points.clone(), ..Facts::default() }, rules, at(NOW)).unwrap();
        assert_eq!(plan.actions, []);
        plan.skips.into_iter().map(|skip| skip.reason.key()).collect::<Vec<_>>()
    };
    assert_eq!(of(true), ["DeletionStopped", "DeletionStopped", "UnknownParameterStops"]);
    assert_eq!(of(false), ["TurnedOff", "TurnedOff"]);
}

#[test]
fn expired_points_are_deleted_oldest_first_and_the_newest_of_each_database_stays() {
    let points = [
        point("a-1", "a", "2026-02-01T00:00:00Z"),
        point("a-2", "a", "2026-02-02T00:00:00Z"),
        point("b-0", "b", "2026-01-31T00:00:00Z"),
        point("a-3", "a", "2026-02-28T12:00:00Z"),
        point("b-1", "b", "2026-02-01T00:00:00Z"),
    ];
    assert_eq!(planned(&points, &[]), ["b-0", "a-1", "a-2"]);
}

#[test]
fn a_failed_snapshot_is_deleted_although_aws_never_gave_it_a_time() {
    let mut failed = point("a-2", "a", "2026-02-28T12:00:00Z");
    let snapshot = Arc::make_mut(&mut failed.snapshot);
    snapshot.database_time = None;
    snapshot.status = "failed".to_owned().into();
    assert_eq!(planned(&[point("a-1", "a", "2026-02-28T11:00:00Z"), failed], &[]), ["a-2"]);
}

#[test]
fn the_source_of_a_re_encryption_stays_until_the_copy_is_complete() {
    let mut twin = snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:a-1-shared", "a");
    twin.tags = tags::of([(tags::SOURCE_SNAPSHOT_ARN, "arn:aws:rds:us-east-1:111111111111:snapshot:a-1")]);
    let points = [point("a-1", "a", "2026-02-01T00:00:00Z"), point("a-2", "a", "2026-02-28T12:00:00Z")];
    for status in ["creating", "pending", "copying", "a-status-of-next-year"] {
        twin.status = status.to_owned().into();
        assert_eq!(planned(&points, &[twin.clone()]), Vec::<String>::new(), "{status}");
    }
    twin.status = "available".to_owned().into();
    assert_eq!(planned(&points, &[twin]), ["a-1"]);
}

#[test]
fn a_snapshot_stays_while_a_copy_that_cannot_be_read_may_be_made_from_it() {
    let points = vec![point("a-1", "a", "2026-02-01T00:00:00Z"), point("a-2", "a", "2026-02-28T12:00:00Z")];
    let deleted = |odd: OddRecord| {
        let facts = Facts { points: points.clone(), odd_others: vec![odd], ..Facts::default() };
        plan(&facts, rules(DAY), at(NOW)).unwrap().actions.len()
    };
    let reads = OddRecord { copied_from: Some(points[0].snapshot.arn.clone()), ..OddRecord::default() };
    let complete = OddRecord { status: Some(SnapshotStatus::Available), ..reads.clone() };
    assert_eq!([deleted(reads), deleted(complete), deleted(OddRecord::default())], [0, 1, 1]);
}

#[test]
fn a_point_that_cannot_be_read_is_blocked_and_replaces_no_other_point() {
    let points = vec![point("a-1", "a", "2026-02-01T00:00:00Z"), point("b-1", "b", "2026-02-28T12:00:00Z")];
    let odd = OddRecord {
        id: Some("a-2".to_owned()),
        database: "a".parse().ok(),
        status: Some(SnapshotStatus::Available),
        ..OddRecord::default()
    };
    let facts = Facts { points, odd_points: vec![odd], ..Facts::default() };
    let plan = plan(&facts, rules(DAY), at(NOW)).unwrap();
    let reasons: Vec<_> = plan.skips.iter().map(|skip| skip.reason.clone()).collect();
    assert_eq!(plan.actions, []);
    let expected = [SkipReason::Unreadable(String::new()), SkipReason::NewestUsable, SkipReason::Retained];
    assert_eq!(reasons, expected);
}

#[test]
fn ordinary_expiry_is_no_mass_deletion_and_one_run_carries_out_what_its_time_allows() {
    let mut points: Vec<_> =
        (100..1100).map(|n| point(&format!("a-{n}"), "a", "2026-02-01T00:00:00Z")).collect();
    points.push(point("a-99", "a", "2026-02-28T12:00:00Z"));
    let plan = plan(&Facts { points, ..Facts::default() }, rules(DAY), at(NOW)).unwrap();
    assert_eq!((plan.actions.len(), plan.line.len()), (500, 100));
    assert_eq!(plan.skips.iter().filter(|skip| skip.reason == SkipReason::OverCeiling).count(), 500);
}

/// The names of the deletions, and the names of the reasons for everything else.
fn outcome(points: &[RecoveryPoint], rules: Rules<'_>) -> (Vec<String>, BTreeSet<String>) {
    let plan = plan(&Facts { points: points.to_vec(), ..Facts::default() }, rules, at(NOW)).unwrap();
    let deleted = plan.actions.iter().map(|delete| delete.arn.id.to_string()).collect();
    (deleted, plan.skips.iter().map(|skip| skip.reason.key()).collect())
}

#[test]
fn a_point_is_deleted_only_when_its_own_retention_and_todays_both_let_it_go() {
    // 27.5 days old.
    let old = || point("a-1", "a", "2026-02-01T12:00:00Z");
    let newest = point("a-9", "a", "2026-02-28T12:00:00Z");
    let month = Retention { keep_for: TimeDelta::days(30), ..DAY };
    for (promise, retention, is_deleted) in [
        ("for 1d last 1 daily 0", DAY, true),
        // A longer retention counts at once, and a shorter one only for new points.
        ("for 1d last 1 daily 0", month, false),
        ("for 30d last 1 daily 0", DAY, false),
        ("for 27d last 1 daily 1", DAY, true),
    ] {
        let points = [promised(old(), Some(promise)), newest.clone()];
        let (deleted, reasons) = outcome(&points, rules(retention));
        assert_eq!(deleted.len(), usize::from(is_deleted), "{promise}, {reasons:?}");
    }
}

#[test]
fn the_numbers_of_a_promise_keep_a_point_too() {
    let newest = point("a-9", "a", "2026-02-28T12:00:00Z");
    for (promise, is_deleted) in
        [("for 1d last 1 daily 1", true), ("for 1d last 2 daily 0", false), ("for 1d last 1 daily 2", false)]
    {
        let points = [promised(point("a-1", "a", "2026-02-27T12:00:00Z"), Some(promise)), newest.clone()];
        assert_eq!(outcome(&points, rules(DAY)).0.len(), usize::from(is_deleted), "{promise}");
    }
}

#[test]
fn a_person_can_lift_promises_for_one_run_but_not_todays_retention() {
    let jane = Confirmation { date: at(NOW).date_naive(), by: "Jane".to_owned(), of: "*".to_owned() };
    let confirmed = Rules { confirmation: Some(&jane), ..rules(DAY) };
    let points = [
        promised(point("a-1", "a", "2026-02-01T00:00:00Z"), Some("for 90d last 1 daily 0")),
        promised(point("a-2", "a", "2026-02-28T01:00:00Z"), Some("for 90d last 1 daily 0")),
        point("a-3", "a", "2026-02-28T12:00:00Z"),
    ];
    let (deleted, reasons) = outcome(&points, rules(DAY));
    assert_eq!((deleted, reasons.contains("PromisesKept")), (vec![], true), "{reasons:?}");
    assert_eq!(outcome(&points, confirmed).0, ["a-1"]);
}

#[test]
fn without_a_promise_more_than_half_of_a_databases_points_await_a_confirmation() {
    let of = |due: usize, kept: usize, promise: Option<&str>| -> Vec<RecoveryPoint> {
        let old = (0..due).map(|n| (format!("a-{n}"), "2026-02-01T00:00:00Z"));
        let new = (0..kept).map(|n| (format!("b-{n}"), "2026-02-28T12:00:00Z"));
        old.chain(new).map(|(name, time)| promised(point(&name, "a", time), promise)).collect()
    };
    let jane = Confirmation { date: at(NOW).date_naive(), by: "Jane".to_owned(), of: "*".to_owned() };
    for (due, kept, is_held) in [(1, 1, false), (2, 1, true), (10, 10, false), (18, 2, true), (99, 1, true)] {
        let mut points = of(due, kept, None);
        if due >= 3 {
            // Points that carry a promise do not dilute the share of the others.
            let promised = of(0, 30, Some("for 1d last 1 daily 0")).into_iter().enumerate();
            points.extend(promised.map(|(n, point)| renamed(point, &format!("c-{n}"))));
        }
        let (deleted, reasons) = outcome(&points, rules(DAY));
        assert_eq!(deleted.is_empty(), is_held, "{due} of {}", due + kept);
        let held = ["AwaitsConfirmation", "MassDeletion"].map(ToOwned::to_owned);
        assert_eq!(held.iter().all(|reason| reasons.contains(reason)), is_held, "{reasons:?}");
        let confirmed = Rules { confirmation: Some(&jane), ..rules(DAY) };
        assert_eq!(outcome(&points, confirmed).0.len(), due);
        let another = Confirmation { of: "111111111111/us-east-1/b".to_owned(), ..jane.clone() };
        let confirmed = Rules { confirmation: Some(&another), ..rules(DAY) };
        let facts = Facts { points: points.clone(), ..Facts::default() };
        let unknown = plan(&facts, confirmed, at(NOW)).unwrap_err().to_string();
        assert!(unknown.contains("no recovery point here is of that database"), "{unknown}");
        points.push(point("d-0", "b", "2026-02-28T12:00:00Z"));
        assert_eq!(outcome(&points, confirmed).0.is_empty(), is_held);
        assert_eq!(outcome(&of(due, kept, Some("for 1d last 1 daily 0")), rules(DAY)).0.len(), due);
    }
}

#[test]
fn the_confirmation_of_a_mass_deletion_is_in_its_report() {
    let points = ["a-1", "a-2"].map(|name| promised(point(name, "a", "2026-02-01T00:00:00Z"), None));
    let newest = point("a-3", "a", "2026-02-28T12:00:00Z");
    let points = points.into_iter().chain([newest]).collect();
    let plan = plan(&Facts { points, ..Facts::default() }, rules(DAY), at(NOW)).unwrap();
    let held = plan.skips.iter().find(|skip| skip.reason.key() == "MassDeletion").unwrap();
    assert_eq!(held.subject.to_string(), "111111111111/us-east-1/a");
    let said = held.reason.to_string();
    assert!(said.starts_with("2 of its 2 older recovery points"), "{said}");
    assert!(said.contains(r#"'{"delete_early": {"of": "111111111111/us-east-1/a", "date": "2026-03-01", "by": "YOUR NAME"}}'"#), "{said}");
}

/// The same point under another identifier.
fn renamed(mut point: RecoveryPoint, id: &str) -> RecoveryPoint {
    let snapshot = Arc::make_mut(&mut point.snapshot);
    snapshot.arn = crate::testing::arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{id}"));
    RecoveryPoint::original(snapshot.clone())
}

#[test]
fn ordinary_expiry_of_adopted_points_is_never_held_however_few_are_left() {
    // Two points of each hour, of which the last two are due since the last run.
    for number in 2..30 {
        let points: Vec<_> = (0..number)
            .map(|n| {
                let taken = at(NOW) - TimeDelta::minutes(24 * 60 + 50 - 30 * n);
                promised(point(&format!("a-{n:02}"), "a", &taken.to_rfc3339()), None)
            })
            .collect();
        assert!(!outcome(&points, rules(DAY)).1.contains("MassDeletion"), "{number}");
    }
}

#[test]
fn a_promise_that_cannot_be_read_keeps_the_point_and_is_blocked() {
    let points = [
        promised(point("a-1", "a", "2026-02-01T00:00:00Z"), Some("for 30 days")),
        point("a-2", "a", "2026-02-28T12:00:00Z"),
    ];
    let (deleted, reasons) = outcome(&points, rules(DAY));
    assert_eq!((deleted, reasons.contains("UnreadablePromise")), (vec![], true), "{reasons:?}");
}

#[test]
fn numbers_that_are_lowered_let_their_points_go_after_as_many_days() {
    let points: Vec<_> = (1..=20)
        .map(|day| point(&format!("s-{day:02}"), "a", &format!("2026-02-{day:02}T12:00:00Z")))
        .collect();
    let newest = point("s-99", "a", "2026-02-28T12:00:00Z");
    for promise in ["for 1d last 1 daily 7", "for 1d last 7 daily 0"] {
        let left: Vec<_> = points.iter().skip(15).map(|one| promised(one.clone(), Some(promise))).collect();
        let all: Vec<_> = left.into_iter().chain([newest.clone()]).collect();
        assert_eq!(outcome(&all, rules(DAY)).0.len(), 5, "{promise}: eight days later");
    }
}
