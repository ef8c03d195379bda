//! The invariant that a worker does not fail in every run: a resource that AWS refuses costs only itself.
//!
//! An execution of the state machine that failed after all its retries counts. The invariant applies once the faults
//! have been over for long enough.

use std::collections::BTreeMap;

use pilot_light_domain::Instant;
use pilot_light_domain::run::worker_name::WorkerName;

/// The number of failed executions in a row from which a worker does not recover by itself.
const MOST: u32 = 3;

/// An execution of a worker's state machine that has ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) worker: WorkerName,
    pub(crate) began: Instant,
    /// The name of the error, if it failed.
    pub(crate) error: Option<&'static str>,
}

/// The failed executions of each worker since its last success.
#[derive(Debug, Default)]
pub(super) struct FailuresContained(BTreeMap<WorkerName, u32>);

impl FailuresContained {
    /// Returns the violation if the worker failed too often in a row.
    pub(super) fn check(&mut self, ended: Ended, holds_from: Instant) -> Option<String> {
        let failed = self.0.entry(ended.worker).or_default();
        let Some(error) = ended.error.filter(|_| ended.began >= holds_from) else {
            *failed = 0;
            return None;
        };
        *failed += 1;
        let worker = ended.worker.as_str();
        (*failed == MOST)
            .then(|| format!("{worker} failed {MOST} times in a row, the last time with {error}"))
    }
}
