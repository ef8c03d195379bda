//! Planted bugs that show after one or several runs of a worker.

use pilot_light_domain::model::naming;

use super::*;

async fn nothing(_: SimulatedCloud, _: Context) {}

#[test]
fn leaving_recovery_points_whose_retention_is_over_is_a_violation() {
    let violations = violations_with(&scenario(), WorkerName::DestinationDelete, instead(nothing));
    assert_found(&violations, "still exists after a run of destination-delete");
    let violations = violations_with(&scenario(), WorkerName::SourceDelete, instead(nothing));
    assert_found(&violations, "still exists after a run of source-delete");
}

#[test]
fn leaving_intermediate_copies_that_nothing_needs_is_a_violation() {
    let bug = instead(|cloud, _| async move {
        for offer in cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap() {
            if offer.arn.account.as_str() == SOURCE && offer.database.as_str() != "theirs" {
                copy(&cloud, "us-east-1", &offer.arn, BETWEEN_KEY, &offer.arn).await;
            }
        }
        for between in cloud.rds(&region("us-east-1")).own_snapshots().await.unwrap() {
            copy(&cloud, "us-west-2", &between.arn, OUR_KEY, &between.arn).await;
        }
    });
    let scenario = Scenario { copy_mode: CopyMode::TwoHop, ..scenario() };
    assert_found(
        &violations_with(&scenario, WorkerName::DestinationCopy, bug),
        "still exists, but nothing needs it",
    );
}

#[test]
fn copying_the_same_snapshot_in_every_run_is_a_violation() {
    let bug = instead(|cloud, context| async move {
        for offer in cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap() {
            if offer.arn.account.as_str() == SOURCE && offer.database.as_str() != "theirs" {
                let name = format!("{}-{}", offer.arn.id, naming::timestamp(context.now));
                let target = name.parse().unwrap();
                copy_as(&cloud, ("us-west-2", target), &offer.arn, OUR_KEY, &offer.arn).await;
            }
        }
    });
    let scenario = Scenario { databases: 1, ..scenario() };
    assert_found(&violations_with(&scenario, WorkerName::DestinationCopy, bug), "is copied again as");
}

/// Copies take so long that the second one of a database waits behind the first one.
#[test]
fn deleting_a_snapshot_that_a_pending_copy_reads_is_a_violation() {
    let scenario = Scenario { databases: 1, copy: Minutes { from: 200, to: 200 }, ..scenario() };
    let mut engine = engine(&scenario);
    engine.replace(
        WorkerName::DestinationCopy,
        instead(|cloud, _| async move {
            for offer in cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap() {
                copy(&cloud, "us-west-2", &offer.arn, OUR_KEY, &offer.arn).await;
            }
        }),
    );
    engine.replace(
        WorkerName::SourceDelete,
        instead(|cloud, _| async move {
            let rds = cloud.rds(&region("us-east-1"));
            let mut all = rds.own_snapshots().await.unwrap();
            all.records.sort_by_key(|snapshot| snapshot.original_created_at);
            // The oldest one is being copied, and the copies of all others are pending.
            for snapshot in all.iter().filter(|snapshot| snapshot.is_available()).skip(1) {
                let _ = rds.delete_snapshot(&snapshot.arn.id).await;
            }
        }),
    );
    assert_found(&texts(engine.run(&scenario).unwrap()), "was still being copied from it");
}

#[test]
fn failing_in_every_run_because_of_one_database_is_a_violation() {
    let bug = Runnable(Box::new(|cloud, context| {
        Box::pin(async move {
            let report = SourceTake.run(&cloud, &context).await.map_err(|error| error.name().as_str())?;
            let databases = cloud.rds(&region("us-east-1")).instances().await.unwrap();
            let is_odd = databases.iter().any(|database| database.arn.id.name.as_str() == "db-0001");
            if is_odd { Err("Conflict") } else { Ok(report) }
        })
    }));
    assert_found(
        &violations_with(&scenario(), WorkerName::SourceTake, bug),
        "source-take failed 3 times in a row, the last time with Conflict",
    );
}
