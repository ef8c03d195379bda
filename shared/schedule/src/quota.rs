//! How many manual snapshots a schedule holds in each account, against the quota.

use chrono::TimeDelta;

use crate::conditions::{Cadence, Conditions, Holding, Hops, steps};
use pilot_light_domain::rules::retention::Retention;

/// Snapshots held in one account and Region at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Of each database: those of the retention, and those that wait for the next delete pass.
    pub each: u64,
    /// How many databases.
    pub databases: u64,
    /// Snapshots that are not ours.
    pub others: u64,
    /// What the account may hold.
    pub quota: u64,
}

/// The copies of a database between two hops: one being made, one being read, and one that has served and stays
/// until AWS's lists are sure to tell who reads it.
const INTERMEDIATES: u64 = 3;

/// AWS is asked for tenths more than the sum, for what people take by hand, in whole hundreds.
const SPARE_TENTHS: u64 = 1;

/// What the source account holds.
#[must_use]
pub fn in_source(cadence: &Cadence, conditions: &Conditions) -> Held {
    held(cadence, conditions, conditions.source)
}

/// What the destination Region holds.
#[must_use]
pub fn in_destination(cadence: &Cadence, conditions: &Conditions) -> Held {
    held(cadence, conditions, conditions.destination)
}

/// What the destination account holds in the source Region, between two hops.
#[must_use]
pub fn between(conditions: &Conditions) -> Option<Held> {
    let Holding { quota, .. } = conditions.destination;
    match conditions.hops {
        Hops::One => None,
        Hops::Two => Some(Held { each: INTERMEDIATES, databases: conditions.databases, others: 0, quota }),
    }
}

/// A point lives until the first delete pass that finds it too old, one is made in each slot (or pass, if
/// those are rarer), and passes fall differently within the first and the last slot.
fn held(cadence: &Cadence, conditions: &Conditions, holding: Holding) -> Held {
    let Retention { keep_for, keep_last, keep_daily } = holding.retention;
    let lives = keep_for + cadence.delete + cadence.take + conditions.late;
    let apart: TimeDelta = cadence.interval.max(cadence.take);
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let whole = |(number, _): (i32, TimeDelta)| u64::try_from(number).unwrap_or_default();
    let by_age = whole(steps(lives, apart)).saturating_add(1);
    let by_number = count(keep_last).saturating_add(1);
    // Days that the age keeps points of need none kept for them.
    let earlier_days =
        count(keep_daily).saturating_sub(whole(steps(keep_for, apart.max(TimeDelta::days(1)))));
    Held {
        each: by_age.max(by_number).saturating_add(earlier_days),
        databases: conditions.databases,
        others: holding.others,
        quota: holding.quota,
    }
}

impl Held {
    /// All of them, others' included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.each.saturating_mul(self.databases).saturating_add(self.others)
    }

    /// True if the quota has room for them.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.total() <= self.quota
    }

    /// The quota to ask AWS for, if the present one is too small.
    #[must_use]
    pub fn ask(&self) -> Option<u64> {
        let wanted = self.total().saturating_add((self.total() / 10).saturating_mul(SPARE_TENTHS));
        (!self.fits()).then(|| wanted.div_ceil(100).saturating_mul(100))
    }
}
