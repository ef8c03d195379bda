//! The last look at a deletion plan before anything is deleted, from the facts and not from the plan's own
//! reasoning. A plan that fails it is not carried out at all.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::recovery_point::{RecoveryPoint, by_database, newest_usable};
use crate::run::error::WorkerError;

/// How many of `points` may be deleted in one run: half of them, or 20 where that is more.
///
/// An hourly run at a steady state deletes what one hour added, far below half. A retention shortened by
/// mistake, or a wrong clock, then leaves half of all points and an hour to notice it in.
#[must_use]
pub fn ceiling(points: usize) -> usize {
    (points / 2).max(20)
}

/// How far ahead of the clock a snapshot's time may be. AWS's clocks and a Lambda's agree within seconds; an
/// hour more means that the clock is wrong, and with it every age.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::hours(1);

/// Checks `deletions` against all our points and what copies still read from.
///
/// # Errors
/// `SafetyRefused` if a deletion is no point of ours, is in use, would leave its database without its newest
/// usable point, if there are more than [`ceiling`] allows, or if the clock runs behind AWS's.
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
        return refuse(format!("the clock says {now}, and {} is from after that", point.snapshot.arn));
    }
    let ours: BTreeMap<_, _> = points.iter().map(|point| (&point.snapshot.arn, point)).collect();
    if let Some(foreign) = deletions.iter().find(|arn| !ours.contains_key(arn)) {
        return refuse(format!("{foreign} is no recovery point of ours"));
    }
    if let Some(used) = deletions.iter().find(|arn| in_use.contains(arn)) {
        return refuse(format!("a copy still reads from {used}"));
    }
    for (database, points) in by_database(points) {
        if let Some((newest, _)) = newest_usable(&points)
            && deletions.contains(&newest.snapshot.arn)
        {
            return refuse(format!(
                "{} is the newest usable recovery point of {database}",
                newest.snapshot.arn
            ));
        }
    }
    let ceiling = ceiling(points.len());
    if deletions.len() > ceiling {
        return refuse(format!(
            "{} deletions are planned and at most {ceiling} are allowed in one run",
            deletions.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::error::ErrorName;
    use crate::testing::{arn, at, snapshot};

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
    fn a_sound_plan_passes() {
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-02-01T00:00:00Z")];
        assert_eq!(refusal(&[&points[0]], &points, &[]), None);
        assert_eq!(refusal(&[], &[], &[]), None);
    }

    #[test]
    fn each_planted_fault_is_refused_by_name() {
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-02-01T00:00:00Z")];
        let stranger = point("stranger", "2026-01-01T00:00:00Z");
        for (deletion, in_use, said) in [
            (&points[1], vec![], "newest usable recovery point of 111111111111/us-east-1/orders"),
            (&points[0], vec![&points[0]], "a copy still reads from"),
            (&stranger, vec![], "no recovery point of ours"),
        ] {
            let refusal = refusal(&[deletion], &points, &in_use).unwrap();
            assert!(refusal.contains(said), "{refusal}");
        }
    }

    #[test]
    fn a_clock_behind_awss_deletes_nothing() {
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-03-01T01:00:01Z")];
        assert!(refusal(&[&points[0]], &points, &[]).unwrap().contains("the clock says"));
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-03-01T01:00:00Z")];
        assert_eq!(refusal(&[&points[0]], &points, &[]), None);
    }

    #[test]
    fn more_than_half_at_once_is_refused() {
        let mut points: Vec<_> = (0..60).map(|n| point(&format!("p{n}"), "2026-01-01T00:00:00Z")).collect();
        points.push(point("new", "2026-02-01T00:00:00Z"));
        let due: Vec<_> = points.iter().take(31).collect();
        assert!(refusal(&due, &points, &[]).unwrap().contains("31 deletions are planned and at most 30"));
        assert_eq!(refusal(&due[..30], &points, &[]), None);
        assert_eq!(arn("arn:aws:rds:us-east-1:111111111111:snapshot:p0"), due[0].snapshot.arn);
    }
}
