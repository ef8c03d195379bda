//! Whole recoveries of single databases: restores, drills, promotions and replicas, step by step.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::{Status, Verdict};
use pilot_light_simulator::world::SecondsRange;
use pilot_light_tests::SOURCE;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource, restore};
use pilot_light_tests::recovery::progress;
use pilot_light_tests::recovery::resources::{promote, replica};
use pilot_light_tests::recovery::scenes::recover;
use serde_json::{Value, json};

const RESTORE: &str = "RestoreDBInstanceFromDBSnapshot";
/// The tag at the end of a recovery.
const TAG: &str = "AddTagsToResource";

/// A destination account with two copies of `orders` and a later one of `billing`.
fn copies() -> Estate {
    let estate = Estate::default().of_copies();
    for (id, database) in [("orders-1", "orders"), ("orders-2", "orders"), ("billing-1", "billing")] {
        estate.copy(id, database);
    }
    estate
}

fn manifest((kind, parameters): (&'static str, Value)) -> Value {
    one(resource(kind, "orders", parameters))
}

#[test]
fn the_newest_usable_point_is_restored_and_its_instance_awaited() {
    let estate = copies();
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let end = execution.run(&one(restore("orders"))).unwrap();
    assert_eq!(estate.changes(), [RESTORE, TAG]);
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("orders-2"));
    let resource = &end.resources[0];
    assert_eq!((resource.status, resource.step.as_str()), (Status::Recovered, "is up"));
    assert!((20..60).contains(&resource.seconds), "{} s", resource.seconds);
}

#[test]
fn the_same_manifest_started_again_finds_the_restore_done() {
    let estate = copies();
    for (execution, step) in [("run-1", "is up"), ("run-2", "was already done")] {
        let end = estate.execution(WEST, "failover", execution).run(&one(restore("orders"))).unwrap();
        assert_eq!(end.resources[0].step, step);
    }
    assert_eq!(estate.changes(), [RESTORE, TAG]);
}

#[test]
fn a_drill_restores_measures_the_time_and_deletes_its_instance() {
    let estate = copies();
    estate.database(WEST, "orders", &[]);
    let before = estate.end().databases;
    // The account also has newer snapshots of a database of its own with that name.
    let parameters = json!({"DBInstanceIdentifier": "orders", "SourceAccount": SOURCE});
    let drill = resource("RestoreDrill", "orders", parameters);
    let end = estate.execution(WEST, "drill", "run-1").run(&one(drill)).unwrap();
    assert_eq!(estate.changes(), [RESTORE, "DeleteDBInstance"]);
    assert_eq!(
        estate.end().databases,
        before,
        "the production instance is unchanged, and nothing else is left"
    );
    let resource = &end.resources[0];
    assert_eq!(resource.status, Status::Recovered);
    assert!((20..60).contains(&resource.seconds), "{} s", resource.seconds);
    assert!(end.seconds > resource.seconds + 15, "deleting takes no recovery time");
}

#[test]
fn the_state_before_the_start_is_never_mistaken_for_success() {
    // For a while after the request for the promotion AWS still shows an available replica.
    let estate = Estate::with(|settings| settings.lag_seconds = 40);
    estate.database(EAST, "orders", &[]);
    estate.replica(WEST, "orders");
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let mut state = execution.validate(&manifest(promote("orders"))).unwrap();
    for operation in ["start", "check", "check"] {
        execution.step(&mut state).unwrap();
        assert_eq!(progress(&state).verdict, Verdict::Waiting, "{operation}");
    }
    let requested = || estate.simulation.calls().of("PromoteReadReplica");
    assert_eq!(requested(), 1, "the promotion is not requested again meanwhile");
    while execution.step(&mut state).unwrap() {}
    assert_eq!((progress(&state).verdict, requested()), (Verdict::Recovered, 1));
}

