//! The ages of the newest usable copies, measured to the second. The memory in use does not grow with time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_simulator::world::SnapshotRecord;

/// The ages so far.
#[derive(Debug)]
pub(crate) struct Ages {
    /// The measured databases. The measurement starts when each of them has a recovery point.
    databases: BTreeSet<DatabaseName>,
    newest: BTreeMap<DatabaseName, Newest>,
    measured: Measured,
    worst: TimeDelta,
}

/// The newest recovery point of a database.
#[derive(Debug)]
struct Newest {
    taken: Instant,
    /// The time of its data.
    time: Instant,
    /// The time up to which its age is entered.
    entered: Instant,
}

/// The seconds spent at each age. The ages are whole minutes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured(BTreeMap<i64, i64>);

impl Ages {
    pub(crate) fn new(databases: BTreeSet<DatabaseName>) -> Self {
        Self { databases, newest: BTreeMap::new(), measured: Measured::default(), worst: TimeDelta::zero() }
    }

    /// Takes note of a copy that became usable at `now`.
    pub(crate) fn arrive(&mut self, copy: &SnapshotRecord, now: Instant) {
        let Some(taken) = copy.original_created_at.filter(|_| self.databases.contains(&copy.database)) else {
            return;
        };
        let time = copy.database_time;
        let is_measuring = self.is_measuring();
        match self.newest.get_mut(&copy.database) {
            Some(newest) if newest.taken < taken => {
                if is_measuring {
                    self.worst = self.worst.max(self.measured.enter(newest, now));
                }
                *newest = Newest { taken, time, entered: now };
            }
            Some(_) => {}
            None => {
                self.newest.insert(copy.database.clone(), Newest { taken, time, entered: now });
                if self.is_measuring() {
                    self.newest.values_mut().for_each(|newest| newest.entered = now);
                }
            }
        }
    }

    /// Enters all ages up to the end.
    pub(crate) fn end(&mut self, now: Instant) {
        if !self.is_measuring() {
            return;
        }
        for newest in self.newest.values_mut() {
            self.worst = self.worst.max(self.measured.enter(newest, now));
            newest.entered = now;
        }
    }

    /// The age of the oldest database. None until every database has a recovery point.
    pub(crate) fn oldest(&self, now: Instant) -> Option<TimeDelta> {
        let times = self.newest.values().map(|newest| newest.time);
        times.min().filter(|_| self.is_measuring()).map(|time| now - time)
    }

    /// The worst age so far.
    pub(crate) fn worst(&self) -> TimeDelta {
        self.worst
    }

    /// The time spent at each age.
    pub(crate) fn measured(&self) -> &Measured {
        &self.measured
    }

    fn is_measuring(&self) -> bool {
        self.newest.len() == self.databases.len()
    }
}

impl Measured {
    /// Enters the ages of a recovery point up to `now` and returns the last of them.
    fn enter(&mut self, newest: &Newest, now: Instant) -> TimeDelta {
        let age = now - newest.time;
        self.spend((newest.entered - newest.time).num_seconds(), age.num_seconds());
        age
    }

    /// Spreads the seconds between two ages over the minutes they fall in.
    fn spend(&mut self, from: i64, to: i64) {
        let mut at = from;
        while at < to {
            let minute = at.div_euclid(60);
            let end = ((minute + 1) * 60).min(to);
            *self.0.entry(minute).or_default() += end - at;
            at = end;
        }
    }

    /// Adds the measurements of another simulation.
    pub(crate) fn add(&mut self, other: &Self) {
        for (minute, seconds) in &other.0 {
            *self.0.entry(*minute).or_default() += seconds;
        }
    }

    /// The mean over time and databases, in minutes.
    pub fn mean_minutes(&self) -> f64 {
        let total: i64 = self.0.values().sum();
        let weighted: i64 = self.0.iter().map(|(minute, seconds)| minute * seconds).sum();
        #[expect(clippy::cast_precision_loss, reason = "sums stay far below 2^52")]
        let mean = weighted as f64 / total.max(1) as f64;
        if total == 0 { 0.0 } else { mean + 0.5 }
    }

    /// The age, in whole minutes, that is not exceeded during 99 % of the time.
    pub fn p99_minutes(&self) -> i64 {
        let total: i64 = self.0.values().sum();
        let mut left = total / 100;
        for (minute, seconds) in self.0.iter().rev() {
            left -= seconds;
            if left < 0 {
                return minute + 1;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_spread_over_the_minutes_they_fall_in() {
        let mut measured = Measured::default();
        measured.spend(50, 130);
        assert_eq!(measured.0, BTreeMap::from([(0, 10), (1, 60), (2, 10)]));
        measured.add(&Measured(BTreeMap::from([(2, 5), (7, 1)])));
        assert_eq!(measured.0, BTreeMap::from([(0, 10), (1, 60), (2, 15), (7, 1)]));
    }

    #[test]
    fn the_99th_percentile_leaves_one_in_a_hundred_seconds_above_it() {
        let of = |pairs: &[(i64, i64)]| Measured(pairs.iter().copied().collect()).p99_minutes();
        assert_eq!(of(&[]), 0);
        assert_eq!(of(&[(10, 99), (50, 1)]), 11);
        assert_eq!(of(&[(10, 98), (50, 2)]), 51);
    }
}
