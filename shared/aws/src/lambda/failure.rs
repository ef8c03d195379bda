//! The error of a run in the form that Lambda reports: a name for the state machine and a message for people.
//!
//! The domain defines the names and the texts of errors.

use lambda_runtime::Diagnostic;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;

/// Step Functions cuts the cause of an error at 32,768 characters. This limit leaves room for the text that Lambda
/// adds.
const LIMIT: usize = 30_000;

/// Converts an error. The message ends with as much of the report as fits.
pub(crate) fn diagnostic(error: &WorkerError, report: Option<&Report>) -> Diagnostic {
    let text = error.to_string();
    let with_report = report.and_then(|report| with_report(&text, report));
    Diagnostic {
        error_type: error.name().as_str().to_owned(),
        error_message: with_report.unwrap_or_else(|| fitting(&text)),
    }
}

/// The text and the report without its settled entries and its announcements. If they do not fit, the report has no lists at all. The
/// result is `None` if not even that fits.
fn with_report(text: &str, report: &Report) -> Option<String> {
    let report = Report { settled: Vec::new(), announcements: Vec::new(), ..report.clone() };
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

/// The longest beginning of the text that fits. A manifest can have many problems, and the reader needs each of them.
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

/// The length of the text inside the JSON that Lambda passes on.
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
            confirmed_by: None,
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
            announcements: Vec::new(),
            error: Some(ErrorName::Throttled),
            measurements: Vec::new(),
        }
    }

    /// The report in the message of an error, and the length of the error as Step Functions receives it.
    fn reported(report: &Report) -> (Report, usize) {
        let diagnostic = diagnostic(&WorkerError::Internal("x".to_owned()), Some(report));
        let length = serde_json::to_string(&diagnostic).unwrap().len();
        let (_, json) = diagnostic.error_message.split_once("x; report: ").unwrap();
        (serde_json::from_str(json).unwrap(), length)
    }

    #[test]
    fn a_report_that_does_not_fit_is_sent_without_its_lists() {
        assert_eq!(reported(&report(3)).0, report(3));
        let (cut, length) = reported(&report(100));
        assert_eq!(cut, Report { failures: Vec::new(), ..report(100) });
        assert!(length < 32_768, "{length}");
    }

    #[test]
    fn a_message_with_many_escaped_characters_stays_within_the_limit() {
        let endless = WorkerError::Internal("\u{1}".repeat(100_000));
        let diagnostic = diagnostic(&endless, Some(&report(1)));
        assert!(serde_json::to_string(&diagnostic).unwrap().len() < 32_768);
    }

    #[test]
    fn a_long_message_keeps_as_many_characters_as_fit() {
        let kept =
            |text: String| diagnostic(&WorkerError::Internal(text), None).error_message.chars().count();
        let problems = "layer 2, resource 'orders': DBInstanceClass is missing\n".repeat(290);
        assert_eq!(kept(problems.clone()), problems.len());
        assert_eq!((kept("x".repeat(40_000)), kept("\u{1}".repeat(40_000))), (30_000, 5_000));
        assert_eq!(kept("\n".repeat(40_000)), 15_000);
    }

    #[test]
    fn the_message_of_a_failed_read_contains_the_code_and_message_of_aws() {
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
