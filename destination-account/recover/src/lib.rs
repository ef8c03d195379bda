//! Brings databases up from one manifest: restores, refreshes, drills, failovers and failbacks.
//!
//! Each kind of resource is a file in [`kinds`], which says what comes next from the facts alone. Around them are
//! three operations: `validate` reads and tells, `start` and `check` are one step. Waiting is left to the state machine.

mod apply;
mod entry;
mod facts;
mod faults;
mod fields;
mod imports;
mod kinds;
mod manifest;
mod names;
mod points;
mod progress;
mod read;
mod registry;
mod report;
mod request;
mod step;
mod tagging;
mod validate;

#[cfg(test)]
mod fake;

use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use serde_json::Value;

pub use faults::Fault;
pub use manifest::{Layer, Manifest, Resource, read as read_manifest};
pub use progress::{Asked, Mark, Progress, ResourceProgress, Status, Verdict};
pub use registry::Purpose;

use request::Request;
use step::Look;

/// The worker.
#[derive(Debug, Clone, Copy)]
pub struct DestinationRecover;

impl Operator for DestinationRecover {
    fn name(&self) -> &'static str {
        "destination-recover"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        match Request::of_event(event)? {
            Request::Validate { purpose, execution, input } => {
                validate::validate(cloud, call, (purpose, execution), &input).await
            }
            Request::Start(run) => step::step(cloud, call, run, Look::First).await,
            Request::Check(run) => step::step(cloud, call, run, Look::Again).await,
        }
    }
}
