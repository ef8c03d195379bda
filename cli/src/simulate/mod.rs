//! `pilot-light simulate`: the real workers on the simulator, through days of virtual time, and the age of the
//! newest usable point of every database measured all along.

mod ages;
mod axis;
mod chart;
mod engine;
mod estate;
mod execution;
mod faults_file;
mod first_come;
mod machine;
mod seats;
mod sparkline;
mod summary;
mod tally;
#[cfg(test)]
mod tests;
mod timeline;
mod watch;

use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use pilot_light_schedule::conditions::Hops;
use pilot_light_schedule::configuration::Configuration;

use self::engine::Engine;
use self::faults_file::Faults;
use crate::exit::CommandError;

pub(crate) use self::sparkline::Paint;
pub(crate) use self::summary::Summary;

/// What to simulate.
#[derive(Debug, Clone, Args)]
pub(crate) struct Plan {
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
    #[arg(long, value_enum, default_value_t = CopyMode::OneStep)]
    pub(crate) copy_mode: CopyMode,
    /// Who copies: destination-copy, or to compare with it one that takes everything in its turn.
    #[arg(long, value_enum, default_value_t = Copier::Ours)]
    pub(crate) copier: Copier,
    /// What goes wrong, up to a day before the end: none, default, hostile, what a file says (docs/faults.md), or
    /// crash: a worker is killed once, after the call whose number is the seed.
    #[arg(long, value_name = "none|default|hostile|crash|FILE", default_value = "none")]
    pub(crate) faults: Faults,
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

/// How a copy crosses account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CopyMode {
    /// At once.
    OneStep,
    /// Into the account first, then across Regions.
    TwoHop,
}

impl CopyMode {
    /// The number of copies on this way.
    pub(crate) const fn hops(self) -> Hops {
        match self {
            Self::OneStep => Hops::One,
            Self::TwoHop => Hops::Two,
        }
    }
}

/// Who copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Copier {
    /// destination-copy: the newest point of each database, the oldest database first.
    Ours,
    /// Every snapshot in the order in which it was taken, as older tools do.
    FirstCome,
}

/// A span of whole minutes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minutes {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// Runs every seed, side by side on all cores, and sums up.
pub(crate) fn run(plan: &Plan) -> Result<Summary, CommandError> {
    let configuration = estate::configuration(plan)?;
    plan.check()?;
    let all = run_all(plan, &configuration).map_err(CommandError::Failure)?;
    if let Some(path) = &plan.chart {
        let page = all.page(&plan.replay(all.worst_seed));
        let failure = |error| CommandError::Failure(format!("cannot write {}: {error}", path.display()));
        std::fs::write(path, page).map_err(failure)?;
    }
    Ok(all)
}

fn run_all(plan: &Plan, configuration: &Configuration) -> Result<Summary, String> {
    let seeds: Vec<u64> = (0..plan.seeds).map(|number| plan.seed.wrapping_add(number)).collect();
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get).min(seeds.len());
    let work = || {
        let mut done = Vec::new();
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(Engine::new(plan, configuration, *seed)?.run(plan)?);
        }
        Ok(done)
    };
    let all: Result<Vec<Vec<Summary>>, String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or(Err("a simulation panicked".to_owned())))
            .collect()
    });
    let mut all: Vec<Summary> = all?.into_iter().flatten().collect();
    all.sort_by_key(|summary| summary.seed);
    all.into_iter().reduce(Summary::with).ok_or_else(|| "give at least 1 seed".to_owned())
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

impl Plan {
    /// Says so if a fault of the script could never strike: the last day is quiet.
    fn check(&self) -> Result<(), CommandError> {
        let quiet = TimeDelta::days(i64::from(self.days) - 1);
        match self.faults.plan().script().iter().find(|scripted| scripted.after >= quiet) {
            Some(late) => Err(CommandError::WrongUse(format!(
                "{} would begin {} min after the start, and nothing strikes in the last of {} days: give more --days",
                late.fault,
                late.after.num_minutes(),
                self.days
            ))),
            None => Ok(()),
        }
    }

    /// The command that replays one seed of it.
    fn replay(&self, seed: u64) -> String {
        let whose = match &self.config {
            Some(directory) => format!("--config {}", directory.display()),
            None => format!("--schedule {}", name(&self.schedule)),
        };
        let Self { databases, days, snapshot, copy, copy_mode, copier, faults, .. } = self;
        format!(
            "pilot-light simulate {whose} --databases {databases} --days {days} --snapshot-minutes {snapshot} \
             --copy-minutes {copy} --copy-mode {} --copier {} --faults {} --seed {seed}",
            name(copy_mode),
            name(copier),
            faults.asked
        )
    }
}

/// An argument's name on the command line.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
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
