//! The identity of a recovery over several executions: its time, its continuation, and the result that counts as done.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Progress, Status, Verdict};
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_simulator::world::{DeleteDbInstance, Imposed, Imposition, Request, ResourceKind, Selection};
use pilot_light_tests::DESTINATION;
use pilot_light_tests::recovery::copies::copies_of;
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource, restore, restores};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::resources::carts;
use pilot_light_tests::recovery::{Execution, Stop, progress};
use serde_json::{Value, json};

/// A destination account with copies of `orders` and `billing`.
fn estate() -> Estate {
    copies_of(&["orders", "billing"])
}

/// An execution that was stopped after its first step.
fn stopped(estate: &Estate, manifest: &Value) {
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let mut state = execution.validate(manifest).unwrap();
    execution.step(&mut state).unwrap();
}

fn times(execution: &Execution, name: MetricName) -> Vec<(Vec<String>, f64)> {
    let of = |metric: &pilot_light_domain::aws::metrics::Metric| {
        (metric.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect(), metric.value)
    };
    execution.metrics.iter().filter(|metric| metric.name == name).map(of).collect()
}

#[test]
fn the_time_of_a_recovery_counts_from_its_first_start() {
    let estate = estate();
    let manifest = restores(&[&["orders"], &["billing"]]);
    stopped(&estate, &manifest);
    estate.simulation.advance_by(TimeDelta::minutes(50));
    let mut again = estate.execution(WEST, "failover", "run-2");
    let end = again.run(&manifest).unwrap();
    assert_eq!(end.recovery.as_ref().unwrap().id, "run-1");
    assert!((3000..3300).contains(&end.seconds), "{} s", end.seconds);
    let found = times(&again, MetricName::RecoveryTime);
    let [(billing, at), (whole, in_all)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(*billing, ["Purpose=failover", "Resource=billing"], "orders was up already");
    assert_eq!((whole.as_slice(), at), (&["Purpose=failover".to_owned()][..], in_all));
    let mut third = estate.execution(WEST, "failover", "run-3");
    let end = third.run(&manifest).unwrap();
    assert!(end.message.contains("everything was up already, and nothing was changed"), "{}", end.message);
    assert_eq!(times(&third, MetricName::RecoveryTime), []);
    let ended = third.log.last().unwrap();
    let found = [&ended["event"], &ended["already"], &ended["seconds"], &ended["within_rto_target"]];
    assert_eq!(found, [&json!("recovery_ended"), &json!(true), &Value::Null, &Value::Null]);
    assert!(!end.message.contains(" since its start"), "{}", end.message);
}

#[test]
fn new_begins_another_recovery() {
    let estate = estate();
    let mut manifest = restores(&[&["orders"], &["billing"]]);
    stopped(&estate, &manifest);
    estate.copy("orders-2", "orders");
    manifest["new"] = json!(true);
    let refused =
        estate.execution(WEST, "failover", "run-2").run(&manifest).map_err(Stop::error).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("restored from orders-1") && said.contains("this manifest chooses orders-2"),
        "{said}"
    );
}

#[test]
fn a_lack_of_capacity_is_waited_for_and_the_fallback_class_is_tried() {
    let with_class = |class: &str| {
        one(resource(
            "RestoreFromSnapshot",
            "orders",
            json!({"DBInstanceIdentifier": "orders", "DBInstanceClass": class}),
        ))
    };
    for (classes, refused, times, class) in [
        ("db.r6g.xlarge, db.r6i.xlarge", "db.r6g.*", 100, "db.r6i.xlarge"),
        ("db.r6g.xlarge", "db.r6g.*", 5, "db.r6g.xlarge"),
    ] {
        let estate = estate();
        estate.simulation.impose(Imposition::no_capacity(refused, times)).unwrap();
        let mut execution = estate.execution(WEST, "failover", "run-1");
        let mut state = execution.validate(&with_class(classes)).unwrap();
        execution.step(&mut state).unwrap();
        let said = progress(&state).message;
        assert!(
            said.contains("requested 1 time in ") && said.contains("InsufficientDBInstanceCapacity"),
            "{said}"
        );
        while execution.step(&mut state).unwrap() {}
        let end = progress(&state);
        assert_eq!(end.verdict, Verdict::Recovered, "{classes}: {}", end.message);
        let found = estate.end().databases;
        let made = found
            .iter()
            .find(|one| one.account.as_str() == DESTINATION && one.id.as_str() == "orders")
            .unwrap();
        assert_eq!(made.class, class);
    }
}

