//! The shortfalls of a simulation: the reasons, other than violations of invariants, for which its configuration does
//! not protect the databases.

use std::fmt;

use chrono::TimeDelta;
use pilot_light_domain::model::ids::DatabaseName;

use super::summary::{Summary, tenths};

/// A reason for which a configuration does not protect the databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// No copy of any database was ever complete.
    NothingCopied {
        /// The seed that shows it.
        seed: u64,
        /// The time from the start to the end.
        days: u32,
        /// The worst age that the schedule allows.
        bound: TimeDelta,
    },
    /// Some databases have no usable copy at the end.
    WithoutCopy {
        /// The seed that shows it.
        seed: u64,
        /// The first of them.
        database: DatabaseName,
        /// The time for which that one could have been copied.
        age: TimeDelta,
        /// The number of the others.
        others: usize,
        /// The worst age that the schedule allows.
        bound: TimeDelta,
    },
    /// The worst age exceeded `RpoTarget` without any fault.
    TargetExceeded {
        /// The seed that shows it.
        seed: u64,
        /// The database with the worst age.
        database: DatabaseName,
        /// Its age.
        age: TimeDelta,
        /// `RpoTarget`.
        target: TimeDelta,
    },
}

impl Shortfall {
    /// The seed that shows it.
    #[must_use]
    pub fn seed(&self) -> u64 {
        let (Self::NothingCopied { seed, .. }
        | Self::WithoutCopy { seed, .. }
        | Self::TargetExceeded { seed, .. }) = self;
        *seed
    }
}

/// All shortfalls of a simulation.
#[must_use]
pub fn shortfalls(summary: &Summary) -> Vec<Shortfall> {
    let all = [nothing_copied(summary), without_copy(summary), target_exceeded(summary)];
    all.into_iter().flatten().collect()
}

fn nothing_copied(summary: &Summary) -> Option<Shortfall> {
    let Summary { seed, days, bound, .. } = *summary;
    (summary.arrived == 0).then_some(Shortfall::NothingCopied { seed, days, bound })
}

fn without_copy(summary: &Summary) -> Option<Shortfall> {
    let first = summary.without_copy.first()?;
    let others = summary.without_copy.iter().filter(|worst| worst.seed == first.seed).count() - 1;
    Some(Shortfall::WithoutCopy {
        seed: first.seed,
        database: first.aged.database.clone(),
        age: first.aged.age,
        others,
        bound: summary.bound,
    })
}

/// Faults may exceed the target. Then, only the return to the bound is required, which is an invariant.
fn target_exceeded(summary: &Summary) -> Option<Shortfall> {
    let worst = summary.worst.as_ref().filter(|_| summary.is_without_faults)?;
    let (age, target) = (worst.aged.age, summary.target);
    let (seed, database) = (worst.seed, worst.aged.database.clone());
    (age > target).then_some(Shortfall::TargetExceeded { seed, database, age, target })
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingCopied { days, bound, .. } => write!(
                f,
                "nothing was copied in {days} {}: no snapshot reached the destination; the schedule allows {} min for \
                 the first copies",
                if *days == 1 { "day" } else { "days" },
                tenths(*bound)
            ),
            Self::WithoutCopy { database, age, others, bound, .. } => write!(
                f,
                "{database}{} had no usable copy at the end, {} min after it became available; the schedule allows {} min for \
                 the first copy",
                and_others(*others),
                tenths(*age),
                tenths(*bound)
            ),
            Self::TargetExceeded { database, age, target, .. } => write!(
                f,
                "without any fault, the age of {database} reached {} min, which exceeds the RpoTarget of {} min by {} min",
                tenths(*age),
                tenths(*target),
                tenths(*age - *target)
            ),
        }
    }
}

fn and_others(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => " (and 1 other database)".to_owned(),
        _ => format!(" (and {others} other databases)"),
    }
}