#[test]
fn the_old_primary_is_deleted_with_a_final_snapshot_and_becomes_a_replica() {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    estate.database(WEST, "orders", &[]);
    let end = recover(&estate, (WEST, "failback"), "run-1", replica(WEST, "orders"));
    assert_eq!(end.resources[0].status, Status::Recovered, "{}", end.message);
    let way =
        ["ModifyDBInstance", "DeleteDBInstance", "CreateDBInstanceReadReplica", "ModifyDBInstance", TAG];
    assert_eq!(estate.changes(), way);
    let lines = estate.lines();
    for expected in
        ["us-west-2: orders available, follows us-east-1, protected", "us-west-2: kept final-orders"]
    {
        assert!(lines.iter().any(|line| line == expected), "{lines:#?}");
    }
}

#[test]
fn a_replica_is_promoted_even_if_aws_refuses_its_tags() {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    estate.replica(WEST, "orders");
    estate.refuse("AddTagsToResource", "InvalidParameterValue");
    let end = recover(&estate, (WEST, "failover"), "run-1", promote("orders"));
    let step = &end.resources[0].step;
    assert_eq!(end.resources[0].status, Status::Recovered, "{step}");
    assert!(
        step.contains("is up, but without the tags of the recovery") && step.contains("refused by the test"),
        "{step}"
    );
}

#[test]
fn a_drill_that_is_not_up_in_time_is_removed_nevertheless() {
    let minutes = |minutes: u32| SecondsRange::new(minutes * 60, minutes * 60).unwrap();
    let estate = Estate::with(|settings| settings.instance_seconds = minutes(330)).of_copies();
    estate.copy("orders-1", "orders");
    let drill = resource("RestoreDrill", "orders", json!({"DBInstanceIdentifier": "orders"}));
    let end = estate.execution(WEST, "drill", "run-1").run(&one(drill)).unwrap();
    assert_eq!(end.resources[0].status, Status::Failed);
    assert!(end.resources[0].step.contains("not up after 300 minutes"), "{}", end.resources[0].step);
    estate.simulation.settle();
    assert_eq!(estate.instances(WEST), [""; 0]);
}

#[test]
fn sql_server_is_restored_without_multi_az_and_gets_its_standby_afterwards() {
    let estate = Estate::default().of_copies();
    estate.copy_of("sqlserver-se", "sales-1", "sales");
    let recovers = |purpose, name: &str, kind, parameters: Value| {
        let before = estate.simulation.total_calls();
        let end = recover(&estate, (WEST, purpose), name, (kind, parameters));
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        estate.changes_since(before)
    };
    let class = "db.r6i.large";
    for (name, multi_az) in [("absent", "None"), ("false", "False"), ("true", "True")] {
        let drill = json!({"DBInstanceIdentifier": "sales", "DBInstanceClass": class, "MultiAZ": multi_az});
        assert!(recovers("drill", name, "RestoreDrill", drill).starts_with(&[RESTORE]), "{multi_az}");
    }
    let restore = json!({"DBInstanceIdentifier": "sales", "DBInstanceClass": class, "MultiAZ": "True"});
    let changes = recovers("failover", "there", "RestoreFromSnapshot", restore.clone());
    // AWS mirrors no instance without automated backups, so these are turned on first.
    // A tag precedes the standby: the instance is usable meanwhile.
    assert_eq!(changes, [RESTORE, "ModifyDBInstance", TAG, "ModifyDBInstance", TAG]);
    assert_eq!(recovers("failover", "again", "RestoreFromSnapshot", restore), [""; 0]);
}

#[test]
fn the_deletion_protection_of_the_replica_does_not_block_the_next_failback() {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    estate.database(WEST, "orders", &[]);
    let chapters = [
        (WEST, "failback", replica(WEST, "orders")),
        (WEST, "failover", promote("orders")),
        (EAST, "failback", replica(EAST, "orders")),
        (EAST, "failover", promote("orders")),
        (WEST, "failback", replica(WEST, "orders")),
    ];
    for (at, (place, purpose, resource)) in chapters.into_iter().enumerate() {
        let end = recover(&estate, (place, purpose), &format!("run-{at}"), resource);
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        estate.simulation.settle();
    }
    let kept: Vec<String> = estate.end().snapshots.into_iter().map(|found| found.id).collect();
    assert_eq!(kept.len(), 3, "each final snapshot has its own name: {kept:?}");
    assert!(kept.iter().all(|id| id.starts_with("final-orders-")), "{kept:?}");
}
