//! Starting an execution of a state machine and looking at it, for programs that people run.
//!
//! What the states say to each other is the state machine's and its worker's matter.

use aws_config::SdkConfig;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use aws_smithy_types::DateTime;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::GatewayError;
use serde_json::Value;

use crate::sdk_error::{malformed, of_sdk};

/// A turn of waiting and looking is nine events, a state that is tried again some more.
const LATEST: i32 = 100;

/// Step Functions in one account and Region.
#[derive(Debug, Clone)]
pub struct Executions(aws_sdk_sfn::Client);

/// An execution as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Whether it goes on, and how it ended.
    pub state: ExecutionState,
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Option<Instant>,
    /// Its input.
    pub input: Value,
    /// The state that it entered last.
    pub at: Option<String>,
    /// The newest outputs of its tasks and states, newest first, as far as they are JSON.
    pub said: Vec<Value>,
}

/// Whether an execution goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecutionState {
    /// It goes on.
    Running,
    /// It ended well, with this output.
    Succeeded(Value),
    /// It failed, timed out or was stopped: AWS's word for it, the error's name, and why.
    Failed {
        /// `FAILED`, `TIMED_OUT` or `ABORTED`.
        how: String,
        /// The error's name.
        error: String,
        /// Why.
        cause: String,
    },
}

impl Executions {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self(aws_sdk_sfn::Client::new(config))
    }

    /// Starts an execution of `machine` (an ARN) and gives its ARN. While one of this name and input runs, it is that one.
    ///
    /// # Errors
    /// What AWS said.
    pub async fn start(&self, machine: &str, name: &str, input: &Value) -> Result<String, GatewayError> {
        let request = self.0.start_execution().state_machine_arn(machine).name(name).input(input.to_string());
        request.send().await.map(|started| started.execution_arn).map_err(of_sdk("StartExecution"))
    }

    /// How an execution (an ARN) stands.
    ///
    /// # Errors
    /// What AWS said.
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
                .ok_or_else(|| malformed(ACTION, execution, field, "a time out of range"))
        };
        let ended = found.stop_date.map(|at| time("stopDate", at)).transpose()?;
        let events = self.latest_events(execution).await?;
        Ok(Execution {
            state,
            began: time("startDate", found.start_date)?,
            ended,
            input: parsed(found.input)
                .ok_or_else(|| malformed(ACTION, execution, "input", "it is no JSON"))?,
            at: events.iter().find_map(entered).map(str::to_owned),
            said: events
                .iter()
                .filter_map(output)
                .filter_map(|text| serde_json::from_str(text).ok())
                .collect(),
        })
    }

    /// Newest first.
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
    async fn an_execution_is_started_under_its_name() {
        let canned = Canned::new([(200, format!(r#"{{"executionArn":"{ARN}","startDate":1.7e9}}"#))]);
        let started = executions(&canned).start("machine", "x", &json!({"a": 1})).await;
        assert_eq!(started, Ok(ARN.to_owned()));
        assert_eq!(canned.sent(), [r#"{"stateMachineArn":"machine","name":"x","input":"{\"a\":1}"}"#]);
    }

    #[tokio::test]
    async fn it_is_told_where_it_stands_and_what_was_said_newest_first() {
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
    async fn a_failure_is_told_with_its_cause() {
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
    async fn one_that_does_not_exist_is_named_by_awss_code() {
        let refusal = r#"{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist"}"#;
        let error = executions(&Canned::new([(400, refusal)])).look(ARN).await.unwrap_err();
        assert_eq!((error.action, error.kind), ("DescribeExecution", GatewayErrorKind::NotFound));
    }
}
