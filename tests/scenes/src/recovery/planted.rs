//! Workers with a bug, which the checks must detect.

use destination_recover::DestinationRecover;
use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use serde_json::{Value, json};

/// A worker that adds the execution to a name in its manifest, so that another execution does not recognize what it made.
#[derive(Debug, Clone, Copy)]
pub struct NamesAfterExecution {
    /// The name, such as that of the restored instance.
    pub name: &'static str,
    /// The text between the name and the execution.
    pub separator: char,
}

impl Operator for NamesAfterExecution {
    fn name(&self) -> &'static str {
        "names-after-execution"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let Self { name, separator } = self;
        let execution = event["execution"]["id"].as_str().unwrap().rsplit(':').next().unwrap();
        let renamed = format!("\"{name}{separator}{execution}\"");
        let event = event.to_string().replace(&format!("\"{name}\""), &renamed);
        DestinationRecover.answer(cloud, call, &serde_json::from_str(&event).unwrap()).await
    }
}

/// A worker that forgets the notes of its earlier calls on the state of the world.
#[derive(Debug, Clone, Copy)]
pub struct ForgetsNotes;

impl Operator for ForgetsNotes {
    fn name(&self) -> &'static str {
        "forgets-notes"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let mut event = event.clone();
        for resource in event["progress"]["resources"].as_array_mut().into_iter().flatten() {
            if resource["mark"].is_object() {
                resource["mark"]["noted"] = Value::Null;
            }
        }
        DestinationRecover.answer(cloud, call, &event).await
    }
}

/// A worker that takes every execution for one of another recovery.
#[derive(Debug, Clone, Copy)]
pub struct AnotherRecovery;

impl Operator for AnotherRecovery {
    fn name(&self) -> &'static str {
        "another-recovery"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let mut event = event.clone();
        if event["progress"].is_object() {
            event["progress"]["recovery"] =
                json!({"id": "another", "started": event["execution"]["started"]});
        }
        DestinationRecover.answer(cloud, call, &event).await
    }
}
