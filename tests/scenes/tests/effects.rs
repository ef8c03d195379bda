//! Repeated actions: a retry after a lost answer carries the same action out twice, before any list shows the first one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use std::future::Future;

use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, GroupOfCopy};
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::Effect;
use pilot_light_simulator::in_process::SimulatedRds;
use pilot_light_tests::{ORDERS_KEY, SOURCE, Scene, Way, account, region};

fn source(scene: &Scene) -> SimulatedRds {
    let place = region("us-east-1");
    scene.simulation.cloud(&account(SOURCE), &place, Parameters::new()).rds(&place)
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the simulator answers at once")
}

fn take(tags: Tags) -> CreateSnapshot {
    CreateSnapshot { database: "orders".parse().unwrap(), id: "orders-1".parse().unwrap(), tags }
}

fn own_tags() -> Tags {
    tags::of([(tags::CREATED_BY, tags::TOOL), (tags::CREATED_ON, "2026-03-01-00-00")])
}

#[test]
fn a_snapshot_that_is_requested_twice_is_taken_once() {
    let scene = Scene::new(Way::OneStep);
    let rds = source(&scene);
    assert_eq!(now(effects::create(&rds, &take(own_tags()))), Ok(Effect::Done));
    assert_eq!(now(effects::create(&rds, &take(own_tags()))), Ok(Effect::AlreadyDone));
}

#[test]
fn a_snapshot_name_that_a_foreign_snapshot_has_is_an_error() {
    let scene = Scene::new(Way::OneStep);
    let rds = source(&scene);
    assert_eq!(now(effects::create(&rds, &take(Tags::new()))), Ok(Effect::Done));
    let refused = now(effects::create(&rds, &take(own_tags())));
    assert_eq!(refused.map_err(|error| error.kind), Err(GatewayErrorKind::AlreadyExists));
}

#[test]
fn a_copy_that_is_requested_twice_is_made_once_and_a_repeated_deletion_succeeds() {
    let scene = Scene::new(Way::OneStep);
    let rds = source(&scene);
    now(effects::create(&rds, &take(own_tags()))).unwrap();
    scene.simulation.settle();
    let copy = CopySnapshot {
        source: "arn:aws:rds:us-east-1:111111111111:snapshot:orders-1".parse().unwrap(),
        target: "orders-2".parse().unwrap(),
        kms_key: Some(ORDERS_KEY.parse().unwrap()),
        option_group: GroupOfCopy::Default,
        tags: own_tags(),
    };
    assert_eq!(now(effects::copy(&rds, &copy)), Ok(Effect::Done));
    assert_eq!(now(effects::copy(&rds, &copy)), Ok(Effect::AlreadyDone));
    scene.simulation.settle();
    assert_eq!(now(effects::delete(&rds, &copy.target)), Ok(Effect::Done));
    scene.simulation.settle();
    assert_eq!(now(effects::delete(&rds, &copy.target)), Ok(Effect::AlreadyDone));
}
