//! The five scheduled workers: whole cycles on every way, cut off at every call, and what a clean cycle does not meet.

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_tests::cycle::cycle;
use pilot_light_tests::{BILLING_KEY, ORDERS_KEY, SOURCE, Scene, Way, account, region};
use serde_json::{Value, json};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use crate::{Deployment, Record};

const SOURCE_REGION: &str = "us-east-1";
const NONE: &str = "None";

pub(crate) fn record(record: &mut Record) {
    for way in Way::ALL {
        // One account shares nothing, so that nothing is re-encrypted to be shared.
        let share_keys: &[&str] = if way == Way::SameAccount { &[NONE] } else { &[NONE, ORDERS_KEY] };
        for share_key in share_keys {
            let begin = || scene(way, share_key);
            let calls = whole(record, &begin(), share_key);
            // What a share key adds to a cycle is in the second of two.
            if share_keys.last() == Some(share_key) {
                for call in 1..=calls {
                    cut_off(record, &begin(), share_key, call);
                }
            }
            failing(record, &begin(), share_key);
            telling(record, &begin(), share_key);
        }
    }
}

fn scene(way: Way, share_key: &str) -> Scene {
    let mut scene = Scene::new(way);
    if share_key != NONE {
        scene.set_source("KmsKeyShare", share_key);
    }
    scene.simulation.record_permissions();
    scene
}

/// A cycle of real runs, each after a dry one; how many calls the real ones make.
fn whole(record: &mut Record, scene: &Scene, share_key: &str) -> u64 {
    cycle(scene, &|scene, attempt| assert!(attempt(scene)));
    record.add(&scene.simulation, &deployments(scene, share_key));
    scene.simulation.total_calls()
}

/// A cycle whose worker dies after the effect of one call: the next run meets what it left.
fn cut_off(record: &mut Record, scene: &Scene, share_key: &str, call: u64) {
    scene.simulation.inject(Fault::Kill { call, effect: Effect::After });
    cycle(scene, &|scene, attempt| {
        if !attempt(scene) {
            scene.simulation.clear_faults();
            assert!(attempt(scene));
        }
    });
    record.add(&scene.simulation, &deployments(scene, share_key));
}

/// Copies that fail and are removed, and a source's key that does not admit the destination.
fn failing(record: &mut Record, scene: &Scene, share_key: &str) {
    let billing = BILLING_KEY.parse().unwrap();
    scene.simulation.with_world(|world| world.register_key(billing, BTreeSet::new()));
    scene.pass(&SourceTake);
    scene.simulation.settle();
    if scene.way != Way::SameAccount {
        scene.pass(&SourceShare);
    }
    for _ in 0..6 {
        assert!(scene.run(&DestinationCopy, Mode::DryRun).is_some());
        assert!(scene.run(&DestinationCopy, Mode::Apply).is_some());
        let copies = scene.snapshots(&scene.way.keeper(), &region(SOURCE_REGION));
        for copy in copies.iter().chain(&scene.copies()).filter(|copy| copy.status == "copying") {
            scene.simulation.with_world(|world| world.fail_snapshot(&copy.arn));
        }
        scene.simulation.settle();
    }
    record.add(&scene.simulation, &deployments(scene, share_key));
}

/// Each worker's dry run, and a run whose metrics are published as the bootstrap does.
fn telling(record: &mut Record, scene: &Scene, share_key: &str) {
    fn tell(scene: &Scene, worker: &impl Worker) {
        assert!(scene.run(worker, Mode::DryRun).is_some());
        let report = scene.pass(worker);
        let (cloud, _) = scene.seat(worker.name(), Mode::Apply);
        cloud.publish(&report.metrics()).now_or_never().unwrap().unwrap();
    }
    tell(scene, &SourceTake);
    tell(scene, &SourceShare);
    tell(scene, &SourceDelete);
    tell(scene, &DestinationCopy);
    tell(scene, &DestinationDelete);
    record.add(&scene.simulation, &deployments(scene, share_key));
}

fn deployments(scene: &Scene, share_key: &str) -> [Deployment; 5] {
    let way = scene.way;
    let copy_region = if way == Way::SameRegion { SOURCE_REGION } else { "us-west-2" };
    let keys: Vec<_> = [way.key_between(), way.key()].into_iter().collect();
    let of_source = json!({"SourceRegion": SOURCE_REGION, "KmsKeyShare": share_key});
    let of_destination = json!({"SourceRegion": SOURCE_REGION, "CopyRegion": copy_region, "OwnKeys": keys});
    let at_source = |worker| at(worker, SOURCE, SOURCE_REGION, &of_source);
    let at_destination = |worker| at(worker, way.keeper().as_str(), copy_region, &of_destination);
    [
        at_source("source-take"),
        at_source("source-share"),
        at_source("source-delete"),
        at_destination("destination-copy"),
        at_destination("destination-delete"),
    ]
}

fn at(worker: &'static str, id: &str, region: &'static str, parameters: &Value) -> Deployment {
    Deployment { worker, account: account(id), region, parameters: parameters.clone() }
}
