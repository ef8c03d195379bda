//! The plan of deletions: oldest first, up to the ceiling, and never the newest usable point.

use proptest::prelude::*;

use super::*;
use crate::testing::{at, snapshot};

const NOW: &str = "2026-03-01T00:00:00Z";
const DAY: Retention = Retention { keep_for: TimeDelta::days(1), keep_last: 1, keep_daily: 0 };

fn point(name: &str, database: &str, time: &str) -> RecoveryPoint {
    let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), database);
    taken.database_time = Some(at(time));
    taken.tags = tags::of([(tags::CREATED_BY, tags::TOOL)]);
    RecoveryPoint::original(taken)
}

/// The rules of a worker that may delete.
fn rules(retention: Retention) -> Rules<'static> {
    const NONE: &UnknownParameters = &UnknownParameters::NONE;
    Rules { delete: true, unknown: NONE, retention }
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
        let rules = Rules { delete, unknown: &unknown, retention: DAY };
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
    let points = vec![point("a-1", "a", "2026-02-01T00:00:00Z")];
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
    assert_eq!(reasons, [SkipReason::Unreadable(String::new()), SkipReason::NewestUsable]);
}

#[test]
fn deletions_above_the_ceiling_wait_for_the_next_run() {
    let mut points: Vec<_> =
        (10..60).map(|n| point(&format!("a-{n}"), "a", "2026-02-01T00:00:00Z")).collect();
    points.push(point("a-99", "a", "2026-02-28T12:00:00Z"));
    let plan = plan(&Facts { points, ..Facts::default() }, rules(DAY), at(NOW)).unwrap();
    assert_eq!((plan.actions.len(), plan.line.len()), (25, 25));
    assert_eq!(plan.skips.iter().filter(|skip| skip.reason == SkipReason::OverCeiling).count(), 25);
}

proptest! {
    #[test]
    fn only_expired_points_of_our_own_are_deleted_and_never_the_newest_usable_one(
        ages in proptest::collection::vec((0_u8..3, 0_i64..5000, 0_u8..8), 1..60),
        turn in any::<prop::sample::Index>(),
        keep_last in 1_usize..4,
    ) {
        let retention = Retention { keep_last, ..DAY };
        let points: Vec<_> = ages.iter().enumerate().map(|(n, (database, minutes, status))| {
            let time = (at(NOW) - TimeDelta::minutes(*minutes)).to_rfc3339();
            let mut point = point(&format!("s-{n}"), ["a", "b", "c"][usize::from(*database)], &time);
            let status = match status { 0 => "creating", 1 => "failed", 2 => "odd", _ => "available" };
            Arc::make_mut(&mut point.snapshot).status = status.to_owned().into();
            point
        }).collect();
        let facts = Facts { points: points.clone(), ..Facts::default() };
        let made = plan(&facts, rules(retention), at(NOW)).unwrap();
        let mut turned = facts.clone();
        turned.points.rotate_left(turn.index(points.len()));
        prop_assert_eq!(&made, &plan(&turned, rules(retention), at(NOW)).unwrap());
        prop_assert_eq!(made.actions.len() + made.skips.len(), points.len());

        let gone: BTreeSet<_> = made.actions.iter().map(|delete| &delete.arn).collect();
        for points in by_database(&points).values() {
            if let Some((newest, _)) = crate::model::recovery_point::newest_usable(points) {
                prop_assert!(!gone.contains(&newest.snapshot.arn));
            }
            let usable = points.iter().filter(|point| point.usable_since().is_some()).count();
            let left = points.iter().filter(|p| p.usable_since().is_some() && !gone.contains(&p.snapshot.arn)).count();
            prop_assert!(left >= keep_last.min(usable));
        }
        for delete in &made.actions {
            prop_assert!(delete.why == Why::Failed || delete.age > Some(DAY.keep_for));
        }

        // A second plan for the remaining points deletes nothing, unless the ceiling held some deletions back.
        let left = points.iter().filter(|point| !gone.contains(&point.snapshot.arn)).cloned().collect();
        let again = plan(&Facts { points: left, ..Facts::default() }, rules(retention), at(NOW)).unwrap();
        let held_back = made.skips.iter().filter(|skip| skip.reason == SkipReason::OverCeiling).count();
        prop_assert!(again.actions.len() <= held_back);
    }
}
