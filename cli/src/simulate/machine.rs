//! What the state machine does with a failed run: the retries of `statemachines/worker.asl.json`, read from
//! that very file.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Deserialize;

const DEFINITION: &str = include_str!("../../../statemachines/worker.asl.json");

/// The retries of one execution, counted as Step Functions counts them: per retrier.
#[derive(Debug, Clone)]
pub(crate) struct Retries {
    retriers: Vec<Retrier>,
    used: BTreeMap<usize, i32>,
}

#[derive(Debug, Clone, Deserialize)]
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

impl Retries {
    /// The retries of a new execution.
    ///
    /// # Errors
    /// If the definition is not what it is expected to be.
    pub(crate) fn of_worker() -> Result<Self, String> {
        let definition: Definition = serde_json::from_str(DEFINITION)
            .map_err(|error| format!("worker.asl.json cannot be read: {error}"))?;
        Ok(Self { retriers: definition.states.run.retry, used: BTreeMap::new() })
    }

    /// How long to wait before the next try after `error`, if there is one; `draw` in 0..1 is the jitter.
    pub(crate) fn next(&mut self, error: &str, draw: f64) -> Option<TimeDelta> {
        let matches = |retrier: &Retrier| retrier.error_equals.iter().any(|name| name == error);
        let (number, retrier) = self.retriers.iter().enumerate().find(|(_, retrier)| matches(retrier))?;
        let used = self.used.entry(number).or_default();
        if *used >= retrier.max_attempts {
            return None;
        }
        let delay =
            (retrier.interval_seconds * retrier.backoff_rate.powi(*used)).min(retrier.max_delay_seconds);
        *used += 1;
        let jitter = if retrier.jitter_strategy.as_deref() == Some("FULL") { draw } else { 1.0 };
        #[expect(clippy::cast_possible_truncation, reason = "delays are minutes at most")]
        Some(TimeDelta::milliseconds((delay * jitter * 1000.0) as i64))
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::errors::ErrorName;

    use super::*;

    #[test]
    fn every_retryable_name_is_retried_and_no_other() {
        for name in ErrorName::ALL {
            let mut retries = Retries::of_worker().unwrap();
            assert_eq!(retries.next(name.as_str(), 1.0).is_some(), name.is_retryable(), "{name}");
        }
    }

    #[test]
    fn delays_grow_to_their_limit_and_end() {
        let mut retries = Retries::of_worker().unwrap();
        let delays: Vec<_> =
            std::iter::from_fn(|| retries.next("Throttled", 1.0)).map(|d| d.num_seconds()).collect();
        assert!(delays.windows(2).all(|pair| pair[0] <= pair[1]), "{delays:?}");
        assert!((2..20).contains(&delays.len()), "{delays:?}");
        // Another name has a count of its own.
        assert!(retries.next("Conflict", 1.0).is_some());
    }
}
