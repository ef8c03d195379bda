//! The recovery points of retired databases: those that stay, and the time from which they may go.
//!
//! `KeepRetired` counts from the retirement. Until it has passed, the newest `KeepLast` points stay, as long as the retirement is
//! in force. After it, no number of points keeps them. The mark of the retirement goes last: a database whose mark is gone would
//! be late again because of the points that remain.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::incarnation::Incarnation;
use crate::model::recovery_point::{RecoveryPoint, newest_usable};
use crate::model::retirement::Mark;
use crate::model::tags;

/// The retirements among the incarnations of one database.
#[derive(Debug, Default)]
pub(super) struct Retired<'a> {
    /// The points that stay because of them.
    pub(super) kept: BTreeSet<&'a SnapshotArn>,
    /// The places of the retired incarnations.
    pub(super) places: BTreeSet<usize>,
    /// The place of the present incarnation, if its last points may go.
    pub(super) released: Option<usize>,
}

impl<'a> Retired<'a> {
    /// The retirements that are in force at `now`.
    pub(super) fn among(
        incarnations: &[Incarnation<'a>],
        (keep_last, keep_retired): (usize, Option<TimeDelta>),
        now: Instant,
    ) -> Self {
        let mut retired = Self::default();
        for (place, incarnation) in incarnations.iter().enumerate() {
            let mark = incarnation.mark();
            let Some(retirement) = mark.in_force(now) else { continue };
            retired.places.insert(place);
            let newest = incarnation.points.iter().rev().take(keep_last);
            if !retirement.lets_last_copies_go(keep_retired, now) {
                retired.kept.extend(newest.map(|(point, _)| &point.snapshot.arn));
            } else if place + 1 == incarnations.len() {
                retired.released = Some(place);
                let is_marked = |point: &&RecoveryPoint| Mark::of(point).in_force(now).is_some();
                let all = || incarnations.iter().flat_map(|other| &other.points).map(|(point, _)| *point);
                let marked = all().filter(is_marked).map(|point| &point.snapshot.arn);
                if !all().all(|point| is_marked(&point)) {
                    retired.kept.extend(marked);
                }
            }
        }
        retired
    }
}

/// True if the newest of a database's points may be deleted, by the marks and the clock alone: the instance that it is of is
/// retired, and `KeepRetired` has passed.
pub(super) fn lets_newest_go(
    points: &[&RecoveryPoint],
    keep_retired: Option<TimeDelta>,
    now: Instant,
) -> bool {
    let Some((newest, _)) = newest_usable(points) else { return false };
    let is_same = |point: &&&RecoveryPoint| match (point.resource_id(), newest.resource_id()) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let marked = points.iter().filter(|point| point.snapshot.tags.contains_key(tags::RETIRED));
    let mark = Mark::of_all(marked.filter(is_same).copied());
    mark.in_force(now).is_some_and(|retirement| retirement.lets_last_copies_go(keep_retired, now))
}

#[cfg(test)]
mod tests;
