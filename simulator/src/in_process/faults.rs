//! Faults in calls: planned ones by number, and those of an adversity by its plan; and time with the strikes in it.
//!
//! One verdict per call, before the call has its effect. What faults there are is decided in `crate::faults`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::{AccountId, Region};

use super::execution::Execution;
use super::{Simulation, State, convert};
use crate::faults::{Adversity, CallFault, Kind};

/// Whether a call's effect happens although its caller never learns of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The fault strikes before the effect: nothing happens.
    Before,
    /// The fault strikes after the effect: it happens, the answer is lost.
    After,
}

/// A fault in the `call`-th call from now on, the next one being number 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The caller is killed: its future never resolves, and no later call of it has an effect.
    Kill {
        /// Number of the call.
        call: u64,
        /// Whether the call still had its effect.
        effect: Effect,
    },
    /// The call is answered with an error.
    Fail {
        /// Number of the call.
        call: u64,
        /// Whether the call had its effect all the same.
        effect: Effect,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Proceed,
    Kill(Effect),
    Fail {
        effect: Effect,
        code: String,
        message: String,
    },
    /// The caller was killed by an earlier call.
    Dead,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    calls: u64,
    planned: BTreeMap<u64, Verdict>,
    dead: BTreeSet<u64>,
    adversity: Option<Adversity>,
}

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
        self.lock().faults.dead.contains(&self.execution.number)
    }

    /// Lets this execution start again after it was killed, whatever faults are still to come.
    pub fn revive(&self) {
        self.lock().faults.dead.remove(&self.execution.number);
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

impl Faults {
    fn plan(&mut self, fault: Fault) {
        let (call, verdict) = match fault {
            Fault::Kill { call, effect } => (call, Verdict::Kill(effect)),
            Fault::Fail { call, effect, code, message } => (call, Verdict::Fail { effect, code, message }),
        };
        self.planned.insert(self.calls + call, verdict);
    }

    /// What becomes of the next call, made by `execution`.
    pub(super) fn next(&mut self, execution: &Execution, now: Instant) -> Verdict {
        if self.dead.contains(&execution.number) {
            return Verdict::Dead;
        }
        self.calls += 1;
        let drawn = self.adversity.as_mut().and_then(|adversity| adversity.next_call(now));
        let planned = self.planned.remove(&self.calls);
        let verdict = planned.or(drawn.map(Verdict::from)).unwrap_or(Verdict::Proceed);
        if matches!(verdict, Verdict::Kill(_)) {
            self.dead.insert(execution.number);
        }
        verdict
    }
}

impl From<CallFault> for Verdict {
    fn from(fault: CallFault) -> Self {
        let fail = |effect, code: &str, message: &str| Self::Fail {
            effect,
            code: code.to_owned(),
            message: message.to_owned(),
        };
        match fault {
            CallFault::Fails(code, message) => fail(Effect::Before, code, message),
            CallFault::AnswerLost(code, message) => fail(Effect::After, code, message),
            CallFault::KilledBefore => Self::Kill(Effect::Before),
            CallFault::KilledAfter => Self::Kill(Effect::After),
        }
    }
}
