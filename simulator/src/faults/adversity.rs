//! All faults of one run together, counted as they strike.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::apply::{Cast, begin, end};
use super::draws::{Draws, Window};
use super::kind::{Kind, MISHAPS};
use super::plan::FaultPlan;
use super::strikes::{Moment, Strikes};
use crate::world::{Rules, World};

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFault {
    /// It is answered with this error, and has no effect.
    Fails(&'static str, &'static str),
    /// It is answered with this error, and has its effect all the same.
    AnswerLost(&'static str, &'static str),
    /// The caller is killed before it.
    KilledBefore,
    /// The caller is killed after it.
    KilledAfter,
}

/// All faults of one run.
#[derive(Debug, Clone)]
pub struct Adversity {
    draws: Draws,
    strikes: Strikes,
    cast: Cast,
    calls: u64,
    counts: BTreeMap<Kind, u64>,
}

impl Adversity {
    /// The faults of `plan` from `seed` within `window`, among `cast`.
    #[must_use]
    pub fn new(plan: FaultPlan, seed: u64, window: Window, cast: Cast) -> Self {
        let draws = Draws::new(plan, seed, window);
        let strikes = Strikes::new(draws.clone());
        Self { draws, strikes, cast, calls: 0, counts: BTreeMap::new() }
    }

    /// The rules that the world is to be given.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.draws.rules()
    }

    /// What befalls the next call, made at `now`.
    pub fn next_call(&mut self, now: Instant) -> Option<CallFault> {
        self.calls += 1;
        let kind = self.draws.call(self.calls, now)?;
        self.count(kind);
        Some(match kind {
            Kind::Throttled => CallFault::Fails("Throttling", "Rate exceeded"),
            Kind::LostAnswer => CallFault::AnswerLost("RequestTimeout", "The request timed out."),
            Kind::KilledBefore => CallFault::KilledBefore,
            Kind::KilledAfter => CallFault::KilledAfter,
            _ => CallFault::Fails("InternalFailure", "The request failed because of an unknown error."),
        })
    }

    /// When the runs begin that `worker`'s schedule should begin at `at`. To be asked once for each.
    pub fn fires(&mut self, worker: &str, at: Instant) -> Vec<Instant> {
        let (runs, kinds) = self.draws.fires(worker, at);
        kinds.into_iter().for_each(|kind| self.count(kind));
        runs
    }

    /// How far the clock is off of the run that `worker` begins at `at`. To be asked once for each.
    pub fn skew(&mut self, worker: &str, at: Instant) -> TimeDelta {
        let skew = self.draws.skew(worker, at);
        if !skew.is_zero() {
            self.count(Kind::ClockSkew);
        }
        skew
    }

    /// How long each call takes of the run that `worker` begins at `at`, if it is a slow one. To be asked once for
    /// each.
    pub fn slow(&mut self, worker: &str, at: Instant) -> Option<TimeDelta> {
        let slow = self.draws.slow(worker, at)?;
        self.count(Kind::SlowRun);
        Some(slow)
    }

    /// When the next fault of the world begins or ends.
    #[must_use]
    pub fn next_at(&mut self) -> Option<Instant> {
        self.strikes.next_at()
    }

    /// Lets the next fault of the world begin or end, at its time.
    pub fn apply_next(&mut self, world: &mut World) {
        match self.strikes.next() {
            Some((Moment::Begins, strike)) => {
                world.advance(strike.at);
                if begin(&strike, world, &self.cast) {
                    self.count(strike.kind);
                }
            }
            Some((Moment::Ends, strike)) => {
                world.advance(strike.until);
                end(&strike, world, &self.cast);
            }
            None => {}
        }
    }

    /// How often each kind struck; what had nobody to strike is not counted.
    #[must_use]
    pub fn counts(&self, world: &World) -> BTreeMap<Kind, u64> {
        let mut counts = self.counts.clone();
        for (mishap, kind) in MISHAPS {
            counts.extend(world.mishaps().get(&mishap).map(|count| (kind, *count)));
        }
        counts
    }

    fn count(&mut self, kind: Kind) {
        *self.counts.entry(kind).or_default() += 1;
    }
}
