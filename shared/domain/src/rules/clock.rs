//! The time up to which ages count in a deletion.
//!
//! The clock of a run proves nothing alone. It may be far ahead, or no snapshot may have come for a long time: an outage, or an
//! attacker who stops the snapshots. In either case the points that are there would all expire, except a few. Ages therefore count up
//! to the newest time that AWS gave, and a week longer. A person who confirms deletions answers for the clock as well.

use chrono::TimeDelta;

use crate::Instant;
use crate::model::recovery_point::RecoveryPoint;

/// The time for which ages count on after the newest point. Snapshots come weekly at the least in most schedules, and in rarer ones each
/// lets the one before expire. A retention of a month then keeps three quarters of its points.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// The time up to which the ages of the recovery points of an account count: `now`, or an earlier time if no point has come for a
/// week.
pub(super) fn proven(points: &[RecoveryPoint], now: Instant) -> Instant {
    let times = points.iter().map(|point| &point.snapshot);
    let newest = times.filter_map(|snapshot| snapshot.created_at.max(snapshot.taken_at())).max();
    newest.map_or(now, |newest| now.min(newest + LONGEST))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::retention::Retention;
    use crate::model::tags;
    use crate::rules::deletion::{Facts, Rules, plan};
    use crate::run::context::Confirmation;
    use crate::run::unknown_parameters::UnknownParameters;
    use crate::testing::{at, snapshot};

    const NEWEST: &str = "2026-01-10T00:00:00Z";

    fn taken(id: &str, taken: Instant) -> RecoveryPoint {
        let mut snapshot = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{id}"), "orders");
        snapshot.original_created_at = Some(taken);
        snapshot.tags =
            tags::of([(tags::CREATED_BY, tags::TOOL), (tags::RETENTION, "for 30d last 1 daily 0")]);
        RecoveryPoint::original(snapshot)
    }

    #[test]
    fn ages_count_up_to_the_clock_unless_no_point_has_come_for_a_week() {
        let all = [taken("a", at("2026-01-01T00:00:00Z")), taken("b", at(NEWEST))];
        for (now, expected) in [
            ("2026-01-09T00:00:00Z", "2026-01-09T00:00:00Z"),
            ("2026-01-17T00:00:00Z", "2026-01-17T00:00:00Z"),
            ("2026-01-17T00:00:01Z", "2026-01-17T00:00:00Z"),
            ("2036-01-01T00:00:00Z", "2026-01-17T00:00:00Z"),
        ] {
            assert_eq!(proven(&all, at(now)), at(expected), "{now}");
        }
        assert_eq!(proven(&[], at(NEWEST)), at(NEWEST));
    }

    #[test]
    fn the_time_of_a_copy_counts_although_its_original_is_old() {
        let mut copy = taken("a", at("2025-01-01T00:00:00Z"));
        Arc::make_mut(&mut copy.snapshot).created_at = Some(at(NEWEST));
        let now = at("2026-01-16T00:00:00Z");
        assert_eq!(proven(&[copy], now), now);
    }

    /// The number of daily points of 40 days that a run deletes at `now`, with one more point if it is `resumed` then.
    fn deleted(now: &str, resumed: bool, confirmation: Option<&Confirmation>) -> usize {
        let (now, newest) = (at(now), at(NEWEST));
        let mut points: Vec<_> =
            (0..40).map(|n| taken(&format!("s-{n}"), newest - TimeDelta::days(n))).collect();
        points.extend(resumed.then(|| taken("new", now - TimeDelta::minutes(30))));
        let retention = Retention { keep_for: TimeDelta::days(30), keep_last: 1, keep_daily: 0 };
        let unknown = &UnknownParameters::NONE;
        let rules = Rules { delete: true, unknown, retention, keep_retired: None, confirmation };
        plan(&Facts { points, ..Facts::default() }, rules, now).unwrap().actions.len()
    }

    #[test]
    fn a_clock_far_ahead_and_a_long_outage_let_no_more_points_expire_than_a_week_does() {
        // Those that were at most 23 days old when the newest one was taken stay.
        for now in ["2026-01-17T00:00:00Z", "2026-03-10T00:00:00Z", "2099-01-01T00:00:00Z"] {
            assert_eq!(deleted(now, false, None), 40 - 24, "{now}");
        }
    }

    #[test]
    fn after_a_long_outage_a_person_can_confirm_that_the_points_are_old() {
        let date = at("2026-03-10T00:00:00Z").date_naive();
        let by_person = Confirmation { date, by: "Jane".to_owned(), of: "*".to_owned() };
        assert_eq!(deleted("2026-03-10T00:00:00Z", false, Some(&by_person)), 40 - 1);
    }

    #[test]
    fn after_an_outage_the_first_new_point_lets_all_expired_ones_go() {
        assert_eq!(deleted("2026-03-10T00:00:00Z", true, None), 40);
    }
}
