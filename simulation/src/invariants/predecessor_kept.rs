//! The invariant that the last usable copy of a replaced database stays until its successors have copies as old as the retention
//! promises, or for 30 days.
//!
//! `DbiResourceId` distinguishes databases of one name. Only the copies in the destination are checked.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::action::Action;
use super::ledger::Held;
use super::terms::Keep;

/// The longest time for which the last copy of a replaced database stays for this reason.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// The number of replaced databases of one name whose last copies stay. Beyond it, those that lived shortly may go.
const MOST: usize = 7;

/// The time by which the clock of a run may be wrong.
const CLOCK_ERROR: TimeDelta = TimeDelta::minutes(10);

/// Returns the violation of `action` at `now`, if any.
pub(super) fn check(action: &Action<'_>, now: Instant) -> Option<String> {
    let record = action.deleted()?;
    let held = action.held(record).filter(|_| action.ledger.is_copy(record))?;
    let is_of_name =
        |other: &&Held| other.record.database == record.database && other.root.account == held.root.account;
    let of_name = action.ledger.all().filter(is_of_name);
    let copies = of_name.filter(|other| action.ledger.is_copy(&other.record));
    let points: Vec<_> = copies.filter_map(|other| Some((other.usable_since()?, other))).collect();
    if points.iter().all(|(_, other)| id(other) == id(held)) {
        return None;
    }
    let names: BTreeSet<_> = points.iter().map(|(_, other)| id(other)).collect();
    let must_stay = must_stay(held, &points, action.terms.destination, now + CLOCK_ERROR);
    (must_stay && names.len() <= MOST).then(|| {
        format!(
            "{} was deleted, but it was the last copy of a replaced {} whose successors have no copies as old as promised",
            record.arn, record.database
        )
    })
}

/// True if a point may stay for this reason at `now`.
pub(super) fn may_stay(held: &Held, points: &[(Instant, &Held)], keep: Keep, now: Instant) -> bool {
    must_stay(held, points, keep, now - CLOCK_ERROR)
}

fn must_stay(held: &Held, points: &[(Instant, &Held)], keep: Keep, now: Instant) -> bool {
    let Some(taken) = held.usable_since() else { return false };
    let is_last = points.iter().all(|(other, point)| *other <= taken || id(point) != id(held));
    let newest_of_each =
        |name: &str| points.iter().filter(|(_, point)| id(point) == name).map(|(other, _)| *other).max();
    let is_later = |point: &Held| newest_of_each(id(point)) > Some(taken);
    let successors: Vec<_> =
        points.iter().filter(|(_, point)| id(point) != id(held) && is_later(point)).collect();
    let Some(first) = successors.iter().map(|(other, _)| *other).min() else { return false };
    let days: BTreeSet<_> = successors.iter().map(|(other, _)| other.date_naive()).collect();
    let has_taken_over =
        now - first >= LONGEST || (now - first >= keep.keep_for && days.len() >= keep.keep_daily);
    is_last && !has_taken_over
}

fn id(held: &Held) -> &str {
    &held.record.shape.resource_id
}
