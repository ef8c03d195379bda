//! Two executions of one manifest that start at the same moment, or some seconds apart: the same end as one alone, and each change made once.
//!
//! EventBridge may fire a schedule twice, and two people may start the same manifest. AWS's lists show changes some seconds
//! late, so each execution also decides on facts from before the changes of the other. Two manifests that meet in one database
//! are in `recovery_meetings.rs`.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::Verdict;
use pilot_light_tests::recovery::Execution;
use pilot_light_tests::recovery::estate::Estate;
use pilot_light_tests::recovery::pairs::{made, side_by_side};
use pilot_light_tests::recovery::planted::NamesAfterExecution;
use pilot_light_tests::recovery::scenes::{SCENES, Scene};

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
            let ends = side_by_side(pair, TimeDelta::seconds(apart)).map(Result::unwrap);
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
