//! The last check of a deletion plan before anything is deleted. It uses the facts and not the plan's own reasoning. A
//! plan that fails the check is not carried out at all.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::ids::DatabaseId;
use crate::model::recovery_point::{RecoveryPoint, by_database, newest_usable};
use crate::model::retention::{Promise, Retention};
use crate::rules::clock;
use crate::rules::retired::lets_newest_go;
use crate::run::error::WorkerError;

/// The largest time by which a snapshot may be ahead of the clock. AWS's clocks and a Lambda's agree within seconds. A
/// difference of more than an hour means that the clock is wrong, and every age with it.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::hours(1);

/// Checks `deletions` against all our points and against the snapshots that copies still read from. `deletions` includes those
/// that only take the places of refused ones. `keep_retired` is `KeepRetired`.
///
/// # Errors
/// `SafetyRefused` in these cases:
/// - A deletion is not one of our recovery points, or is in use.
/// - A deletion is the newest usable point of its database, unless a person retired that so long ago that `KeepRetired` has
///   passed.
/// - The clock is behind AWS's.
pub fn check(
    deletions: &[SnapshotArn],
    points: &[RecoveryPoint],
    in_use: &BTreeSet<SnapshotArn>,
    (keep_retired, now): (Option<TimeDelta>, Instant),
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
            && !lets_newest_go(&points, keep_retired, now)
        {
            return refuse(format!(
                "{} is the newest usable recovery point of {database}",
                newest.snapshot.arn
            ));
        }
    }
    Ok(())
}

/// The time by which a point may be overdue in ordinary operation: that of two of the hourly runs.
pub(super) const ORDINARY_DELAY: TimeDelta = TimeDelta::hours(2);

/// True if so many points of one database that have long been due are a mass deletion: more than half of its `usable` points, or,
/// from three on, more than half of those that were `adopted` without a promise.
#[must_use]
pub fn is_mass_deletion(overdue: usize, adopted: usize, usable: usize) -> bool {
    overdue > usable / 2 || (overdue >= 3 && overdue > adopted / 2)
}

