//! All faults of one simulation, counted as they strike.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::ids::{AccountId, Region};

use super::apply::{Cast, begin, end};
use super::draws::{Draws, Window};
use super::kind::{Kind, MISHAPS};
use super::plan::FaultPlan;
use super::strikes::{Moment, Strikes};
use crate::world::{Rules, World};

/// The effect of a fault on one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFault {
    /// The call is answered with this error and has no effect.
    Fails(&'static str, &'static str),
    /// The call is answered with this error and nevertheless has its effect.
    AnswerLost(&'static str, &'static str),
    /// The caller is killed before the call.
    KilledBefore,
    /// The caller is killed after the call.
    KilledAfter,
}

/// All faults of one simulation.
#[derive(Debug, Clone)]
pub struct Adversity {
    draws: Draws,
    strikes: Strikes,
    cast: Cast,
    calls: u64,
    /// The strikes under way that shorten the retention of the copies.
    short_retentions: usize,
    counts: BTreeMap<Kind, u64>,
}

impl Adversity {
    /// The faults of `plan` from `seed` within `window`, among `cast`.
    #[must_use]
    pub fn new(plan: FaultPlan, seed: u64, window: Window, cast: Cast) -> Self {
        let draws = Draws::new(plan, seed, window);
        let strikes = Strikes::new(draws.clone());
        Self { draws, strikes, cast, calls: 0, short_retentions: 0, counts: BTreeMap::new() }
    }

    /// The rules to set in the world.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.draws.rules()
    }

    /// The fault of the next call, made at `now`, if it has one.
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

    /// The instants at which the runs begin that are due for `worker` at `at`. Call this once for each due run.
    pub fn fires(&mut self, worker: &str, at: Instant) -> Vec<Instant> {
        let (runs, kinds) = self.draws.fires(worker, at);
        kinds.into_iter().for_each(|kind| self.count(kind));
        runs
    }

    /// The clock error of the run that `worker` begins at `at`. Call this once for each run.
    pub fn skew(&mut self, worker: &str, at: Instant) -> TimeDelta {
        let skew = self.draws.skew(worker, at);
        if !skew.is_zero() {
            self.count(Kind::ClockSkew);
        }
        skew
    }

    /// The time that each call takes in the run that `worker` begins at `at`, if that run is slow. Call this once for
    /// each run.
    pub fn slow(&mut self, worker: &str, at: Instant) -> Option<TimeDelta> {
        let slow = self.draws.slow(worker, at)?;
        self.count(Kind::SlowRun);
        Some(slow)
    }

    /// The instant at which the next fault of the world begins or ends.
    #[must_use]
    pub fn next_at(&mut self) -> Option<Instant> {
        self.strikes.next_at()
    }

    /// Begins or ends the next fault of the world, at its instant.
    pub fn apply_next(&mut self, world: &mut World) {
        match self.strikes.next() {
            Some((Moment::Begins, strike)) => {
                world.advance(strike.at);
                self.short_retentions += usize::from(strike.kind == Kind::ShortRetention);
                if begin(&strike, world, &self.cast) {
                    self.count(strike.kind);
                }
            }
            Some((Moment::Ends, strike)) => {
                world.advance(strike.until);
                self.short_retentions -= usize::from(strike.kind == Kind::ShortRetention);
                end(&strike, world, &self.cast);
            }
            None => {}
        }
    }

    /// The parameters of a worker that runs there, with the mistakes in them.
    #[must_use]
    pub fn parameters(&self, account: &AccountId, region: &Region, given: &Parameters) -> Parameters {
        let mut parameters = given.clone();
        let is_of_copies = *account == self.cast.destination && *region == self.cast.destination_region;
        if self.short_retentions > 0 && is_of_copies {
            let mistakes = [("RetentionDays", "1h"), ("KeepDaily", "0")];
            parameters.extend(mistakes.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        parameters
    }

    /// The number of times that each kind struck. A fault that found no target is not counted.
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
