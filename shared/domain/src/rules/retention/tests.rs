//! The reasons to keep the points of one database.

use std::sync::Arc;

use super::*;
use crate::testing::{at, snapshot};

const NOW: &str = "2028-03-01T00:00:00Z";
const WEEK: Retention = Retention { keep_for: TimeDelta::days(7), keep_last: 1, keep_daily: 0 };

fn point(name: &str, time: Option<&str>, status: &str) -> RecoveryPoint {
    let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), "orders");
    taken.status = status.to_owned().into();
    taken.database_time = time.map(at);
    RecoveryPoint::original(taken)
}

fn kept(points: &[RecoveryPoint], retention: Retention, in_use: &[&RecoveryPoint]) -> Vec<Vec<SkipReason>> {
    let in_use = in_use.iter().map(|point| point.snapshot.arn.clone()).collect();
    let verdicts = judge(&points.iter().collect::<Vec<_>>(), (retention, None), &in_use, at(NOW));
    verdicts.into_iter().map(|verdict| verdict.keep).collect()
}

#[test]
fn only_points_strictly_older_than_the_retention_expire_and_the_newest_never_does() {
    // Seven days before 1 March of a leap year.
    let points = [
        point("newest", Some("2028-02-22T00:00:02Z"), "available"),
        point("older", Some("2028-02-22T00:00:01Z"), "available"),
    ];
    assert_eq!(kept(&points, WEEK, &[]), [vec![SkipReason::NewestUsable, SkipReason::KeepLast], vec![]]);
    let points = [
        point("newest", Some("2028-02-23T00:00:01Z"), "available"),
        point("boundary", Some("2028-02-23T00:00:00Z"), "available"),
    ];
    assert_eq!(kept(&points, WEEK, &[])[1], [SkipReason::Retained]);
}

#[test]
fn points_of_an_idle_database_expire_by_the_time_at_which_they_were_taken() {
    let mut points = [
        point("new", Some("2028-01-01T00:00:00Z"), "available"),
        point("old", Some("2028-01-01T00:00:00Z"), "available"),
    ];
    Arc::make_mut(&mut points[0].snapshot).original_created_at = Some(at("2028-02-29T00:00:00Z"));
    Arc::make_mut(&mut points[1].snapshot).original_created_at = Some(at("2028-02-01T00:00:00Z"));
    assert_eq!(kept(&points, WEEK, &[])[1], vec![]);
}

#[test]
fn keep_daily_keeps_the_newest_point_of_each_of_the_newest_days() {
    let points = [
        point("a", Some("2028-01-05T12:00:00Z"), "available"),
        point("b", Some("2028-01-05T00:00:00Z"), "available"),
        point("c", Some("2028-01-03T23:59:59Z"), "available"),
        point("d", Some("2028-01-03T01:00:00Z"), "available"),
        point("e", Some("2028-01-02T01:00:00Z"), "available"),
    ];
    let two_days = Retention { keep_daily: 2, ..WEEK };
    assert_eq!(
        kept(&points, two_days, &[]),
        [
            vec![SkipReason::NewestUsable, SkipReason::KeepLast, SkipReason::KeepDaily],
            vec![],
            vec![SkipReason::KeepDaily],
            vec![],
            vec![]
        ]
    );
}

/// In New York, the first three are of one day, and the last two are of another one.
#[test]
fn the_days_of_keep_daily_begin_at_midnight_in_utc() {
    let points = [
        point("a", Some("2028-01-04T12:00:00-05:00"), "available"),
        point("b", Some("2028-01-04T00:00:01Z"), "available"),
        point("c", Some("2028-01-03T19:00:00-05:00"), "available"),
        point("d", Some("2028-01-03T23:59:59Z"), "available"),
        point("e", Some("2028-01-03T00:00:00Z"), "available"),
    ];
    let three_days = Retention { keep_daily: 3, ..WEEK };
    let is_daily = |keep: Vec<SkipReason>| keep.contains(&SkipReason::KeepDaily);
    let daily: Vec<_> = kept(&points, three_days, &[]).into_iter().map(is_daily).collect();
    assert_eq!(daily, [true, false, false, true, false]);
}

#[test]
fn a_failed_snapshot_is_not_the_newest_usable_point() {
    let points = [
        point("failed", Some("2028-01-02T00:00:00Z"), "failed"),
        point("good", Some("2028-01-01T00:00:00Z"), "available"),
    ];
    assert_eq!(kept(&points, WEEK, &[]), [vec![], vec![SkipReason::NewestUsable, SkipReason::KeepLast]]);
}

#[test]
fn keep_last_counts_usable_points_and_equal_times_share_a_place() {
    let points = [
        point("a", Some("2028-01-04T00:00:00Z"), "available"),
        point("b", Some("2028-01-03T00:00:00Z"), "available"),
        point("c", Some("2028-01-03T00:00:00Z"), "available"),
        point("d", Some("2028-01-02T00:00:00Z"), "available"),
    ];
    let last_two = Retention { keep_last: 2, ..WEEK };
    assert_eq!(
        kept(&points, last_two, &[]),
        [
            vec![SkipReason::NewestUsable, SkipReason::KeepLast],
            vec![SkipReason::KeepLast],
            vec![SkipReason::KeepLast],
            vec![]
        ]
    );
}

#[test]
fn all_points_stay_while_a_complete_point_has_no_time() {
    let points = [point("odd", None, "available"), point("old", Some("2028-01-01T00:00:00Z"), "available")];
    assert_eq!(kept(&points, WEEK, &[])[1][0], SkipReason::UnknownTime);
    // A snapshot in progress has no time yet and does not count.
    let points = [
        point("busy", None, "creating"),
        point("old", Some("2028-01-01T00:00:00Z"), "available"),
        point("new", Some("2028-02-29T00:00:00Z"), "available"),
    ];
    assert_eq!(kept(&points, WEEK, &[])[1], vec![]);
}

#[test]
fn a_complete_point_without_any_time_is_blocked_and_the_others_only_wait_for_it() {
    let points = [point("odd", None, "available"), point("old", Some("2028-01-01T00:00:00Z"), "available")];
    let first: Vec<_> = kept(&points, WEEK, &[]).into_iter().map(|keep| keep[0].clone()).collect();
    assert_eq!(first, [SkipReason::WithoutTime, SkipReason::UnknownTime]);
}

#[test]
fn a_point_that_a_copy_reads_from_stays() {
    let points = [
        point("new", Some("2028-02-29T00:00:00Z"), "available"),
        point("read", Some("2028-01-01T00:00:00Z"), "available"),
    ];
    assert_eq!(kept(&points, WEEK, &[&points[1]])[1], vec![SkipReason::InUse]);
}

#[test]
fn a_point_with_an_unknown_status_stays_and_an_empty_list_gives_no_verdicts() {
    assert_eq!(kept(&[], WEEK, &[]), Vec::<Vec<SkipReason>>::new());
    for (time, reason) in [
        ("2028-02-29T00:00:00Z", SkipReason::NotUsable("upgrading".to_owned())),
        ("2028-02-28T23:59:59Z", SkipReason::UnknownStatus("upgrading".to_owned())),
    ] {
        assert_eq!(kept(&[point("odd", Some(time), "upgrading")], WEEK, &[]), [vec![reason]]);
    }
}