/// Checks `deletions` against what was promised for each point, by its own tag and the clock alone. A person may have confirmed
/// those of a database.
///
/// # Errors
/// `SafetyRefused` in these cases:
/// - A deletion is younger than the retention, or than the one under which it was made. Ages count up to the newest time of
///   AWS and a week longer, not up to the clock alone.
/// - The deletions without such a tag that have been due for longer than usual are a mass deletion ([`is_mass_deletion`]).
pub fn check_promises(
    deletions: &[SnapshotArn],
    points: &[RecoveryPoint],
    is_confirmed: impl Fn(&DatabaseId) -> bool,
    (retention, now): (Retention, Instant),
) -> Result<(), WorkerError> {
    let going: BTreeSet<_> = deletions.iter().collect();
    let now = clock::proven(points, now);
    for (database, points) in by_database(points).into_iter().filter(|(database, _)| !is_confirmed(database))
    {
        let (mut usable, mut adopted, mut overdue) = (0, 0, 0);
        for (point, taken) in points.iter().filter_map(|point| Some((point, point.usable_since()?))) {
            let (age, is_going) = (now - taken, going.contains(&point.snapshot.arn));
            usable += 1;
            if is_going && age <= retention.keep_for {
                let why = format!("{} is within the retention", point.snapshot.arn);
                return Err(WorkerError::SafetyRefused(why));
            }
            match Promise::of(&point.snapshot) {
                Promise::Known(promise) if is_going && age <= promise.keep_for => {
                    let why = format!("{} is within the retention it was made under", point.snapshot.arn);
                    return Err(WorkerError::SafetyRefused(why));
                }
                Promise::Unreadable(text) if is_going => {
                    let why = format!("the retention '{text}' of {} cannot be read", point.snapshot.arn);
                    return Err(WorkerError::SafetyRefused(why));
                }
                Promise::Known(_) | Promise::Unreadable(_) => {}
                Promise::None => {
                    adopted += 1;
                    overdue += usize::from(is_going && age > retention.keep_for + ORDINARY_DELAY);
                }
            }
        }
        if is_mass_deletion(overdue, adopted, usable) {
            let why = format!(
                "{overdue} deletions of the {adopted} older recovery points of {database} are planned"
            );
            return Err(WorkerError::SafetyRefused(why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tags;
    use crate::run::error::ErrorName;
    use crate::testing::{at, snapshot};

    const NOW: &str = "2026-03-01T00:00:00Z";
    const WEEK: Retention = Retention { keep_for: TimeDelta::days(7), keep_last: 1, keep_daily: 0 };

    fn point(name: &str, time: &str) -> RecoveryPoint {
        let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), "orders");
        taken.database_time = Some(at(time));
        RecoveryPoint::original(taken)
    }

    /// A copy that our own account made.
    fn copy(name: &str, time: &str) -> RecoveryPoint {
        let original = point(name, time);
        let mut copy = (*original.snapshot).clone();
        copy.arn = crate::testing::arn(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{name}"));
        copy.copied_from = Some(original.origin.clone());
        let origin = original.origin.to_string();
        copy.tags = tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, &origin)]);
        RecoveryPoint::of(original.origin, copy.into())
    }

    fn refusal(
        deletions: &[&RecoveryPoint],
        points: &[RecoveryPoint],
        in_use: &[&RecoveryPoint],
    ) -> Option<String> {
        let arns = |points: &[&RecoveryPoint]| {
            points.iter().map(|point| point.snapshot.arn.clone()).collect::<Vec<_>>()
        };
        let in_use = arns(in_use).into_iter().collect();
        let error = check(&arns(deletions), points, &in_use, (Some(TimeDelta::days(1)), at(NOW))).err()?;
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
    fn the_newest_point_may_go_only_after_keep_retired_and_only_if_its_own_instance_is_retired() {
        let mut points = [copy("old", "2026-01-01T00:00:00Z"), copy("new", "2026-02-01T00:00:00Z")];
        let mut newest_goes = |mark: &str, of: [&str; 2]| {
            for (point, id) in points.iter_mut().zip(of) {
                std::sync::Arc::make_mut(&mut point.snapshot).resource_id = Some(id.into());
            }
            std::sync::Arc::make_mut(&mut points[0].snapshot).tags.insert(tags::RETIRED, mark);
            refusal(&[&points[1]], &points, &[]).is_none()
        };
        assert!(newest_goes("2026-02-27T23:59:59Z by jane", ["a", "a"]));
        assert!(!newest_goes("2026-02-28T00:00:00Z by jane", ["a", "a"]), "KeepRetired is one day");
        assert!(
            !newest_goes("2026-02-27T23:59:59Z by jane until 2026-09-01", ["a", "a"]),
            "it is expected back"
        );
        assert!(!newest_goes("2026-02-27T23:59:59Z by jane", ["a", "b"]), "another instance is retired");
        assert!(
            !newest_goes("yes", ["a", "a"])
                && !newest_goes("undone 2026-01-01T00:00:00Z by jane", ["a", "a"])
        );
    }

    #[test]
    fn nothing_is_deleted_with_a_clock_behind_awss() {
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-03-01T01:00:01Z")];
        assert!(refusal(&[&points[0]], &points, &[]).unwrap().contains("the clock reads"));
        let points = [point("old", "2026-01-01T00:00:00Z"), point("new", "2026-03-01T01:00:00Z")];
        assert_eq!(refusal(&[&points[0]], &points, &[]), None);
    }

    #[test]
    fn a_plan_that_trusts_a_clock_far_ahead_of_the_newest_point_is_refused() {
        let points = [point("old", "2026-02-01T00:00:00Z"), point("new", "2026-02-01T00:00:00Z")];
        let deletions = [points[0].snapshot.arn.clone()];
        let refused = check_promises(&deletions, &points, |_| false, (WEEK, at(NOW))).unwrap_err();
        assert!(refused.to_string().contains("old is within the retention"), "{refused}");
    }

    #[test]
    fn deletions_against_a_promise_or_of_more_than_half_without_one_are_refused() {
        let times = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z"];
        let mut points: Vec<_> =
            times.iter().zip(["a", "b", "c"]).map(|(time, name)| point(name, time)).collect();
        let refusal = |points: &[RecoveryPoint], deletions: usize| {
            let deletions: Vec<_> =
                points.iter().take(deletions).map(|point| point.snapshot.arn.clone()).collect();
            check_promises(&deletions, points, |_| false, (WEEK, at(NOW))).map_err(|error| error.to_string())
        };
        assert_eq!(refusal(&points, 1), Ok(()));
        assert!(refusal(&points, 2).unwrap_err().contains("2 deletions of the 3 older recovery points"));
        let promise = |point: &mut RecoveryPoint, text: &str| {
            std::sync::Arc::make_mut(&mut point.snapshot).tags.insert(crate::model::tags::RETENTION, text);
        };
        promise(&mut points[0], "for 7d last 1 daily 0");
        assert_eq!(refusal(&points, 2), Ok(()));
        promise(&mut points[0], "for 90d last 1 daily 0");
        assert!(refusal(&points, 1).unwrap_err().contains("within the retention it was made under"));
    }
}
