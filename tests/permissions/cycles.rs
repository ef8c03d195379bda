//! Records the permissions of the five scheduled workers.
//!
//! The runs are:
//! - whole cycles on every way;
//! - the same cycles, killed at every call;
//! - runs that meet failed copies and a key that refuses the destination;
//! - dry runs, and runs that publish their metrics;
//! - a run of source-delete that ends the shares of an earlier source-share.
//!
//! `recoveries` records the recover worker.

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::{CopyDbSnapshot, Request};
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
        // Within one account nothing is shared, so nothing is re-encrypted for sharing.
        let share_keys: &[&str] = if way == Way::SameAccount { &[NONE] } else { &[NONE, ORDERS_KEY] };
        for share_key in share_keys {
            let begin = || scene(way, share_key);
            let calls = whole(record, &begin(), share_key);
            // The cycle with a share key makes all calls of the cycle without one, so killing it is enough.
            if share_keys.last() == Some(share_key) {
                for call in 1..=calls {
                    killed(record, &begin(), share_key, call);
                }
            }
            failing(record, &begin(), share_key);
            reporting(record, &begin(), share_key);
        }
        if way == Way::SameAccount {
            of_older_tool(record, &scene(way, NONE));
        } else {
            revoking(record, scene(way, NONE));
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

/// Records a cycle that nothing interrupts. Returns the number of its calls.
fn whole(record: &mut Record, scene: &Scene, share_key: &str) -> u64 {
    cycle(scene, &|scene, attempt| assert!(attempt(scene)));
    record.add(&scene.simulation, &deployments(scene, share_key));
    scene.simulation.total_calls()
}

/// Records a cycle in which a worker is killed right after the effect of one call. The next run meets the unfinished work.
fn killed(record: &mut Record, scene: &Scene, share_key: &str, call: u64) {
    scene.simulation.inject(Fault::Kill { call, effect: Effect::After });
    cycle(scene, &|scene, attempt| {
        if !attempt(scene) {
            scene.simulation.clear_faults();
            assert!(attempt(scene));
        }
    });
    record.add(&scene.simulation, &deployments(scene, share_key));
}

/// Records runs in which copies fail and are removed, and in which the key of `billing` refuses the destination.
fn failing(record: &mut Record, scene: &Scene, share_key: &str) {
    let billing = BILLING_KEY.parse().unwrap();
    scene.simulation.with_world(|world| world.register_key(billing, BTreeSet::new()));
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    if scene.way != Way::SameAccount {
        scene.run_cleanly(&SourceShare);
    }
    for _ in 0..6 {
        assert!(scene.run(&DestinationCopy, Mode::DryRun).is_some());
        assert!(scene.run(&DestinationCopy, Mode::Apply).is_some());
        let copies = scene.snapshots(&scene.way.keeper(), &region(SOURCE_REGION));
        for copy in copies
            .iter()
            .chain(&scene.copies())
            .filter(|copy| ["pending", "copying"].contains(&copy.status.as_str()))
        {
            scene.simulation.with_world(|world| world.fail_snapshot(&copy.arn));
        }
        scene.simulation.settle();
    }
    record.add(&scene.simulation, &deployments(scene, share_key));
}

/// Records the deletion of a copy that the older tool made within one account. It has the tags of its source.
fn of_older_tool(record: &mut Record, scene: &Scene) {
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    for source in scene.snapshots(&account(SOURCE), &region(SOURCE_REGION)) {
        let copy = CopyDbSnapshot {
            source: source.arn.to_string(),
            target: source.id,
            kms_key: source.kms_key.map(|_| scene.way.key()),
            copy_tags: true,
            ..Default::default()
        };
        let request = Request::CopyDbSnapshot(copy);
        scene.simulation.request(&scene.way.keeper(), &scene.way.region(), request).unwrap();
    }
    scene.wait(3 * 24 * 60);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    assert!(scene.run_cleanly(&DestinationDelete).acted.contains_key("delete"));
    record.add(&scene.simulation, &deployments(scene, NONE));
}

/// Records a dry run of each worker, and a real run whose metrics are published as the bootstrap publishes them.
fn reporting(record: &mut Record, scene: &Scene, share_key: &str) {
    fn report(scene: &Scene, worker: &impl Worker) {
        assert!(scene.run(worker, Mode::DryRun).is_some());
        let made = scene.run_cleanly(worker);
        let (cloud, _) = scene.cloud_and_context(worker.name(), Mode::Apply);
        cloud.publish(&made.metrics()).now_or_never().unwrap().unwrap();
    }
    report(scene, &SourceTake);
    report(scene, &SourceShare);
    report(scene, &SourceDelete);
    report(scene, &DestinationCopy);
    report(scene, &DestinationDelete);
    record.add(&scene.simulation, &deployments(scene, share_key));
}

/// Records the run of source-delete after `ShareSnapshots` has become `FALSE`.
fn revoking(record: &mut Record, mut scene: Scene) {
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    scene.set_source("ShareSnapshots", "FALSE");
    // The runs before belong to the deployment with the share worker.
    scene.simulation.record_permissions();
    assert_eq!(scene.run_cleanly(&SourceDelete).acted.get("revoke"), Some(&3));
    let deployments = deployments_with(&scene, NONE, "FALSE");
    record.add(&scene.simulation, &deployments);
}

fn deployments(scene: &Scene, share_key: &str) -> [Deployment; 5] {
    deployments_with(scene, share_key, "TRUE")
}

fn deployments_with(scene: &Scene, share_key: &str, share: &str) -> [Deployment; 5] {
    let way = scene.way;
    let copy_region = if way == Way::SameRegion { SOURCE_REGION } else { "us-west-2" };
    let keys: Vec<_> = [way.key_between(), way.key()].into_iter().collect();
    let of_source = json!({"SourceRegion": SOURCE_REGION, "KmsKeyShare": share_key, "ShareSnapshots": share});
    let crosses = if way == Way::SameAccount { "FALSE" } else { "TRUE" };
    let of_destination = json!({
        "SourceRegion": SOURCE_REGION, "CopyRegion": copy_region, "OwnKeys": keys, "CrossAccountCopy": crosses,
    });
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
