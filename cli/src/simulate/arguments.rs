//! The arguments of `pilot-light simulate`, and the command that replays one seed of them.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use pilot_light_schedule::conditions::CopyMode;
use pilot_light_simulation::scenario::{self, Minutes, Scenario};

use super::faults::NamedFaults;

/// What to simulate.
#[derive(Debug, Clone, Args)]
pub(crate) struct Arguments {
    /// The schedules and retentions of the workers.
    #[arg(long, value_enum, default_value_t = Preset::Default)]
    pub(crate) schedule: Preset,
    /// The schedules and retentions of a sceptre/config directory instead.
    #[arg(long, value_name = "DIR", conflicts_with = "schedule")]
    pub(crate) config: Option<PathBuf>,
    /// How many databases.
    #[arg(long, default_value_t = 20, value_parser = positive)]
    pub(crate) databases: usize,
    /// How many days.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) days: u32,
    /// One seed gives one history.
    #[arg(long, default_value_t = 1, value_parser = seed)]
    pub(crate) seed: u64,
    /// How many seeds, from SEED on, each a history of its own; they run on all cores.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) seeds: u64,
    /// How long a snapshot takes, in minutes.
    #[arg(long = "snapshot-minutes", value_name = "A..B", default_value = "3..6")]
    pub(crate) snapshot: Minutes,
    /// How long a copy takes, in minutes.
    #[arg(long = "copy-minutes", value_name = "A..B", default_value = "4..10")]
    pub(crate) copy: Minutes,
    /// Whether AWS copies across account and Region at once.
    #[arg(long, default_value_t = CopyMode::OneStep, value_parser = copy_modes())]
    pub(crate) copy_mode: CopyMode,
    /// Who copies: destination-copy, or to compare with it one that takes everything in its turn.
    #[arg(long, value_enum, default_value_t = Copier::Ours)]
    pub(crate) copier: Copier,
    /// What goes wrong, up to a day before the end: none, default, hostile, what a file says (docs/faults.md), or
    /// crash: a worker is killed once, after the call whose number is the seed.
    #[arg(long, value_name = "none|default|hostile|crash|FILE", default_value = "none")]
    pub(crate) faults: NamedFaults,
    /// Draw the ages of the worst seed into this HTML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) chart: Option<PathBuf>,
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
    /// What `pilot-light schedule --rpo 60m` proposes for these databases and times.
    Proposed,
}

/// The worker that copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Copier {
    /// destination-copy: the newest point of each database, the oldest database first.
    Ours,
    /// Every snapshot in the order in which it was taken, as older tools do.
    FirstCome,
}

/// The ways in which a copy can cross, each with its help.
pub(crate) fn copy_modes() -> impl TypedValueParser<Value = CopyMode> {
    let help = |mode| match mode {
        CopyMode::OneStep => "At once",
        CopyMode::TwoHop => "Into the account first, then across Regions",
    };
    let named = CopyMode::ALL.map(|mode| PossibleValue::new(mode.as_str()).help(help(mode)));
    PossibleValuesParser::new(named).map(|name| {
        let named = |mode: &CopyMode| mode.as_str() == name;
        CopyMode::ALL.into_iter().find(named).unwrap_or(CopyMode::OneStep)
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
    /// The scenario that they describe.
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario {
            databases: self.databases,
            days: self.days,
            seed: self.seed,
            seeds: self.seeds,
            snapshot: self.snapshot,
            copy: self.copy,
            copy_mode: self.copy_mode,
            copier: match self.copier {
                Copier::Ours => scenario::Copier::Ours,
                Copier::FirstCome => scenario::Copier::FirstCome,
            },
            faults: self.faults.faults.clone(),
        }
    }

    /// The command that replays one seed of it.
    pub(crate) fn replay(&self, seed: u64) -> String {
        let whose = match &self.config {
            Some(directory) => format!("--config {}", directory.display()),
            None => format!("--schedule {}", name(&self.schedule)),
        };
        let Self { databases, days, snapshot, copy, copy_mode, copier, faults, .. } = self;
        format!(
            "pilot-light simulate {whose} --databases {databases} --days {days} --snapshot-minutes {snapshot} \
             --copy-minutes {copy} --copy-mode {} --copier {} --faults {} --seed {seed}",
            copy_mode,
            name(copier),
            faults.name
        )
    }
}

/// An argument's name on the command line.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
