//! What came of a simulation: of one seed, or of many together, for programs and for people.

use std::fmt::Write;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::ages::Measured;
use super::chart::{self, Page};
use super::sparkline::{Paint, sparkline};
use super::timeline::Timeline;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    /// The first seed.
    pub(crate) seed: u64,
    /// How many there were.
    pub(crate) seeds: u64,
    pub(crate) databases: usize,
    pub(crate) days: u32,
    pub(crate) worst: TimeDelta,
    /// The seed with the worst age.
    pub(crate) worst_seed: u64,
    pub(crate) measured: Measured,
    /// The ages over time under that seed.
    pub(crate) timeline: Timeline,
    /// `RpoTarget`.
    pub(crate) target: TimeDelta,
    /// The worst age that the schedule allows.
    pub(crate) bound: TimeDelta,
    pub(crate) taken: u64,
    pub(crate) shared: u64,
    pub(crate) copied: u64,
    pub(crate) deleted: u64,
    pub(crate) failed_runs: u64,
    pub(crate) faults_injected: u64,
    pub(crate) api_calls: u64,
    pub(crate) peak_source_snapshots: usize,
    pub(crate) peak_destination_snapshots: usize,
    /// How long the slowest return into the bound took after an outage of a Region or an account.
    pub(crate) back_after_outage: Option<TimeDelta>,
    /// Each with its seed and the command that replays it.
    pub(crate) violations: Vec<String>,
}

impl Summary {
    /// Both together.
    pub(crate) fn with(mut self, other: Self) -> Self {
        if other.worst > self.worst {
            (self.worst, self.worst_seed) = (other.worst, other.worst_seed);
            self.timeline = other.timeline;
        }
        self.measured.add(&other.measured);
        self.violations.extend(other.violations);
        Self {
            seeds: self.seeds + other.seeds,
            bound: self.bound.max(other.bound),
            taken: self.taken + other.taken,
            shared: self.shared + other.shared,
            copied: self.copied + other.copied,
            deleted: self.deleted + other.deleted,
            failed_runs: self.failed_runs + other.failed_runs,
            faults_injected: self.faults_injected + other.faults_injected,
            api_calls: self.api_calls + other.api_calls,
            peak_source_snapshots: self.peak_source_snapshots.max(other.peak_source_snapshots),
            peak_destination_snapshots: self.peak_destination_snapshots.max(other.peak_destination_snapshots),
            back_after_outage: self.back_after_outage.max(other.back_after_outage),
            ..self
        }
    }

    /// The worst age in minutes.
    pub(crate) fn worst_minutes(&self) -> f64 {
        tenths(self.worst)
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "seeds": self.seeds,
            "seed": self.seed,
            "databases": self.databases,
            "days": self.days,
            "worst_age_minutes": self.worst_minutes(),
            "p99_age_minutes": self.measured.p99_minutes(),
            "mean_age_minutes": (self.measured.mean_minutes() * 10.0).round() / 10.0,
            "theoretical_minutes": tenths(self.bound),
            "violations": self.violations,
            "faults_injected": self.faults_injected,
            "taken": self.taken,
            "shared": self.shared,
            "copied": self.copied,
            "deleted": self.deleted,
            "failed_runs": self.failed_runs,
            "api_calls": self.api_calls,
            "peak_source_snapshots": self.peak_source_snapshots,
            "peak_destination_snapshots": self.peak_destination_snapshots,
            "recovery_minutes_after_outage": self.back_after_outage.map(tenths),
        })
    }

    /// The chart of the worst seed, as a page of HTML; `command` makes it again.
    pub(crate) fn page(&self, command: &str) -> String {
        let figures: Vec<(String, String)> =
            self.figures().into_iter().map(|(label, value)| (label.to_owned(), value)).collect();
        chart::html(&Page {
            title: "Age of the newest usable copies",
            subtitle: &self.subject(),
            timeline: &self.timeline,
            target: self.target,
            bound: self.bound,
            figures: &figures,
            command,
            violations: &self.violations,
        })
    }

    fn figures(&self) -> [(&'static str, String); 9] {
        let minutes = |minutes: f64| format!("{minutes} min");
        let held = [self.peak_source_snapshots, self.peak_destination_snapshots];
        [
            ("Worst age", minutes(self.worst_minutes())),
            ("99 % of the time at most", format!("{} min", self.measured.p99_minutes())),
            ("Mean age", format!("{:.1} min", self.measured.mean_minutes())),
            ("The schedule allows at worst", minutes(tenths(self.bound))),
            (
                "Back after an outage within",
                self.back_after_outage.map_or("no outage".to_owned(), |back| minutes(tenths(back))),
            ),
            ("Snapshots at most, source and destination", format!("{} and {}", held[0], held[1])),
            ("Faults", self.faults_injected.to_string()),
            ("Failed executions", self.failed_runs.to_string()),
            ("Violations", self.violations.len().to_string()),
        ]
    }

    fn subject(&self) -> String {
        let Self { seed, seeds, databases, days, worst_seed, .. } = self;
        match seeds {
            1 => format!("{databases} databases, {days} days, seed {seed}"),
            _ => {
                let last = seed + (seeds - 1);
                format!(
                    "{databases} databases, {days} days, seeds {seed} to {last}, the worst of them {worst_seed}"
                )
            }
        }
    }

    /// For people.
    pub(crate) fn text(&self, paint: Paint) -> String {
        let mut out = format!("{}\n\n{}\n", self.subject(), sparkline(&self.timeline, self.target, paint));
        let _ = writeln!(
            out,
            "age of the newest usable copy: worst {} min, 99 % of the time at most {} min, mean {:.1} min",
            self.worst_minutes(),
            self.measured.p99_minutes(),
            self.measured.mean_minutes()
        );
        let _ = writeln!(out, "the schedule allows at worst {} min", tenths(self.bound));
        let _ = writeln!(
            out,
            "taken {}, shared {}, copied {}, deleted {}; {} API calls, {} failed runs",
            self.taken, self.shared, self.copied, self.deleted, self.api_calls, self.failed_runs
        );
        if self.faults_injected > 0 {
            let _ = writeln!(out, "{} faults struck", self.faults_injected);
        }
        if let Some(back) = self.back_after_outage {
            let _ =
                writeln!(out, "after an outage all were back within that in at most {} min", tenths(back));
        }
        let _ = writeln!(
            out,
            "at most {} snapshots in the source and {} in the destination",
            self.peak_source_snapshots, self.peak_destination_snapshots
        );
        for violation in &self.violations {
            let _ = writeln!(out, "VIOLATED: {violation}");
        }
        out
    }
}

/// Minutes with one decimal.
fn tenths(time: TimeDelta) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ages stay far below 2^52")]
    let seconds = time.num_seconds() as f64;
    (seconds / 6.0).round() / 10.0
}
