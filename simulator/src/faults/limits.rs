//! The values that a fault plan may contain, and the errors for all others.

use chrono::TimeDelta;
use serde::de::{Deserialize, Deserializer, Error};

use super::kind::{Kind, Occasion};
use super::lasting;

/// A plan that contains an impossible value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidPlan {
    /// A rate that is not a share.
    #[error("the rate of {0} is {1}, but it is a share: give 0 to 1")]
    Share(Kind, f64),
    /// A rate that is not a number of times a day.
    #[error("the rate of {0} is {1}, but it is a number of times a day: give 0 to 24")]
    PerDay(Kind, f64),
    /// More faults than calls.
    #[error("the rates of faults in calls add up to more than 1")]
    Calls,
    /// A duration for a fault that is over at once.
    #[error("{0} is over at once: it cannot be given a duration")]
    OverAtOnce(Kind),
    /// A script with a fault that needs an occasion.
    #[error("{0} strikes calls, schedules or snapshots: give it a rate, it cannot be in a script")]
    Script(Kind),
    /// A script with a fault that has no duration.
    #[error("a fault in the script has no duration: give at least 1s")]
    NoTime,
}

pub(super) fn check_rate(kind: Kind, rate: f64) -> Result<(), InvalidPlan> {
    match kind.occasion() {
        // At most one fault an hour is drawn.
        Occasion::Day if !(0.0..=24.0).contains(&rate) => Err(InvalidPlan::PerDay(kind, rate)),
        Occasion::Call | Occasion::Firing | Occasion::Snapshot if !(0.0..=1.0).contains(&rate) => {
            Err(InvalidPlan::Share(kind, rate))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_lasting(kind: Kind) -> Result<(), InvalidPlan> {
    kind.lasts().map(|_| ()).ok_or(InvalidPlan::OverAtOnce(kind))
}

pub(super) fn check_scripted(kind: Kind) -> Result<(), InvalidPlan> {
    if kind.occasion() == Occasion::Day { Ok(()) } else { Err(InvalidPlan::Script(kind)) }
}

pub(super) fn check_time(lasts: TimeDelta) -> Result<(), InvalidPlan> {
    if lasts > TimeDelta::zero() { Ok(()) } else { Err(InvalidPlan::NoTime) }
}

/// Reads a kind that can be in a script.
pub(super) fn of_the_world<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
    let kind = Kind::deserialize(deserializer)?;
    check_scripted(kind).map_err(D::Error::custom)?;
    Ok(kind)
}

/// Reads a time above zero.
pub(super) fn some_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeDelta, D::Error> {
    let lasts = lasting::deserialize(deserializer)?;
    check_time(lasts).map_err(D::Error::custom)?;
    Ok(lasts)
}
