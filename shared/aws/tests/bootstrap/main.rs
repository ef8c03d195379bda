//! Tests of the bootstrap as Lambda sees it: a process that talks to a stand-in for Lambda's runtime API and for AWS.
//!
//! The process is this test program itself, started again for [`the_function`] alone. The Lambda runtime reads its
//! address from the environment, and a test cannot change the environment of its own process.

mod operators;
mod platform;
mod probe;

use std::process::ExitCode;

use serde_json::{Value, json};

use platform::{Answer, Platform};

/// Runs the probe as a function in a process that a test started for it. In the tests' own process it does nothing.
#[test]
#[expect(clippy::disallowed_methods, reason = "the environment shows whether this process is the function")]
fn the_function() {
    if std::env::var("AWS_LAMBDA_RUNTIME_API").is_ok() {
        assert_eq!(pilot_light_aws::serve(probe::Probe), ExitCode::SUCCESS);
    }
}

fn start() -> Platform {
    Platform::start("the_function")
}

fn error(answer: &Answer) -> (&str, &str) {
    let text = |name: &str| answer.body[name].as_str().unwrap_or_else(|| panic!("{answer:?}"));
    (text("errorType"), text("errorMessage"))
}

#[test]
fn a_scheduled_event_causes_a_run_with_report_log_line_and_metrics() {
    let platform = start();
    let event =
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-01-01T00:00:00Z"});
    let answer = platform.invoke(&event.to_string());
    assert_eq!(answer.outcome, "response");
    assert_eq!(answer.body["worker"], "source-probe");
    assert_eq!(answer.body["account"], "111111111111");
    assert_eq!(answer.body["region"], "us-east-1");
    assert_eq!(answer.body["dry_run"], false);
    assert_eq!(platform.paths(), ["/pilot-light/source"]);
    let agents = platform.agents();
    let is_named = |agent: &String| agent.split(' ').any(|word| word == "app/pilot-light-source-probe");
    assert!(agents.len() == 2 && agents.iter().all(is_named), "{agents:?}");
    let lines = platform.log_until("report");
    let report = lines.last().unwrap();
    assert_eq!((&report["report"], &report["requestId"]), (&answer.body, &json!("request-1")));
    let metrics = platform.metrics();
    assert_eq!(metrics.len(), 1);
    for text in ["PilotLight", "Pending", "Failed", "source-probe"] {
        assert!(metrics[0].contains(text), "{text} in {}", metrics[0]);
    }
}

#[test]
fn a_dry_run_publishes_no_metrics() {
    let platform = start();
    let answer = platform.invoke(r#"{"dry_run": true}"#);
    assert_eq!((answer.outcome.as_str(), &answer.body["dry_run"]), ("response", &Value::Bool(true)));
    assert!(platform.metrics().is_empty());
    platform.parameter("Behaviour", "misconfigured");
    assert_eq!(error(&platform.invoke(r#"{"dry_run": true}"#)).0, "InvalidConfiguration");
    assert!(platform.metrics().is_empty());
}

#[test]
fn an_unusable_event_is_invalid_input_and_aws_is_not_called() {
    let platform = start();
    for body in ["not JSON", "", "{} {}", "{\"a\":1e999}", "\"\\ud800\"", "null", "[]", r#"{"dryrun": true}"#]
    {
        let answer = platform.invoke(body);
        let (name, message) = error(&answer);
        assert_eq!((answer.outcome.as_str(), name), ("error", "InvalidInput"), "{body}");
        assert!(message.starts_with("the event is unusable: "), "{message}");
    }
    assert!(platform.metrics().is_empty() && platform.calls() == 0);
    assert_eq!(platform.invoke("{}").outcome, "response");
}

#[test]
fn an_error_before_the_report_is_named_and_counted_as_failed() {
    let platform = start();
    platform.parameter("Behaviour", "misconfigured");
    let answer = platform.invoke("{}");
    assert_eq!(error(&answer), ("InvalidConfiguration", "KeepLast is 'none'; give a number"));
    let metrics = platform.metrics();
    assert_eq!(metrics.len(), 1);
    assert!(metrics[0].contains("Failed") && !metrics[0].contains("Pending"), "{}", metrics[0]);
}

#[test]
fn a_refusal_by_aws_is_reported_with_its_code() {
    let platform = start();
    platform.deny_parameters();
    let answer = platform.invoke("{}");
    let (name, message) = error(&answer);
    assert_eq!(name, "AccessDenied");
    assert!(message.starts_with("cannot read the parameters from SSM: access is denied (GetParametersByPath failed with AccessDeniedException"), "{message}");
}

#[test]
fn the_error_of_failed_actions_is_named_and_contains_the_report() {
    let platform = start();
    platform.parameter("Behaviour", "failing");
    let answer = platform.invoke("{}");
    let (name, message) = error(&answer);
    assert_eq!(name, "Throttled");
    let (text, report) = message.split_once("; report: ").unwrap();
    assert_eq!(
        text,
        "1 of 1 actions failed, first: take orders: AWS throttles the calls (CreateDBSnapshot failed with Throttling: Rate exceeded)"
    );
    let report: Value = serde_json::from_str(report).unwrap();
    assert_eq!((&report["failed"], &report["error"]), (&json!(1), &json!("Throttled")));
    assert!(platform.metrics()[0].contains("Failed"));
}

#[test]
fn a_panic_is_an_internal_error_and_the_next_event_is_answered() {
    let platform = start();
    platform.parameter("Behaviour", "panicking");
    let answer = platform.invoke("{}");
    assert_eq!(error(&answer), ("Internal", "the worker panicked: a broken invariant"));
    assert!(platform.metrics()[0].contains("Failed"));
    platform.parameter("Behaviour", "");
    assert_eq!(platform.invoke("{}").outcome, "response");
}

#[test]
fn a_failure_to_publish_metrics_is_logged_and_does_not_fail_the_run() {
    let platform = start();
    platform.deny_metrics();
    assert_eq!(platform.invoke("{}").outcome, "response");
    let lines = platform.log_until("the metrics could not be published");
    let line = lines.last().unwrap();
    assert_eq!(
        (&line["level"], &line["span"]["requestId"]),
        (&json!("ERROR"), &json!("request-1")),
        "{line}"
    );
    assert!(line["error"].as_str().is_some_and(|text| text.contains("AccessDenied")), "{line}");
}

#[test]
fn the_log_level_of_the_parameters_applies_from_that_run_on() {
    let platform = start();
    let chatter = || {
        platform.invoke("{}");
        platform.log_until("report").iter().filter(|line| line["message"] == "chatter").count()
    };
    assert_eq!(chatter(), 0);
    platform.parameter("LogLevel", "INFO");
    assert_eq!(chatter(), 1);
    platform.parameter("LogLevel", "CRITICAL");
    assert_eq!(chatter(), 0);
}
