//! Logs as JSON lines on standard output, which Lambda sends to CloudWatch.
//!
//! The parameter `LogLevel` determines which messages are written. Reports and the lines of an operator are always
//! written.

use std::io::{self, Write};

use pilot_light_domain::Instant;
use pilot_light_domain::run::report::Report;
use serde_json::{Value, json};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Registry, fmt, reload};

/// The parameter with the log level.
pub(crate) const LOG_LEVEL: &str = "LogLevel";
/// The level until the parameters are read, and afterwards if they contain none.
const DEFAULT_LEVEL: &str = "ERROR";
/// Our own crates. Their messages follow the level down to DEBUG. Those of other crates stop at INFO.
const OURS: [&str; 3] = ["pilot_light", "source_", "destination_"];

/// The logs of the process.
#[derive(Debug)]
pub(crate) struct Telemetry {
    level: reload::Handle<Targets, Registry>,
}

impl Telemetry {
    /// Starts logging. In the same process, only the first call has an effect.
    pub(crate) fn install() -> Self {
        let (filter, level) = reload::Layer::new(targets(DEFAULT_LEVEL));
        let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
        // This fails only if a subscriber is already installed. That subscriber then stays.
        let _ =
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(filter).with(lines));
        Self { level }
    }

    /// From now on, writes messages of `level` (CRITICAL, ERROR, WARNING, INFO, DEBUG) and of graver levels.
    pub(crate) fn set_level(&self, level: Option<&str>) {
        // This fails only after the subscriber is gone, when nothing is written anyway.
        let _ = self.level.reload(targets(level.unwrap_or(DEFAULT_LEVEL)));
    }

    /// Writes the report of a run as one line, at any log level.
    pub(crate) fn report(&self, report: &Report, request_id: &str) {
        // A closed standard output must not fail a run that has done its work.
        let _ = writeln!(io::stdout().lock(), "{}", report_line(report, request_id));
    }

    /// Writes the lines of an operator, each a JSON object, at any log level.
    pub(crate) fn lines(&self, lines: &[Value], time: Instant, request_id: &str) {
        let mut output = io::stdout().lock();
        for line in lines {
            // A closed standard output must not fail this run either.
            let _ = writeln!(output, "{}", answer_line(line, time, request_id));
        }
    }
}

/// Puts our own fields before the fields of `line`. If the line has a field `event`, its value is the message.
fn answer_line(line: &Value, time: Instant, request_id: &str) -> Value {
    let message = line["event"].as_str().unwrap_or("answer");
    let mut whole =
        json!({ "timestamp": time, "level": "INFO", "message": message, "requestId": request_id });
    match line {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| whole[name] = value.clone()),
        other => whole["line"] = other.clone(),
    }
    whole
}

fn report_line(report: &Report, request_id: &str) -> Value {
    json!({
        "timestamp": report.time,
        "level": "INFO",
        "message": "report",
        "requestId": request_id,
        "report": report,
    })
}

/// The filter for the messages of `level`. The levels have the names of Python's logging, because users' settings
/// contain these names.
fn targets(level: &str) -> Targets {
    let level = match level {
        "CRITICAL" => LevelFilter::OFF,
        "WARNING" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::ERROR,
    };
    Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_targets(OURS.map(|target| (target, level)))
        // This span puts the id of the request on each line.
        .with_target("lambda_runtime::layers::trace", LevelFilter::INFO)
        // This target repeats every error that a handler returns, although we have already logged it.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tracing::Level;

    use super::*;

    fn enabled(level: &str, target: &str) -> Vec<Level> {
        let all = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG];
        all.into_iter().filter(|each| targets(level).would_enable(target, each)).collect()
    }

    #[test]
    fn levels_have_the_names_of_pythons_logging() {
        for (level, ours, theirs) in [
            ("CRITICAL", 0, 0),
            ("ERROR", 1, 1),
            ("WARNING", 2, 2),
            ("INFO", 3, 3),
            ("DEBUG", 4, 3),
            ("unheard of", 1, 1),
        ] {
            assert_eq!(enabled(level, "pilot_light_aws::lambda::invocation").len(), ours, "{level}");
            assert_eq!(enabled(level, "source_take").len(), ours, "{level}");
            assert_eq!(enabled(level, "aws_smithy_runtime::client").len(), theirs, "{level}");
        }
    }

    #[test]
    fn an_error_is_not_logged_twice() {
        assert!(enabled("DEBUG", "lambda_runtime::layers::panic").is_empty());
    }

    #[test]
    fn the_report_is_one_line_with_the_requests_id() {
        let report = Report {
            worker: "source-take".to_owned(),
            account: "111111111111".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            time: Instant::from_timestamp(1_767_225_600, 0).unwrap(),
            dry_run: false,
            confirmed_by: None,
            considered: 3,
            planned: 1,
            acted: BTreeMap::from([("take".to_owned(), 1)]),
            skipped: BTreeMap::new(),
            pending: 0,
            blocked: 0,
            failed: 0,
            actions: Vec::new(),
            waiting: Vec::new(),
            blockers: Vec::new(),
            failures: Vec::new(),
            settled: Vec::new(),
            announcements: Vec::new(),
            error: None,
            measurements: Vec::new(),
        };
        let line = report_line(&report, "r1");
        assert!(!line.to_string().contains('\n'));
        assert_eq!(line["message"], "report");
        assert_eq!(line["timestamp"], "2026-01-01T00:00:00Z");
        assert_eq!(line["requestId"], "r1");
        assert_eq!(line["report"], serde_json::to_value(&report).unwrap());
    }

    #[test]
    fn an_operators_line_keeps_its_fields_and_names_the_request() {
        let time = Instant::from_timestamp(1_767_225_600, 0).unwrap();
        let line = json!({"event": "recovered", "resourceName": "orders", "layer": 1, "seconds": 1260});
        let expected = json!({
            "timestamp": "2026-01-01T00:00:00Z", "level": "INFO", "message": "recovered", "requestId": "r1",
            "event": "recovered", "resourceName": "orders", "layer": 1, "seconds": 1260,
        });
        assert_eq!(answer_line(&line, time, "r1"), expected);
        assert_eq!(answer_line(&json!({"a": "b"}), time, "r1")["message"], "answer");
        assert_eq!(answer_line(&json!("no object"), time, "r1")["line"], "no object");
    }
}
