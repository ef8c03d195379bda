//! A plan of faults as it stands in a file: rates, durations and a script. Usable ones only.
//!
//! How a file is read is in `written`, what the rates lead to is drawn in `draws` and `strikes`.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::kind::{Kind, Occasion};
use super::lasting::{self, Span};
use super::written::{self, Draft};
use crate::world::SecondsRange;

/// How often each fault strikes, how long it lasts, and what strikes at set times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
pub struct FaultPlan {
    pub(super) rates: BTreeMap<Kind, f64>,
    pub(super) lasting: BTreeMap<Kind, Span>,
    pub(super) script: Vec<Scripted>,
}

/// A fault at a set time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripted {
    /// Which; one of those that strike the world at large.
    #[serde(deserialize_with = "written::of_the_world")]
    pub fault: Kind,
    /// From the start until it begins.
    #[serde(with = "lasting")]
    pub after: TimeDelta,
    /// How long it lasts.
    #[serde(serialize_with = "lasting::serialize", deserialize_with = "written::some_time")]
    pub lasts: TimeDelta,
    /// Which side it strikes, where there are two; drawn when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
}

/// One of the two ends between which snapshots travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Where the databases are.
    Source,
    /// Where the copies are kept.
    Destination,
}

/// A plan that says something impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// A rate that is no share.
    #[error("the rate of {0} is a share: give 0 to 1")]
    Share(Kind),
    /// A rate that is no number of times a day.
    #[error("the rate of {0} is how often a day: give 0 to 24")]
    PerDay(Kind),
    /// More faults than calls.
    #[error("the rates of faults in calls make more than 1 together")]
    Calls,
    /// A duration of what is over at once.
    #[error("{0} is over at once: it cannot be given a duration")]
    OverAtOnce(Kind),
    /// A script with something that needs an occasion.
    #[error("{0} strikes calls, schedules or snapshots: give it a rate, it cannot be in a script")]
    Script(Kind),
    /// A script with something that lasts no time.
    #[error("a fault in the script lasts no time: give at least 1s")]
    NoTime,
}

impl FaultPlan {
    /// How often a kind strikes; what that means is in [`Kind::occasion`].
    #[must_use]
    pub fn rate(&self, kind: Kind) -> f64 {
        self.rates.get(&kind).copied().unwrap_or(0.0)
    }

    /// How long a kind lasts where it strikes by its rate.
    #[must_use]
    pub fn lasting(&self, kind: Kind) -> SecondsRange {
        let given = self.lasting.get(&kind).copied();
        given.map(|Span(seconds)| seconds).or_else(|| kind.lasts()).unwrap_or(SecondsRange::of(0, 0))
    }

    /// What strikes at set times.
    #[must_use]
    pub fn script(&self) -> &[Scripted] {
        &self.script
    }

    /// This plan with another rate of one kind.
    ///
    /// # Errors
    /// [`InvalidPlan`] if that is no rate of such a fault.
    pub fn with_rate(mut self, kind: Kind, rate: f64) -> Result<Self, InvalidPlan> {
        self.rates.insert(kind, rate);
        self.checked()
    }

    /// This plan with other durations of one kind.
    ///
    /// # Errors
    /// [`InvalidPlan`] if such a fault is over at once.
    pub fn with_lasting(mut self, kind: Kind, lasts: SecondsRange) -> Result<Self, InvalidPlan> {
        self.lasting.insert(kind, Span(lasts));
        self.checked()
    }

    /// This plan with one more fault at a set time.
    ///
    /// # Errors
    /// [`InvalidPlan`] if that fault cannot be in a script.
    pub fn with_scripted(mut self, scripted: Scripted) -> Result<Self, InvalidPlan> {
        self.script.push(scripted);
        self.checked()
    }

    pub(super) fn of_rates<const N: usize>(rates: [(Kind, f64); N]) -> Self {
        Self { rates: rates.into(), ..Self::default() }
    }

    pub(super) fn checked(self) -> Result<Self, InvalidPlan> {
        self.rates.iter().try_for_each(|(kind, rate)| check_rate(*kind, *rate))?;
        self.lasting.keys().try_for_each(|kind| check_lasting(*kind))?;
        for scripted in &self.script {
            check_scripted(scripted.fault)?;
            check_time(scripted.lasts)?;
        }
        let in_calls = self.rates.iter().filter(|(kind, _)| kind.occasion() == Occasion::Call);
        if in_calls.map(|(_, rate)| rate).sum::<f64>() > 1.0 { Err(InvalidPlan::Calls) } else { Ok(self) }
    }
}

pub(super) fn check_rate(kind: Kind, rate: f64) -> Result<(), InvalidPlan> {
    match kind.occasion() {
        // At most one an hour is drawn.
        Occasion::Day if !(0.0..=24.0).contains(&rate) => Err(InvalidPlan::PerDay(kind)),
        Occasion::Call | Occasion::Firing | Occasion::Snapshot if !(0.0..=1.0).contains(&rate) => {
            Err(InvalidPlan::Share(kind))
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

impl TryFrom<Draft> for FaultPlan {
    type Error = InvalidPlan;
    fn try_from(draft: Draft) -> Result<Self, InvalidPlan> {
        draft.plan().checked()
    }
}
