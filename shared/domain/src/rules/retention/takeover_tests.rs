//! A database with a long history takes over the name of another one.

use super::*;
use crate::model::recovery_point::{Renames, by_database};
use crate::testing::{at, snapshot};

const RETENTION: Retention = Retention { keep_for: TimeDelta::hours(12), keep_last: 1, keep_daily: 7 };

/// A point of the instance `id`, which was created long ago and had that name then.
fn point(name: &str, id: &str, taken: Instant) -> RecoveryPoint {
    let text = format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}-{}", taken.timestamp());
    let mut taken_of = snapshot(&text, name);
    taken_of.original_created_at = Some(taken);
    taken_of.resource_id = Some(id.into());
    taken_of.instance_created_at = Some(at("2025-01-01T00:00:00Z"));
    RecoveryPoint::original(taken_of)
}

/// Daily points of `orders` up to 1 January, and those of `crm` up to the day on which it becomes `orders`.
fn history(taken_over: Instant) -> Vec<RecoveryPoint> {
    let end = at("2026-01-01T12:00:00Z");
    let dead = (0..7).map(|day| point("orders", "db-A", end - TimeDelta::days(day)));
    let long = (1..30).map(|day| point("crm", "db-B", taken_over - TimeDelta::days(day)));
    dead.chain(long).chain([point("orders", "db-B", taken_over)]).collect()
}

/// The number of points of each instance that stay, of those of `orders`.
fn kept(points: &[RecoveryPoint], now: Instant) -> BTreeMap<String, usize> {
    let followed = Renames::followed(points);
    let all = by_database(&followed);
    assert_eq!(all.len(), 1, "the history of crm goes on under its new name");
    let points: Vec<_> = all.into_values().flatten().collect();
    let mut kept = BTreeMap::new();
    for verdict in judge(&points, (RETENTION, None), &BTreeSet::new(), now) {
        let id = verdict.point.resource_id().unwrap().to_owned();
        *kept.entry(id).or_default() += usize::from(!verdict.keep.is_empty());
    }
    kept
}

#[test]
fn the_history_of_a_database_under_another_name_pushes_out_no_point_of_the_one_whose_name_it_takes() {
    for taken_over in [at("2026-01-09T10:00:00Z"), at("2026-03-09T10:00:00Z")] {
        let now = taken_over + TimeDelta::minutes(30);
        // The first point under the name is the last one of one of the seven days.
        assert_eq!(kept(&history(taken_over), now)["db-A"], 6, "{taken_over}");
    }
}

#[test]
fn the_points_under_the_name_push_them_out_in_time() {
    let taken_over = at("2026-01-09T10:00:00Z");
    let week_later = (0..8).map(|day| point("orders", "db-B", taken_over + TimeDelta::days(day)));
    let points: Vec<_> = history(taken_over).into_iter().chain(week_later.skip(1)).collect();
    assert_eq!(kept(&points, taken_over + TimeDelta::days(7))["db-A"], 0);
}
