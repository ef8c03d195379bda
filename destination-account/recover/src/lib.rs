//! The recovery worker: it brings up the resources of one manifest, for restores, refreshes, drills, failovers and failbacks.
//!
//! Each kind of resource has a file in `kinds`, which decides the next change from the facts alone. Around the kinds are
//! three operations. `validate` checks a manifest and changes nothing. `start` and `check` take one step each. Waiting
//! between the steps is left to the state machine.

mod apply;
mod entry;
mod examine;
mod facts;
mod fields;
mod identity;
mod imports;
mod json;
mod kinds;
mod manifest;
mod names;
mod points;
mod problems;
mod progress;
mod read;
mod readiness;
mod reference;
mod registry;
mod report;
mod request;
mod step;
mod tagging;
mod validate;

#[cfg(test)]
mod testing;

use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use serde_json::Value;

pub use identity::Recovery;
pub use json::from_text;
pub use manifest::{Layer, Manifest, Resource, read as read_manifest};
pub use problems::Problem;
pub use progress::{Asked, Mark, Outcome, Progress, Refused, ResourceProgress, Status, Verdict};
pub use reference::resolve;
pub use registry::Purpose;
pub use report::in_words;

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
