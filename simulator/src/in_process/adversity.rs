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
    /// Plans a fault for a future call.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.plan(fault);
    }

    /// Forgets all planned faults, lets killed callers continue, and counts calls from one again. An adversity
    /// stays in force.
    pub fn clear_faults(&self) {
        let faults = &mut self.lock().faults;
        *faults = Faults { adversity: faults.adversity.take(), ..Faults::default() };
    }

    /// True if a fault has killed this run.
    #[must_use]
    pub fn was_killed(&self) -> bool {
        self.lock().faults.dead.contains(&self.run.number)
    }

    /// Lets a killed run continue. Faults to come stay planned.
    pub fn revive(&self) {
        self.lock().faults.dead.remove(&self.run.number);
    }

    /// Puts an adversity in force: its faults strike calls and the world, and its rules are set in the world.
    pub fn meet(&self, adversity: Adversity) {
        let mut state = self.lock();
        state.world.set_rules(adversity.rules());
        state.faults.adversity = Some(adversity);
        state.meet_strikes();
    }

    /// The instants at which the runs begin that are due for `worker` at `at`. Call this once for each due run.
    #[must_use]
    pub fn fires(&self, worker: &str, at: Instant) -> Vec<Instant> {
        match &mut self.lock().faults.adversity {
            Some(adversity) => adversity.fires(worker, at),
            None => vec![at],
        }
    }

    /// The clock error of the run that `worker` begins at `at`. Call this once for each run.
    #[must_use]
    pub fn skew(&self, worker: &str, at: Instant) -> TimeDelta {
        match &mut self.lock().faults.adversity {
            Some(adversity) => adversity.skew(worker, at),
            None => TimeDelta::zero(),
        }
    }

    /// The time that each call takes in the run that `worker` begins at `at`, if that run is slow. Call this once for
    /// each run.
    #[must_use]
    pub fn slow(&self, worker: &str, at: Instant) -> Option<TimeDelta> {
        self.lock().faults.adversity.as_mut()?.slow(worker, at)
    }

    /// The number of times that each kind of fault of the adversity struck so far.
    #[must_use]
    pub fn faults_injected(&self) -> BTreeMap<Kind, u64> {
        let state = self.lock();
        let adversity = state.faults.adversity.as_ref();
        adversity.map(|adversity| adversity.counts(&state.world)).unwrap_or_default()
    }

    /// The instant of the next event of the world or fault that strikes it.
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

    /// Begins or ends every strike up to now, each at its instant.
    pub(super) fn meet_strikes(&mut self) {
        while self.next_strike().is_some_and(|at| at <= self.now) {
            let Some(adversity) = &mut self.faults.adversity else { return };
            adversity.apply_next(&mut self.world);
        }
    }

    /// An outage concerns every service of the place, not only RDS.
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
