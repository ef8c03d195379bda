//! The cheapest schedule that keeps an RPO, found by evaluating every schedule of a small grid.

use std::cmp::Reverse;

use chrono::TimeDelta;

use crate::age::{self, Sum};
use crate::conditions::{Cadence, Conditions, Phase};
use crate::cost::{self, Cost};
use crate::quota::{self, Held};

/// A schedule and its consequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The schedule.
    pub cadence: Cadence,
    /// The comparison of its worst age with the requested RPO.
    pub verdict: Verdict,
    /// The worst age under it.
    pub age: Sum,
    /// Its monthly cost.
    pub cost: Cost,
    /// The snapshots that the source account holds under it.
    pub source: Held,
    /// The snapshots that the destination Region holds under it.
    pub destination: Held,
    /// The snapshots that the destination account holds in the source Region, if there are two hops.
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

/// The comparison of a proposal with the RPO.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It keeps the RPO.
    Keeps,
    /// It does not keep the RPO.
    Exceeds,
}

const DAY_MINUTES: i64 = 24 * 60;

/// The step between intervals, in minutes. Multiples of five suit the periods of runs and people's habits.
const INTERVAL_STEP: i64 = 5;

/// The periods of runs. They divide an hour, so that a cron expression can express them too.
const PERIODS: [i64; 6] = [1, 5, 10, 15, 30, 60];

/// The cheapest schedule that keeps `rpo`. If none keeps it, this is the schedule with the least worst age, and its
/// verdict is [`Verdict::Exceeds`]. None if no schedule has a bound. The conditions must have passed their check.
///
/// The choice is made in this order:
/// 1. A schedule that fits every quota goes before one that does not.
/// 2. A schedule whose copies keep up goes before one that takes snapshots only to skip them.
/// 3. The lower price decides, then the smaller number of snapshots held.
#[must_use]
pub fn cheapest(rpo: TimeDelta, delete: TimeDelta, conditions: &Conditions) -> Option<Proposal> {
    let all = || cadences(delete).filter_map(|cadence| evaluate(cadence, rpo, conditions));
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

/// The consequences of a schedule, compared with `rpo`; none if it has no bound.
#[must_use]
pub fn evaluate(cadence: Cadence, rpo: TimeDelta, conditions: &Conditions) -> Option<Proposal> {
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

/// The grid. At least two of take's runs fit evenly into each interval, so that the second makes up for a failed first.
fn cadences(delete: TimeDelta) -> impl Iterator<Item = Cadence> {
    let intervals = (INTERVAL_STEP..=DAY_MINUTES).step_by(5).filter(|interval| DAY_MINUTES % interval == 0);
    let evenly =
        |interval: i64| PERIODS.into_iter().filter(move |take| interval % take == 0 && interval >= 2 * take);
    let takes = intervals.flat_map(move |interval| evenly(interval).map(move |take| (interval, take)));
    let periods = PERIODS.into_iter().flat_map(|share| PERIODS.map(|copy| (share, copy)));
    takes.flat_map(move |(interval, take)| {
        periods.clone().map(move |(share, copy)| Cadence {
            interval: TimeDelta::minutes(interval),
            take: TimeDelta::minutes(take),
            share: TimeDelta::minutes(share),
            copy: TimeDelta::minutes(copy),
            delete,
        })
    })
}

/// The parameters of a cadence, ready to be pasted into a configuration.
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
