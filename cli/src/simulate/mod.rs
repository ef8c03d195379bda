//! `pilot-light simulate`: the real workers on the simulator, through days of virtual time, and the age of the
//! newest usable point of every database measured all along.

mod ages;
mod engine;
mod estate;
mod faults_file;
mod machine;
mod watch;

use std::fmt::Write;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use pilot_light_simulator::faults::FaultPlan;
use serde::Serialize;

use self::engine::Engine;

/// What to simulate.
#[derive(Debug, Clone, Args)]
pub(crate) struct Plan {
    /// The schedules and retentions of the workers.
    #[arg(long, value_enum, default_value_t = Preset::Default)]
    pub(crate) schedule: Preset,
    /// How many databases.
    #[arg(long, default_value_t = 20, value_parser = positive)]
    pub(crate) databases: usize,
    /// How many days.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) days: u32,
    /// One seed gives one history.
    #[arg(long, default_value_t = 1, value_parser = seed)]
    pub(crate) seed: u64,
    /// How long a snapshot takes, in minutes.
    #[arg(long = "snapshot-minutes", value_name = "A..B", default_value = "3..6")]
    pub(crate) snapshot: Minutes,
    /// How long a copy takes, in minutes.
    #[arg(long = "copy-minutes", value_name = "A..B", default_value = "4..10")]
    pub(crate) copy: Minutes,
    /// Whether AWS copies across account and Region at once.
    #[arg(long, value_enum, default_value_t = CopyMode::OneStep)]
    pub(crate) copy_mode: CopyMode,
    /// What goes wrong, up to a day before the end: none, default, hostile, or what a file says (docs/faults.md).
    #[arg(long, value_name = "none|default|hostile|FILE", default_value = "none", value_parser = faults_file::faults)]
    pub(crate) faults: FaultPlan,
}

/// A set of schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    /// A snapshot every 30 minutes, passes every 5.
    Default,
    /// A snapshot every hour, passes every 5 minutes.
    Hourly,
    /// As the older tools run: taken every 60 minutes, shared every 90, copied every 100.
    Legacy,
}

/// How a copy crosses account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CopyMode {
    /// At once.
    OneStep,
    /// Into the account first, then across Regions.
    TwoHop,
}

/// A span of whole minutes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minutes {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) seed: u64,
    pub(crate) databases: usize,
    pub(crate) days: u32,
    pub(crate) worst_age_minutes: f64,
    pub(crate) p99_age_minutes: i64,
    pub(crate) mean_age_minutes: f64,
    pub(crate) theoretical_minutes: i64,
    pub(crate) taken: u64,
    pub(crate) shared: u64,
    pub(crate) copied: u64,
    pub(crate) deleted: u64,
    pub(crate) failed_runs: u64,
    pub(crate) faults_injected: u64,
    pub(crate) violations: Vec<String>,
    pub(crate) api_calls: u64,
    pub(crate) peak_source_snapshots: usize,
    pub(crate) peak_destination_snapshots: usize,
}

/// Runs the simulation.
pub(crate) fn run(plan: &Plan) -> Result<Summary, String> {
    Engine::new(plan)?.run(plan)
}

/// The summary for people.
pub(crate) fn text(summary: &Summary) -> String {
    let Summary { seed, databases, days, .. } = summary;
    let mut out = String::new();
    let _ = writeln!(out, "{databases} databases, {days} days, seed {seed}");
    let _ = writeln!(
        out,
        "age of the newest usable copy: worst {} min, 99 % of the time at most {} min, mean {} min",
        summary.worst_age_minutes, summary.p99_age_minutes, summary.mean_age_minutes
    );
    let _ = writeln!(out, "the schedule allows at worst {} min", summary.theoretical_minutes);
    let _ = writeln!(
        out,
        "taken {}, shared {}, copied {}, deleted {}; {} API calls, {} failed runs",
        summary.taken,
        summary.shared,
        summary.copied,
        summary.deleted,
        summary.api_calls,
        summary.failed_runs
    );
    if summary.faults_injected > 0 {
        let _ = writeln!(out, "{} faults struck", summary.faults_injected);
    }
    for violation in &summary.violations {
        let _ = writeln!(out, "VIOLATED: {violation}");
    }
    let _ = writeln!(
        out,
        "at most {} snapshots in the source and {} in the destination",
        summary.peak_source_snapshots, summary.peak_destination_snapshots
    );
    out
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("give a whole number from 0 to {}", u64::MAX))
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=10_000).contains(number))
        .ok_or("give a number from 1 to 10000".to_owned())
}

