//! Retention: the recovery points of one database that may be deleted, as a pure function. Every verdict keeps its
//! reasons.
//!
//! Each rule is one function that may give a reason to keep a point. A point may be deleted only if no rule gives one.
//! A new rule (tiers, for example) is a new function in `RULES`. The guards against a wrong plan are in
//! [`crate::rules::safety`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::incarnation::{Incarnation, incarnations};
use crate::model::recovery_point::RecoveryPoint;
use crate::model::retention::{Promise, Retention};
use crate::model::snapshot::SnapshotStatus;
use crate::rules::retired::Retired;
use crate::run::plan::SkipReason;

/// The verdict on one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// The point.
    pub point: &'a RecoveryPoint,
    /// The reasons to keep it. It may be deleted if there are none.
    pub keep: Vec<SkipReason>,
    /// Its age since it was taken, if known.
    pub age: Option<TimeDelta>,
}

/// The longest time for which the newest point of an earlier incarnation stays because the new one has no points as old.
const LONGEST_HANDOVER: TimeDelta = TimeDelta::days(30);

/// Judges all points of one database. `in_use` contains the snapshots that a copy still reads from.
///
/// A point stays if the retention that is in force keeps it, or the one under which it was made ([`Promise`]).
/// If a complete point has no time, the newest point is unknown, and all points stay. The last points of a retired database stay
/// for `keep_retired`, or for ever without it. After that, no number of points keeps them, whatever was promised; the times of
/// both retentions still do.
#[must_use]
pub fn judge<'a>(
    points: &[&'a RecoveryPoint],
    (retention, keep_retired): (Retention, Option<TimeDelta>),
    in_use: &BTreeSet<SnapshotArn>,
    now: Instant,
) -> Vec<Verdict<'a>> {
    let complete =
        points.iter().all(|point| !point.snapshot.is_available() || point.usable_since().is_some());
    let incarnations = incarnations(points);
    let of_each = incarnations.iter().enumerate();
    let place: BTreeMap<&SnapshotArn, usize> = of_each
        .flat_map(|(at, incarnation)| {
            incarnation.points.iter().map(move |(point, _)| (&point.snapshot.arn, at))
        })
        .collect();
    let retired = Retired::among(&incarnations, (retention.keep_last, keep_retired), now);
    let mut known: BTreeMap<(usize, Retention), Known<'_>> = BTreeMap::new();
    let mut keep = |point: &RecoveryPoint, under: Retention| {
        let at = place.get(&point.snapshot.arn).copied().unwrap_or_default();
        let known = known.entry((at, under)).or_insert_with(|| {
            let newest_first = timeline(&incarnations, at);
            let mut dailies = dailies(&newest_first, under);
            if under != retention {
                dailies.retain(|time| is_within(*time, &newest_first, under.keep_daily));
            }
            let is_released = retired.released == Some(at);
            if is_released {
                let is_young = |time: &Instant| days_between(*time, now) < under.keep_daily;
                dailies.retain(is_young);
            }
            let newest = incarnations.get(at).and_then(Incarnation::newest);
            let mut last_of_earlier = last_of_earlier(&incarnations, &retired.places, under, now);
            last_of_earlier.retain(|time| Some(*time) == newest);
            let is_promise = under != retention;
            Known {
                retention: under,
                is_promise,
                is_released,
                in_use,
                now,
                newest_first,
                dailies,
                last_of_earlier,
                complete,
            }
        });
        known.keep(point)
    };
    let judge = |point: &&'a RecoveryPoint| {
        let mut reasons = keep(point, retention);
        if reasons.is_empty() && retired.kept.contains(&point.snapshot.arn) {
            reasons.push(SkipReason::KeepRetired);
        }
        if reasons.is_empty() {
            match Promise::of(&point.snapshot) {
                Promise::Unreadable(text) => reasons.push(SkipReason::UnreadablePromise(text)),
                Promise::Known(promise) if !keep(point, promise).is_empty() => {
                    reasons.push(SkipReason::Promised);
                }
                Promise::Known(_) | Promise::None => {}
            }
        }
        Verdict { point, keep: reasons, age: point.snapshot.taken_at().map(|time| now - time) }
    };
    points.iter().map(judge).collect()
}

struct Known<'a> {
    retention: Retention,
    /// True if it was in force when a point was made, and is no longer.
    is_promise: bool,
    /// True if a person retired the database and `KeepRetired` has passed, so that no number of points keeps any.
    is_released: bool,
    in_use: &'a BTreeSet<SnapshotArn>,
    now: Instant,
    newest_first: Vec<Instant>,
    dailies: BTreeSet<Instant>,
    /// The time of the newest point of its incarnation, if that is an earlier one and the point must stay.
    last_of_earlier: BTreeSet<Instant>,
    complete: bool,
}

