//! Planted bugs of workers that take the instance which took over a name for the one that had it before.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Two days with one database. After 20 hours, another instance takes over its name, just after a snapshot was taken. The earlier
/// one is deleted at once, so that it gets no snapshot under its new name.
fn switched_over() -> Scenario {
    struck(2, Kind::SwitchedOverInstance, TimeDelta::minutes(20 * 60 + 10), TimeDelta::minutes(1))
}

#[test]
fn correct_workers_copy_the_last_snapshot_of_a_database_whose_name_another_one_took_over() {
    for copy_mode in CopyMode::ALL {
        let scenario = Scenario { copy_mode, ..switched_over() };
        let summary = engine(&scenario).run(&scenario).unwrap();
        assert_eq!(summary.faults_injected, 1);
        assert_eq!(texts(summary), Vec::<String>::new());
    }
}

/// It copies once an hour, and only the newest snapshot of each name. That of the new instance is the newest by then.
#[test]
fn leaving_the_last_snapshot_of_a_database_whose_name_another_one_took_over_is_a_violation() {
    let bug = instead(|cloud, context| async move {
        if context.now.timestamp() % 3600 >= 300 {
            return;
        }
        let mut offers = cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap().records;
        offers.sort_by_key(|offer| offer.original_created_at);
        let newest: BTreeMap<_, _> =
            offers.into_iter().map(|offer| (offer.database.clone(), offer)).collect();
        for offer in newest.into_values() {
            copy(&cloud, "us-west-2", &offer.arn, OUR_KEY, &offer.arn).await;
        }
    });
    assert_found(
        &violations_without_strangers(&switched_over(), WorkerName::DestinationCopy, bug),
        "is the last snapshot of db-0000, which is gone, and it was not copied within",
    );
}

/// It copies a name only while all copies under it are of one instance.
#[test]
fn leaving_the_instance_that_took_over_a_name_without_a_copy_is_a_violation() {
    let bug = instead(|cloud, _| async move {
        let copies = cloud.rds(&region("us-west-2")).own_snapshots().await.unwrap();
        let known: BTreeSet<_> =
            copies.iter().map(|copy| (copy.database.clone(), copy.resource_id.clone())).collect();
        for offer in cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap() {
            let mut ids = known.iter().filter(|(name, _)| *name == offer.database).map(|(_, id)| id);
            if ids.all(|id| id.is_none() || *id == offer.resource_id) {
                copy(&cloud, "us-west-2", &offer.arn, OUR_KEY, &offer.arn).await;
            }
        }
    });
    assert_found(
        &violations_without_strangers(&switched_over(), WorkerName::DestinationCopy, bug),
        "db-0000 was created again under its old name",
    );
}
