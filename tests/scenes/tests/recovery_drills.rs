//! Drills that end badly, and databases that are usable although AWS refuses a later adjustment.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Progress, ResourceProgress, Verdict};
use pilot_light_simulator::world::{Imposed, Imposition, Request, ResourceKind, Selection};
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource, restore};
use pilot_light_tests::recovery::pairs::{made, side_by_side};
use pilot_light_tests::recovery::resources::replica;
use pilot_light_tests::recovery::scenes::recover;
use pilot_light_tests::recovery::{Execution, progress};
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

const RESTORE: &str = "RestoreDBInstanceFromDBSnapshot";
const DELETE: &str = "DeleteDBInstance";

fn drill() -> Value {
    one(resource("RestoreDrill", "orders", json!({"DBInstanceIdentifier": "orders"})))
}

fn copies(change: impl FnOnce(&mut pilot_light_simulator::world::Settings)) -> Estate {
    let estate = Estate::with(change).of_copies();
    estate.copy("orders-1", "orders");
    estate
}

fn resource_of(state: &Value) -> ResourceProgress {
    progress(state).resources.remove(0)
}

#[test]
fn a_drill_whose_change_aws_refuses_for_good_removes_its_instance_and_fails() {
    let estate = copies(|_| {});
    estate.refuse(DELETE, "AccessDenied");
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&drill()).unwrap();
    while !resource_of(&state).step.contains("refused by the test") {
        assert!(execution.step(&mut state).unwrap());
    }
    estate.simulation.clear_faults();
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    assert!(end.message.contains("refused by the test"), "{}", end.message);
    assert_eq!(estate.instances(WEST), [""; 0]);
}

#[test]
fn a_drill_whose_removal_aws_refuses_for_good_fails_and_says_that_its_instance_is_still_there() {
    let estate = copies(|_| {});
    estate.refuse(DELETE, "AccessDenied");
    let end = estate.execution(WEST, "drill", "run-1").run(&drill()).unwrap();
    assert_eq!(end.verdict, Verdict::Failed);
    assert!(end.message.contains("what it left behind is still there"), "{}", end.message);
    assert_eq!(estate.simulation.calls().of(DELETE), 2, "the removal is requested once");
    // The next drill of the database removes it.
    estate.simulation.clear_faults();
    estate.simulation.advance_by(TimeDelta::hours(8));
    let end = estate.execution(WEST, "drill", "run-2").run(&drill()).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert_eq!(estate.instances(WEST), [""; 0]);
}

#[test]
fn a_drill_that_fails_before_aws_lists_its_instance_removes_it_too() {
    let estate = copies(|settings| settings.new_lag_seconds = 40);
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&drill()).unwrap();
    execution.step(&mut state).unwrap();
    let (owner, here) = (account(DESTINATION), region(WEST));
    let gone = Request::DeleteDbSnapshot("orders-1".to_owned());
    estate.simulation.request(&owner, &here, gone).unwrap();
    estate.simulation.advance_by(TimeDelta::seconds(10));
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    assert!(end.message.contains("no usable recovery point"), "{}", end.message);
    estate.simulation.settle();
    assert_eq!(estate.instances(WEST), [""; 0]);
}

/// A drill of `orders` for another manifest.
fn other_drill() -> Value {
    let parameters = json!({"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.r6g.xlarge"});
    one(resource("RestoreDrill", "orders", parameters))
}

/// The faults after a drill and another one of the same database, which begins `apart` seconds later.
fn meet(estate: &Estate, apart: i64) -> Option<String> {
    let manifests = [drill(), other_drill()];
    let pair = [0, 1].map(|at| (estate.execution(WEST, "drill", ["one", "other"][at]), &manifests[at]));
    let ends = side_by_side(pair, TimeDelta::seconds(apart)).map(Result::unwrap);
    estate.simulation.settle();
    let made = made(estate);
    let is_right = ends.iter().all(|end| end.verdict == Verdict::Recovered)
        && [RESTORE, DELETE].iter().all(|action| made.get(action) == Some(&2))
        && estate.instances(WEST).is_empty();
    let [one, other] = ends.each_ref().map(|end| &end.message);
    (!is_right).then(|| format!("{apart} s apart: {made:?}, {one} || {other}"))
}

