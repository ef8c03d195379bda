use serde_json::json;

use super::*;
use crate::Status;
use crate::fake::{Drive, HERE, World, instance};

fn manifest() -> Value {
    json!({"StatePayload": [{"layer": 1, "resources": [{
        "resourceType": "PromoteRDSReadReplica", "resourceName": "Promote orders",
        "parameters": {"RDSInstanceIdentifier": "!Import orders-id", "TargetClusterIdentifier": "unused"}}]}]})
}

fn replica() -> DbInstance {
    let primary = "arn:aws:rds:us-east-1:222222222222:db:orders".to_owned();
    DbInstance { replica_of: Some(primary), ..instance(HERE, "orders") }
}

fn world(found: impl IntoIterator<Item = DbInstance>) -> World {
    let mut world = World::default().with_instances(found);
    world.exports.insert("orders-id".to_owned(), "Orders".to_owned());
    world
}

#[test]
fn a_replica_becomes_an_independent_instance() {
    let mut drive = Drive::new(world([replica()]), "failover");
    let end = drive.run(&manifest()).unwrap();
    assert_eq!((end.resources[0].status, end.resources[0].seconds), (Status::Recovered, 15));
    assert_eq!(drive.done(), ["promote orders"]);
}

#[test]
fn the_state_before_the_start_is_never_mistaken_for_success() {
    // For a while after the request for the promotion AWS still shows an available replica.
    let mut late = world([replica()]);
    late.listed = Some(late.instances.clone());
    let mut drive = Drive::new(late, "failover");
    let mut state = drive.validate(&manifest()).unwrap();
    for operation in ["start", "check", "check"] {
        state["progress"] = drive.operate(operation, &state).unwrap();
        assert_eq!(state["progress"]["verdict"], "waiting", "{state}");
    }
    assert_eq!(
        drive.cloud.with(|world| world.requested),
        1,
        "the promotion is not requested again meanwhile"
    );
    drive.cloud.with(World::tick);
    assert_eq!(drive.operate("check", &state).unwrap()["verdict"], "recovered");
}

#[test]
fn a_promotion_waits_for_the_end_of_a_backup() {
    let mut drive =
        Drive::new(world([DbInstance { status: "backing-up".to_owned(), ..replica() }]), "failover");
    let mut state = drive.validate(&manifest()).unwrap();
    state["progress"] = drive.operate("start", &state).unwrap();
    assert_eq!(drive.done(), Vec::<String>::new());
    drive.cloud.with(|world| world.get(HERE, "orders").status = "available".to_owned());
    drive.operate("check", &state).unwrap();
    assert_eq!(drive.done(), ["promote orders"]);
}

#[test]
fn an_independent_instance_counts_as_promoted() {
    let mut drive = Drive::new(world([instance(HERE, "orders")]), "failover");
    let end = drive.run(&manifest()).unwrap();
    assert_eq!(end.resources[0].step, "was already done");
}

#[test]
fn an_instance_that_cannot_be_promoted_is_reported_before_anything_begins() {
    let member = DbInstance { cluster: Some("shop".parse().unwrap()), ..replica() };
    let broken = DbInstance { status: "failed".to_owned(), ..replica() };
    for (found, said) in [
        (vec![], "RDSInstanceIdentifier: there is no instance 'orders' in us-west-2"),
        (vec![member], "is a member of cluster 'shop'"),
        (vec![broken], "is 'failed' and cannot be promoted"),
    ] {
        let error = Drive::new(world(found), "failover").run(&manifest()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_missing_export_is_reported_with_its_place() {
    let mut empty = world([replica()]);
    empty.exports.clear();
    let error = Drive::new(empty, "failover").run(&manifest()).unwrap_err().to_string();
    let place = "layer 1, resource 'Promote orders' (PromoteRDSReadReplica), RDSInstanceIdentifier: ";
    assert!(error.contains(place) && error.contains("no CloudFormation export 'orders-id'"), "{error}");
}
