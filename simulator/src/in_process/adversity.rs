//! The faults of a simulation: they are planned here, and strike calls, schedules and the world as time passes.
//!
//! The verdict on a single call is in `faults`. The choice of faults is in `crate::faults`.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::{AccountId, Region};

use super::convert;
use super::faults::{Fault, Faults};
use super::simulation::{Simulation, State};
use crate::faults::{Adversity, Kind};

impl Simulation {
    /// Plans a fault for a call to come.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.plan(fault);
    }

    /// Forgets all planned faults and lets killed callers start again; calls are counted from one again. An
    /// adversity that is met stays.
    pub fn clear_faults(&self) {
        let faults = &mut self.lock().faults;
        *faults = Faults { adversity: faults.adversity.take(), ..Faults::default() };
    }

    /// True if a fault has killed this execution.
    #[must_use]
    pub fn was_killed(&self) -> bool {
        self.lock().faults.dead.contains(&self.run.number)
    }

    /// Lets this execution start again after it was killed, whatever faults are still to come.
    pub fn revive(&self) {
        self.lock().faults.dead.remove(&self.run.number);
    }

    /// Meets all faults of an adversity from now on: in calls, in the world's rules, and in the world as time passes.
    pub fn meet(&self, adversity: Adversity) {
        let mut state = self.lock();
        state.world.set_rules(adversity.rules());
        state.faults.adversity = Some(adversity);
        state.meet_strikes();
    }

    /// When the runs begin that `worker`'s schedule should begin at `at`. To be asked once for each.
    #[must_use]
    pub fn fires(&self, worker: &str, at: Instant) -> Vec<Instant> {
        match &mut self.lock().faults.adversity {
            Some(adversity) => adversity.fires(worker, at),
            None => vec![at],
        }
    }

    /// How far the clock is off of the run that `worker` begins at `at`. To be asked once for each.
    #[must_use]
    pub fn skew(&self, worker: &str, at: Instant) -> TimeDelta {
        match &mut self.lock().faults.adversity {
            Some(adversity) => adversity.skew(worker, at),
            None => TimeDelta::zero(),
        }
    }

    /// How long each call takes of the run that `worker` begins at `at`, if it is a slow one. To be asked once for
    /// each.
    #[must_use]
    pub fn slow(&self, worker: &str, at: Instant) -> Option<TimeDelta> {
        self.lock().faults.adversity.as_mut()?.slow(worker, at)
    }

    /// How often each kind of fault of the adversity struck so far.
    #[must_use]
    pub fn faults_injected(&self) -> BTreeMap<Kind, u64> {
        let state = self.lock();
        let adversity = state.faults.adversity.as_ref();
        adversity.map(|adversity| adversity.counts(&state.world)).unwrap_or_default()
    }

    /// When something happens next by itself, in the world or to it.
    #[must_use]
    pub fn next_event(&self) -> Option<Instant> {
        let mut state = self.lock();
        let strike = state.next_strike();
        state.world.next_event().into_iter().chain(strike).min()
    }
}

impl State {
    fn next_strike(&mut self) -> Option<Instant> {
        self.faults.adversity.as_mut()?.next_at()
    }

    /// Lets every strike up to now begin or end, each at its time.
    pub(super) fn meet_strikes(&mut self) {
        while self.next_strike().is_some_and(|at| at <= self.now) {
            let Some(adversity) = &mut self.faults.adversity else { return };
            adversity.apply_next(&mut self.world);
        }
    }

    /// An outage concerns every service there, not RDS alone.
    pub(super) fn check_in_service(
        &self,
        account: &AccountId,
        region: &Region,
        action: &'static str,
    ) -> Result<(), GatewayError> {
        let answer = self.world.check_in_service(account, region);
        answer.map_err(|error| convert::error(action, &error))
    }
}
