//! The invariant that no recovery point is deleted while the retention under which it was made keeps it.
//!
//! The tag on the snapshot in the world contains that retention. Whatever the parameters are now, a point stays until it is that old,
//! and so does the last one of each of the days that it names. `retention_met` checks the parameters that are in force.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::tags;
use pilot_light_simulator::world::SnapshotRecord;

use super::action::Action;
use super::held::Held;
use super::terms::Keep;

/// The time by which a deletion may be early: the clock of a run may be wrong by minutes.
const CLOCK_ERROR: TimeDelta = TimeDelta::minutes(5);

/// Returns the violation of `action` at `now`, if any.
pub(super) fn check(action: &Action<'_>, now: Instant) -> Option<String> {
    let record = action.deleted()?;
    let held = action.held(record)?;
    let taken = held.usable_since()?;
    let promise = of(record).filter(|_| !record.tags.contains_key(tags::INTERMEDIATE_FOR))?;
    let age = now - taken;
    if age + CLOCK_ERROR < promise.keep_for {
        let (age, keep_for) = (age.num_minutes(), promise.keep_for.num_minutes());
        return Some(format!(
            "{} was deleted at an age of {age} min, but {keep_for} min were promised",
            record.arn
        ));
    }
    is_daily(action, held, taken, promise.keep_daily).then(|| {
        let days = promise.keep_daily;
        format!(
            "{} was deleted, but it was the last one of its day, and those of {days} days were promised",
            record.arn
        )
    })
}

/// The retention that the tag of a snapshot promises. None without a tag that can be read.
pub(super) fn of(record: &SnapshotRecord) -> Option<Keep> {
    let text = record.tags.get(tags::RETENTION)?;
    let mut words = text.split(' ');
    let mut after = |name: &str| words.next().filter(|word| *word == name).and_then(|_| words.next());
    let (time, last, daily) = (after("for")?, after("last")?, after("daily")?);
    let unit = time.len().checked_sub(1)?;
    let (number, minutes) = match (time.get(..unit)?, time.get(unit..)?) {
        (number, "d") => (number, 24 * 60),
        (number, "h") => (number, 60),
        (number, "m") => (number, 1),
        _ => return None,
    };
    let keep_for = TimeDelta::minutes(number.parse::<i64>().ok()? * minutes);
    Some(Keep { may_delete: true, keep_for, keep_last: last.parse().ok()?, keep_daily: daily.parse().ok()? })
}

/// True for a copy that is the last one of one of the newest `days` days of its name.
fn is_daily(action: &Action<'_>, held: &Held, taken: Instant, days: usize) -> bool {
    if days == 0 || !action.ledger.is_copy(&held.record) {
        return false;
    }
    let database = action.ledger.database(held);
    let copies = action.ledger.copies_of(&database);
    let its = copies.iter().filter(|(_, other)| other.instance() == held.instance());
    let end = its.map(|(other, _)| *other).max();
    // Another database of the name counts from its first copy under this name and after the last one of the earlier database.
    let counts = |(other, copy): &&(Instant, &Held)| {
        let is_later = copy.record.database == database.1 && Some(*other) > end;
        *other > taken && (copy.instance() == held.instance() || is_later)
    };
    let newer = copies.iter().filter(counts).map(|(other, _)| *other);
    let dates: BTreeSet<_> = newer.map(|other| other.date_naive()).collect();
    let passed = dates.last().map_or(0, |newest| (*newest - taken.date_naive()).num_days());
    !dates.contains(&taken.date_naive())
        && dates.len() < days
        && usize::try_from(passed).is_ok_and(|passed| passed < days)
}
