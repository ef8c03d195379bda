//! A worker's failure as Lambda reports it: the name for the state machine, the message for a person.

use std::error::Error;

use lambda_runtime::Diagnostic;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;

/// Step Functions cuts an error's cause at 32,768 characters; this leaves room for what Lambda adds.
const LIMIT: usize = 30_000;

/// The failure by its name; the message ends with as much of the report as fits.
pub(crate) fn diagnostic(error: &WorkerError, report: Option<&Report>) -> Diagnostic {
    let text = text(error);
    let with_report = report.and_then(|report| with_report(&text, report));
    Diagnostic {
        error_type: error.name().as_str().to_owned(),
        error_message: with_report.unwrap_or_else(|| fitting(&text)),
    }
}

/// The error and its cause, which has AWS's code and message.
pub(crate) fn text(error: &WorkerError) -> String {
    match error.source() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

/// The text and the report, without what is well, or without any list; nothing if not even that fits.
fn with_report(text: &str, report: &Report) -> Option<String> {
    let report = Report { settled: Vec::new(), ..report.clone() };
    let counts = Report {
        actions: Vec::new(),
        waiting: Vec::new(),
        blockers: Vec::new(),
        failures: Vec::new(),
        ..report.clone()
    };
    [&report, &counts].into_iter().find_map(|report| {
        let message = format!("{text}; report: {}", serde_json::to_string(report).ok()?);
        (escaped_length(&message) <= LIMIT).then_some(message)
    })
}

/// The longest beginning of the text that fits: the faults of a manifest are many, and each is wanted.
fn fitting(text: &str) -> String {
    let mut room = LIMIT;
    let fits = |letter: &char| match room.checked_sub(escaped_length(letter.encode_utf8(&mut [0; 4])) - 2) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).collect()
}

/// How long the text becomes inside the JSON that Lambda hands on.
fn escaped_length(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX, |escaped| escaped.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use pilot_light_domain::Instant;
    use pilot_light_domain::aws::error::GatewayError;
    use pilot_light_domain::run::error::ErrorName;
    use pilot_light_domain::run::report::Entry;

    use super::*;

    fn report(entries: usize) -> Report {
        let entry =
            Entry { what: "take".to_owned(), subject: "orders".to_owned(), detail: "\"x\"".repeat(50) };
        Report {
            worker: "source-take".to_owned(),
            account: "111111111111".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            time: Instant::from_timestamp(1_767_225_600, 0).unwrap(),
            dry_run: false,
            considered: entries,
            planned: entries,
            acted: BTreeMap::new(),
            skipped: BTreeMap::new(),
            pending: 0,
            blocked: 0,
            failed: entries,
            actions: Vec::new(),
            waiting: Vec::new(),
            blockers: Vec::new(),
            failures: vec![entry; entries],
            settled: Vec::new(),
            error: Some(ErrorName::Throttled),
            measurements: Vec::new(),
        }
    }

    /// The report in a failure's message, and how long that is as Step Functions gets it.
    fn told(report: &Report) -> (Report, usize) {
        let diagnostic = diagnostic(&WorkerError::Internal("x".to_owned()), Some(report));
        let length = serde_json::to_string(&diagnostic).unwrap().len();
        let (_, json) = diagnostic.error_message.split_once("x; report: ").unwrap();
        (serde_json::from_str(json).unwrap(), length)
    }

    #[test]
    fn the_report_is_whole_if_it_fits_else_without_its_lists() {
        assert_eq!(told(&report(3)).0, report(3));
        let (cut, length) = told(&report(100));
        assert_eq!(cut, Report { failures: Vec::new(), ..report(100) });
        assert!(length < 32_768, "{length}");
    }

    #[test]
    fn even_an_endless_message_stays_within_the_limit() {
        let endless = WorkerError::Internal("\u{1}".repeat(100_000));
        let diagnostic = diagnostic(&endless, Some(&report(1)));
        assert!(serde_json::to_string(&diagnostic).unwrap().len() < 32_768);
    }

    #[test]
    fn a_long_message_is_told_as_far_as_it_fits() {
        let told =
            |text: String| diagnostic(&WorkerError::Internal(text), None).error_message.chars().count();
        let faults = "layer 2, resource 'orders': DBInstanceClass is missing\n".repeat(290);
        assert_eq!(told(faults.clone()), faults.len());
        assert_eq!((told("x".repeat(40_000)), told("\u{1}".repeat(40_000))), (30_000, 5_000));
        assert_eq!(told("\n".repeat(40_000)), 15_000);
    }

    #[test]
    fn a_failed_reading_tells_awss_code() {
        let source = GatewayError::of_code("DescribeDBSnapshots", "Throttling", "Rate exceeded");
        let error = WorkerError::reading("list the snapshots")(source);
        let diagnostic = diagnostic(&error, None);
        assert_eq!(diagnostic.error_type, "Throttled");
        assert_eq!(
            diagnostic.error_message,
            "cannot list the snapshots: AWS throttles the calls \
             (DescribeDBSnapshots failed with Throttling: Rate exceeded)"
        );
    }
}
