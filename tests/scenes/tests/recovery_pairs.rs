//! Two executions that start at the same moment, or some seconds apart: the same end as one alone, and each change made once.
//!
//! EventBridge may fire a schedule twice, and two people may start the same manifest. AWS's lists show changes some seconds
//! late, so each execution also decides on facts from before the changes of the other.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use destination_recover::{Progress, Verdict};
use pilot_light_domain::recovery::Operator;
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::planted::NamesAfterExecution;
use pilot_light_tests::recovery::scenes::{SCENES, Scene};
use pilot_light_tests::recovery::{Execution, pause_before, progress};
use serde_json::{Value, json};

/// Runs two executions side by side. The second starts `apart` after the first.
fn side_by_side<W: Operator>(pair: [(Execution<W>, &Value); 2], apart: TimeDelta) -> [Progress; 2] {
    let simulation = pair[0].0.simulation.clone();
    let begun = simulation.now();
    let mut running: Vec<_> = pair
        .into_iter()
        .zip([TimeDelta::zero(), apart])
        .map(|((execution, manifest), after)| (execution, manifest, None::<Value>, begun + after))
        .collect();
    while running.iter().any(|(_, _, state, _)| state.as_ref().is_none_or(|state| !has_ended(state))) {
        let open = running
            .iter_mut()
            .filter(|(_, _, state, _)| state.as_ref().is_none_or(|state| !has_ended(state)));
        let (execution, manifest, state, due) = open.min_by_key(|(.., due)| *due).unwrap();
        if *due > simulation.now() {
            simulation.advance_by(*due - simulation.now());
        }
        match state {
            None => {
                execution.began = simulation.now();
                *state = Some(execution.validate(manifest).unwrap());
            }
            Some(state) => drop(execution.step_now(state).unwrap()),
        }
        *due = simulation.now() + pause_before(state.as_ref().unwrap());
    }
    let ends: Vec<_> = running.into_iter().map(|(_, _, state, _)| progress(&state.unwrap())).collect();
    ends.try_into().unwrap()
}

fn has_ended(state: &Value) -> bool {
    matches!(progress(state).verdict, Verdict::Recovered | Verdict::Failed)
}

/// The number of times that each action changed something. Tags and settings may be set twice to the same value.
fn made(estate: &Estate) -> BTreeMap<&'static str, usize> {
    let mut made = BTreeMap::new();
    let repeatable = ["AddTagsToResource", "ModifyDBCluster", "ModifyDBInstance"];
    for action in estate.changes().into_iter().filter(|action| !repeatable.contains(action)) {
        *made.entry(action).or_default() += 1;
    }
    made
}

fn estate_of(scene: &Scene) -> Estate {
    scene.estate_with(|settings| settings.new_lag_seconds = settings.lag_seconds)
}

fn execution(scene: &Scene, estate: &Estate, name: &str) -> Execution {
    Execution { name: name.to_owned(), ..scene.execution(estate) }
}

#[test]
fn the_same_manifest_started_twice_ends_as_once_and_makes_each_change_once() {
    let mut differing = Vec::new();
    for scene in SCENES {
        let alone = estate_of(scene);
        scene.execution(&alone).run(&scene.manifest()).unwrap();
        for apart in [0, 1, 5] {
            let estate = estate_of(scene);
            let manifest = scene.manifest();
            let pair = ["one", "other"].map(|name| (execution(scene, &estate, name), &manifest));
            let ends = side_by_side(pair, TimeDelta::seconds(apart));
            let verdicts = ends.each_ref().map(|end| end.verdict);
            if verdicts != [Verdict::Recovered; 2] {
                differing.push(format!(
                    "{}, {apart} s apart: {}\n{}",
                    scene.name, ends[0].message, ends[1].message
                ));
            }
            if estate.lines() != scene.end {
                differing.push(format!("{}, {apart} s apart: {:#?}", scene.name, estate.lines()));
            }
            if made(&estate) != made(&alone) {
                differing.push(format!(
                    "{}, {apart} s apart: {:?} instead of {:?}",
                    scene.name,
                    made(&estate),
                    made(&alone)
                ));
            }
        }
    }
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

/// A manifest that refreshes `tests`.
fn refresh(of: &str, name: &str) -> Value {
    let parameters = json!({"originDB": of, "newDB": "tests"});
    json!({"StatePayload": [{"layer": 1, "resources": [
        {"resourceType": "RefreshFromSnapshot", "resourceName": name, "parameters": parameters}]}]})
}

#[test]
fn of_two_manifests_that_refresh_one_instance_from_different_databases_one_wins_and_the_other_refuses() {
    for apart in [0, 1, 5] {
        let mut estate = Estate::with(|settings| settings.new_lag_seconds = settings.lag_seconds).of_copies();
        estate.copy("orders-1", "orders");
        estate.copy("billing-1", "billing");
        estate.database(WEST, "tests", &[("PilotLightRefreshable", "YES")]);
        estate.calls_before = estate.simulation.total_calls();
        let manifests = [refresh("orders", "one"), refresh("billing", "other")];
        let pair = [("one", &manifests[0]), ("other", &manifests[1])];
        let pair = pair.map(|(name, manifest)| (estate.execution(WEST, "drill", name), manifest));
        let ends = side_by_side(pair, TimeDelta::seconds(apart));
        assert_eq!(ends[0].verdict, Verdict::Recovered, "{apart} s: {}", ends[0].message);
        assert_eq!(ends[1].verdict, Verdict::Failed, "{apart} s: {}", ends[1].message);
        assert!(ends[1].message.contains("another refresh of 'tests' is under way"), "{}", ends[1].message);
        assert_eq!(estate.restored_from(WEST, "tests").as_deref(), Some("orders-1"), "{apart} s");
        let restores = estate.changes().into_iter().filter(|action| action.starts_with("Restore")).count();
        assert_eq!(restores, 1, "{apart} s");
    }
}

#[test]
fn the_check_detects_a_worker_that_names_temporary_instances_after_the_execution() {
    let drills = |scene: &&Scene| (scene.layers)().iter().all(|(kind, _)| *kind == "RestoreDrill");
    let scene = SCENES.iter().find(drills).unwrap();
    let estate = estate_of(scene);
    let manifest = scene.manifest();
    let worker = NamesAfterExecution { name: "RestoreDrill 0", separator: ' ' };
    let pair = ["one", "other"].map(|name| (execution(scene, &estate, name).with(worker), &manifest));
    let _ = side_by_side(pair, TimeDelta::zero());
    assert_eq!(made(&estate)["RestoreDBInstanceFromDBSnapshot"], 2);
}
