//! Executions of a state machine: their start and their current state, for programs that people run.
//!
//! The meaning of inputs and outputs is defined by the state machine and its worker.

use aws_config::SdkConfig;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use aws_smithy_types::DateTime;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::GatewayError;
use serde_json::Value;

use crate::sdk_error::{malformed, of_sdk};

/// The number of events to read. One round of waiting and checking writes nine events. A repeated state adds some.
const LATEST: i32 = 100;

/// Step Functions in one account and Region.
#[derive(Debug, Clone)]
pub struct Executions(aws_sdk_sfn::Client);

/// The current state of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Running, or the way in which it ended.
    pub state: ExecutionState,
    /// The time of its start.
    pub began: Instant,
    /// The time of its end; absent while it runs.
    pub ended: Option<Instant>,
    /// Its input.
    pub input: Value,
    /// The name of the state that it entered last.
    pub at: Option<String>,
    /// The latest outputs of its tasks and states that are JSON, newest first.
    pub said: Vec<Value>,
}

/// Running, or the way in which an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecutionState {
    /// It is running.
    Running,
    /// It ended successfully, with this output.
    Succeeded(Value),
    /// It failed, timed out or was stopped.
    Failed {
        /// AWS's status: `FAILED`, `TIMED_OUT` or `ABORTED`.
        how: String,
        /// The name of the error.
        error: String,
        /// The cause of the error, as AWS states it.
        cause: String,
    },
}

impl Executions {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self(aws_sdk_sfn::Client::new(config))
    }

    /// Starts an execution of `machine` (an ARN) and returns the ARN of the execution. If an execution with this name
    /// and input is already running, the ARN is that of the running one.
    ///
    /// # Errors
    /// If AWS refuses or does not answer.
    pub async fn start(&self, machine: &str, name: &str, input: &Value) -> Result<String, GatewayError> {
        let request = self.0.start_execution().state_machine_arn(machine).name(name).input(input.to_string());
        request.send().await.map(|started| started.execution_arn).map_err(of_sdk("StartExecution"))
    }

    /// Reads the current state of an execution (an ARN).
    ///
    /// # Errors
    /// If AWS refuses or does not answer, or if its answer is malformed.
    pub async fn look(&self, execution: &str) -> Result<Execution, GatewayError> {
        const ACTION: &str = "DescribeExecution";
        let found =
            self.0.describe_execution().execution_arn(execution).send().await.map_err(of_sdk(ACTION))?;
        let parsed = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        let state = match found.status {
            ExecutionStatus::Running | ExecutionStatus::PendingRedrive => ExecutionState::Running,
            ExecutionStatus::Succeeded => {
                ExecutionState::Succeeded(parsed(found.output).unwrap_or(Value::Null))
            }
            how => ExecutionState::Failed {
                how: how.as_str().to_owned(),
                error: found.error.unwrap_or_default(),
                cause: found.cause.unwrap_or_default(),
            },
        };
        let time = |field, time: DateTime| {
            Instant::from_timestamp(time.secs(), time.subsec_nanos())
                .ok_or_else(|| malformed(ACTION, execution, field, "the time is out of range"))
        };
        let ended = found.stop_date.map(|at| time("stopDate", at)).transpose()?;
        let events = self.latest_events(execution).await?;
        Ok(Execution {
            state,
            began: time("startDate", found.start_date)?,
            ended,
            input: parsed(found.input)
                .ok_or_else(|| malformed(ACTION, execution, "input", "it is not JSON"))?,
            at: events.iter().find_map(entered).map(str::to_owned),
            said: events
                .iter()
                .filter_map(output)
                .filter_map(|text| serde_json::from_str(text).ok())
                .collect(),
        })
    }

    /// The latest events, newest first.
    async fn latest_events(&self, execution: &str) -> Result<Vec<HistoryEvent>, GatewayError> {
        let request = self.0.get_execution_history().execution_arn(execution).reverse_order(true);
        let page = request.max_results(LATEST).include_execution_data(true).send().await;
        page.map(|page| page.events).map_err(of_sdk("GetExecutionHistory"))
    }
}

