//! How old the newest usable point of each database is, second by second, in a memory that does not grow with
//! time.

use std::collections::BTreeMap;

use pilot_light_domain::Instant;
use pilot_light_domain::ids::DatabaseName;
use pilot_light_simulator::world::SnapshotView;

/// Ages so far.
#[derive(Debug, Default)]
pub(crate) struct Ages {
    newest: BTreeMap<DatabaseName, Instant>,
    /// Seconds spent at each age, in whole minutes.
    spent: BTreeMap<i64, i64>,
    since: Option<Instant>,
    worst_seconds: i64,
}

impl Ages {
    /// Lets the ages grow up to `now`, from the moment every one of `databases` has a point.
    pub(crate) fn grow(&mut self, now: Instant, databases: usize) {
        if self.newest.len() < databases {
            return;
        }
        if let Some(since) = self.since {
            for time in self.newest.values() {
                let (from, to) = ((since - time).num_seconds(), (now - time).num_seconds());
                self.worst_seconds = self.worst_seconds.max(to);
                spend(&mut self.spent, from, to);
            }
        }
        self.since = Some(now);
    }

    /// Databases whose newest point so far is no longer among the complete copies, given the newest of those.
    pub(crate) fn lost(&self, present: &BTreeMap<DatabaseName, Instant>) -> Vec<DatabaseName> {
        let is_lost = |(name, newest): &(&DatabaseName, &Instant)| present.get(*name) < Some(*newest);
        self.newest.iter().filter(is_lost).map(|(name, _)| name.clone()).collect()
    }

    /// Takes note of a complete copy.
    pub(crate) fn arrive(&mut self, copy: &SnapshotView) {
        let time = copy.record.database_time;
        let newest = self.newest.entry(copy.record.database.clone()).or_insert(time);
        *newest = (*newest).max(time);
    }

    /// The worst age in minutes.
    pub(crate) fn worst_minutes(&self) -> f64 {
        minutes(self.worst_seconds)
    }

    /// The mean over time and databases, in minutes.
    pub(crate) fn mean_minutes(&self) -> f64 {
        let total: i64 = self.spent.values().sum();
        let weighted: i64 = self.spent.iter().map(|(minute, seconds)| minute * seconds).sum();
        #[expect(clippy::cast_precision_loss, reason = "sums stay far below 2^52")]
        let mean = weighted as f64 / total.max(1) as f64;
        mean + 0.5
    }

    /// The age, in whole minutes, that is not exceeded 99 % of the time.
    pub(crate) fn p99_minutes(&self) -> i64 {
        let total: i64 = self.spent.values().sum();
        let mut left = total / 100;
        for (minute, seconds) in self.spent.iter().rev() {
            left -= seconds;
            if left < 0 {
                return minute + 1;
            }
        }
        0
    }
}

/// Spreads the seconds between two ages over the minutes they fall in.
fn spend(spent: &mut BTreeMap<i64, i64>, from: i64, to: i64) {
    let mut at = from;
    while at < to {
        let minute = at.div_euclid(60);
        let end = ((minute + 1) * 60).min(to);
        *spent.entry(minute).or_default() += end - at;
        at = end;
    }
}

fn minutes(seconds: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ages stay far below 2^52")]
    let seconds = seconds as f64;
    (seconds / 6.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_spread_over_the_minutes_they_fall_in() {
        let mut spent = BTreeMap::new();
        spend(&mut spent, 50, 130);
        assert_eq!(spent, BTreeMap::from([(0, 10), (1, 60), (2, 10)]));
    }
}
