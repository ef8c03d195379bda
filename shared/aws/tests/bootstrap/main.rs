//! The bootstrap as Lambda sees it: a process that talks to a (fake) Lambda runtime API and (fake) AWS.
//!
//! The process is this test program itself, started again for [`the_function`] alone: the Lambda runtime reads
//! its address from the environment, which a test cannot change within its own process.

mod operators;
mod platform;
mod probe;

use std::process::ExitCode;

use serde_json::{Value, json};

use platform::{Answer, Platform};

/// Runs the probe as a function in the process that a test started for it; nothing in the tests' own process.
#[test]
#[expect(clippy::disallowed_methods, reason = "tells the process that is the function by its environment")]
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
fn a_scheduled_event_is_a_run_with_report_log_line_and_metrics() {
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
fn a_dry_run_publishes_nothing() {
    let platform = start();
    let answer = platform.invoke(r#"{"dry_run": true}"#);
    assert_eq!((answer.outcome.as_str(), &answer.body["dry_run"]), ("response", &Value::Bool(true)));
    assert!(platform.metrics().is_empty());
    platform.parameter("Behaviour", "misconfigured");
    assert_eq!(error(&platform.invoke(r#"{"dry_run": true}"#)).0, "InvalidConfiguration");
    assert!(platform.metrics().is_empty());
}

#[test]
fn what_is_no_event_is_invalid_input_and_nothing_is_called() {
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
fn an_error_before_the_report_has_its_name_and_counts_as_failed() {
    let platform = start();
    platform.parameter("Behaviour", "misconfigured");
    let answer = platform.invoke("{}");
    assert_eq!(error(&answer), ("InvalidConfiguration", "KeepLast is 'none'; give a number"));
    let metrics = platform.metrics();
    assert_eq!(metrics.len(), 1);
    assert!(metrics[0].contains("Failed") && !metrics[0].contains("Pending"), "{}", metrics[0]);
}

#[test]
fn what_aws_refuses_is_told_with_its_code() {
    let platform = start();
    platform.deny_parameters();
    let answer = platform.invoke("{}");
    let (name, message) = error(&answer);
    assert_eq!(name, "AccessDenied");
    assert!(message.starts_with("cannot read the parameters from SSM: access is denied (GetParametersByPath failed with AccessDeniedException"), "{message}");
}

#[test]
fn failed_actions_name_the_error_and_carry_the_report() {
    let platform = start();
    platform.parameter("Behaviour", "failing");
    let answer = platform.invoke("{}");
    let (name, message) = error(&answer);
    assert_eq!(name, "Throttled");
    let (text, report) = message.split_once("; report: ").unwrap();
    assert_eq!(
        text,
        "1 of 1 actions failed, first: take orders: CreateDBSnapshot: AWS throttles the calls (Throttling)"
    );
    let report: Value = serde_json::from_str(report).unwrap();
    assert_eq!((&report["failed"], &report["error"]), (&json!(1), &json!("Throttled")));
    assert!(platform.metrics()[0].contains("Failed"));
}

#[test]
fn a_panic_is_internal_and_the_next_event_runs() {
    let platform = start();
    platform.parameter("Behaviour", "panicking");
    let answer = platform.invoke("{}");
    assert_eq!(error(&answer), ("Internal", "the worker panicked: a broken invariant"));
    assert!(platform.metrics()[0].contains("Failed"));
    platform.parameter("Behaviour", "");
    assert_eq!(platform.invoke("{}").outcome, "response");
}

#[test]
fn metrics_that_cannot_be_published_are_logged_and_fail_no_run() {
    let platform = start();
    platform.deny_metrics();
    assert_eq!(platform.invoke("{}").outcome, "response");
    let lines = platform.log_until("the metrics could not be published");
    let told = lines.last().unwrap();
    assert_eq!(
        (&told["level"], &told["span"]["requestId"]),
        (&json!("ERROR"), &json!("request-1")),
        "{told}"
    );
    assert!(told["error"].as_str().is_some_and(|text| text.contains("AccessDenied")), "{told}");
}

#[test]
fn the_log_level_of_the_parameters_holds_from_that_run_on() {
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