fn entered(event: &HistoryEvent) -> Option<&str> {
    Some(event.state_entered_event_details()?.name())
}

fn output(event: &HistoryEvent) -> Option<&str> {
    let of_function = event.lambda_function_succeeded_event_details().and_then(|details| details.output());
    let of_task = || event.task_succeeded_event_details().and_then(|details| details.output());
    let of_state = || event.state_exited_event_details().and_then(|details| details.output());
    of_function.or_else(of_task).or_else(of_state)
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::error::GatewayErrorKind;
    use serde_json::json;

    use super::*;
    use crate::testing::Canned;

    const ARN: &str = "arn:aws:states:us-west-2:222222222222:execution:FAILOVER:x";

    fn executions(canned: &Canned) -> Executions {
        canned.cloud().executions()
    }

    #[tokio::test]
    async fn an_execution_is_started_with_its_name_and_input() {
        let canned = Canned::new([(200, format!(r#"{{"executionArn":"{ARN}","startDate":1.7e9}}"#))]);
        let started = executions(&canned).start("machine", "x", &json!({"a": 1})).await;
        assert_eq!(started, Ok(ARN.to_owned()));
        assert_eq!(canned.sent(), [r#"{"stateMachineArn":"machine","name":"x","input":"{\"a\":1}"}"#]);
    }

    #[tokio::test]
    async fn a_running_execution_shows_its_last_state_and_its_outputs_newest_first() {
        let described = format!(
            r#"{{"executionArn":"{ARN}","stateMachineArn":"m","status":"RUNNING","startDate":1767225600,"input":"{{}}"}}"#
        );
        let history = r#"{"events":[
            {"id":3,"previousEventId":2,"timestamp":1767225603,"type":"WaitStateEntered",
             "stateEnteredEventDetails":{"name":"Wait","input":"{}"}},
            {"id":2,"previousEventId":1,"timestamp":1767225602,"type":"LambdaFunctionSucceeded",
             "lambdaFunctionSucceededEventDetails":{"output":"{\"verdict\":\"waiting\"}"}},
            {"id":1,"previousEventId":0,"timestamp":1767225601,"type":"TaskStateEntered",
             "stateEnteredEventDetails":{"name":"Start","input":"{}"}}]}"#;
        let canned = Canned::new([(200, described), (200, history.to_owned())]);
        let seen = executions(&canned).look(ARN).await;
        let expected = Execution {
            state: ExecutionState::Running,
            began: pilot_light_domain::testing::at("2026-01-01T00:00:00Z"),
            ended: None,
            input: json!({}),
            at: Some("Wait".to_owned()),
            said: vec![json!({"verdict": "waiting"})],
        };
        assert_eq!(seen, Ok(expected));
    }

    #[tokio::test]
    async fn a_failed_execution_shows_its_error_and_cause() {
        let described = format!(
            r#"{{"executionArn":"{ARN}","stateMachineArn":"m","status":"FAILED","startDate":1767225600,"stopDate":1767225700,
                "input":"{{}}","error":"RecoveryFailed","cause":"orders"}}"#
        );
        let canned = Canned::new([(200, described), (200, r#"{"events":[]}"#.to_owned())]);
        let seen = executions(&canned).look(ARN).await.map(|seen| seen.state);
        let (how, error, cause) = ("FAILED".to_owned(), "RecoveryFailed".to_owned(), "orders".to_owned());
        assert_eq!(seen, Ok(ExecutionState::Failed { how, error, cause }));
    }

    #[tokio::test]
    async fn an_execution_that_does_not_exist_is_a_not_found_error() {
        let refusal = r#"{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist"}"#;
        let error = executions(&Canned::new([(400, refusal)])).look(ARN).await.unwrap_err();
        assert_eq!((error.action, error.kind), ("DescribeExecution", GatewayErrorKind::NotFound));
    }
}
