//! Databases that are usable although AWS refuses a later adjustment, or takes long for it: a standby, or the first backups.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Progress, ResourceProgress, Verdict};
use pilot_light_simulator::world::{Imposed, Imposition, ResourceKind, Selection};
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::progress;
use pilot_light_tests::recovery::resources::replica;
use pilot_light_tests::recovery::scenes::recover;
use serde_json::{Value, json};

const DELETE: &str = "DeleteDBInstance";

fn resource_of(state: &Value) -> ResourceProgress {
    progress(state).resources.remove(0)
}

/// A destination account with a copy of an instance of SQL Server, and the restore or drill of it with a standby.
fn mirrored() -> (Estate, Value) {
    let estate = Estate::default().of_copies();
    estate.copy_of("sqlserver-se", "sales-1", "sales");
    let class = "db.r6i.large";
    (estate, json!({"DBInstanceIdentifier": "sales", "DBInstanceClass": class, "MultiAZ": "True"}))
}

#[test]
fn a_usable_database_is_up_and_names_its_missing_standby_if_aws_refuses_it_for_good() {
    for (purpose, kind, left) in [("failover", "RestoreFromSnapshot", 1), ("drill", "RestoreDrill", 0)] {
        let (estate, parameters) = mirrored();
        estate.refuse("ModifyDBInstance", "InvalidParameterCombination");
        let end = recover(&estate, (WEST, purpose), "run-1", (kind, parameters));
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        for part in [
            "everything is up, but 1 resource is not as requested",
            "Up, but not as requested (1):",
            "is up, but without its standby (MultiAZ): ",
            "refused by the test",
        ] {
            assert!(end.message.contains(part), "{}", end.message);
        }
        assert_eq!(estate.instances(WEST).len(), left, "{kind}");
        assert_eq!(estate.simulation.calls().of("ModifyDBInstance"), 1, "{kind}: it is requested once");
    }
}

#[test]
fn a_usable_replica_is_up_and_names_its_missing_backups_if_aws_refuses_them_for_good() {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    estate.refuse("ModifyDBInstance", "InvalidParameterCombination");
    let end = recover(&estate, (WEST, "failback"), "run-1", replica(WEST, "orders"));
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    let said = "is up, but without its BackupRetentionPeriod of 7 days: ";
    assert!(end.message.contains(said) && end.message.contains("refused by the test"), "{}", end.message);
}

#[test]
fn a_usable_database_for_whose_standby_aws_has_no_capacity_is_up_after_the_time_of_its_type() {
    let (estate, parameters) = mirrored();
    estate.refuse("ModifyDBInstance", "InsufficientDBInstanceCapacity");
    let end = recover(&estate, (WEST, "failover"), "run-1", ("RestoreFromSnapshot", parameters));
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert!(
        end.message.contains("is up, but without its standby (MultiAZ): not within 240 minutes"),
        "{}",
        end.message
    );
}

