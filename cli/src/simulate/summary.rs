//! What came of a simulation: of one seed, or of many together, for programs and for people.

use std::fmt::Write;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::ages::Measured;

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

    /// For people.
    pub(crate) fn text(&self) -> String {
        let Self { seed, seeds, databases, days, .. } = self;
        let mut out = String::new();
        let _ = match seeds {
            1 => writeln!(out, "{databases} databases, {days} days, seed {seed}"),
            _ => writeln!(out, "{databases} databases, {days} days, {seeds} seeds from {seed} on"),
        };
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
