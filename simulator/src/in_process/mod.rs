//! The world as the real workers see it: their own traits, in virtual time, with a record of every call.
//!
//! A [`Simulation`] holds the world, its clock and what was published; a [`SimulatedCloud`] is one account's sight
//! of it. Every future resolves at once, or never: where a [`Fault`] kills the caller. (One that is stepping rests
//! once before each call, so that executions can overlap.)

mod account;
mod changes;
mod convert;
mod execution;
mod faults;
mod gateway;
mod recording;
mod recovery;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::ids::{AccountId, Region};

use crate::calls::{Call, Calls};
use crate::permissions::Permissions;
use crate::world::{ApiError, Caller, Request, Response, Settings, World};

pub use self::faults::{Effect, Fault};
pub use self::gateway::SimulatedRds;
pub use self::recovery::SimulatedRecovery;

use self::account::Values;
use self::execution::Execution;
use self::faults::{Faults, Verdict};
use self::recording::Principal;

/// A world with its clock, shared by all who work on it.
#[derive(Debug, Clone)]
pub struct Simulation {
    state: Arc<Mutex<State>>,
    execution: Execution,
}

#[derive(Debug)]
struct State {
    world: World,
    now: Instant,
    calls: Calls,
    faults: Faults,
    published: Vec<Published>,
    values: Values,
    /// Absent while nobody wants them: months of virtual time make millions of calls.
    permissions: Option<Permissions>,
}

/// A metric that a worker published.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// When.
    pub at: Instant,
    /// The account it was published in.
    pub account: AccountId,
    /// The Region it was published in.
    pub region: Region,
    /// The datum.
    pub metric: Metric,
}

/// AWS as one worker in one account sees it.
#[derive(Debug, Clone)]
pub struct SimulatedCloud {
    simulation: Simulation,
    account: AccountId,
    region: Region,
    parameters: Parameters,
    principal: Principal,
}

impl Simulation {
    /// An empty world at `start`.
    #[must_use]
    pub fn new(settings: Settings, start: Instant) -> Self {
        let state = State {
            world: World::new(settings, start),
            now: start,
            calls: Calls::default(),
            faults: Faults::default(),
            published: Vec::new(),
            values: Values::default(),
            permissions: None,
        };
        Self { state: Arc::new(Mutex::new(state)), execution: Execution::default() }
    }

    /// The virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.lock().now
    }

    /// Lets virtual time pass up to `to`; an earlier instant changes nothing.
    pub fn advance_to(&self, to: Instant) {
        let mut state = self.lock();
        state.now = state.now.max(to);
        state.meet_strikes();
        let now = state.now;
        state.world.advance(now);
    }

    /// Lets virtual time pass.
    pub fn advance_by(&self, span: TimeDelta) {
        self.advance_to(self.now() + span);
    }

    /// Lets virtual time pass until nothing more happens by itself.
    pub fn settle(&self) {
        while let Some(next) = self.with_world(|world| world.next_event()) {
            self.advance_to(next);
        }
    }

    /// Looks at the world, or changes it from outside the API.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.lock().world)
    }

    /// Makes a request that is part of a scene being set: neither counted nor subject to faults.
    ///
    /// # Errors
    /// What AWS would answer.
    pub fn request(
        &self,
        account: &AccountId,
        region: &Region,
        request: Request,
    ) -> Result<Response, ApiError> {
        let mut state = self.lock();
        let now = state.now;
        state.world.advance(now);
        state.world.answer(&Caller { account: account.clone() }, region, request)
    }

    /// The sight of a worker that runs in `account` and `region` with these parameters.
    #[must_use]
    pub fn cloud(&self, account: &AccountId, region: &Region, parameters: Parameters) -> SimulatedCloud {
        SimulatedCloud {
            simulation: self.clone(),
            account: account.clone(),
            region: region.clone(),
            parameters,
            principal: Principal::default(),
        }
    }

    /// The record of calls since the start.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.lock().calls.clone()
    }

    /// How many calls were made since the start; cheaper than [`Self::calls`].
    #[must_use]
    pub fn total_calls(&self) -> u64 {
        self.lock().calls.total()
    }

    /// The metrics published since they were last taken, in order.
    #[must_use]
    pub fn take_published(&self) -> Vec<Published> {
        std::mem::take(&mut self.lock().published)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One API call: counted, subject to faults, then given to `effect`. Never resolves for a killed caller.
    async fn call<T>(
        &self,
        place: (&AccountId, &Region),
        action: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, GatewayError> + Send,
    ) -> Result<T, GatewayError> {
        self.execution.take_turn().await;
        match self.attempt(place, action, effect) {
            Some(result) => result,
            None => std::future::pending().await,
        }
    }

    fn attempt<T>(
        &self,
        (account, region): (&AccountId, &Region),
        action: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, GatewayError>,
    ) -> Option<Result<T, GatewayError>> {
        let mut state = self.lock();
        let now = state.now;
        let verdict = state.faults.next(&self.execution, now);
        if matches!(verdict, Verdict::Dead) {
            return None;
        }
        let answer = match &verdict {
            Verdict::Kill(Effect::Before) | Verdict::Fail { effect: Effect::Before, .. } => None,
            _ => Some(state.check_in_service(account, region, action).and_then(|()| effect(&mut state))),
        };
        let result = match verdict {
            Verdict::Fail { code, message, .. } => Some(Err(GatewayError::of_code(action, &code, &message))),
            Verdict::Kill(_) | Verdict::Dead => None,
            Verdict::Proceed => answer,
        };
        let error = match &result {
            Some(Err(error)) => Some(error.code.clone()),
            Some(Ok(_)) => None,
            None => Some("killed".to_owned()),
        };
        let (account, region) = (account.clone(), region.clone());
        let call = Call { at: now, account, region, action, error };
        state.calls.record(call);
        result
    }
}

impl SimulatedCloud {
    /// The same as an execution sees it.
    #[must_use]
    pub fn seen_by(&self, execution: &Simulation) -> Self {
        Self { simulation: execution.clone(), ..self.clone() }
    }

    /// The same under the name of a worker whose parameters are at `path`, for the record of permissions.
    #[must_use]
    pub fn named(self, worker: &str, path: &str) -> Self {
        Self { principal: Principal::new(worker, path), ..self }
    }

    /// The account that it works in.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The Region that it works in.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Gives it other parameters, as an operator would in SSM.
    pub fn configure(&mut self, parameters: Parameters) {
        self.parameters = parameters;
    }
}

impl Cloud for SimulatedCloud {
    type Rds = SimulatedRds;

    fn rds(&self, region: &Region) -> SimulatedRds {
        SimulatedRds::new(self, region)
    }

    fn parameters(&self) -> impl Future<Output = Result<Parameters, GatewayError>> + Send {
        let place = (&self.account, &self.region);
        let read = |state: &mut State| {
            state.ask_path(&self.principal, (&self.account, &self.region));
            Ok(self.parameters.clone())
        };
        self.simulation.call(place, "GetParametersByPath", read)
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        if metrics.is_empty() {
            return Ok(());
        }
        let place = (&self.account, &self.region);
        let enter = |state: &mut State| {
            state.ask_metrics(&self.principal, &self.account);
            let at = state.now;
            state.published.extend(metrics.iter().map(|metric| Published {
                at,
                account: self.account.clone(),
                region: self.region.clone(),
                metric: metric.clone(),
            }));
            Ok(())
        };
        self.simulation.call(place, "PutMetricData", enter).await
    }
}

#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod tests;
