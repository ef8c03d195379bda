//! The time between two snapshots of one database, determined by the times of the runs.
//!
//! The first run in an interval takes its snapshot. A snapshot that is still in progress delays the next one.

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

/// The longest time from the start of work that takes `length` to the time of the run that certainly finds it finished.
/// A run starts up to `late` after its time. If a run starts late enough, its work just misses one run more.
pub(super) fn until_seen(length: TimeDelta, step: TimeDelta, late: TimeDelta) -> TimeDelta {
    let seen = up(length, step);
    if seen < length + late { length + step } else { seen }
}

/// The least time between the runs at which two snapshots of a database are due, or between the share or copy runs
/// after them.
pub(super) fn least(apart: TimeDelta, period: TimeDelta) -> TimeDelta {
    down(apart, period).max(period)
}

/// The longest time between the data of two snapshots where runs fall at any time. The lateness of the second is not
/// included.
pub(super) fn longest(cadence: &Cadence, conditions: &Conditions) -> TimeDelta {
    up(cadence.interval, cadence.take).max(until_seen(conditions.snapshot, cadence.take, conditions.late))
}

/// The time added by a run shortly before the start of an interval. If it starts late once, it is in the interval. If it
/// is on time the next time, it is moments too early, and the snapshot of the next interval waits for another run.
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

/// True if a snapshot can still be in progress when the next one is due.
pub(super) fn is_held_up(cadence: &Cadence, conditions: &Conditions) -> bool {
    conditions.late + conditions.snapshot > least(cadence.interval, cadence.take)
}
