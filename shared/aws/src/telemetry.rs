//! Logs as JSON lines on standard output, which Lambda sends to CloudWatch.
//!
//! `LogLevel` decides what is written; the report is written whatever it says.

use std::io::{self, Write};

use pilot_light_domain::report::Report;
use serde_json::{Value, json};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Registry, fmt, reload};

/// The parameter that names the level.
pub(crate) const LOG_LEVEL: &str = "LogLevel";
/// The level until the parameters are read, and if they name none.
const DEFAULT_LEVEL: &str = "ERROR";
/// The crates whose own messages follow the level down to DEBUG; the others' stop at INFO.
const OURS: [&str; 3] = ["pilot_light", "source_", "destination_"];

/// The process's logs.
#[derive(Debug)]
pub(crate) struct Telemetry {
    level: reload::Handle<Targets, Registry>,
}

impl Telemetry {
    /// Starts logging; a second one in the same process only changes no level of the first.
    pub(crate) fn install() -> Self {
        let (filter, level) = reload::Layer::new(targets(DEFAULT_LEVEL));
        let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
        // Fails only if a subscriber is installed already, which then goes on.
        let _ =
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(filter).with(lines));
        Self { level }
    }

    /// Writes messages of `level` (CRITICAL, ERROR, WARNING, INFO, DEBUG) and graver from now on.
    pub(crate) fn set_level(&self, level: Option<&str>) {
        // Fails only after the subscriber is gone, when nothing is written anyway.
        let _ = self.level.reload(targets(level.unwrap_or(DEFAULT_LEVEL)));
    }

    /// Writes a run's report as one line.
    pub(crate) fn report(&self, report: &Report, request_id: &str) {
        // Standard output that is closed must not fail a run that did its work.
        let _ = writeln!(io::stdout().lock(), "{}", report_line(report, request_id));
    }
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

/// Which messages are written at `level`, by the names of Python's logging, which users' settings carry.
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
        // The span that puts the request's id on each line.
        .with_target("lambda_runtime::layers::trace", LevelFilter::INFO)
        // Repeats every error that a handler returns, after we have logged it.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}
