//! The number of manual snapshots that a schedule holds in each account, compared with the quota.

use chrono::TimeDelta;

use crate::conditions::{Cadence, Conditions, CopyMode, Holding, steps};
use pilot_light_domain::model::retention::Retention;

/// The most snapshots held in one account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The snapshots of each database: those of the retention, those of earlier databases of its name, and those that wait for the
    /// next delete run.
    pub each: u64,
    /// The last snapshots of earlier databases among them.
    pub earlier: u64,
    /// The number of databases.
    pub databases: u64,
    /// Snapshots that Pilot Light did not make.
    pub others: u64,
    /// The quota of the account.
    pub quota: u64,
}

/// The copies of a database between two hops: one being made, one being read, and one that has already been read. The
/// last one stays until AWS's lists certainly show which copies still read from it.
const INTERMEDIATES: u64 = 3;

/// The requested quota exceeds the sum by this many tenths, for snapshots that people take, and is rounded up to hundreds.
const SPARE_TENTHS: u64 = 1;

/// The snapshots that the source account holds.
#[must_use]
pub fn in_source(cadence: &Cadence, conditions: &Conditions) -> Held {
    held(cadence, conditions, conditions.source)
}

/// The snapshots that the destination Region holds.
#[must_use]
pub fn in_destination(cadence: &Cadence, conditions: &Conditions) -> Held {
    held(cadence, conditions, conditions.destination)
}

/// The snapshots that the destination account holds in the source Region, between two hops.
#[must_use]
pub fn between(conditions: &Conditions) -> Option<Held> {
    let Holding { quota, earlier, .. } = conditions.destination;
    match conditions.copy_mode {
        CopyMode::OneStep => None,
        CopyMode::TwoHop => {
            // That of an earlier database is on its way for a short time only.
            let earlier = earlier.min(1);
            let each = INTERMEDIATES + earlier;
            Some(Held { each, earlier, databases: conditions.databases, others: 0, quota })
        }
    }
}

/// A point exists until the first delete run that finds it too old. One point is made in each interval, or in each run
/// if runs are rarer. The runs are at different times within the first and the last interval.
fn held(cadence: &Cadence, conditions: &Conditions, holding: Holding) -> Held {
    let Retention { keep_for, keep_last, keep_daily } = holding.retention;
    let keep_for = keep_for.max(holding.promised);
    let lives = keep_for + cadence.delete + cadence.take + conditions.late;
    let apart: TimeDelta = cadence.interval.max(cadence.take);
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let whole = |(number, _): (i32, TimeDelta)| u64::try_from(number).unwrap_or_default();
    let by_age = whole(steps(lives, apart)).saturating_add(1);
    let by_number = count(keep_last).saturating_add(1);
    // Days whose points are kept by age need none kept for them.
    let earlier_days =
        count(keep_daily).saturating_sub(whole(steps(keep_for, apart.max(TimeDelta::days(1)))));
    Held {
        each: by_age.max(by_number).saturating_add(earlier_days).saturating_add(holding.earlier),
        earlier: holding.earlier,
        databases: conditions.databases,
        others: holding.others,
        quota: holding.quota,
    }
}

impl Held {
    /// All snapshots, including those of others.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.each.saturating_mul(self.databases).saturating_add(self.others)
    }

    /// True if the quota is large enough for all of them.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.total() <= self.quota
    }

    /// The quota to request from AWS, if the present one is too small.
    #[must_use]
    pub fn ask(&self) -> Option<u64> {
        let wanted = self.total().saturating_add((self.total() / 10).saturating_mul(SPARE_TENTHS));
        (!self.fits()).then(|| wanted.div_ceil(100).saturating_mul(100))
    }
}