/// The end of a recovery whose instance gets a status that never ends, once AWS has accepted the last of its adjustments.
fn never_adjusted(
    estate: &Estate,
    (purpose, adjustments): (&'static str, u64),
    manifest: &Value,
    status: &str,
) -> Progress {
    let mut execution = estate.execution(WEST, purpose, "run-1");
    let mut state = execution.validate(manifest).unwrap();
    while estate.simulation.calls().of("ModifyDBInstance") < adjustments {
        assert!(execution.step(&mut state).unwrap());
    }
    let slow = Selection::of_kind(ResourceKind::Instance);
    estate.simulation.impose(Imposition::new(Imposed::Status(status.to_owned()), slow)).unwrap();
    while execution.step(&mut state).unwrap() {}
    progress(&state)
}

#[test]
fn a_usable_database_whose_standby_takes_longer_than_the_time_of_its_type_is_up_without_it() {
    for (status, adjustments) in [("modifying", 2), ("backing-up", 1)] {
        let (estate, parameters) = mirrored();
        let manifest = one(resource("RestoreFromSnapshot", "sales", parameters));
        let end = never_adjusted(&estate, ("failover", adjustments), &manifest, status);
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        for part in [
            "everything is up, but 1 resource is not as requested",
            "is up, but without its standby (MultiAZ): not within 240 minutes",
            &format!("'sales' is '{status}'"),
        ] {
            assert!(end.message.contains(part), "{part}: {}", end.message);
        }
    }
    // Nobody can connect to these: one reboots, and AWS may interrupt the other one for its first backups.
    for (status, adjustments) in [("rebooting", 2), ("modifying", 1)] {
        let (estate, parameters) = mirrored();
        let manifest = one(resource("RestoreFromSnapshot", "sales", parameters));
        let end = never_adjusted(&estate, ("failover", adjustments), &manifest, status);
        assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    }
}

#[test]
fn a_manifest_that_is_started_again_while_aws_makes_the_standby_counts_its_database_as_usable() {
    let (estate, parameters) = mirrored();
    let manifest = one(resource("RestoreFromSnapshot", "sales", parameters));
    let mut stopped = estate.execution(WEST, "failover", "run-1");
    let mut state = stopped.validate(&manifest).unwrap();
    while estate.simulation.calls().of("ModifyDBInstance") < 2 {
        assert!(stopped.step(&mut state).unwrap());
    }
    let slow = Selection::of_kind(ResourceKind::Instance);
    estate.simulation.impose(Imposition::new(Imposed::Status("modifying".to_owned()), slow)).unwrap();
    let end = estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    let said = "is up, but without its standby (MultiAZ): not within 240 minutes";
    assert!(end.message.contains(said), "{}", end.message);
}

/// Hours that a corrected drill waits for an instance of SQL Server that another one left, `hours` after that one began.
fn waits_for(estate: &Estate, hours: i64, parameters: &Value) -> i64 {
    estate.simulation.advance_by(TimeDelta::hours(hours));
    let mut corrected = parameters.clone();
    corrected["DBInstanceClass"] = json!("db.r6i.xlarge");
    let mut other = estate.execution(WEST, "drill", "other");
    let mut state = other.validate(&one(resource("RestoreDrill", "sales", corrected))).unwrap();
    let began = estate.simulation.now();
    while !estate.changes().contains(&DELETE) {
        assert!(other.step(&mut state).unwrap(), "{}", progress(&state).message);
    }
    let waited = (estate.simulation.now() - began).num_hours();
    while other.step(&mut state).unwrap() {}
    assert_eq!(progress(&state).verdict, Verdict::Recovered, "{}", progress(&state).message);
    assert!(estate.instances(WEST).is_empty());
    waited
}

#[test]
fn a_corrected_drill_waits_only_for_a_standby_that_was_requested_and_until_that_drill_is_8_hours_old() {
    for (refuses, waited) in [(false, 0), (true, 2)] {
        let (estate, parameters) = mirrored();
        let mut stopped = estate.execution(WEST, "drill", "one");
        let mut state =
            stopped.validate(&one(resource("RestoreDrill", "sales", parameters.clone()))).unwrap();
        stopped.step(&mut state).unwrap();
        if refuses {
            while estate.simulation.calls().of("ModifyDBInstance") < 1 {
                assert!(stopped.step(&mut state).unwrap());
            }
            estate.refuse("ModifyDBInstance", "InsufficientDBInstanceCapacity");
            let is_tagged = |name: &String| estate.tag(WEST, name, "PilotLightStandby").is_some();
            while !estate.instances(WEST).iter().any(is_tagged) {
                assert!(stopped.step(&mut state).unwrap());
            }
            estate.simulation.clear_faults();
        }
        assert_eq!(waits_for(&estate, 5, &parameters), waited, "{refuses}");
    }
}

#[test]
fn a_drill_whose_standby_takes_longer_than_the_time_of_its_type_is_up_without_it_and_ends() {
    let (estate, parameters) = mirrored();
    let manifest = one(resource("RestoreDrill", "sales", parameters));
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&manifest).unwrap();
    while estate.simulation.calls().of("ModifyDBInstance") < 2 {
        assert!(execution.step(&mut state).unwrap());
    }
    let slow = Selection::of_kind(ResourceKind::Instance);
    let slow = Imposition::new(Imposed::Status("modifying".to_owned()), slow);
    let slow = estate.simulation.impose(slow).unwrap();
    while !resource_of(&state).step.contains("is up; the deletions come next") {
        assert!(execution.step(&mut state).unwrap());
    }
    assert!(estate.simulation.lift(slow));
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert!(end.message.contains("is up, but without its standby (MultiAZ): "), "{}", end.message);
    assert_eq!(estate.instances(WEST), [""; 0]);
}

#[test]
fn a_replica_that_is_still_modified_after_the_time_of_its_type_fails_because_its_first_backups_may_interrupt_it()
 {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    let (kind, parameters) = replica(WEST, "orders");
    let end =
        never_adjusted(&estate, ("failback", 1), &one(resource(kind, "orders", parameters)), "modifying");
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    assert!(end.message.contains("the last activity was: 'orders' is 'modifying'"), "{}", end.message);
}

#[test]
fn a_database_that_is_modified_before_anything_was_requested_does_not_count_as_usable() {
    let (estate, parameters) = mirrored();
    let slow = Selection::of_kind(ResourceKind::Instance);
    estate.simulation.impose(Imposition::new(Imposed::Status("modifying".to_owned()), slow)).unwrap();
    let end = recover(&estate, (WEST, "failover"), "run-1", ("RestoreFromSnapshot", parameters));
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
}
