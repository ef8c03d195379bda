//! Tests of the bootstrap of an operator as Lambda sees it. The operation in the event determines the outcome.

use std::process::ExitCode;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::worker;
use serde_json::{Value, json};

use crate::error;
use crate::platform::Platform;

struct Steps;

impl Operator for Steps {
    fn name(&self) -> &'static str {
        "destination-steps"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let parameters = worker::read_parameters(cloud).await?;
        tracing::info!(target: "destination_steps", "chatter");
        match event["operation"].as_str() {
            Some("refuse") => return Err(WorkerError::InvalidInput("layer 1\nlayer 2".to_owned())),
            Some("panic") => panic!("a broken invariant"),
            Some("fail") => {
                let source = GatewayError::of_code("DescribeDBInstances", "Throttling", "Rate exceeded");
                return Err(WorkerError::reading("list the instances")(source));
            }
            _ => {}
        }
        let line = |name: &str| json!({"event": "recovered", "resourceName": name, "seconds": 12});
        Ok(Answer {
            output: json!({"account": call.account, "region": call.region, "parameters": parameters.len()}),
            metrics: vec![Metric::overall(MetricName::RecoveryTime, 12.0)],
            log: vec![line("orders"), line("shop")],
        })
    }
}

/// Serves in a process that a test started for it. In the tests' own process it does nothing.
#[test]
#[expect(clippy::disallowed_methods, reason = "the environment shows whether this process is the function")]
fn the_operator() {
    if std::env::var("AWS_LAMBDA_RUNTIME_API").is_ok() {
        assert_eq!(pilot_light_aws::serve_operator(Steps), ExitCode::SUCCESS);
    }
}

fn start() -> Platform {
    Platform::start("operators::the_operator")
}

#[test]
fn log_lines_and_metrics_are_written_before_the_answer() {
    let platform = start();
    let answer = platform.invoke(r#"{"operation": "check"}"#);
    assert_eq!(answer.outcome, "response");
    assert_eq!(answer.body, json!({"account": "111111111111", "region": "us-east-1", "parameters": 1}));
    // The metric is published before the answer arrives.
    let metrics = platform.metrics();
    assert!(metrics.len() == 1 && metrics[0].contains("RecoveryTime"), "{metrics:?}");
    assert_eq!(platform.paths(), ["/pilot-light/destination"]);
    let mut lines = platform.log_until("recovered");
    lines.extend(platform.log_until("recovered"));
    let logged: Vec<_> =
        lines.iter().map(|line| (&line["resourceName"], &line["seconds"], &line["requestId"])).collect();
    let (twelve, request) = (json!(12), json!("request-1"));
    assert_eq!(logged, [(&json!("orders"), &twelve, &request), (&json!("shop"), &twelve, &request)]);
}

#[test]
fn an_unusable_event_is_invalid_input_and_aws_is_not_called() {
    let platform = start();
    for body in ["not JSON", "", "null", "[]", "\"check\"", "7"] {
        let answer = platform.invoke(body);
        let (name, message) = error(&answer);
        assert_eq!((answer.outcome.as_str(), name), ("error", "InvalidInput"), "{body}");
        assert_eq!(message, "the event is unusable: it is not a JSON object");
    }
    assert_eq!(platform.calls(), 0);
    assert_eq!(platform.invoke("{}").outcome, "response");
}

#[test]
fn a_refused_event_is_reported_in_full_and_not_counted_as_failed() {
    let platform = start();
    let answer = platform.invoke(r#"{"operation": "refuse"}"#);
    assert_eq!(error(&answer), ("InvalidInput", "the event is unusable: layer 1\nlayer 2"));
    assert!(platform.metrics().is_empty());
}

#[test]
fn a_failure_is_named_and_counted_and_the_next_event_is_answered() {
    let platform = start();
    let answer = platform.invoke(r#"{"operation": "fail"}"#);
    assert_eq!(error(&answer).0, "Throttled");
    let answer = platform.invoke(r#"{"operation": "panic"}"#);
    assert_eq!(error(&answer), ("Internal", "the worker panicked: a broken invariant"));
    let metrics = platform.metrics();
    assert_eq!(metrics.len(), 2);
    for text in ["Failed", "destination-steps"] {
        assert!(metrics.iter().all(|metric| metric.contains(text)), "{text} in {metrics:?}");
    }
    assert_eq!(platform.invoke("{}").outcome, "response");
}

#[test]
fn the_log_level_of_the_parameters_applies_to_operators_too() {
    let platform = start();
    platform.parameter("LogLevel", "INFO");
    platform.invoke("{}");
    let lines = platform.log_until("recovered");
    assert!(lines.iter().any(|line| line["message"] == "chatter"), "{lines:?}");
}