impl FromStr for Minutes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let parse = |part: &str| part.trim().parse().ok().filter(|minutes| (1..=10_000).contains(minutes));
        match (parse(from), parse(to)) {
            (Some(from), Some(to)) if from <= to => Ok(Self { from, to }),
            _ => Err("give A..B in whole minutes of at least 1, A not above B".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(schedule: Preset, copy_mode: CopyMode, days: u32) -> Plan {
        let minutes = |from, to| Minutes { from, to };
        Plan {
            schedule,
            databases: 5,
            days,
            seed: 7,
            snapshot: minutes(3, 6),
            copy: minutes(4, 10),
            copy_mode,
            faults: FaultPlan::none(),
        }
    }

    #[test]
    fn without_faults_every_schedule_keeps_its_bound_and_comes_close_to_it() {
        for (schedule, mode) in [
            (Preset::Default, CopyMode::OneStep),
            (Preset::Default, CopyMode::TwoHop),
            (Preset::Hourly, CopyMode::OneStep),
            (Preset::Legacy, CopyMode::OneStep),
        ] {
            let summary = run(&plan(schedule, mode, 2)).unwrap();
            let bound = summary.theoretical_minutes as f64;
            assert!(summary.worst_age_minutes <= bound, "{schedule:?} {mode:?}: {summary:?}");
            assert!(summary.worst_age_minutes > bound * 0.6, "{schedule:?} {mode:?}: {summary:?}");
            assert_eq!(summary.failed_runs, 0, "{summary:?}");
        }
    }

    #[test]
    fn the_default_keeps_an_hour_and_the_legacy_schedule_does_not() {
        let default = run(&plan(Preset::Default, CopyMode::OneStep, 2)).unwrap();
        let legacy = run(&plan(Preset::Legacy, CopyMode::OneStep, 4)).unwrap();
        assert!(default.worst_age_minutes <= 60.0, "{default:?}");
        assert!(legacy.worst_age_minutes > 200.0, "{legacy:?}");
    }

    #[test]
    fn one_seed_is_one_history() {
        let faults = FaultPlan::hostile();
        let plan = Plan { faults, ..plan(Preset::Default, CopyMode::TwoHop, 2) };
        assert_eq!(run(&plan), run(&plan));
        assert_ne!(run(&plan), run(&Plan { seed: 8, ..plan.clone() }));
    }

    #[test]
    fn whatever_goes_wrong_no_invariant_is_violated() {
        for (faults, seed, mode) in [
            ("default", 1, CopyMode::OneStep),
            ("default", 2, CopyMode::TwoHop),
            ("hostile", 3, CopyMode::OneStep),
        ] {
            let faults = FaultPlan::of_name(faults).unwrap();
            let plan = Plan { faults, seed, databases: 3, ..plan(Preset::Default, mode, 2) };
            let summary = run(&plan).unwrap();
            assert_eq!(summary.violations, Vec::<String>::new(), "{summary:?}");
            assert!(summary.faults_injected > 0, "{summary:?}");
        }
    }

    #[test]
    fn spans_are_read_and_nonsense_is_refused() {
        assert_eq!("3..6".parse(), Ok(Minutes { from: 3, to: 6 }));
        assert_eq!("4".parse(), Ok(Minutes { from: 4, to: 4 }));
        for text in ["", "6..3", "-1..3", "0", "a..b", "1..2..3"] {
            assert!(text.parse::<Minutes>().is_err(), "{text}");
        }
    }
}
