//! A worker's failure as Lambda reports it: the name for the state machine, the message for a person.

use std::error::Error;

use lambda_runtime::Diagnostic;
use pilot_light_domain::errors::WorkerError;
use pilot_light_domain::report::Report;

/// Step Functions cuts an error's cause at 32,768 characters; this leaves room for what Lambda adds.
const LIMIT: usize = 30_000;

/// The failure by its name; the message ends with as much of the report as fits.
pub(crate) fn diagnostic(error: &WorkerError, report: Option<&Report>) -> Diagnostic {
    let text = text(error);
    let with_report = report.and_then(|report| with_report(&text, report));
    Diagnostic {
        error_type: error.name().as_str().to_owned(),
        error_message: with_report.unwrap_or_else(|| text.chars().take(LIMIT / 4).collect()),
    }
}

/// The error and its cause, which has AWS's code and message.
pub(crate) fn text(error: &WorkerError) -> String {
    match error.source() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

/// The text and the report, whole or without its lists; nothing if not even that fits.
fn with_report(text: &str, report: &Report) -> Option<String> {
    let counts = Report {
        actions: Vec::new(),
        waiting: Vec::new(),
        blockers: Vec::new(),
        failures: Vec::new(),
        ..report.clone()
    };
    [report, &counts].into_iter().find_map(|report| {
        let message = format!("{text}; report: {}", serde_json::to_string(report).ok()?);
        (escaped_length(&message) <= LIMIT).then_some(message)
    })
}

/// How long the text becomes inside the JSON that Lambda hands on.
fn escaped_length(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX, |escaped| escaped.len())
}
