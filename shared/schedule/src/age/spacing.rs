//! How far apart two snapshots of one database are, passes being what they are.
//!
//! A slot is filled by the first pass in it, and a snapshot that is still in progress holds the next one up.

use chrono::TimeDelta;

use crate::conditions::{Cadence, Conditions, Phase, steps};

/// The first time on the grid of `step` that is not before `time`.
pub(super) fn up(time: TimeDelta, step: TimeDelta) -> TimeDelta {
    let (whole, rest) = steps(time, step);
    if rest.is_zero() { step * whole } else { step * whole.saturating_add(1) }
}

/// The last time on the grid of `step` that is not after `time`.
pub(super) fn down(time: TimeDelta, step: TimeDelta) -> TimeDelta {
    step * steps(time, step).0
}

/// The longest time from when a pass starts something that takes `length` to the time of the pass that is sure
/// to find it done. Passes start up to `late` after their time; one that starts late enough makes its work
/// just miss a pass more.
pub(super) fn until_seen(length: TimeDelta, step: TimeDelta, late: TimeDelta) -> TimeDelta {
    let seen = up(length, step);
    if seen < length + late { length + step } else { seen }
}

/// The least time between the passes at which two snapshots of a database are due, or between the share or
/// copy passes after them.
pub(super) fn least(apart: TimeDelta, pass: TimeDelta) -> TimeDelta {
    down(apart, pass).max(pass)
}

/// The most between the data of two snapshots, the lateness of the second not counted, where passes fall
/// anywhere.
pub(super) fn longest(cadence: &Cadence, conditions: &Conditions) -> TimeDelta {
    up(cadence.interval, cadence.take).max(until_seen(conditions.snapshot, cadence.take, conditions.late))
}

/// What is added by a pass shortly before a slot begins: started late once and in time the next time, it is
/// too early by moments, and the slot waits for the next pass.
pub(super) fn straddling(cadence: &Cadence, conditions: &Conditions) -> TimeDelta {
    let Cadence { interval, take, .. } = *cadence;
    let can_straddle = conditions.phase == Phase::Anywhere
        && conditions.late > TimeDelta::zero()
        && interval + conditions.late > take;
    if can_straddle {
        (interval + take - longest(cadence, conditions)).max(TimeDelta::zero())
    } else {
        TimeDelta::zero()
    }
}

/// True if a snapshot can be in progress when the next one is due.
pub(super) fn is_held_up(cadence: &Cadence, conditions: &Conditions) -> bool {
    conditions.late + conditions.snapshot > least(cadence.interval, cadence.take)
}
