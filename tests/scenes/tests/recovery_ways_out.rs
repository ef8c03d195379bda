//! Instances that block a recovery until a person acts: the text says at once what to do, and doing exactly that works.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Progress, Verdict};
use pilot_light_simulator::world::{DeleteDbInstance, Imposed, Imposition, Request, ResourceKind, Selection};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource, restore_with};
use pilot_light_tests::recovery::resources::replica;
use pilot_light_tests::recovery::{Execution, Stop, progress};
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

/// A destination account with a copy of `orders`, and two parameter groups and two subnet groups.
fn copied() -> Estate {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    let groups =
        Groups { simulation: &estate.simulation, account: account(DESTINATION), region: region(WEST) };
    for name in ["first", "second"] {
        groups.parameter_group(name, "postgres16");
        groups.subnet_group(name);
    }
    estate
}

/// A restore of `orders` with these values.
fn orders(more: &Value) -> Value {
    one(restore_with("orders", more))
}

/// AWS shows this status of `orders` in the west until it is lifted.
fn impose(estate: &Estate, status: &str) -> u64 {
    let orders = Selection::of_kind(ResourceKind::Instance).named("orders");
    estate.simulation.impose(Imposition::new(Imposed::Status(status.to_owned()), orders)).unwrap()
}

fn ended(mut execution: Execution, manifest: &Value) -> Progress {
    execution.run(manifest).unwrap()
}

fn recovers(estate: &Estate, name: &str, manifest: &Value) {
    let end = ended(estate.execution(WEST, "failover", name), manifest);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
}

/// A restore that ended with the status. Returns its number, and the text of the failure.
fn failed(estate: &Estate, status: &str, manifest: &Value) -> (u64, String) {
    let mut execution = estate.execution(WEST, "failover", "first");
    let mut state = execution.validate(manifest).unwrap();
    execution.step(&mut state).unwrap();
    let number = impose(estate, status);
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    (number, end.resources[0].step.clone())
}

#[test]
fn both_ways_out_of_incompatible_parameters_work() {
    let manifest = orders(&json!({"DBParameterGroupName": "first"}));
    let said = "'orders' is 'incompatible-parameters'; a value of its parameter group does not fit its class or version; \
                correct the group and reboot it, or give another DBParameterGroupName and delete it; then start the manifest \
                again";

    let estate = copied();
    let (number, why) = failed(&estate, "incompatible-parameters", &manifest);
    assert!(why.contains(said), "{why}");
    // Before anything is done about it, the same manifest ends at once with the same text.
    let again = ended(estate.execution(WEST, "failover", "again"), &manifest);
    assert!(again.resources[0].step.contains(said) && again.resources[0].polls < 3, "{}", again.message);
    assert!(estate.simulation.lift(number));
    let rebooting = impose(&estate, "rebooting");
    let mut execution = estate.execution(WEST, "failover", "rebooted");
    let mut state = execution.validate(&manifest).unwrap();
    execution.step(&mut state).unwrap();
    assert_eq!(progress(&state).verdict, Verdict::Waiting, "{}", progress(&state).message);
    assert!(estate.simulation.lift(rebooting));
    while execution.step(&mut state).unwrap() {}
    assert_eq!(progress(&state).verdict, Verdict::Recovered, "{}", progress(&state).message);

    let estate = copied();
    failed(&estate, "incompatible-parameters", &manifest);
    deleted_and_restored(&estate, &orders(&json!({"DBParameterGroupName": "second"})));
}

/// Deletes `orders`, as the text says, and starts the corrected manifest.
fn deleted_and_restored(estate: &Estate, corrected: &Value) {
    let name = "orders".to_owned();
    let delete = DeleteDbInstance { name, skip_final_snapshot: true, final_snapshot: None };
    estate.set(WEST, Request::DeleteDbInstance(delete));
    for standing in
        estate.simulation.with_world(|world| Vec::from_iter(world.impositions().map(|one| one.id)))
    {
        assert!(estate.simulation.lift(standing));
    }
    recovers(estate, "corrected", corrected);
}

#[test]
fn the_way_out_of_every_other_status_that_does_not_end_works() {
    for (status, said, corrected) in [
        ("incompatible-network", "give another DBSubnetGroupName", json!({"DBSubnetGroupName": "second"})),
        (
            "incompatible-option-group",
            "give another OptionGroupName",
            json!({"OptionGroupName": "default:postgres-16"}),
        ),
        ("incompatible-restore", "see its events in the RDS console", json!({})),
        ("storage-full", "see its events in the RDS console", json!({})),
    ] {
        let estate = copied();
        let (_, why) = failed(&estate, status, &orders(&json!({"DBSubnetGroupName": "first"})));
        for part in [said, "and delete it; then start the manifest again"] {
            assert!(why.contains(part), "{status}: {why}");
        }
        deleted_and_restored(&estate, &orders(&corrected));
    }
}

/// `orders` in both Regions on its own, as after a failover, and the failback in the west.
fn old_primary() -> (Estate, Value) {
    let estate = Estate::default();
    for place in [EAST, WEST] {
        estate.database(place, "orders", &[]);
    }
    let (kind, parameters) = replica(WEST, "orders");
    (estate, one(resource(kind, "orders", parameters)))
}

/// Stops `orders` in the west, and lets so many seconds pass. After a week, AWS would start it again.
fn stop(estate: &Estate, seconds: i64) {
    let (owner, here) = (account(DESTINATION), region(WEST));
    let stop = Request::StopDbInstance("orders".to_owned(), None);
    estate.simulation.request(&owner, &here, stop).unwrap();
    estate.simulation.advance_by(TimeDelta::seconds(seconds));
}

#[test]
fn a_stopped_old_primary_ends_a_failback_at_once_and_the_command_in_the_text_helps() {
    for (seconds, status) in [(10, "stopping"), (60, "stopped")] {
        let (estate, manifest) = old_primary();
        stop(&estate, seconds);
        let before = estate.changes();
        let refused = estate.execution(WEST, "failback", "refused").run(&manifest).unwrap_err();
        let said = Stop::error(refused).to_string();
        let command = "aws rds start-db-instance --region us-west-2 --db-instance-identifier orders";
        for part in [&format!("'orders' is '{status}'"), "no final snapshot can be taken", command] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(estate.changes(), before, "nothing was changed");
        estate.simulation.advance_by(TimeDelta::minutes(1));
        estate.set(WEST, Request::StartDbInstance("orders".to_owned()));
        let end = ended(estate.execution(WEST, "failback", "back"), &manifest);
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        let lines = estate.lines();
        let kept = "us-west-2: kept final-orders";
        assert!(lines.iter().any(|line| line == kept), "{lines:#?}");
    }
}

#[test]
fn an_old_primary_that_is_stopped_after_the_check_ends_the_failback_at_the_next_step() {
    let (estate, manifest) = old_primary();
    let mut execution = estate.execution(WEST, "failback", "back");
    let mut state = execution.validate(&manifest).unwrap();
    stop(&estate, 60);
    let before = estate.changes();
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!((end.verdict, estate.changes()), (Verdict::Failed, before), "{}", end.message);
    assert!(end.message.contains("aws rds start-db-instance"), "{}", end.message);
    assert!(end.resources[0].polls < 2, "{}", end.message);
}
