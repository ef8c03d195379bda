//! The age of each database's newest usable recovery point: the measure of the RPO.
//!
//! The age counts from the time at which the original snapshot was taken, so a copy that arrives late is as old as its
//! original. AWS may give the time of the completion, and then the data are older by the duration of that snapshot.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::Instant;
use crate::aws::metrics::{Metric, MetricName};
use crate::model::ids::DatabaseId;
use crate::model::recovery_point::{RecoveryPoint, newest_usable};

/// The age of every database's newest usable point in the destination.
///
/// `waiting` contains databases known from another source, each with the time of the oldest snapshot that could have
/// been copied. A database without a usable point has the age of that snapshot.
#[must_use]
pub fn ages(
    points: &BTreeMap<DatabaseId, Vec<&RecoveryPoint>>,
    waiting: &BTreeMap<DatabaseId, Instant>,
    now: Instant,
) -> BTreeMap<DatabaseId, TimeDelta> {
    let mut newest = waiting.clone();
    for (database, points) in points {
        // A copy without a known origin represents no database that could still be copied.
        if points.iter().all(|point| point.snapshot.is_copied_by_us() && point.is_unplaced()) {
            continue;
        }
        if let Some(time) = newest_usable(points).map(|(_, time)| time) {
            newest.insert(database.clone(), time);
        }
    }
    newest.into_iter().map(|(database, time)| (database, (now - time).max(TimeDelta::zero()))).collect()
}

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
    use crate::model::recovery_point::by_database;
    use crate::testing::{at, snapshot};

    #[test]
    fn the_age_is_that_of_the_original_snapshot_and_of_the_worst_database() {
        let point = |name: &str, database: &str, time: &str| {
            let mut copy = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), database);
            copy.original_created_at = Some(at(time));
            // Copies are complete later, and idle databases have older data. Neither counts.
            copy.created_at = Some(at(time) + TimeDelta::minutes(9));
            copy.database_time = Some(at(time) - TimeDelta::days(3));
            RecoveryPoint::original(copy)
        };
        let points = [
            point("a", "orders", "2026-01-01T05:00:00Z"),
            point("b", "orders", "2026-01-01T05:30:00Z"),
            point("c", "billing", "2026-01-01T05:50:00Z"),
        ];
        let mut never_copied = points[0].database();
        never_copied.name = "archive".parse().unwrap();
        let waiting = BTreeMap::from([
            (never_copied, at("2026-01-01T04:00:00Z")),
            (points[2].database(), at("2026-01-01T00:00:00Z")),
        ]);

        let metrics = metrics(&ages(&by_database(&points), &waiting, at("2026-01-01T06:00:00Z")));
        let measured: Vec<_> = metrics
            .iter()
            .map(|m| (m.dimensions.first().map(|(_, value)| value.as_str()), m.value))
            .collect();
        assert_eq!(
            measured,
            [
                (Some("111111111111/us-east-1/archive"), 7200.0),
                (Some("111111111111/us-east-1/billing"), 600.0),
                (Some("111111111111/us-east-1/orders"), 1800.0),
                (None, 7200.0),
            ]
        );
    }

    #[test]
    fn a_copy_without_a_known_origin_is_not_measured_as_a_database() {
        let name = "arn:aws:rds:us-west-2:222222222222:snapshot:orders-2026-01-01-05-00";
        let mut copy = snapshot(name, "orders");
        copy.database_time = Some(at("2026-01-01T05:00:00Z"));
        let measured = |copy| {
            ages(&by_database(&[RecoveryPoint::original(copy)]), &BTreeMap::new(), at("2026-01-01T06:00:00Z"))
                .len()
        };
        assert_eq!(measured(copy.clone()), 1);
        copy.tags = crate::model::tags::of([(crate::model::tags::COPIED_BY, crate::model::tags::TOOL)]);
        assert_eq!(measured(copy), 0);
    }

    #[test]
    fn without_databases_nothing_is_measured() {
        assert_eq!(metrics(&ages(&BTreeMap::new(), &BTreeMap::new(), at("2026-01-01T00:00:00Z"))), []);
    }
}
