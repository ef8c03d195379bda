//! A world with its clock and its records, shared by all its users.
//!
//! The view that one account has of it is in `cloud`. Faults and their effect on calls are in `faults` and `adversity`.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::aws::retries::{Attempts, Repeats, Verdict as Next};
use pilot_light_domain::model::ids::{AccountId, Region};

use super::faults::{Effect, Faults, Verdict};
use super::run::{Pace, Run};
use super::values::Values;
use crate::calls::{Call, Calls};
use crate::permissions::Permissions;
use crate::world::{ApiError, Caller, Request, Response, Settings, World};

/// A world with its clock, shared by all its users.
#[derive(Debug, Clone)]
pub struct Simulation {
    pub(super) state: Arc<Mutex<State>>,
    pub(super) run: Run,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) world: World,
    pub(super) now: Instant,
    pub(super) calls: Calls,
    pub(super) faults: Faults,
    pub(super) published: Vec<Published>,
    pub(super) values: Values,
    /// Absent until the record is requested: months of virtual time make millions of calls.
    pub(super) permissions: Option<Permissions>,
}

/// A metric that a worker published.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The instant.
    pub at: Instant,
    /// The account it was published in.
    pub account: AccountId,
    /// The Region it was published in.
    pub region: Region,
    /// The metric.
    pub metric: Metric,
}

/// The answer to one attempt of a call.
struct Attempt<T> {
    answer: Result<T, GatewayError>,
    /// True if the call is not repeated, whatever the answer.
    is_final: bool,
}

impl Simulation {
    /// An empty world at `start`.
    #[must_use]
    pub fn new(settings: Settings, start: Instant) -> Self {
        Self::over(World::new(settings, start))
    }

    /// A world that has been made already, such as a loaded one, at its instant.
    #[must_use]
    pub fn over(world: World) -> Self {
        let state = State {
            now: world.now(),
            world,
            calls: Calls::default(),
            faults: Faults::default(),
            published: Vec::new(),
            values: Values::default(),
            permissions: None,
        };
        Self { state: Arc::new(Mutex::new(state)), run: Run::default() }
    }

    /// The virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.lock().now
    }

    /// Moves virtual time forward to `to`; an earlier instant changes nothing.
    pub fn advance_to(&self, to: Instant) {
        let mut state = self.lock();
        state.now = state.now.max(to);
        state.meet_strikes();
        let now = state.now;
        state.world.advance(now);
    }

    /// Moves virtual time forward.
    pub fn advance_by(&self, span: TimeDelta) {
        self.advance_to(self.now() + span);
    }

    /// Moves virtual time forward until no more events are due.
    pub fn settle(&self) {
        while let Some(next) = self.with_world(|world| world.next_event()) {
            self.advance_to(next);
        }
    }

    /// Looks at the world, or changes it from outside the API.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.lock().world)
    }

    /// Makes a request that prepares a scene. It is neither counted nor subject to faults.
    ///
    /// # Errors
    /// The error that AWS would answer.
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

    /// The record of calls since the start.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.lock().calls.clone()
    }

    /// The number of calls since the start; cheaper than [`Self::calls`].
    #[must_use]
    pub fn total_calls(&self) -> u64 {
        self.lock().calls.total()
    }

    /// The metrics published since they were last taken, in order.
    #[must_use]
    pub fn take_published(&self) -> Vec<Published> {
        std::mem::take(&mut self.lock().published)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes one API call, and repeats it in virtual time as the real gateway does. Never resolves for a killed caller.
    pub(super) async fn call<T>(
        &self,
        place: (&AccountId, &Region),
        action: &'static str,
        repeats: Repeats,
        mut effect: impl FnMut(&mut State) -> Result<T, GatewayError> + Send,
    ) -> Result<T, GatewayError> {
        let mut attempts = Attempts::default();
        loop {
            self.run.take_turn().await;
            let Some(Attempt { answer, is_final }) = self.attempt(place, action, &mut effect) else {
                return std::future::pending().await;
            };
            let error = answer.as_ref().err().map(|error| error.kind);
            // The simulation knows no end of a run.
            match attempts.next(repeats, error, false) {
                Next::Repeat(pause) if !is_final => self.rest_until(self.now() + pause).await,
                Next::Repeat(_) | Next::Final => return answer,
            }
        }
    }

    /// Rests until an instant of virtual time. A run whose calls are made at once has that time to itself.
    async fn rest_until(&self, instant: Instant) {
        if self.run.pace == Pace::AtOnce {
            return self.advance_to(instant);
        }
        poll_fn(|context| {
            if self.now() >= instant {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Sends a call once: it is counted, subject to faults, then answered by `effect`. None for a killed caller.
    fn attempt<T>(
        &self,
        (account, region): (&AccountId, &Region),
        action: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, GatewayError>,
    ) -> Option<Attempt<T>> {
        let mut state = self.lock();
        let now = state.now;
        let verdict = state.faults.next(&self.run, now, (action, region));
        if matches!(verdict, Verdict::Dead) {
            return None;
        }
        let answer = match &verdict {
            Verdict::Kill(Effect::Before)
            | Verdict::Fail { effect: Effect::Before, .. }
            | Verdict::FailForGood { effect: Effect::Before, .. } => None,
            _ => Some(state.check_in_service(account, region, action).and_then(|()| effect(&mut state))),
        };
        let is_final = matches!(verdict, Verdict::FailForGood { .. });
        let result = match verdict {
            Verdict::Fail { code, message, .. } | Verdict::FailForGood { code, message, .. } => {
                Some(Err(GatewayError::of_code(action, &code, &message)))
            }
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
        result.map(|answer| Attempt { answer, is_final })
    }

    /// The same simulation for one run. A fault that kills the run spares the others.
    #[must_use]
    pub fn run(&self, number: u64) -> Self {
        Self { state: self.state.clone(), run: Run { number, pace: self.run.pace } }
    }

    /// The same simulation for a run whose calls each wait for one more poll, so that it can overlap with
    /// others and with time.
    #[must_use]
    pub fn stepping(&self) -> Self {
        let run = Run { number: self.run.number, pace: Pace::ByStep };
        Self { state: self.state.clone(), run }
    }
}
