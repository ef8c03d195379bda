//! What the worker is asked: one of three operations, as the state machine writes them.

use pilot_light_domain::Instant;
use pilot_light_domain::run::error::WorkerError;
use serde::Deserialize;
use serde_json::Value;

use crate::manifest::Layer;
use crate::progress::Progress;
use crate::registry::Purpose;

/// One call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "operation", rename_all = "lowercase")]
pub(crate) enum Request {
    /// Read the whole manifest and look at the world; change nothing.
    Validate {
        /// What the state machine is for.
        purpose: Purpose,
        /// The execution.
        execution: Execution,
        /// The manifest as it was given.
        input: Value,
    },
    /// Begin a layer.
    Start(Run),
    /// Look at it again.
    Check(Run),
}

/// A recovery that is under way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Run {
    /// What the state machine is for.
    pub(crate) purpose: Purpose,
    /// The execution.
    pub(crate) execution: Execution,
    /// The layers as `validate` answered them.
    pub(crate) layers: Vec<Layer>,
    /// How far it is.
    pub(crate) progress: Progress,
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

    /// Its name: what stands behind the last colon of its ARN.
    pub(crate) fn name(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or(&self.id)
    }
}

impl Request {
    /// Reads an event.
    ///
    /// # Errors
    /// `InvalidInput` if it is none of the three, or its progress does not belong to its layers.
    pub(crate) fn of_event(event: &Value) -> Result<Self, WorkerError> {
        let request = Self::deserialize(event).map_err(|error| {
            let said = "the state machine of recovery calls this with operation validate, start or check";
            WorkerError::InvalidInput(format!("{error}; {said}"))
        })?;
        match &request {
            Self::Start(run) | Self::Check(run) if !run.is_whole() => {
                let said = "progress does not belong to layers; start the manifest again";
                Err(WorkerError::InvalidInput(said.to_owned()))
            }
            _ => Ok(request),
        }
    }
}

impl Run {
    /// True if the progress is that of these layers.
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
        let resource = |name: &&str| json!({"layer": 1, "name": name, "type": "T", "status": "pending", "step": "", "seconds": 0, "polls": 0});
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
    fn a_whole_event_is_read() {
        let Ok(Request::Check(read)) = Request::of_event(&run(0, &["a"])) else { panic!("it is a check") };
        assert_eq!((read.execution.name(), read.purpose), ("run-1", Purpose::Failover));
    }

    #[test]
    fn an_event_that_is_not_whole_is_refused() {
        for event in [run(1, &["a"]), run(0, &["b"]), run(0, &[]), json!({}), json!({"operation": "stop"})] {
            let error = Request::of_event(&event).unwrap_err();
            assert_eq!(error.name(), ErrorName::InvalidInput, "{event}");
        }
    }
}
