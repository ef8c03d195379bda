//! The cheapest schedule that keeps an RPO, found by weighing every one in a small grid.

use std::cmp::Reverse;

use chrono::TimeDelta;

use crate::age::{self, Sum};
use crate::conditions::{Cadence, Conditions, Phase};
use crate::cost::{self, Cost};
use crate::quota::{self, Held};

/// A schedule and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The schedule.
    pub cadence: Cadence,
    /// Whether it keeps the RPO that was asked for.
    pub verdict: Verdict,
    /// The worst age under it.
    pub age: Sum,
    /// What it costs a month.
    pub cost: Cost,
    /// What the source account holds under it.
    pub source: Held,
    /// What the destination Region holds under it.
    pub destination: Held,
    /// What the destination account holds in the source Region, where there are two hops.
    pub between: Option<Held>,
}

impl Proposal {
    /// True if every quota has room for it.
    #[must_use]
    pub fn fits(&self) -> bool {
        [Some(self.source), Some(self.destination), self.between]
            .into_iter()
            .flatten()
            .all(|held| held.fits())
    }
}

/// Whether a proposal is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It keeps the RPO.
    Keeps,
    /// It does not.
    Exceeds,
}

const DAY_MINUTES: i64 = 24 * 60;

/// Intervals are whole fives of minutes, as passes and people's habits are.
const INTERVAL_STEP: i64 = 5;

/// Periods of passes that divide an hour, so that a cron expression can say them too.
const PERIODS: [i64; 6] = [1, 5, 10, 15, 30, 60];

/// The cheapest schedule that keeps `rpo`, or else the best that can be had: the least worst age, with a
/// verdict that says so. None if no schedule has a bound. The conditions must have passed their check.
///
/// One that fits every quota goes before one that does not, and one whose copies keep up before one that takes
/// snapshots only to skip them. At one price it is the one that holds fewer snapshots.
#[must_use]
pub fn cheapest(rpo: TimeDelta, delete: TimeDelta, conditions: &Conditions) -> Option<Proposal> {
    let all = || cadences(delete).filter_map(|cadence| weigh(cadence, rpo, conditions));
    let keeping = all().filter(|proposal| proposal.verdict == Verdict::Keeps);
    let snapshots = |proposal: &Proposal| proposal.source.total() + proposal.destination.total();
    let by_price = |proposal: &Proposal| {
        let is_wasteful = !proposal.age.keeps_up();
        (!proposal.fits(), is_wasteful, proposal.cost.total(), snapshots(proposal), proposal.age.total())
    };
    keeping.min_by_key(by_price).or_else(|| {
        all().min_by_key(|proposal| {
            let interval = Reverse(proposal.cadence.interval);
            (proposal.age.total(), proposal.cost.total(), interval)
        })
    })
}

/// What a schedule gives, held against `rpo`; none if it has no bound.
#[must_use]
pub fn weigh(cadence: Cadence, rpo: TimeDelta, conditions: &Conditions) -> Option<Proposal> {
    let age = age::worst(&cadence, conditions).ok()?;
    let verdict = if age.total() <= rpo { Verdict::Keeps } else { Verdict::Exceeds };
    Some(Proposal {
        verdict,
        age,
        cost: cost::monthly(&cadence, conditions.databases, conditions.lambda),
        source: quota::in_source(&cadence, conditions),
        destination: quota::in_destination(&cadence, conditions),
        between: quota::between(conditions),
        cadence,
    })
}

/// The grid: take's passes fit evenly into each interval, twice at least, so that one that fails is made up for.
fn cadences(delete: TimeDelta) -> impl Iterator<Item = Cadence> {
    let intervals = (INTERVAL_STEP..=DAY_MINUTES).step_by(5).filter(|interval| DAY_MINUTES % interval == 0);
    let evenly =
        |interval: i64| PERIODS.into_iter().filter(move |take| interval % take == 0 && interval >= 2 * take);
    let takes = intervals.flat_map(move |interval| evenly(interval).map(move |take| (interval, take)));
    let passes = PERIODS.into_iter().flat_map(|share| PERIODS.map(|copy| (share, copy)));
    takes.flat_map(move |(interval, take)| {
        passes.clone().map(move |(share, copy)| Cadence {
            interval: TimeDelta::minutes(interval),
            take: TimeDelta::minutes(take),
            share: TimeDelta::minutes(share),
            copy: TimeDelta::minutes(copy),
            delete,
        })
    })
}

/// The parameters of a cadence, to paste.
#[must_use]
pub fn values(cadence: &Cadence) -> [(&'static str, String); 4] {
    let on_the_clock = |period| Phase::OnTheClock.expression(period);
    [
        ("BackupInterval", format!("{}m", cadence.interval.num_minutes())),
        ("BackupSchedule", on_the_clock(cadence.take)),
        ("ShareSchedule", on_the_clock(cadence.share)),
        ("CopySchedule", on_the_clock(cadence.copy)),
    ]
}
