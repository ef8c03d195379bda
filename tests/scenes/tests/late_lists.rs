//! AWS's lists may lack a new copy for minutes. No snapshot is copied twice because of that.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use pilot_light_domain::model::tags;
use pilot_light_domain::run::context::Mode;
use pilot_light_simulator::world::{
    Chance, CreateDbInstance, CreateDbSnapshot, Mishap, ModifyDbSnapshotAttribute, Request, Rules,
    SecondsRange,
};
use pilot_light_tests::{DESTINATION, Scene, Way, account, region};
use source_share::SourceShare;
use source_take::SourceTake;

/// A second account whose database, and its snapshot, have the same names.
const OTHER: &str = "333333333333";

fn share_the_same_name(scene: &Scene) {
    let ask = |request| {
        scene.simulation.request(&account(OTHER), &region("us-east-1"), request).unwrap();
        scene.simulation.settle();
    };
    ask(Request::CreateDbInstance(CreateDbInstance {
        name: "orders".to_owned(),
        engine: "postgres".to_owned(),
        ..Default::default()
    }));
    let id = "orders-2026-03-01-00-00".to_owned();
    ask(Request::CreateDbSnapshot(CreateDbSnapshot {
        database: "orders".to_owned(),
        id: id.clone(),
        tags: None,
    }));
    ask(Request::ModifyDbSnapshotAttribute(ModifyDbSnapshotAttribute {
        id,
        attribute: "restore".to_owned(),
        add: vec![DESTINATION.to_owned()],
        remove: Vec::new(),
    }));
}

/// Runs the worker while AWS hides each new copy from the lists for some minutes.
fn copy_unlisted(scene: &Scene, minutes: u32) {
    let lasts = SecondsRange::new(minutes * 60, minutes * 60).unwrap();
    let end = scene.simulation.now() + TimeDelta::hours(1);
    let set = |chances| scene.simulation.with_world(|world| world.set_rules(Rules { seed: 1, end, chances }));
    set(BTreeMap::from([(Mishap::HiddenSnapshot, Chance { rate: 1.0, lasts })]));
    scene.run(&DestinationCopy, Mode::Apply).unwrap().unwrap();
    set(BTreeMap::new());
}

#[test]
fn databases_of_one_name_in_two_accounts_are_copied_once_each_while_their_copies_are_not_listed() {
    for way in [Way::OneStep, Way::SameRegion] {
        let mut scene = Scene::new(way);
        scene.set_source("InstanceNamePattern", "^orders$");
        scene.set_destination("SourceAccounts", "111111111111,333333333333");
        share_the_same_name(&scene);
        scene.run_cleanly(&SourceTake);
        scene.simulation.settle();
        copy_unlisted(&scene, 6);
        scene.run_cleanly(&SourceShare);
        scene.wait(1);
        // The first copy is not listed. AWS refuses the second request under its name.
        scene.run(&DestinationCopy, Mode::Apply).unwrap().unwrap();
        scene.wait(20);
        scene.run_cleanly(&DestinationCopy);
        scene.simulation.settle();
        let mut origins: Vec<_> = scene
            .copies()
            .into_iter()
            .map(|copy| copy.tags.get(tags::SOURCE_ACCOUNT).unwrap().to_owned())
            .collect();
        origins.sort();
        assert_eq!(origins, ["111111111111", OTHER], "{way:?}");
    }
}