/// The times of an incarnation's usable points and of the later ones of others, newest first.
///
/// Points that another database got before this one's end, or under another name, push out none of its points. A database with a
/// long history may take over the name.
fn timeline(incarnations: &[Incarnation<'_>], at: usize) -> Vec<Instant> {
    let end = incarnations.get(at).and_then(Incarnation::newest);
    let times = incarnations.iter().enumerate().flat_map(|(other, incarnation)| {
        let its = move |(point, time): &&(&RecoveryPoint, Instant)| {
            other == at || (Some(*time) > end && point.has_its_name())
        };
        incarnation.points.iter().filter(its).map(|(_, time)| *time)
    });
    let mut times: Vec<_> = times.collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    times
}

/// True if fewer than `days` days lie between a point and the newest one. The points in between may have been deleted under a
/// shorter retention, so they cannot be counted.
fn is_within(time: Instant, newest_first: &[Instant], days: usize) -> bool {
    newest_first.first().map_or(0, |newest| days_between(time, *newest)) < days
}

/// The number of days, in UTC, from the day of one time to that of another.
fn days_between(time: Instant, later: Instant) -> usize {
    usize::try_from((later.date_naive() - time.date_naive()).num_days()).unwrap_or_default()
}

/// The most earlier incarnations whose newest point stays. Those that lived longest come first. A database that is replaced
/// every few minutes must not fill the quota, and must not push out what came before.
pub const MOST_EARLIER: usize = 7;

/// The times of the last points of earlier incarnations that stay among `points`, which are of one database. The newest of the
/// present incarnation always stays, and is not among them.
#[must_use]
pub fn last_points_of_earlier(
    points: &[&RecoveryPoint],
    retention: Retention,
    now: Instant,
) -> BTreeSet<Instant> {
    let incarnations = incarnations(points);
    let retired = Retired::among(&incarnations, (retention.keep_last, None), now);
    last_of_earlier(&incarnations, &retired.places, retention, now)
}

/// The time of the newest point of each earlier incarnation, as long as the later ones have no points as old as the retention
/// promises. Those of a retired one stay by its retirement alone.
fn last_of_earlier(
    incarnations: &[Incarnation<'_>],
    retired: &BTreeSet<usize>,
    retention: Retention,
    now: Instant,
) -> BTreeSet<Instant> {
    let has_taken_over = |earlier: &Incarnation<'_>, later: &[Incarnation<'_>]| {
        // After a rename, the later one may have points under another name. They say nothing about the time since then.
        let end = earlier.newest();
        let points = later.iter().flat_map(|incarnation| &incarnation.points);
        let named = points.filter(|(point, _)| point.has_its_name()).map(|(_, time)| *time);
        let times: BTreeSet<_> = named.filter(|time| Some(*time) > end).collect();
        let days: BTreeSet<_> = times.iter().map(|time| time.date_naive()).collect();
        let is_as_old = times.first().is_some_and(|oldest| now - *oldest >= retention.keep_for);
        let begin = times.first().copied();
        let is_long_ago = begin.is_some_and(|begin| now - begin >= LONGEST_HANDOVER);
        is_long_ago || (is_as_old && days.len() >= retention.keep_daily)
    };
    let earlier = (1..incarnations.len())
        .filter(|next| !retired.contains(&(next - 1)))
        .filter(|next| !has_taken_over(&incarnations[next - 1], &incarnations[*next..]));
    let mut earlier: Vec<_> = earlier.map(|next| &incarnations[next - 1]).collect();
    earlier.sort_by_key(|incarnation| Reverse((incarnation.life(), incarnation.newest())));
    earlier.into_iter().take(MOST_EARLIER).filter_map(Incarnation::newest).collect()
}

/// The newest time of each of the newest `keep_daily` days, in UTC.
fn dailies(newest_first: &[Instant], retention: Retention) -> BTreeSet<Instant> {
    let mut days: Vec<Instant> = newest_first.to_vec();
    days.dedup_by_key(|time| time.date_naive());
    days.into_iter().take(retention.keep_daily).collect()
}

type Rule = fn(&Known<'_>, &RecoveryPoint) -> Option<SkipReason>;

/// Every reason to keep a point. Points with equal times share a place, so each of several newest points stays. A
/// failed snapshot contains nothing, and AWS may never give it a time: it stays only while a copy reads from it.
const RULES: [Rule; 8] = [
    |known, point| match &point.snapshot.status {
        SnapshotStatus::Available | SnapshotStatus::Failed => None,
        status => {
            let usual = SkipReason::NotUsable(status.to_string());
            Some(SkipReason::of_progress(&point.snapshot, known.now, usual))
        }
    },
    |known, point| {
        let is_unknown = !known.complete || point.snapshot.taken_at().is_none();
        let reason = match point.snapshot.lacks_time(known.now) {
            true => SkipReason::WithoutTime,
            false => SkipReason::UnknownTime,
        };
        (is_unknown && point.snapshot.status != SnapshotStatus::Failed).then_some(reason)
    },
    |known, point| {
        let age = known.now - point.usable_since()?;
        (age <= known.retention.keep_for).then_some(SkipReason::Retained)
    },
    |known, point| {
        let is_newest = point.usable_since()? >= *known.newest_first.first()?;
        (is_newest && !known.is_released).then_some(SkipReason::NewestUsable)
    },
    |known, point| {
        let time = point.usable_since()?;
        let newer = known.newest_first.partition_point(|other| *other > time);
        let is_within = !known.is_promise || is_within(time, &known.newest_first, known.retention.keep_last);
        let is_kept = newer < known.retention.keep_last && is_within && !known.is_released;
        is_kept.then_some(SkipReason::KeepLast)
    },
    |known, point| known.dailies.contains(&point.usable_since()?).then_some(SkipReason::KeepDaily),
    |known, point| {
        let is_last = known.last_of_earlier.contains(&point.usable_since()?);
        is_last.then_some(SkipReason::LastOfEarlier)
    },
    |known, point| known.in_use.contains(&point.snapshot.arn).then_some(SkipReason::InUse),
];

/// Lifts the promises, so that only the retention in force decides.
pub(super) fn lift_promises(verdicts: &mut [Verdict<'_>]) {
    for verdict in verdicts {
        verdict.keep.retain(|reason| *reason != SkipReason::Promised);
    }
}

impl Known<'_> {
    /// The reasons to keep a point.
    fn keep(&self, point: &RecoveryPoint) -> Vec<SkipReason> {
        RULES.iter().filter_map(|rule| rule(self, point)).collect()
    }
}

#[cfg(test)]
mod takeover_tests;

#[cfg(test)]
mod tests;
