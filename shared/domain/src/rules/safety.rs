//! The last check of a deletion plan before anything is deleted. It uses the facts and not the plan's own reasoning. A
//! plan that fails the check is not carried out at all.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::recovery_point::{RecoveryPoint, by_database, newest_usable};
use crate::run::error::WorkerError;

/// The largest number of the given `points` that one run may delete: half of them, or 20 if that is more.
///
/// In a steady state, an hourly run deletes the points that one hour added, which is far below half. After a
/// retention shortened by mistake, or with a wrong clock, half of all points remain, and an hour to notice it.
#[must_use]
pub fn ceiling(points: usize) -> usize {
    (points / 2).max(20)
}

/// The largest time by which a snapshot may be ahead of the clock. AWS's clocks and a Lambda's agree within seconds. A
/// difference of more than an hour means that the clock is wrong, and every age with it.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::hours(1);

/// Checks `deletions` against all our points and against the snapshots that copies still read from. `deletions` includes those
/// that only take the places of refused ones.
///
/// # Errors
/// `SafetyRefused` in these cases:
/// - A deletion is not one of our recovery points, or is in use.
/// - A deletion is the newest usable point of its database.
/// - The clock is behind AWS's.
pub fn check(
    deletions: &[SnapshotArn],
    points: &[RecoveryPoint],
    in_use: &BTreeSet<SnapshotArn>,
    now: Instant,
) -> Result<(), WorkerError> {
    if deletions.is_empty() {
        return Ok(());
    }
    let refuse = |why: String| Err(WorkerError::SafetyRefused(why));
    if let Some(point) = points.iter().find(|point| point.snapshot.taken_at() > Some(now + CLOCK_TOLERANCE)) {
        return refuse(format!("the clock reads {now}, but {} was taken after that", point.snapshot.arn));
    }
    let ours: BTreeMap<_, _> = points.iter().map(|point| (&point.snapshot.arn, point)).collect();
    if let Some(foreign) = deletions.iter().find(|arn| !ours.contains_key(arn)) {
        return refuse(format!("{foreign} is not one of our recovery points"));
    }
    if let Some(used) = deletions.iter().find(|arn| in_use.contains(arn)) {
        return refuse(format!("a copy still reads from {used}"));
    }
    let going: BTreeSet<_> = deletions.iter().collect();
    for (database, points) in by_database(points) {
        if let Some((newest, _)) = newest_usable(&points)
            && going.contains(&newest.snapshot.arn)
        {
            return refuse(format!(
                "{} is the newest usable recovery point of {database}",
                newest.snapshot.arn
            ));
        }
    }
    Ok(())
}

/// Checks the number of deletions in one run, where there are so many `points`.
///
/// # Errors
/// `SafetyRefused` if there are more than [`ceiling`] allows.
pub fn check_number(deletions: usize, points: usize) -> Result<(), WorkerError> {
    let ceiling = ceiling(points);
    if deletions > ceiling {
        let why = format!("{deletions} deletions are planned and at most {ceiling} are allowed in one run");
        return Err(WorkerError::SafetyRefused(why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::error::ErrorName;
    use crate::testing::{at, snapshot};

    const NOW: &str = "2026-03-01T00:00:00Z";

    fn point(name: &str, time: &str) -> RecoveryPoint {
        let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), "orders");
        taken.database_time = Some(at(time));
        RecoveryPoint::original(taken)
    }

    fn refusal(
        deletions: &[&RecoveryPoint],
        points: &[RecoveryPoint],
        in_use: &[&RecoveryPoint],
    ) -> Option<String> {
        let arns = |points: &[&RecoveryPoint]| {
            points.iter().map(|point| point.snapshot.arn.clone()).collect::<Vec<_>>()
        };
        let error = check(&arns(deletions), points, &arns(in_use).into_iter().collect(), at(NOW)).err()?;
        assert_eq!(error.name(), ErrorName::SafetyRefused);
        Some(error.to_string())
    }

    #[test]
    fn a_correct_plan_is_accepted() {
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-02-01T00:00:00Z")];
        assert_eq!(refusal(&[&points[0]], &points, &[]), None);
        assert_eq!(refusal(&[], &[], &[]), None);
    }

    #[test]
    fn each_planted_error_is_refused_by_name() {
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-02-01T00:00:00Z")];
        let stranger = point("stranger", "2026-01-01T00:00:00Z");
        for (deletion, in_use, text) in [
            (&points[1], vec![], "newest usable recovery point of 111111111111/us-east-1/orders"),
            (&points[0], vec![&points[0]], "a copy still reads from"),
            (&stranger, vec![], "is not one of our recovery points"),
        ] {
            let refusal = refusal(&[deletion], &points, &in_use).unwrap();
            assert!(refusal.contains(text), "{refusal}");
        }
    }

    #[test]
    fn nothing_is_deleted_with_a_clock_behind_awss() {
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-03-01T01:00:01Z")];
        assert!(refusal(&[&points[0]], &points, &[]).unwrap().contains("the clock reads"));
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-03-01T01:00:00Z")];
        assert_eq!(refusal(&[&points[0]], &points, &[]), None);
    }

    #[test]
    fn deleting_more_than_half_of_the_points_at_once_is_refused() {
        let refusal = |deletions| check_number(deletions, 61).map_err(|error| error.to_string());
        assert!(refusal(31).unwrap_err().contains("31 deletions are planned and at most 30"));
        assert_eq!(refusal(30), Ok(()));
    }
}
