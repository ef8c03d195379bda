//! The decision whether AWS copies across account and Region in one step.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;
use pilot_light_tests::{DESTINATION, Scene, Way, account, region};
use source_share::SourceShare;
use source_take::SourceTake;

/// A scene with `count` more databases before all others in the order of names, whose snapshots are shared.
fn shared(way: Way, count: usize) -> Scene {
    let mut scene = Scene::new(way);
    scene.set_source("InstanceNamePattern", "^(orders|billing|plain|a-.*)$");
    for number in 0..count {
        scene.create(&format!("a-{number:02}"), None);
    }
    scene.simulation.settle();
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    scene
}

fn copy(scene: &Scene) -> Report {
    scene.run(&DestinationCopy, Mode::Apply).unwrap().unwrap()
}

#[test]
fn in_a_new_installation_the_others_are_copied_in_one_step_beside_twenty_that_aws_refuses() {
    let scene = shared(Way::OneStep, 20);
    let imposition = serde_json::json!({
        "on": {"action": "CopyDBSnapshot", "resource": "a-*"},
        "impose": {"error": {"code": "InvalidParameterValue", "message": "It is not supported."}},
    });
    scene.simulation.impose(serde_json::from_value(imposition).unwrap()).unwrap();
    let report = copy(&scene);
    let copied: BTreeSet<_> = scene.copies().iter().map(|copy| copy.database.to_string()).collect();
    assert_eq!(copied, BTreeSet::from(["billing", "orders", "plain"].map(str::to_owned)));
    assert_eq!(scene.snapshots(&account(DESTINATION), &region("us-east-1")), [], "a useless first hop");
    assert_eq!((report.blocked, report.failed), (20, 0), "{report:?}");
}

#[test]
fn where_aws_refuses_one_step_a_run_makes_one_call_more_than_it_has_copy_slots_to_find_out() {
    let scene = shared(Way::TwoHops, 20);
    let before = scene.simulation.total_calls();
    let report = copy(&scene);
    // The parameters, three lists and the quota; 20 copies in one step and one of the line; the lists again; 20 first hops.
    assert_eq!(scene.simulation.total_calls() - before, 5 + 20 + 1 + 4 + 20, "{report:?}");
    assert_eq!(report.acted.get("copy"), Some(&20));
}
