//! The order in which candidates that wait for a place take those of refused copies.
//!
//! A refused call leaves no trace in AWS, so the next run cannot know of it. If AWS refuses the copies of many
//! databases, the line must reach the others in every run, at a limited number of calls.

use std::cmp::Reverse;

use pilot_light_domain::Instant;

use super::Hop;
use super::ways::Candidate;

/// The candidates that come first, in the order of need.
const NEAR: usize = 20;
/// The candidates from elsewhere. Together with 20 copy slots, a run thus makes calls for copies of at most 70 databases into
/// one Region, however many of them AWS refuses.
const FAR: usize = 30;
/// The step of the moving place in the line, per minute, as a fraction of 2^64: 0.2811. Of a few hundred fractions it
/// serves schedules of 1 minute to 1 day best: a line of 105 is passed through in 6 runs.
const STEP: u64 = 0x47F6_DA55_40E1_4000;

/// The line of one lane. `waiting` is in the order of need.
///
/// The first follow that order. Behind them, two orders alternate: the databases that were protected last, as AWS accepted
/// their copies a short time ago; and all others, from a place that moves with time.
pub(super) fn of<'a>(waiting: &[&'a Candidate<'a>], now: Instant) -> Vec<&'a Candidate<'a>> {
    let (near, rest) = waiting.split_at(NEAR.min(waiting.len()));
    let mut line = near.to_vec();
    if rest.len() <= FAR {
        line.extend(rest);
        return line;
    }
    let mut youngest: Vec<usize> =
        (0..rest.len()).filter(|place| rest[*place].protected_until.is_some()).collect();
    youngest.sort_by_key(|place| Reverse(rest[*place].protected_until));
    let mut youngest = youngest.into_iter();
    let from = moving_place(rest.len(), now);
    let mut others = (from..rest.len()).chain(0..from);
    let mut is_taken = vec![false; rest.len()];
    while line.len() < near.len() + FAR {
        for mut order in [&mut youngest as &mut dyn Iterator<Item = usize>, &mut others] {
            if let Some(place) = Iterator::find(&mut order, |place| !is_taken[*place]) {
                is_taken[place] = true;
                line.push(rest[place]);
            }
        }
    }
    line
}

/// The place of the candidate that best shows whether AWS copies in one step: the one that was protected last, or the last one.
///
/// The neediest databases are those whose copies AWS always refuses, and those whose copies failed may be refused as well.
pub(super) fn probe(line: &[&Candidate<'_>]) -> Option<usize> {
    let is_in_one_step = |place: &usize| line[*place].hop == Hop::OneStep && !line[*place].is_retry;
    (0..line.len()).filter(is_in_one_step).max_by_key(|place| line[*place].protected_until)
}

/// A place below `count` that depends on the minute.
fn moving_place(count: usize, now: Instant) -> usize {
    let minutes = u64::try_from(now.timestamp() / 60).unwrap_or_default();
    let fraction = u128::from(minutes.wrapping_mul(STEP));
    usize::try_from((fraction * count as u128) >> 64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use pilot_light_domain::model::recovery_point::RecoveryPoint;
    use pilot_light_domain::testing::{at, snapshot};

    fn points(count: usize) -> Vec<RecoveryPoint> {
        let named = |n| format!("arn:aws:rds:us-east-1:111111111111:snapshot:db-{n:03}");
        (0..count).map(|n| RecoveryPoint::original(snapshot(&named(n), "orders"))).collect()
    }

    /// Candidates in the order of need: `refused` of them without any point, then `healthy` ones.
    fn candidates(points: &[RecoveryPoint], refused: usize) -> Vec<Candidate<'_>> {
        let candidate = |(n, source)| {
            let protected_until =
                (n >= refused).then(|| at("2026-01-01T10:00:00Z") + TimeDelta::minutes(n as i64));
            Candidate {
                source,
                hop: Hop::OneStep,
                is_retry: false,
                has_lasting_failures: false,
                protected_until,
                instead: None,
            }
        };
        points.iter().enumerate().map(candidate).collect()
    }

    fn line(candidates: &[Candidate<'_>], now: Instant) -> Vec<String> {
        let waiting: Vec<_> = candidates.iter().collect();
        of(&waiting, now).into_iter().map(|next| next.source.snapshot.arn.id.to_string()).collect()
    }

    #[test]
    fn a_short_line_is_in_the_order_of_need() {
        let points = points(NEAR + FAR);
        let names: Vec<_> = points.iter().map(|point| point.snapshot.arn.id.to_string()).collect();
        assert_eq!(line(&candidates(&points, 30), at("2026-01-01T12:00:00Z")), names);
    }

    #[test]
    fn the_probe_is_the_candidate_that_was_protected_last_and_else_the_last_one() {
        let points = points(60);
        let of = |candidates: &[Candidate<'_>]| {
            let waiting: Vec<_> = candidates.iter().collect();
            let line = super::of(&waiting, at("2026-01-01T12:00:00Z"));
            probe(&line).map(|place| line[place].source.snapshot.arn.id.to_string())
        };
        assert_eq!(of(&candidates(&points, 30)), Some("db-059".to_owned()));
        let mut few = candidates(&points[..3], 3);
        assert_eq!(of(&few), Some("db-002".to_owned()));
        few[2].is_retry = true;
        assert_eq!(of(&few), Some("db-001".to_owned()));
        few[1].hop = Hop::Second;
        few[0].hop = Hop::First;
        assert_eq!(of(&few), None);
    }

    #[test]
    fn a_long_line_reaches_the_databases_that_were_protected_last_in_every_run() {
        let points = points(105);
        let candidates = candidates(&points, 100);
        for minutes in 0..60 {
            let line = line(&candidates, at("2026-01-01T12:00:00Z") + TimeDelta::minutes(minutes));
            assert_eq!(line.len(), NEAR + FAR);
            for name in ["db-100", "db-101", "db-102", "db-103", "db-104"] {
                assert!(line[..NEAR + 10].contains(&name.to_owned()), "{minutes}: {line:?}");
            }
        }
    }

    #[test]
    fn a_long_line_reaches_every_database_within_a_few_runs_whatever_the_time_between_them() {
        let points = points(105);
        let candidates = candidates(&points, 105);
        for between in [1, 2, 5, 10, 15, 30, 60, 120, 720, 1440] {
            let mut reached = std::collections::BTreeSet::new();
            for run in 0..6 {
                reached.extend(line(
                    &candidates,
                    at("2026-01-01T12:00:00Z") + TimeDelta::minutes(run * between),
                ));
            }
            assert_eq!(reached.len(), 105, "{between}");
        }
    }
}
