//! Single decisions, each a pure function of the seed and of the occasion.

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::kind::{Kind, MISHAPS, Occasion};
use super::plan::FaultPlan;
use crate::world::{Chance, Mishap, Rules, fraction, hash};

use std::collections::BTreeMap;

/// The time in which faults may strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub start: Instant,
    /// The instant that is no longer part of it. Every fault is over by then.
    pub end: Instant,
}

/// A plan with a seed, which together decide every occasion.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    pub(super) plan: FaultPlan,
    pub(super) seed: u64,
    pub(super) window: Window,
}

impl Window {
    /// True if faults may strike at `at`.
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }
}

impl Draws {
    /// Decisions under `plan` from `seed` within `window`.
    #[must_use]
    pub fn new(plan: FaultPlan, seed: u64, window: Window) -> Self {
        Self { plan, seed, window }
    }

    /// The fault of the `number`-th call, at `now`, if it has one.
    #[must_use]
    pub fn call(&self, number: u64, now: Instant) -> Option<Kind> {
        if !self.window.contains(now) {
            return None;
        }
        let mut left = fraction(self.seed, &["call", &number.to_string()]);
        Kind::ALL.into_iter().filter(|kind| kind.occasion() == Occasion::Call).find(|kind| {
            left -= self.plan.rate(*kind);
            left < 0.0
        })
    }

    /// The instants at which the runs begin that are due for `worker` at `at`, and the faults that changed them.
    #[must_use]
    pub fn fires(&self, worker: &str, at: Instant) -> (Vec<Instant>, Vec<Kind>) {
        if self.strikes(Kind::NotFired, worker, at) {
            return (Vec::new(), vec![Kind::NotFired]);
        }
        let mut kinds = Vec::new();
        let mut runs = vec![at];
        if self.strikes(Kind::FiredLate, worker, at) {
            kinds.push(Kind::FiredLate);
            runs[0] = self.later(Kind::FiredLate, worker, at, at);
        }
        if self.strikes(Kind::FiredTwice, worker, at) {
            kinds.push(Kind::FiredTwice);
            runs.push(self.later(Kind::FiredTwice, worker, at, runs[0]));
        }
        (runs, kinds)
    }

    /// The clock error of the run that `worker` begins at `at`.
    #[must_use]
    pub fn skew(&self, worker: &str, at: Instant) -> TimeDelta {
        if !self.strikes(Kind::ClockSkew, worker, at) {
            return TimeDelta::zero();
        }
        let span = self.span(Kind::ClockSkew, worker, at);
        let is_fast = hash(self.seed, &["skew", worker, &at.to_rfc3339()]) & 1 == 0;
        if is_fast { span } else { -span }
    }

    /// The time that each call takes in the run that `worker` begins at `at`, if that run is slow.
    #[must_use]
    pub fn slow(&self, worker: &str, at: Instant) -> Option<TimeDelta> {
        self.strikes(Kind::SlowRun, worker, at).then(|| self.span(Kind::SlowRun, worker, at))
    }

    /// The chances of mishaps in the world.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let chance = |kind: Kind| Chance { rate: self.plan.rate(kind), lasts: self.plan.lasting(kind) };
        let chances: BTreeMap<Mishap, Chance> =
            MISHAPS.into_iter().map(|(mishap, kind)| (mishap, chance(kind))).collect();
        Rules { seed: self.seed, end: self.window.end, chances }
    }

    fn strikes(&self, kind: Kind, whom: &str, at: Instant) -> bool {
        let rate = self.plan.rate(kind);
        rate > 0.0
            && self.window.contains(at)
            && fraction(self.seed, &[kind.name(), whom, &at.to_rfc3339()]) < rate
    }

    fn span(&self, kind: Kind, whom: &str, at: Instant) -> TimeDelta {
        self.plan.lasting(kind).draw(self.seed, &[kind.name(), whom, &at.to_rfc3339(), "lasts"])
    }

    /// An instant later than `from`, but not beyond the end.
    fn later(&self, kind: Kind, worker: &str, at: Instant, from: Instant) -> Instant {
        (from + self.span(kind, worker, at)).min(self.window.end.max(from))
    }
}
