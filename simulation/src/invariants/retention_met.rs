//! The invariant that no usable recovery point is deleted before its retention is over.
//!
//! The retention is that of the configuration. A point that was made while a fault had cut it is kept for a shorter time, which
//! `promise_kept` checks. Intermediates have no retention. `expired_deleted` checks the opposite: that recovery points are deleted in the end.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_simulator::world::SnapshotRecord;

use super::action::Action;
use super::promise_kept;

/// The time by which a deletion may be early: the clock of a run may be wrong by minutes.
const CLOCK_ERROR: TimeDelta = TimeDelta::minutes(5);

/// Returns the violation of `action` at `now`, if any.
pub(super) fn check(action: &Action<'_>, now: Instant) -> Option<String> {
    let record = action.deleted()?;
    let taken = action.held(record)?.usable_since()?;
    let promised = promise_kept::of(record).map_or(TimeDelta::MAX, |promise| promise.keep_for);
    let keep_for = keep_for(action, record)?.min(promised);
    let age = now - taken;
    (age + CLOCK_ERROR < keep_for).then(|| {
        let (age, keep_for) = (age.num_minutes(), keep_for.num_minutes());
        format!("{} was deleted at an age of {age} min, but its retention is {keep_for} min", record.arn)
    })
}

/// The retention of a snapshot. None for intermediates and for accounts without a retention.
fn keep_for(action: &Action<'_>, record: &SnapshotRecord) -> Option<TimeDelta> {
    if action.ledger.is_copy(record) {
        Some(action.terms.destination.keep_for)
    } else if record.arn.account == action.terms.homes.source.account {
        Some(action.terms.source.keep_for)
    } else {
        None
    }
}
