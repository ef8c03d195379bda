//! Planted bugs of workers that take a renamed database for another one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Three days with one database, which has another name from the third hour on until the second day.
fn renamed() -> Scenario {
    struck(3, Kind::RenamedInstance, TimeDelta::hours(3), TimeDelta::minutes(40 * 60 + 10))
}

#[test]
fn correct_workers_continue_the_history_of_a_renamed_database() {
    for copy_mode in CopyMode::ALL {
        let scenario = Scenario { copy_mode, ..renamed() };
        let summary = engine(&scenario).run(&scenario).unwrap();
        assert_eq!(summary.faults_injected, 1);
        assert!(summary.worst.as_ref().is_some_and(|worst| worst.aged.age <= summary.bound), "{summary:?}");
        assert_eq!(texts(summary), Vec::<String>::new());
    }
}

/// The 12 hours and the last copy of each day are kept for each name by itself.
#[test]
fn keeping_the_newest_copy_under_each_name_of_a_renamed_database_is_a_violation() {
    let bug = instead(|cloud, context| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let mut copies = rds.own_snapshots().await.unwrap().records;
        copies.retain(|copy| copy.is_available());
        copies.sort_by_key(|copy| Reverse(copy.taken_at()));
        let old = Some(context.now - TimeDelta::hours(12));
        let mut days = BTreeSet::new();
        for copy in copies {
            let day = copy.taken_at().map(|taken| taken.date_naive());
            if !days.insert((copy.database.clone(), day)) && copy.taken_at() < old {
                let _ = rds.delete_snapshot(&copy.arn.id).await;
            }
        }
    });
    assert_found(
        &violations_with(&renamed(), WorkerName::DestinationDelete, bug),
        "still exists after a run of destination-delete",
    );
}

#[test]
fn measuring_the_age_of_each_name_of_a_renamed_database_is_a_violation() {
    let bug = after(DestinationCopy, |cloud, context| async move {
        let copies = cloud.rds(&region("us-west-2")).own_snapshots().await.unwrap();
        let mut newest = BTreeMap::new();
        for copy in copies.iter().filter(|copy| copy.is_available()) {
            let known = newest.entry(copy.database.clone()).or_insert(copy.taken_at());
            *known = copy.taken_at().max(*known);
        }
        let oldest = newest.into_values().flatten().min().unwrap_or(context.now);
        #[expect(clippy::cast_precision_loss, reason = "seconds of days")]
        let age = (context.now - oldest).num_seconds() as f64;
        let _ = cloud.publish(&[Metric::overall(MetricName::OldestRecoveryPointAge, age)]).await;
    });
    assert_found(
        &violations_without_strangers(&renamed(), WorkerName::DestinationCopy, bug),
        "a false alarm would fire",
    );
}
