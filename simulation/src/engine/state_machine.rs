//! The retries of a failed run by the state machine, read from `statemachines/worker.asl.json`.
//!
//! The other states of the definition are left out, because they take no part in the timing.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::TimeDelta;
use serde::Deserialize;

const DEFINITION: &str = include_str!("../../../statemachines/worker.asl.json");

/// The parts of the state machine that determine times.
#[derive(Debug)]
pub(crate) struct Machine {
    retriers: Vec<Retrier>,
    /// The longest time that an execution may take with all its retries.
    timeout: TimeDelta,
}

/// The retries of one execution, counted as Step Functions counts them: per retrier.
#[derive(Debug)]
pub(crate) struct Retries {
    machine: Rc<Machine>,
    used: BTreeMap<usize, i32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Retrier {
    error_equals: Vec<String>,
    interval_seconds: f64,
    #[serde(default = "twice")]
    backoff_rate: f64,
    max_attempts: i32,
    #[serde(default = "unlimited")]
    max_delay_seconds: f64,
    jitter_strategy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    timeout_seconds: i64,
    states: States,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct States {
    run: Run,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Run {
    retry: Vec<Retrier>,
}

/// The default of `BackoffRate` in the Amazon States Language.
fn twice() -> f64 {
    2.0
}

fn unlimited() -> f64 {
    f64::INFINITY
}

impl Machine {
    /// The state machine of every worker.
    ///
    /// # Errors
    /// The definition does not have the expected form.
    pub(crate) fn of_worker() -> Result<Self, String> {
        let definition: Definition = serde_json::from_str(DEFINITION)
            .map_err(|error| format!("worker.asl.json cannot be read: {error}"))?;
        let timeout = TimeDelta::try_seconds(definition.timeout_seconds).unwrap_or(TimeDelta::MAX);
        Ok(Self { retriers: definition.states.run.retry, timeout })
    }
}

impl Retries {
    /// The retries of a new execution.
    pub(crate) fn new(machine: &Rc<Machine>) -> Self {
        Self { machine: Rc::clone(machine), used: BTreeMap::new() }
    }

    /// The delay before the next attempt after `error`. None if no attempt is left, or if the time is over.
    ///
    /// `elapsed` is the time since the execution began. `draw`, in 0..1, is the jitter.
    pub(crate) fn next(&mut self, error: &str, elapsed: TimeDelta, draw: f64) -> Option<TimeDelta> {
        let matches = |retrier: &Retrier| retrier.error_equals.iter().any(|name| name == error);
        let mut all = self.machine.retriers.iter().enumerate();
        let (number, retrier) = all.find(|(_, retrier)| matches(retrier))?;
        let used = self.used.entry(number).or_default();
        if *used >= retrier.max_attempts {
            return None;
        }
        let delay =
            (retrier.interval_seconds * retrier.backoff_rate.powi(*used)).min(retrier.max_delay_seconds);
        *used += 1;
        let jitter = if retrier.jitter_strategy.as_deref() == Some("FULL") { draw } else { 1.0 };
        #[expect(clippy::cast_possible_truncation, reason = "delays are minutes at most")]
        let delay = TimeDelta::milliseconds((delay * jitter * 1000.0) as i64);
        Some(delay).filter(|delay| elapsed + *delay < self.machine.timeout)
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::run::error::ErrorName;

    use super::*;

    fn retries() -> Retries {
        Retries::new(&Rc::new(Machine::of_worker().unwrap()))
    }

    #[test]
    fn only_retryable_error_names_are_retried() {
        for name in ErrorName::ALL {
            let next = retries().next(name.as_str(), TimeDelta::zero(), 1.0);
            assert_eq!(next.is_some(), name.is_retryable(), "{name}");
        }
    }

    #[test]
    fn a_run_that_crashes_or_times_out_is_retried_once() {
        for name in ["Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "States.Timeout"] {
            let mut retries = retries();
            let mut next = || retries.next(name, TimeDelta::zero(), 1.0);
            assert_eq!((next().is_some(), next()), (true, None), "{name}");
        }
    }

    #[test]
    fn delays_grow_up_to_their_limit_and_the_number_of_retries_is_limited() {
        let mut retries = retries();
        let mut next = |name| retries.next(name, TimeDelta::zero(), 1.0);
        let delays: Vec<_> = std::iter::from_fn(|| next("Throttled")).map(|d| d.num_seconds()).collect();
        assert!(delays.windows(2).all(|pair| pair[0] <= pair[1]), "{delays:?}");
        assert!((2..20).contains(&delays.len()), "{delays:?}");
        // Another error name has its own count.
        assert!(next("Conflict").is_some());
    }

    #[test]
    fn no_retry_begins_after_the_timeout_of_the_execution() {
        let timeout = Machine::of_worker().unwrap().timeout;
        assert_eq!(retries().next("Throttled", timeout, 0.5), None);
        assert!(retries().next("Throttled", timeout - TimeDelta::minutes(1), 0.5).is_some());
    }
}
