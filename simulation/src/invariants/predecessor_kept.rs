//! The invariant that the last usable copy of a replaced database stays until its successors have copies as old as the retention
//! promises, or for 30 days.
//!
//! `DbiResourceId` distinguishes databases of one name. Only the copies in the destination are checked.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;

use super::action::Action;
use super::held::Held;
use super::promise_kept;
use super::terms::Keep;

/// The longest time for which the last copy of a replaced database stays for this reason.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// The number of replaced databases of one name whose last copies stay. Beyond it, those that lived shortest may go.
const MOST: usize = 7;

/// The time by which the clock of a run may be wrong.
const CLOCK_ERROR: TimeDelta = TimeDelta::minutes(10);

/// Returns the violation of `action` at `now`, if any.
pub(super) fn check(action: &Action<'_>, now: Instant) -> Option<String> {
    let record = action.deleted()?;
    let held = action.held(record).filter(|_| action.ledger.is_copy(record))?;
    let database = action.ledger.database(held);
    let points = action.ledger.copies_seen(&database, now);
    if points.iter().all(|(_, other)| id(other) == id(held)) {
        return None;
    }
    let keep = promise_kept::of(record).unwrap_or(action.terms.destination);
    let must_stay = must_stay(held, (&database.1, &points), keep, now + CLOCK_ERROR);
    let lived_longer = || lived_longer(held, &points, |id| action.ledger.began(id));
    (must_stay && lived_longer() < MOST).then(|| {
        format!(
            "{} was deleted, but it was the last copy of a replaced {} whose successors have no copies as old as promised",
            record.arn, database.1
        )
    })
}

/// The number of other replaced databases of the name that lived at least as long. `began` is the time at which each began. A run
/// deletes one copy after the other, and the copies that are left may show less than those that it saw.
fn lived_longer(held: &Held, points: &[(Instant, &Held)], began: impl Fn(&str) -> Option<Instant>) -> usize {
    let life = |name: &str| {
        let its = points.iter().filter(|(_, point)| id(point) == name);
        its.map(|(taken, _)| *taken).max().zip(began(name)).map(|(end, begin)| end - begin)
    };
    let present = points.iter().max_by_key(|(taken, _)| *taken).map(|(_, point)| id(point));
    let others: BTreeSet<_> = points.iter().map(|(_, point)| id(point)).collect();
    let others = others.into_iter().filter(|other| *other != id(held) && Some(*other) != present);
    others.filter(|other| life(other) >= life(id(held))).count()
}

/// The points of a database, with its present name.
type Named<'a> = (&'a DatabaseName, &'a [(Instant, &'a Held)]);

/// True if a point may stay for this reason at `now`.
pub(super) fn may_stay(held: &Held, named: Named<'_>, keep: Keep, now: Instant) -> bool {
    let Some(taken) = last_taken(held, named.1) else { return false };
    let Some((first, days)) = successors(held, named, taken) else { return false };
    let now = now - CLOCK_ERROR;
    now - first < LONGEST && (now - first < keep.keep_for || days < keep.keep_daily)
}

/// True if it must stay at `now`. The successor may be older than its name, and the longest time then counts from the last copy.
fn must_stay(held: &Held, named: Named<'_>, keep: Keep, now: Instant) -> bool {
    let Some(taken) = last_taken(held, named.1) else { return false };
    let Some((first, days)) = successors(held, named, taken) else { return false };
    now - taken < LONGEST && (now - first < keep.keep_for || days < keep.keep_daily)
}

/// The time of a copy, if it is the last one of its database.
fn last_taken(held: &Held, points: &[(Instant, &Held)]) -> Option<Instant> {
    let taken = held.usable_since()?;
    points.iter().all(|(other, point)| *other <= taken || id(point) != id(held)).then_some(taken)
}

/// The first copy of the successors after `taken`, and the number of days on which they have any. A successor that had another
/// name before may have older copies and copies under that name, which count for nothing.
fn successors(held: &Held, (name, points): Named<'_>, taken: Instant) -> Option<(Instant, usize)> {
    let is_named = |point: &Held| id(point) != id(held) && point.record.database == *name;
    let later = || points.iter().filter(|(other, point)| is_named(point) && *other > taken);
    let first = later().map(|(other, _)| *other).min()?;
    let days: BTreeSet<_> = later().map(|(other, _)| other.date_naive()).collect();
    Some((first, days.len()))
}

fn id(held: &Held) -> &str {
    &held.record.shape.resource_id
}
