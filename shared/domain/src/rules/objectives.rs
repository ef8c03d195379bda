//! The age of each database's newest usable recovery point: the measure of the RPO.
//!
//! The age counts from the time at which the original snapshot was taken, so a copy that arrives late is as old as its
//! original. AWS may give the time of the completion, and then the data are older by the duration of that snapshot.
//! [`crate::rules::lateness`] decides which databases have an age, and the time from which it counts.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::aws::metrics::{Metric, MetricName};
use crate::model::ids::DatabaseId;

/// `RecoveryPointAge` per database and `OldestRecoveryPointAge`, in seconds.
#[must_use]
pub fn metrics(ages: &BTreeMap<DatabaseId, TimeDelta>) -> Vec<Metric> {
    #[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^52")]
    let seconds = |age: &TimeDelta| age.num_seconds() as f64;
    let of_each = ages
        .iter()
        .map(|(database, age)| Metric::of_database(MetricName::RecoveryPointAge, database, seconds(age)));
    let oldest =
        ages.values().max().map(|age| Metric::overall(MetricName::OldestRecoveryPointAge, seconds(age)));
    of_each.chain(oldest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_has_its_age_and_the_worst_one_is_the_objective() {
        let ages = [("archive", 120), ("billing", 10)]
            .map(|(name, minutes)| (crate::testing::database(name).arn.id, TimeDelta::minutes(minutes)));
        let metrics = metrics(&ages.into());
        let measured: Vec<_> = metrics
            .iter()
            .map(|m| (m.dimensions.first().map(|(_, value)| value.as_str()), m.value))
            .collect();
        assert_eq!(
            measured,
            [
                (Some("111111111111/us-east-1/archive"), 7200.0),
                (Some("111111111111/us-east-1/billing"), 600.0),
                (None, 7200.0),
            ]
        );
    }

    #[test]
    fn without_databases_nothing_is_measured() {
        assert_eq!(metrics(&BTreeMap::new()), []);
    }
}
