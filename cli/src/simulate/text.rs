//! The figures of a simulation, written as text for people, as JSON for programs, and as an HTML page.

use std::fmt::Write;

use pilot_light_simulation::Summary;
use pilot_light_simulation::measure::shortfall::shortfalls;
use pilot_light_simulation::measure::summary::tenths;
use serde_json::{Value, json};

use super::Arguments;
use crate::picture::page::{self, Page};
use crate::picture::sparkline::{Paint, sparkline};

/// The results of a simulation, with the commands that replay it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Simulated {
    pub(crate) summary: Summary,
    /// The command that replays the worst seed.
    replay: String,
    /// Each violation with the command that replays it.
    violations: Vec<String>,
    /// Each shortfall with the command that replays it.
    shortfalls: Vec<String>,
}

impl Simulated {
    pub(crate) fn new(summary: Summary, arguments: &Arguments) -> Self {
        let replay = arguments.replay(summary.worst_seed());
        let replayed =
            |text: &dyn std::fmt::Display, seed| format!("{text}; replay it: {}", arguments.replay(seed));
        let violations =
            summary.violations.iter().map(|violation| replayed(violation, violation.seed)).collect();
        let shortfalls = shortfalls(&summary);
        let shortfalls = shortfalls.iter().map(|shortfall| replayed(shortfall, shortfall.seed())).collect();
        Self { summary, replay, violations, shortfalls }
    }

    /// True if no invariant was violated, and the configuration protects every database.
    pub(crate) fn is_well(&self) -> bool {
        self.violations.is_empty() && self.shortfalls.is_empty()
    }

    /// The figures as JSON.
    pub(crate) fn json(&self) -> Value {
        let worst = self.summary.worst.as_ref();
        json!({
            "seeds": self.summary.seeds,
            "seed": self.summary.seed,
            "databases": self.summary.databases,
            "days": self.summary.days,
            "worst_age_minutes": self.summary.worst_minutes(),
            "p99_age_minutes": self.summary.measured.p99_minutes(),
            "mean_age_minutes": (self.summary.measured.mean_minutes() * 10.0).round() / 10.0,
            "theoretical_minutes": tenths(self.summary.bound),
            "target_minutes": tenths(self.summary.target),
            "worst_database": worst.map(|worst| worst.aged.database.as_str()),
            "violations": self.violations,
            "shortfalls": self.shortfalls,
            "faults_injected": self.summary.faults_injected,
            "taken": self.summary.taken,
            "shared": self.summary.shared,
            "copied": self.summary.copied,
            "deleted": self.summary.deleted,
            "failed_runs": self.summary.failed_runs,
            "api_calls": self.summary.api_calls,
            "peak_source_snapshots": self.summary.peak_source_snapshots,
            "peak_destination_snapshots": self.summary.peak_destination_snapshots,
            "recovery_minutes_after_outage": self.summary.back_after_outage.map(tenths),
        })
    }

    /// The chart of the worst seed as an HTML page.
    pub(crate) fn page(&self) -> String {
        let figures: Vec<(String, String)> =
            self.figures().into_iter().map(|(label, value)| (label.to_owned(), value)).collect();
        let problems = [self.shortfalls.as_slice(), &self.violations].concat();
        page::html(&Page {
            title: "Age of the newest usable copies",
            subtitle: &self.subject(),
            timeline: &self.summary.timeline,
            target: self.summary.target,
            bound: self.summary.bound,
            figures: &figures,
            command: &self.replay,
            violations: &problems,
        })
    }

    fn figures(&self) -> [(&'static str, String); 9] {
        let minutes = |minutes: f64| format!("{minutes} min");
        let held = [self.summary.peak_source_snapshots, self.summary.peak_destination_snapshots];
        [
            ("Worst age", minutes(self.summary.worst_minutes())),
            ("Age for 99 % of the time, at most", format!("{} min", self.summary.measured.p99_minutes())),
            ("Mean age", format!("{:.1} min", self.summary.measured.mean_minutes())),
            ("Greatest age that the schedule allows", minutes(tenths(self.summary.bound))),
            (
                "Longest return to that age after an outage",
                self.summary.back_after_outage.map_or("no outage".to_owned(), |back| minutes(tenths(back))),
            ),
            ("Most snapshots, in source and destination", format!("{} and {}", held[0], held[1])),
            ("Injected faults", self.summary.faults_injected.to_string()),
            ("Runs that failed after all retries", self.summary.failed_runs.to_string()),
            ("Violations", self.violations.len().to_string()),
        ]
    }

    fn subject(&self) -> String {
        let Summary { seed, seeds, databases, days, .. } = &self.summary;
        match seeds {
            1 => format!("{databases} databases, {days} days, seed {seed}"),
            _ => {
                let (last, worst_seed) = (seed + (seeds - 1), self.summary.worst_seed());
                format!(
                    "{databases} databases, {days} days, seeds {seed} to {last}, the worst of them {worst_seed}"
                )
            }
        }
    }

    /// The figures as text.
    pub(crate) fn text(&self, paint: Paint) -> String {
        let mut out = format!(
            "{}\n\n{}\n",
            self.subject(),
            sparkline(&self.summary.timeline, self.summary.target, paint)
        );
        let _ = writeln!(
            out,
            "age of the newest usable copy: worst {} min{}, 99 % of the time at most {} min, mean {:.1} min",
            self.summary.worst_minutes(),
            self.summary.worst.as_ref().map_or(String::new(), |worst| format!(" ({})", worst.aged.database)),
            self.summary.measured.p99_minutes(),
            self.summary.measured.mean_minutes()
        );
        let _ = writeln!(out, "greatest age that the schedule allows: {} min", tenths(self.summary.bound));
        let _ = writeln!(
            out,
            "taken {}, shared {}, copied {}, deleted {}; {} API calls, {} failed runs",
            self.summary.taken,
            self.summary.shared,
            self.summary.copied,
            self.summary.deleted,
            self.summary.api_calls,
            self.summary.failed_runs
        );
        if self.summary.faults_injected > 0 {
            let _ = writeln!(out, "{} faults were injected", self.summary.faults_injected);
        }
        if let Some(back) = self.summary.back_after_outage {
            let _ = writeln!(
                out,
                "after an outage, every age was within that again in at most {} min",
                tenths(back)
            );
        }
        let _ = writeln!(
            out,
            "most snapshots at one time: {} in the source, {} in the destination",
            self.summary.peak_source_snapshots, self.summary.peak_destination_snapshots
        );
        for shortfall in &self.shortfalls {
            let _ = writeln!(out, "FAILED: {shortfall}");
        }
        for violation in &self.violations {
            let _ = writeln!(out, "VIOLATED: {violation}");
        }
        out
    }
}
