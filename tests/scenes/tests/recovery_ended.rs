//! The end of a recovery: it is closed, and never continued. A manifest whose values have changed is another one.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::{Progress, Status};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::{DeleteDbInstance, Request};
use pilot_light_tests::recovery::copies::copies_of;
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::restores;
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::{Stop, progress};
use serde_json::{Value, json};

/// A destination account with copies of `orders` and `billing`.
fn estate() -> Estate {
    copies_of(&["orders", "billing"])
}

fn run(estate: &Estate, name: &str, manifest: &Value) -> Result<Progress, WorkerError> {
    estate.execution(WEST, "failover", name).run(manifest).map_err(Stop::error)
}

fn delete(estate: &Estate, name: &str) {
    let name = name.to_owned();
    let delete = DeleteDbInstance { name, skip_final_snapshot: true, final_snapshot: None };
    estate.set(WEST, Request::DeleteDbInstance(delete));
}

fn id(end: &Progress) -> &str {
    &end.recovery.as_ref().unwrap().id
}

#[test]
fn what_an_ended_recovery_restored_never_counts_for_the_next_one() {
    let estate = estate();
    let manifest = restores(&[&["orders", "billing"]]);
    run(&estate, "morning", &manifest).unwrap();
    // Applications went back to the source, and the evening needs the databases again.
    delete(&estate, "orders");
    estate.copy("orders-2", "orders");
    estate.copy("billing-2", "billing");
    let before = estate.lines();
    let said = run(&estate, "evening", &manifest).unwrap_err().to_string();
    assert!(said.contains("restored from billing-1") && said.contains("chooses billing-2"), "{said}");
    assert_eq!(estate.lines(), before, "nothing is touched");
    delete(&estate, "billing");
    let end = run(&estate, "evening", &manifest).unwrap();
    let snapshots = end.resources.iter().map(|found| found.outcome.as_ref().unwrap().snapshot.as_deref());
    assert_eq!(snapshots.collect::<Vec<_>>(), [Some("orders-2"), Some("billing-2")]);
    assert_eq!(id(&end), "evening");
}

#[test]
fn after_the_end_a_database_that_still_holds_the_point_chosen_now_stays_up() {
    let estate = estate();
    let manifest = restores(&[&["orders", "billing"]]);
    run(&estate, "morning", &manifest).unwrap();
    delete(&estate, "orders");
    let end = run(&estate, "evening", &manifest).unwrap();
    assert_eq!(statuses(&end), [Status::Recovered; 2]);
    assert_eq!(id(&end), "evening", "its time counts anew");
    let already: Vec<_> = end.resources.iter().map(|found| found.already).collect();
    assert_eq!(already, [false, true]);
}

#[test]
fn a_recovery_that_aws_lets_nobody_close_is_up_all_the_same_and_says_why_in_the_log() {
    let estate = estate();
    estate.refuse("AddTagsToResource", "AccessDenied");
    let mut execution = estate.execution(WEST, "failover", "morning");
    let end = execution.run(&restores(&[&["orders", "billing"]])).unwrap();
    assert_eq!(statuses(&end), [Status::Recovered; 2]);
    let line = execution.log.iter().find(|line| line["event"] == "recovery_not_closed").unwrap();
    assert_eq!(line["recovery"], "morning");
    assert!(line["why"].as_str().unwrap().contains("AccessDenied"), "{line}");
}

#[test]
fn a_recovery_that_is_killed_at_any_call_is_closed_in_the_end() {
    let manifest = restores(&[&["orders"]]);
    let clean = copies_of(&["orders"]);
    let before = clean.simulation.total_calls();
    run(&clean, "morning", &manifest).unwrap();
    let calls = clean.simulation.total_calls() - before;
    for (call, effect) in (1..=calls).flat_map(|call| [(call, Effect::Before), (call, Effect::After)]) {
        let estate = copies_of(&["orders"]);
        estate.simulation.inject(Fault::Kill { call, effect });
        let end = estate.execution(WEST, "failover", "morning").run_despite_kills(&manifest);
        assert_eq!(statuses(&end), [Status::Recovered]);
        assert!(estate.tag(WEST, "orders", "PilotLightEnded").is_some(), "{call} {effect:?}");
    }
}

#[test]
fn a_failed_recovery_stays_open_and_is_continued() {
    let estate = estate();
    let manifest = restores(&[&["orders"], &["billing"]]);
    let mut first = estate.execution(WEST, "failover", "first");
    let mut state = first.validate(&manifest).unwrap();
    while progress(&state).at == 0 {
        first.step(&mut state).unwrap();
    }
    estate.refuse("RestoreDBInstanceFromDBSnapshot", "AccessDenied");
    while first.step(&mut state).unwrap() {}
    assert_eq!(statuses(&progress(&state)), [Status::Recovered, Status::Failed]);
    estate.simulation.clear_faults();
    estate.copy("orders-2", "orders");
    let end = run(&estate, "second", &manifest).unwrap();
    assert_eq!(id(&end), "first");
    assert_eq!(statuses(&end), [Status::Recovered; 2]);
}

#[test]
fn a_manifest_whose_reference_has_another_value_begins_another_recovery() {
    let start = |class: &str| {
        let estate = estate();
        let cloud = estate.cloud(WEST);
        cloud.put_parameter("/class", "db.r6g.large");
        let mut manifest = restores(&[&["orders"], &["billing"]]);
        let parameters = &mut manifest["StatePayload"][1]["resources"][0]["parameters"];
        parameters["DBInstanceClass"] = json!("resolve:ssm:/class");
        let mut first = estate.execution(WEST, "failover", "first");
        let mut state = first.validate(&manifest).unwrap();
        first.step(&mut state).unwrap();
        cloud.put_parameter("/class", class);
        run(&estate, "second", &manifest).unwrap()
    };
    assert_eq!(id(&start("db.r6g.large")), "first");
    assert_eq!(id(&start("db.r6g.xlarge")), "second");
}