#[test]
fn a_drill_that_begins_at_any_moment_of_another_one_comes_after_it() {
    let end = copies(|_| {}).execution(WEST, "drill", "one").run(&drill()).unwrap();
    let until = i64::try_from(end.running_seconds).unwrap() + 30;
    let found: Vec<String> =
        (0..=until).step_by(10).filter_map(|apart| meet(&copies(|_| {}), apart)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_drill_fits_into_a_full_quota_if_it_first_deletes_what_another_one_left() {
    let estate = copies(|settings| settings.instances = 1);
    restoring(&estate);
    estate.simulation.advance_by(TimeDelta::hours(8));
    let end = estate.execution(WEST, "drill", "other").run(&other_drill()).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
}

#[test]
fn what_one_drill_left_makes_room_only_once_although_two_drills_find_it() {
    let drills =
        ["a", "b"].map(|name| resource("RestoreDrill", name, json!({"DBInstanceIdentifier": "orders"})));
    let manifest = json!({"StatePayload": [{"layer": 1, "resources": drills}]});
    for quota in [2, 3] {
        let estate = copies(|settings| settings.instances = quota);
        estate.database(WEST, "bystander", &[]);
        restoring(&estate);
        estate.simulation.advance_by(TimeDelta::hours(8));
        let end = estate.execution(WEST, "drill", "other").run(&manifest);
        if quota == 2 {
            let said = end.unwrap_err().error().to_string();
            assert!(said.contains("needs 1 more instance; the account has 2 of at most 2"), "{said}");
        } else {
            assert_eq!(end.unwrap().verdict, Verdict::Recovered);
        }
    }
}

#[test]
fn a_drill_that_is_started_again_makes_room_for_the_next_layer() {
    let estate = copies(|settings| settings.instances = 1);
    let of_layer = |layer: u32| {
        let parameters = json!({"DBInstanceIdentifier": "orders"});
        json!({"layer": layer, "resources": [resource("RestoreDrill", &format!("it {layer}"), parameters)]})
    };
    let manifest = json!({"StatePayload": [of_layer(1), of_layer(2)]});
    let mut stopped = estate.execution(WEST, "drill", "one");
    let mut state = stopped.validate(&manifest).unwrap();
    stopped.step(&mut state).unwrap();
    estate.simulation.settle();
    let end = estate.execution(WEST, "drill", "other").run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
}

/// The instance that a drill is restoring.
fn restoring(estate: &Estate) -> Execution {
    let mut execution = estate.execution(WEST, "drill", "one");
    let mut state = execution.validate(&drill()).unwrap();
    execution.step(&mut state).unwrap();
    execution
}

#[test]
fn a_drill_never_deletes_the_instance_of_another_one_while_aws_works_on_it() {
    for status in ["creating", "backing-up", "modifying"] {
        let estate = copies(|_| {});
        restoring(&estate);
        estate.simulation.settle();
        let slow = Selection::of_kind(ResourceKind::Instance).named("drill-orders-*");
        let slow =
            estate.simulation.impose(Imposition::new(Imposed::Status(status.to_owned()), slow)).unwrap();
        estate.simulation.advance_by(TimeDelta::hours(3));
        let mut other = estate.execution(WEST, "drill", "other");
        let mut state = other.validate(&other_drill()).unwrap();
        for _ in 0..100 {
            other.step(&mut state).unwrap();
        }
        assert_eq!(estate.changes(), [RESTORE], "{status}");
        let said = resource_of(&state).step;
        assert!(said.starts_with("another drill of 'orders' is under way since "), "{said}");
        assert!(estate.simulation.lift(slow));
        let freed = estate.simulation.now();
        while !estate.changes().contains(&DELETE) {
            assert!(other.step(&mut state).unwrap());
        }
        // The other drill is not there any more.
        assert_eq!((estate.simulation.now() - freed).num_minutes(), 15, "{status}");
        while other.step(&mut state).unwrap() {}
        assert_eq!(progress(&state).verdict, Verdict::Recovered, "{}", progress(&state).message);
        assert!(estate.instances(WEST).is_empty());
    }
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

/// A manifest of `orders` whose first execution was stopped. The restore has ended, and a newer copy has arrived.
fn stopped() -> (Estate, Value) {
    let estate = copies(|_| {});
    let manifest = one(restore("orders"));
    let mut stopped = estate.execution(WEST, "failover", "run-1");
    let mut state = stopped.validate(&manifest).unwrap();
    stopped.step(&mut state).unwrap();
    estate.copy("orders-2", "orders");
    (estate, manifest)
}

#[test]
fn a_manifest_that_is_started_again_while_its_restore_goes_on_keeps_its_point_although_a_newer_copy_arrived()
{
    let (estate, manifest) = stopped();
    let slow = Selection::of_kind(ResourceKind::Instance).named("orders");
    let slow = Imposition::new(Imposed::Status("creating".to_owned()), slow);
    let number = estate.simulation.impose(slow).unwrap();
    let mut execution = estate.execution(WEST, "failover", "run-2");
    let mut state = execution.validate(&manifest).unwrap();
    execution.step(&mut state).unwrap();
    assert!(estate.simulation.lift(number));
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert!(end.message.contains("It continues the recovery run-1"), "{}", end.message);
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("orders-1"));
}

#[test]
fn a_manifest_that_is_started_again_after_all_is_up_names_its_recovery_the_newer_copy_and_the_way_to_keep_the_instance()
 {
    let (estate, manifest) = stopped();
    let at = estate.tag(WEST, "orders", "PilotLightDataTime").unwrap();
    let changed = |more: Value| {
        let mut manifest = manifest.clone();
        let parameters = &mut manifest["StatePayload"][0]["resources"][0]["parameters"];
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        manifest
    };
    for (manifest, why) in [
        (changed(json!({})), "is not continued, because it is complete"),
        (changed(json!({"Port": "5432"})), "for another manifest"),
    ] {
        let said =
            estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap_err().error().to_string();
        for part in [
            "restored from orders-1, ",
            "by the recovery run-1, which began at ",
            why,
            "this manifest chooses orders-2",
            &format!("to keep it, give At: {at}"),
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let end = estate.execution(WEST, "failover", "run-3").run(&changed(json!({"At": at}))).unwrap();
    assert!(end.message.contains("everything was up already"), "{}", end.message);
}