#[test]
fn an_instance_that_was_deleted_a_moment_ago_does_not_count_as_done() {
    let estate = Estate::with(|settings| settings.lag_seconds = 5).of_copies();
    estate.copy("orders-1", "orders");
    let manifest = one(restore("orders"));
    estate.execution(WEST, "failover", "run-1").run(&manifest).unwrap();
    let delete =
        DeleteDbInstance { name: "orders".to_owned(), skip_final_snapshot: true, final_snapshot: None };
    let (owner, here) = (pilot_light_tests::account(DESTINATION), pilot_light_tests::region(WEST));
    estate.simulation.request(&owner, &here, Request::DeleteDbInstance(delete)).unwrap();
    let end = estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap();
    assert_eq!(statuses(&end), [Status::Recovered], "{}", end.message);
    assert_eq!(estate.instances(WEST), ["orders"], "it is restored again");
    assert!(!end.resources[0].already);
}

#[test]
fn a_drill_that_fails_leaves_nothing_behind_and_reports_its_reason() {
    let estate = estate();
    let broken = Selection::of_kind(ResourceKind::Instance).named("drill-*");
    let broken = Imposition::new(Imposed::Status("incompatible-network".to_owned()), broken);
    let number = estate.simulation.impose(broken).unwrap();
    let drill = one(resource("RestoreDrill", "orders", json!({"DBInstanceIdentifier": "orders"})));
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&drill).unwrap();
    for _ in 0..4 {
        execution.step(&mut state).unwrap();
    }
    assert!(estate.simulation.lift(number));
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    assert!(end.resources[0].step.contains("'incompatible-network'"), "{}", end.resources[0].step);
    assert_eq!(estate.instances(WEST), [""; 0]);
}

#[test]
fn the_result_names_endpoint_snapshot_and_the_age_of_the_data() {
    let estate = estate();
    let end = estate.execution(WEST, "failover", "run-1").run(&one(restore("orders"))).unwrap();
    let outcome = end.resources[0].outcome.as_ref().unwrap();
    assert_eq!(outcome.snapshot.as_deref(), Some("orders-1"));
    let endpoint = outcome.endpoint.as_deref().unwrap();
    assert!(endpoint.starts_with("orders.") && endpoint.ends_with(":5432"), "{endpoint}");
    for part in [endpoint, "from orders-1", ", data of 2026-03-01T", " old"] {
        assert!(end.message.contains(part), "{part}: {}", end.message);
    }
    assert_eq!(estate.simulation.calls().of("DescribeReplicationGroups"), 0, "nothing needs the list");
}

/// A failover of a global datastore to the west, and its log.
fn failover_of_carts(estate: &Estate, name: &str) -> (Progress, Vec<Value>) {
    let (kind, parameters) = carts(WEST);
    let mut execution = estate.execution(WEST, "failover", name);
    let end = execution.run(&one(resource(kind, "carts", parameters))).unwrap();
    (end, execution.log)
}

#[test]
fn the_result_of_a_global_datastore_names_its_endpoint_which_is_read_once() {
    let estate = Estate::default();
    estate.carts();
    let endpoint = "carts-dr.simulated.ng.0001.us-west-2.cache.amazonaws.com:6379";
    for (lists, name) in [(1, "run-1"), (2, "run-2, in which it is up already")] {
        let (end, log) = failover_of_carts(&estate, name);
        assert_eq!(end.resources[0].outcome.as_ref().unwrap().endpoint.as_deref(), Some(endpoint), "{name}");
        assert!(end.message.contains(&format!(" at {endpoint}")), "{}", end.message);
        assert!(log.iter().any(|line| line["outcome"]["endpoint"] == endpoint), "{log:?}");
        assert_eq!(estate.simulation.calls().of("DescribeReplicationGroups"), lists, "{name}");
    }
}

#[test]
fn an_endpoint_that_cannot_be_read_neither_fails_nor_delays_the_failover_of_a_global_datastore() {
    let run = |refusal: Option<&str>| {
        let estate = Estate::default();
        estate.carts();
        refusal.into_iter().for_each(|code| estate.refuse("DescribeReplicationGroups", code));
        let (end, _) = failover_of_carts(&estate, "run-1");
        (end, estate.lines())
    };
    let (usual, lines) = run(None);
    for code in ["AccessDenied", "Throttling", "InternalFailure"] {
        let (end, led) = run(Some(code));
        assert_eq!((end.verdict, end.seconds, &led), (Verdict::Recovered, usual.seconds, &lines), "{code}");
        assert_eq!(end.resources[0].outcome, None, "{code}");
        let said = "is up, but its endpoint is unknown: cannot list the replication groups in us-west-2: ";
        assert!(end.message.contains(said) && end.message.contains(code), "{}", end.message);
    }
}

/// A manifest of `orders` whose first execution was stopped. The restore has ended, and a newer copy has arrived.
fn stopped_and_outdated() -> (Estate, Value) {
    let estate = copies_of(&["orders"]);
    let manifest = one(restore("orders"));
    stopped(&estate, &manifest);
    estate.copy("orders-2", "orders");
    (estate, manifest)
}

#[test]
fn a_manifest_that_is_started_again_while_its_restore_goes_on_keeps_its_point_although_a_newer_copy_arrived()
{
    let (estate, manifest) = stopped_and_outdated();
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
    let (estate, manifest) = stopped_and_outdated();
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
