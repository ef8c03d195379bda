//! A plan of faults as it stands in a file: rates, durations and a script. Usable ones only.
//!
//! What the rates lead to is drawn in `draws` and `strikes`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::{Kind, Occasion};
use crate::world::SecondsRange;

/// How often each fault strikes, how long it lasts, and what strikes at set times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
pub struct FaultPlan {
    rates: BTreeMap<Kind, f64>,
    lasting: BTreeMap<Kind, SecondsRange>,
    script: Vec<Scripted>,
}

/// A fault at a set time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripted {
    /// Which; one of those that strike the world at large.
    pub fault: Kind,
    /// Minutes from the start until it begins.
    pub after_minutes: u32,
    /// Minutes that it lasts.
    pub minutes: u32,
    /// Which side it strikes, where there are two; drawn when absent.
    #[serde(default)]
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
    #[error("{0} in the script lasts 0 minutes: give at least 1")]
    NoTime(Kind),
}

/// A plan as it is written, before anyone looked at it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    #[serde(default)]
    rates: BTreeMap<Kind, f64>,
    #[serde(default)]
    lasting: BTreeMap<Kind, SecondsRange>,
    #[serde(default)]
    script: Vec<Scripted>,
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
        given.or_else(|| kind.lasts()).unwrap_or(SecondsRange::of(0, 0))
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
        self.lasting.insert(kind, lasts);
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

    fn checked(self) -> Result<Self, InvalidPlan> {
        self.rates.iter().try_for_each(|(kind, rate)| check_rate(*kind, *rate))?;
        let in_calls = self.rates.iter().filter(|(kind, _)| kind.occasion() == Occasion::Call);
        if in_calls.map(|(_, rate)| rate).sum::<f64>() > 1.0 {
            return Err(InvalidPlan::Calls);
        }
        if let Some(kind) = self.lasting.keys().find(|kind| kind.lasts().is_none()) {
            return Err(InvalidPlan::OverAtOnce(*kind));
        }
        if let Some(scripted) = self.script.iter().find(|scripted| scripted.fault.occasion() != Occasion::Day)
        {
            return Err(InvalidPlan::Script(scripted.fault));
        }
        match self.script.iter().find(|scripted| scripted.minutes == 0) {
            Some(scripted) => Err(InvalidPlan::NoTime(scripted.fault)),
            None => Ok(self),
        }
    }
}

fn check_rate(kind: Kind, rate: f64) -> Result<(), InvalidPlan> {
    match kind.occasion() {
        // At most one an hour is drawn.
        Occasion::Day if !(0.0..=24.0).contains(&rate) => Err(InvalidPlan::PerDay(kind)),
        Occasion::Call | Occasion::Firing | Occasion::Snapshot if !(0.0..=1.0).contains(&rate) => {
            Err(InvalidPlan::Share(kind))
        }
        _ => Ok(()),
    }
}

impl TryFrom<Draft> for FaultPlan {
    type Error = InvalidPlan;
    fn try_from(Draft { rates, lasting, script }: Draft) -> Result<Self, InvalidPlan> {
        Self { rates, lasting, script }.checked()
    }
}
