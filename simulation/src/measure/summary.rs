//! The figures of a simulation, for one seed or for several seeds together.
//!
//! The caller writes the texts about them.

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::ages::{Aged, Measured};
use super::timeline::Timeline;

/// A violation of an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The seed that shows it.
    pub seed: u64,
    /// The instant at which the violation was found.
    pub at: Instant,
    /// The description of the violation.
    pub text: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}, {}: {}", self.seed, self.at.format("%Y-%m-%dT%H:%M:%SZ"), self.text)
    }
}

/// The age of a database under a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worst {
    /// The seed.
    pub seed: u64,
    /// The database and its age.
    pub aged: Aged,
}

/// The results of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The first seed.
    pub seed: u64,
    /// The number of seeds.
    pub seeds: u64,
    /// The number of databases.
    pub databases: usize,
    /// The number of simulated days.
    pub days: u32,
    /// The worst age of a database, counted from its newest usable copy. None if no database existed.
    pub worst: Option<Worst>,
    /// The databases that have no copy at the end.
    pub without_copy: Vec<Worst>,
    /// True if no fault could occur.
    pub is_without_faults: bool,
    /// The time spent at each age.
    pub measured: Measured,
    /// The ages over time under that seed.
    pub timeline: Timeline,
    /// `RpoTarget`.
    pub target: TimeDelta,
    /// The worst age that the schedule allows.
    pub bound: TimeDelta,
    /// Snapshots taken.
    pub taken: u64,
    /// Snapshots shared.
    pub shared: u64,
    /// Copies started.
    pub copied: u64,
    /// Copies that became usable in the destination, as the world shows it.
    pub arrived: u64,
    /// Snapshots deleted.
    pub deleted: u64,
    /// Executions that failed after all their retries.
    pub failed_runs: u64,
    /// Faults that occurred.
    pub faults_injected: u64,
    /// Calls to AWS.
    pub api_calls: u64,
    /// The highest number of manual snapshots in the source at one time.
    pub peak_source_snapshots: usize,
    /// The highest number of manual snapshots in the destination at one time.
    pub peak_destination_snapshots: usize,
    /// The longest time from the end of an outage of a Region or an account until every database had been within the bound
    /// again.
    pub back_after_outage: Option<TimeDelta>,
    /// The violations of invariants, in order.
    pub violations: Vec<Violation>,
}

impl Summary {
    /// Combines two summaries.
    pub fn with(mut self, other: Self) -> Self {
        if other.worst_age() > self.worst_age() {
            (self.worst, self.timeline) = (other.worst, other.timeline);
        }
        self.without_copy.extend(other.without_copy);
        self.measured.add(&other.measured);
        self.violations.extend(other.violations);
        Self {
            seeds: self.seeds + other.seeds,
            bound: self.bound.max(other.bound),
            taken: self.taken + other.taken,
            shared: self.shared + other.shared,
            copied: self.copied + other.copied,
            arrived: self.arrived + other.arrived,
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

    /// The worst age. It is zero if no database existed.
    #[must_use]
    pub fn worst_age(&self) -> TimeDelta {
        self.worst.as_ref().map_or(TimeDelta::zero(), |worst| worst.aged.age)
    }

    /// The worst age in minutes.
    #[must_use]
    pub fn worst_minutes(&self) -> f64 {
        tenths(self.worst_age())
    }

    /// The seed with the worst age.
    #[must_use]
    pub fn worst_seed(&self) -> u64 {
        self.worst.as_ref().map_or(self.seed, |worst| worst.seed)
    }
}

/// Minutes with one decimal.
#[must_use]
pub fn tenths(time: TimeDelta) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ages stay far below 2^52")]
    let seconds = time.num_seconds() as f64;
    (seconds / 6.0).round() / 10.0
}
