//! The ages of the newest usable copies, measured to the second. The memory in use does not grow with time.
//!
//! The age of a database counts from the instant at which the data of its newest usable copy was frozen. Without a copy,
//! it counts from the instant at which the database became available. `protection` contains both.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_simulator::world::Happening;

use super::protection::{Protection, Protections, ResourceId};
use crate::homes::Homes;

/// The ages so far.
#[derive(Debug)]
pub(crate) struct Ages {
    protections: Protections,
    /// The instant up to which the age of each database is entered.
    entered: BTreeMap<ResourceId, Instant>,
    measured: Measured,
    worst: Option<Aged>,
}

/// The age of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged {
    /// The database.
    pub database: DatabaseName,
    /// The age of its newest usable copy, or of the database while it has none.
    pub age: TimeDelta,
    /// True if it has a usable copy.
    pub is_copied: bool,
    /// True if there was another database of its name before.
    pub is_recreated: bool,
}

/// The seconds spent at each age. The ages are whole minutes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured(BTreeMap<i64, i64>);

impl Ages {
    pub(crate) fn new(homes: Homes) -> Self {
        Self {
            protections: Protections::new(homes),
            entered: BTreeMap::new(),
            measured: Measured::default(),
            worst: None,
        }
    }

    /// True if an event may change an age.
    pub(crate) fn are_concerned(&self, event: &Happening) -> bool {
        self.protections.concerned(event).is_some()
    }

    /// Enters an event of `now`.
    pub(crate) fn enter(&mut self, event: &Happening, now: Instant) {
        let Some(id) = self.protections.concerned(event).cloned() else { return };
        self.spend(&id, now);
        self.protections.enter(&id, event, now);
        if self.protections.get(&id).is_some() {
            self.entered.insert(id, now);
        } else {
            self.entered.remove(&id);
        }
    }

    /// Enters all ages up to `now`.
    pub(crate) fn end(&mut self, now: Instant) {
        let all: Vec<ResourceId> = self.entered.keys().cloned().collect();
        for id in all {
            self.spend(&id, now);
            self.entered.insert(id, now);
        }
    }

    /// The real protection of every database.
    pub(crate) fn protections(&self) -> &Protections {
        &self.protections
    }

    /// The age of the oldest database. None if no database exists.
    pub(crate) fn oldest(&self, now: Instant) -> Option<TimeDelta> {
        self.protections.oldest().map(|oldest| oldest.age(now))
    }

    /// The worst age so far, with its database.
    pub(crate) fn worst(&self) -> Option<&Aged> {
        self.worst.as_ref()
    }

    /// The databases that have no usable copy at `now`, by name.
    pub(crate) fn without_copy(&self, now: Instant) -> Vec<Aged> {
        let without = self.protections.all().filter(|(_, protection)| !protection.is_copied());
        let mut without: Vec<_> = without.map(|(_, protection)| Aged::of(protection, now)).collect();
        without.sort_by(|one, other| one.database.cmp(&other.database));
        without
    }

    /// The time spent at each age.
    pub(crate) fn measured(&self) -> &Measured {
        &self.measured
    }

    /// Enters the age of a database up to `now`.
    fn spend(&mut self, id: &ResourceId, now: Instant) {
        let (Some(protection), Some(entered)) = (self.protections.get(id), self.entered.get(id)) else {
            return;
        };
        let aged = Aged::of(protection, now);
        self.measured.spend(protection.age(*entered).num_seconds(), aged.age.num_seconds());
        if self.worst.as_ref().is_none_or(|worst| worst.age < aged.age) {
            self.worst = Some(aged);
        }
    }
}

impl Aged {
    fn of(protection: &Protection, now: Instant) -> Self {
        Self {
            database: protection.name.clone(),
            age: protection.age(now),
            is_copied: protection.is_copied(),
            is_recreated: protection.is_recreated,
        }
    }
}

impl Measured {
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
