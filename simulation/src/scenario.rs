//! A scenario: the databases, the times of AWS, the copy mode, and the faults of a simulation.
//!
//! The configuration of the workers is not part of it.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use pilot_light_schedule::conditions::CopyMode;
use pilot_light_simulator::faults::FaultPlan;

/// The conditions of a simulation, without the configuration of the workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The number of databases.
    pub databases: usize,
    /// The number of days that the simulation covers.
    pub days: u32,
    /// The first seed. One seed gives one history.
    pub seed: u64,
    /// The number of seeds. Each has its own history.
    pub seeds: u64,
    /// The time that a snapshot takes.
    pub snapshot: Minutes,
    /// The time that a copy takes.
    pub copy: Minutes,
    /// The way in which AWS lets a copy cross account and Region.
    pub copy_mode: CopyMode,
    /// The worker that copies.
    pub copier: Copier,
    /// The faults that occur, up to a day before the end.
    pub faults: Faults,
}

/// The faults of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub enum Faults {
    /// Faults by their rates and their script.
    Plan(FaultPlan),
    /// A worker is killed once, just after the call whose number is the seed.
    Crash,
}

/// The worker that copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copier {
    /// destination-copy: the newest point of each database, the oldest database first.
    Ours,
    /// A baseline: every snapshot in the order in which it was taken, as older tools do.
    FirstCome,
}

/// A span of whole minutes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minutes {
    /// The shortest.
    pub from: u32,
    /// The longest.
    pub to: u32,
}

impl Copier {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ours, Self::FirstCome];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::FirstCome => "first-come",
        }
    }
}

impl fmt::Display for Copier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Default for Scenario {
    /// Twenty databases for thirty days, snapshots of 3 to 6 minutes, copies of 4 to 10, and no faults.
    fn default() -> Self {
        Self {
            databases: 20,
            days: 30,
            seed: 1,
            seeds: 1,
            snapshot: Minutes { from: 3, to: 6 },
            copy: Minutes { from: 4, to: 10 },
            copy_mode: CopyMode::OneStep,
            copier: Copier::Ours,
            faults: Faults::Plan(FaultPlan::none()),
        }
    }
}

impl Scenario {
    /// Checks that every scripted fault begins before the last day, which has no faults.
    ///
    /// # Errors
    /// A scripted fault would begin too late. The error names the first one.
    pub fn check(&self) -> Result<(), String> {
        let last_day = TimeDelta::days(i64::from(self.days) - 1);
        match self.faults.plan().script().iter().find(|scripted| scripted.after >= last_day) {
            Some(late) => Err(format!(
                "the fault {} would begin {} min after the start, but the last of the {} days has no faults: give an earlier start or more --days",
                late.fault,
                late.after.num_minutes(),
                self.days
            )),
            None => Ok(()),
        }
    }
}

impl Faults {
    /// The faults that rates and the script determine.
    #[must_use]
    pub fn plan(&self) -> FaultPlan {
        match self {
            Self::Plan(plan) => plan.clone(),
            Self::Crash => FaultPlan::none(),
        }
    }

    /// The number of the call after which the worker that made it is killed, counted from 1. None without a crash.
    #[must_use]
    pub fn killed_after(&self, seed: u64) -> Option<u64> {
        (*self == Self::Crash).then_some(seed)
    }

    /// True if no fault can occur.
    #[must_use]
    pub fn are_none(&self) -> bool {
        *self == Self::Plan(FaultPlan::none())
    }
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
