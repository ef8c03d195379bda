//! Recoveries of version 0.1.0 that are under way when this version is launched over it. Its state machine goes on, and calls this
//! version's worker with the progress that it holds.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeMap;

use destination_recover::{Status, Verdict};
use pilot_light_domain::recovery::Operator;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource, restores};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::of_0_1_0::{CalledBy0_1_0, left_by_0_1_0};
use pilot_light_tests::recovery::pairs::made;
use pilot_light_tests::recovery::planted::AnotherRecovery;
use pilot_light_tests::recovery::progress;
use pilot_light_tests::recovery::resources::promote;
use pilot_light_tests::recovery::scenes::{SCENES, Scene};
use serde_json::{Value, json};

/// The number of times that each action changed something.
type Made = BTreeMap<&'static str, usize>;

/// The changes of both parts of a recovery.
fn sum(
    one: BTreeMap<&'static str, usize>,
    other: &BTreeMap<&'static str, usize>,
) -> BTreeMap<&'static str, usize> {
    let mut sum = one;
    other.iter().for_each(|(action, times)| *sum.entry(action).or_default() += times);
    sum
}

/// The reasons that a scene does not end as usual if the update comes after that many steps. None if it has ended before.
fn findings<W: Operator>(scene: &Scene, worker: W, steps: usize, usual: &Made) -> Option<Vec<String>> {
    let before = scene.estate();
    let mut execution = scene.execution(&before);
    let mut state = execution.validate(&scene.manifest()).unwrap();
    for _ in 0..steps {
        execution.step(&mut state).unwrap();
    }
    if matches!(progress(&state).verdict, Verdict::Recovered | Verdict::Failed) {
        return None;
    }
    let (after, execution) = left_by_0_1_0(&before, &execution, &mut state);
    let mut execution = execution.with(worker);
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    let mut found = Vec::new();
    if end.verdict != Verdict::Recovered {
        found.push(end.message);
    }
    let (lines, made) = (after.lines(), sum(made(&before), &made(&after)));
    found.extend((lines != scene.end).then(|| format!("{lines:#?}")));
    found.extend((made != *usual).then(|| format!("{made:?} instead of {usual:?}")));
    let describe = |what: String| format!("{}, update after {steps} steps: {what}", scene.name);
    Some(found.into_iter().map(describe).collect())
}

/// The changes of a scene without an update.
fn usual(scene: &Scene) -> Made {
    let alone = scene.estate();
    scene.execution(&alone).run(&scene.manifest()).unwrap();
    made(&alone)
}

#[test]
fn a_recovery_of_every_type_that_0_1_0_began_reaches_its_end_after_an_update_at_any_step() {
    let mut all = Vec::new();
    for scene in SCENES {
        let usual = usual(scene);
        let mut steps = 0;
        while let Some(found) = findings(scene, CalledBy0_1_0, steps, &usual) {
            all.extend(found);
            steps += 1;
        }
        assert!(steps > 1, "{}", scene.name);
    }
    assert!(all.is_empty(), "{}:\n{}", all.len(), all.join("\n"));
}

#[test]
fn the_check_detects_a_worker_that_does_not_recognise_what_0_1_0_made() {
    let scene = SCENES.iter().find(|scene| scene.name.starts_with("a drill restores")).unwrap();
    let found = findings(scene, AnotherRecovery, 1, &usual(scene)).unwrap();
    assert!(found.iter().any(|what| what.contains("instead of")), "{found:?}");
}

/// A recovery that 0.1.0 began in the west, after that many steps.
fn begun(estate: &Estate, purpose: &'static str, manifest: &Value, steps: usize) -> (Estate, Value) {
    let mut execution = estate.execution(WEST, purpose, "run-1");
    let mut state = execution.validate(manifest).unwrap();
    for _ in 0..steps {
        execution.step(&mut state).unwrap();
    }
    let (estate, _) = left_by_0_1_0(estate, &execution, &mut state);
    (estate, state)
}

#[test]
fn what_0_1_0_left_has_its_names_its_tags_and_its_notes() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    let drill = one(resource("RestoreDrill", "orders", json!({"DBInstanceIdentifier": "orders"})));
    let (estate, state) = begun(&estate, "drill", &drill, 1);
    // FNV-1a of "orders/run-1".
    const NAME: &str = "drill-orders-949d5a98";
    assert_eq!(estate.instances(WEST), [NAME]);
    assert_eq!(estate.tag(WEST, NAME, "PilotLightRecovery").as_deref(), Some("run-1"));
    assert_eq!(estate.tag(WEST, NAME, "PilotLightStarted"), None);
    let resource = &state["progress"]["resources"][0];
    assert_eq!((&state["progress"]["recovery"], &resource["spent"]), (&Value::Null, &Value::Null));
    assert_eq!(resource["mark"]["noted"], Value::Null);
}

#[test]
fn a_recovery_that_0_1_0_began_is_continued_by_the_same_manifest() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    estate.copy("billing-1", "billing");
    let manifest = restores(&[&["orders"], &["billing"]]);
    let (estate, _) = begun(&estate, "failover", &manifest, 1);
    estate.copy("orders-2", "orders");
    let end = estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap();
    assert_eq!(statuses(&end), [Status::Recovered; 2], "{}", end.message);
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("orders-1"));
    assert_eq!(end.recovery.unwrap().id, "run-1");
}

#[test]
fn a_promotion_that_0_1_0_made_is_refused_with_the_way_out_when_its_manifest_is_started_again_after_the_update()
 {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    estate.replica(WEST, "orders");
    let (kind, parameters) = promote("orders");
    let manifest = one(resource(kind, "it", parameters));
    let (estate, _) = begun(&estate, "failover", &manifest, 6);
    estate.simulation.settle();
    let refused = estate.execution(WEST, "failover", "run-2").run(&manifest);
    let said = refused.unwrap_err().error().to_string();
    for part in ["'orders' in us-west-2 is not a replica", "otherwise leave it out of the manifest"] {
        assert!(said.contains(part), "{said}");
    }
}
