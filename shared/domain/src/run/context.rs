//! The circumstances of one run: its account, its Region, its time, and its permission to write.

use serde_json::Value;

use crate::Instant;
use crate::model::ids::{AccountId, Region};
use crate::run::error::WorkerError;

/// The permission of a run to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The run carries its plan out.
    Apply,
    /// The run reports its plan and writes nothing.
    DryRun,
}

/// The circumstances of a run, besides AWS itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The account it runs in.
    pub account: AccountId,
    /// The Region it runs in. `SourceRegionOverride` may name another Region.
    pub region: Region,
    /// The one clock reading of the run.
    pub now: Instant,
    /// Its permission to write.
    pub mode: Mode,
}

impl Mode {
    /// The mode that an event requests. The event is empty (`{}`), the scheduled event, or `{"dry_run": true|false}`.
    ///
    /// # Errors
    /// `InvalidInput` for any other event: a misspelt `dry_run` must not become a real run.
    pub fn of_event(event: &Value) -> Result<Self, WorkerError> {
        let invalid = |problem: String| {
            Err(WorkerError::InvalidInput(format!(
                "{problem}; give the scheduled event, {{}} or {{\"dry_run\": true}}"
            )))
        };
        let Some(fields) = event.as_object() else { return invalid("it is not a JSON object".to_owned()) };
        let is_scheduled = fields.get("source").is_some_and(|source| source == "aws.events");
        if let Some(unknown) = fields.keys().find(|key| !is_scheduled && *key != "dry_run") {
            return invalid(format!("it has the unknown field '{unknown}'"));
        }
        match fields.get("dry_run") {
            None | Some(Value::Bool(false)) => Ok(Self::Apply),
            Some(Value::Bool(true)) => Ok(Self::DryRun),
            Some(other) => invalid(format!("dry_run is {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_a_scheduled_or_a_dry_run_event_starts_a_run() {
        for (event, mode) in [
            (json!({}), Mode::Apply),
            (json!({"dry_run": false}), Mode::Apply),
            (json!({"dry_run": true}), Mode::DryRun),
            (json!({"source": "aws.events", "time": "2026-01-01T00:00:00Z", "dry_run": true}), Mode::DryRun),
            (
                json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-01-01T00:00:00Z"}),
                Mode::Apply,
            ),
        ] {
            assert_eq!(Mode::of_event(&event).ok(), Some(mode), "{event}");
        }
    }

    #[test]
    fn an_event_with_a_misspelt_dry_run_is_rejected() {
        for event in
            [json!(null), json!("dry_run"), json!([1]), json!({"dryrun": true}), json!({"dry_run": "true"})]
        {
            let error = Mode::of_event(&event).unwrap_err();
            assert_eq!(error.name(), crate::run::error::ErrorName::InvalidInput, "{event}");
        }
    }
}
