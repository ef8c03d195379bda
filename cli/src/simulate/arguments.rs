//! The arguments of `pilot-light simulate`, and the command that replays one seed of them.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use pilot_light_schedule::conditions::CopyMode;
use pilot_light_simulation::scenario::{Copier, Minutes, Scenario};

use super::faults::NamedFaults;

/// The arguments of `pilot-light simulate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Arguments {
    /// The schedules and retentions with which the workers run.
    #[arg(long, value_enum, default_value_t = Preset::Default)]
    pub(crate) schedule: Preset,
    /// A sceptre/config directory whose schedules and retentions replace those of --schedule.
    #[arg(long, value_name = "DIR", conflicts_with = "schedule")]
    pub(crate) config: Option<PathBuf>,
    /// The number of databases, from 1 to 10000.
    #[arg(long, default_value_t = 20, value_parser = positive)]
    pub(crate) databases: usize,
    /// The number of days to simulate, from 1 to 3660.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) days: u32,
    /// The first seed of the random draws: the same seed and arguments always give the same history.
    #[arg(long, default_value_t = 1, value_parser = seed)]
    pub(crate) seed: u64,
    /// The number of histories to simulate, one for each seed from --seed on; they run side by side on all cores.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) seeds: u64,
    /// The time that AWS takes for a snapshot: from A to B whole minutes.
    #[arg(long = "snapshot-minutes", value_name = "A..B", default_value = "3..6")]
    pub(crate) snapshot: Minutes,
    /// The time that AWS takes for a copy: from A to B whole minutes.
    #[arg(long = "copy-minutes", value_name = "A..B", default_value = "4..10")]
    pub(crate) copy: Minutes,
    /// The way in which a copy crosses to the other account and Region.
    #[arg(long, default_value_t = CopyMode::OneStep, value_parser = copy_modes())]
    pub(crate) copy_mode: CopyMode,
    /// The worker that copies: Pilot Light's own, or one for comparison that works like the older tools.
    #[arg(long, default_value_t = Copier::Ours, value_parser = copiers())]
    pub(crate) copier: Copier,
    /// The faults to inject, until one day before the end.
    ///
    /// - none:    No faults
    /// - default: The failures of a bad year, within a month
    /// - hostile: All failures, often, and an attacker in the source account
    /// - crash:   One fault: a worker is killed just after the call whose number is the seed. The history ends a day later
    /// - FILE:    The faults of a TOML file, whose format is described in docs/faults.md
    #[arg(
        long,
        value_name = "none|default|hostile|crash|FILE",
        default_value = "none",
        verbatim_doc_comment
    )]
    pub(crate) faults: NamedFaults,
    /// The HTML file to write, with a chart of the ages of the worst seed.
    #[arg(long, value_name = "FILE")]
    pub(crate) chart: Option<PathBuf>,
}

/// A set of schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    /// A snapshot every 30 minutes, runs of the workers every 5 minutes.
    Default,
    /// A snapshot every hour, runs of the workers every 5 minutes.
    Hourly,
    /// The schedule of the older tools: snapshots are taken every 60 minutes, shared every 90, copied every 100.
    Legacy,
    /// The schedule that `pilot-light schedule --rpo 60m` proposes for these databases and times.
    Proposed,
}

/// The ways in which a copy can cross to the other account and Region, each with its help.
pub(crate) fn copy_modes() -> impl TypedValueParser<Value = CopyMode> {
    let help = |mode| match mode {
        CopyMode::OneStep => "One copy across account and Region",
        CopyMode::TwoHop => "Two copies: into the other account first, then across Regions",
    };
    one_of(CopyMode::ALL.map(|mode| (mode, mode.as_str(), help(mode))))
}

/// The workers that can copy, each with its help.
fn copiers() -> impl TypedValueParser<Value = Copier> {
    let help = |copier| match copier {
        Copier::Ours => {
            "destination-copy: copies the newest recovery point of each database, the oldest database first"
        }
        Copier::FirstCome => {
            "Copies every snapshot in the order in which it was taken, as the older tools do"
        }
    };
    one_of(Copier::ALL.map(|copier| (copier, copier.as_str(), help(copier))))
}

/// A parser of two values by their names, each with its help.
fn one_of<V: Copy + Send + Sync + 'static>(
    values: [(V, &'static str, &'static str); 2],
) -> impl TypedValueParser<Value = V> {
    let named = values.map(|(_, name, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(named).try_map(move |given| {
        let value = values.iter().find(|(_, name, _)| *name == given).map(|(value, ..)| *value);
        value.ok_or("unknown value")
    })
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

impl Arguments {
    /// The scenario that these arguments describe.
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario {
            databases: self.databases,
            days: self.days,
            seed: self.seed,
            seeds: self.seeds,
            snapshot: self.snapshot,
            copy: self.copy,
            copy_mode: self.copy_mode,
            copier: self.copier,
            faults: self.faults.faults.clone(),
        }
    }

    /// The command that replays one seed of the scenario.
    pub(crate) fn replay(&self, seed: u64) -> String {
        let schedule = match &self.config {
            Some(directory) => format!("--config {}", directory.display()),
            None => format!("--schedule {}", name(&self.schedule)),
        };
        let Self { databases, days, snapshot, copy, copy_mode, copier, faults, .. } = self;
        format!(
            "pilot-light simulate {schedule} --databases {databases} --days {days} --snapshot-minutes {snapshot} \
             --copy-minutes {copy} --copy-mode {} --copier {} --faults {} --seed {seed}",
            copy_mode, copier, faults.name
        )
    }
}

/// The name of a value on the command line.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
