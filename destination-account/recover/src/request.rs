//! The event of the worker: one of three operations, as the state machine writes it.
//!
//! Carrying out the operations is left to `validate` and `step`.

use pilot_light_domain::Instant;
use pilot_light_domain::run::error::WorkerError;
use serde::Deserialize;
use serde_json::Value;

use crate::identity::{self, Recovery};
use crate::imports::Imports;
use crate::manifest::Layer;
use crate::progress::Progress;
use crate::registry::Purpose;

/// One call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "operation", rename_all = "lowercase")]
pub(crate) enum Request {
    /// Check the whole manifest against AWS and change nothing.
    Validate {
        /// The purpose of the state machine.
        purpose: Purpose,
        /// The execution.
        execution: Execution,
        /// The manifest, unchanged.
        input: Value,
    },
    /// Begin a layer.
    Start(Run),
    /// Check a layer that has begun.
    Check(Run),
}

/// A recovery that is under way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Run {
    /// The purpose of the state machine.
    pub(crate) purpose: Purpose,
    /// The execution.
    pub(crate) execution: Execution,
    /// The layers, as `validate` returned them.
    pub(crate) layers: Vec<Layer>,
    /// The progress so far.
    pub(crate) progress: Progress,
    /// True if the state machine knows [`crate::Verdict::Late`]. That of version 0.1.0 does not.
    #[serde(default)]
    pub(crate) sends_late: bool,
}

/// The execution of the state machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Execution {
    /// Its ARN.
    pub(crate) id: String,
    /// When it began.
    pub(crate) started: Instant,
}

impl Execution {
    /// Its Region, from its ARN.
    pub(crate) fn region(&self) -> &str {
        self.id.split(':').nth(3).unwrap_or("REGION")
    }

    /// Its name: the part after the last colon of its ARN.
    pub(crate) fn name(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or(&self.id)
    }
}

impl Request {
    /// Reads an event.
    ///
    /// # Errors
    /// `InvalidInput` if it contains none of the three operations, or if its progress does not match its layers.
    pub(crate) fn of_event(event: &Value) -> Result<Self, WorkerError> {
        let request = Self::deserialize(event).map_err(|error| {
            let said = "call this function only through its state machine, with the operation validate, start or check";
            WorkerError::InvalidInput(format!("{error}; {said}"))
        })?;
        match &request {
            Self::Start(run) | Self::Check(run) if !run.is_whole() => {
                let said = "the progress does not match the layers; start the manifest again";
                Err(WorkerError::InvalidInput(said.to_owned()))
            }
            _ => Ok(request),
        }
    }
}

impl Run {
    /// The recovery that the execution belongs to.
    pub(crate) fn recovery(&self) -> Recovery {
        let own =
            || Recovery::of(&self.execution, identity::hash(self.purpose, &self.layers, &Imports::default()));
        self.progress.recovery.clone().unwrap_or_else(own)
    }

    /// True if the progress contains exactly the resources of the layers.
    fn is_whole(&self) -> bool {
        let names = self.layers.iter().flat_map(|layer| &layer.resources).map(|resource| &resource.name);
        self.progress.at < self.layers.len()
            && names.eq(self.progress.resources.iter().map(|resource| &resource.name))
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::run::error::ErrorName;
    use serde_json::json;

    use super::*;

    fn run(at: usize, names: &[&str]) -> Value {
        let resource = |name: &&str| {
            json!({"layer": 1, "name": name, "type": "T", "status": "pending", "step": "", "seconds": 0,
                "polls": 0})
        };
        json!({
            "operation": "check", "purpose": "failover",
            "execution": {"id": "arn:aws:states:us-west-2:222222222222:execution:FAILOVER:run-1",
                "started": "2026-01-01T00:00:00.123Z"},
            "layers": [{"layer": 1, "resources": [
                {"resourceType": "T", "resourceName": "a", "parameters": {}}]}],
            "progress": {"at": at, "verdict": "waiting", "seconds": 0, "rto_target_seconds": 1, "message": "",
                "resources": names.iter().map(resource).collect::<Vec<_>>()},
        })
    }

    #[test]
    fn a_complete_event_is_read() {
        let Ok(Request::Check(read)) = Request::of_event(&run(0, &["a"])) else { panic!("it is a check") };
        assert_eq!((read.execution.name(), read.purpose), ("run-1", Purpose::Failover));
    }

    #[test]
    fn an_incomplete_or_inconsistent_event_is_rejected() {
        for event in [run(1, &["a"]), run(0, &["b"]), run(0, &[]), json!({}), json!({"operation": "stop"})] {
            let error = Request::of_event(&event).unwrap_err();
            assert_eq!(error.name(), ErrorName::InvalidInput, "{event}");
        }
    }
}
