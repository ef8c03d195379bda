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
fn a_replica_becomes_an_instance_of_its_own() {
    let mut drive = Drive::new(world([replica()]), "failover");
    let end = drive.run(&manifest()).unwrap();
    assert_eq!((end.resources[0].status, end.resources[0].seconds), (Status::Recovered, 15));
    assert_eq!(drive.done(), ["promote orders"]);
}

#[test]
fn the_state_from_before_the_start_is_never_taken_for_done() {
    // AWS goes on telling of an available replica for a while after the promotion was asked for.
    let mut late = world([replica()]);
    late.told = Some(late.instances.clone());
    let mut drive = Drive::new(late, "failover");
    let mut state = drive.validate(&manifest()).unwrap();
    for operation in ["start", "check", "check"] {
        state["progress"] = drive.operate(operation, &state).unwrap();
        assert_eq!(state["progress"]["verdict"], "waiting", "{state}");
    }
    assert_eq!(drive.cloud.with(|world| world.asked), 1, "and it is not asked again meanwhile");
    drive.cloud.with(World::tick);
    assert_eq!(drive.operate("check", &state).unwrap()["verdict"], "recovered");
}

#[test]
fn it_waits_for_a_backup_to_end() {
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
fn what_stands_alone_is_done_already() {
    let mut drive = Drive::new(world([instance(HERE, "orders")]), "failover");
    let end = drive.run(&manifest()).unwrap();
    assert_eq!(end.resources[0].step, "was already done");
}

#[test]
fn what_is_no_replica_to_promote_is_told_beforehand() {
    let member = DbInstance { cluster: Some("shop".parse().unwrap()), ..replica() };
    let broken = DbInstance { status: "failed".to_owned(), ..replica() };
    for (found, said) in [
        (vec![], "RDSInstanceIdentifier: there is no instance 'orders' in us-west-2"),
        (vec![member], "is a member of cluster 'shop'"),
        (vec![broken], "is failed, and cannot be promoted"),
    ] {
        let error = Drive::new(world(found), "failover").run(&manifest()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn an_import_of_nothing_is_a_fault_with_its_place() {
    let mut empty = world([replica()]);
    empty.exports.clear();
    let error = Drive::new(empty, "failover").run(&manifest()).unwrap_err().to_string();
    let place = "layer 1, resource 'Promote orders' (PromoteRDSReadReplica), RDSInstanceIdentifier: ";
    assert!(error.contains(place) && error.contains("no CloudFormation export 'orders-id'"), "{error}");
}
