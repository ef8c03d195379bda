//! A valid plan of faults: rates, durations and a script.
//!
//! Files are read in `written`. Faults are drawn from the rates in `draws` and `strikes`.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::kind::{Kind, Occasion};
use super::lasting::{self, Span};
use super::limits::{self, InvalidPlan, check_lasting, check_rate, check_scripted, check_time};
use crate::world::SecondsRange;

/// The rate and the duration of each fault, and the faults at set times.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FaultPlan {
    pub(super) rates: BTreeMap<Kind, f64>,
    pub(super) lasting: BTreeMap<Kind, Span>,
    pub(super) script: Vec<Scripted>,
}

/// A fault at a set time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripted {
    /// Its kind, one of those that strike the world as a whole.
    #[serde(deserialize_with = "limits::of_the_world")]
    pub fault: Kind,
    /// The time from the start until it begins.
    #[serde(with = "lasting")]
    pub after: TimeDelta,
    /// Its duration.
    #[serde(serialize_with = "lasting::serialize", deserialize_with = "limits::some_time")]
    pub lasts: TimeDelta,
    /// The side that it strikes, where there are two; drawn when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
}

/// One of the two ends between which snapshots travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The side of the databases.
    Source,
    /// The side of the copies.
    Destination,
}

impl FaultPlan {
    /// The rate of a kind. [`Kind::occasion`] gives it a meaning.
    #[must_use]
    pub fn rate(&self, kind: Kind) -> f64 {
        self.rates.get(&kind).copied().unwrap_or(0.0)
    }

    /// The duration of a kind that strikes by its rate.
    #[must_use]
    pub fn lasting(&self, kind: Kind) -> SecondsRange {
        let given = self.lasting.get(&kind).copied();
        given.map(|Span(seconds)| seconds).or_else(|| kind.lasts()).unwrap_or(SecondsRange::of(0, 0))
    }

    /// The faults at set times.
    #[must_use]
    pub fn script(&self) -> &[Scripted] {
        &self.script
    }

    /// This plan with another rate of one kind.
    ///
    /// # Errors
    /// [`InvalidPlan`] if such a fault cannot have that rate.
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
