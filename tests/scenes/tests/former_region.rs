//! Copies in a Region that is no longer the destination: a person's run of the delete worker there lets them expire.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use futures_util::FutureExt;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::worker::Worker;
use pilot_light_tests::{Scene, Way, account, region};
use source_share::SourceShare;
use source_take::SourceTake;

/// The copies in the Region that the scene begins with.
fn left(scene: &Scene) -> usize {
    scene.copies().len()
}

#[test]
fn the_copies_of_a_former_region_stay_until_a_person_runs_the_delete_worker_there() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "^orders$");
    scene.set_destination("RetentionDays", "12h");
    let round = || {
        scene.run_cleanly(&SourceTake);
        scene.wait(10);
        scene.run_cleanly(&SourceShare);
        scene.run_cleanly(&DestinationCopy);
        scene.wait(50);
    };
    (0..48).for_each(|_| round());
    assert_eq!(left(&scene), 48);
    let former = scene.clone();
    let key = "arn:aws:kms:eu-west-1:222222222222:key/copies";
    scene.simulation.with_world(|world| world.register_key(key.parse().unwrap(), [].into()));
    scene.set_destination("DestinationRegion", "eu-west-1");
    scene.set_destination("KmsKeyDestination", key);
    scene.run_cleanly(&SourceTake);
    scene.wait(10);
    scene.run_cleanly(&SourceShare);
    scene.run_cleanly(&DestinationCopy);
    scene.wait(24 * 60);
    scene.run_cleanly(&DestinationDelete);
    assert_eq!(scene.snapshots(&account("222222222222"), &region("eu-west-1")).len(), 1);
    assert_eq!(left(&scene), 48, "no worker looks into the former Region");

    // The context of the former scene has the former Region, as `--region` of the command line gives it.
    let (cloud, context) = former.cloud_and_context("destination-delete", Mode::Apply);
    let report = DestinationDelete.run(&cloud, &context).now_or_never().unwrap().unwrap();
    assert_eq!(report.failed, 0);
    assert_eq!(left(&former), 1, "the newest one stays");
}
