//! Replicas: possible sources, promotion, and the deletion of a source or a replica.

use super::*;

/// A scene with `orders`, which has backups, in the east; instances take 60 seconds.
fn scene() -> Scene {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    let create = CreateDbInstance { options, ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(100);
    scene.configure(|settings| settings.instance_seconds = SecondsRange::of(60, 60));
    scene
}

fn replica(name: &str, source: &str) -> CreateDbInstanceReadReplica {
    CreateDbInstanceReadReplica { name: name.into(), source: source.into(), ..Default::default() }
}

fn create(name: &str, source: &str) -> Request {
    Request::CreateDbInstanceReadReplica(replica(name, source))
}

fn promote(name: &str) -> Request {
    Request::PromoteReadReplica(name.into(), None)
}

fn remove(name: &str, last: Option<&str>) -> Request {
    let final_snapshot = last.map(str::to_owned);
    let skip_final_snapshot = last.is_none();
    Request::DeleteDbInstance(DeleteDbInstance { name: name.into(), skip_final_snapshot, final_snapshot })
}

fn db(region: &str, name: &str) -> String {
    format!("arn:aws:rds:{region}:{OURS}:db:{name}")
}

/// (status, source, replicas) as an instance is described now.
fn described(scene: &mut Scene, region: &str, name: &str) -> (String, Option<String>, Vec<String>) {
    let ask = DescribeDbInstances { name: Some(name.into()), ..Default::default() };
    match scene.ask(OURS, region, Request::DescribeDbInstances(ask)).unwrap() {
        Response::Instances(listing) => {
            let found = &listing.items[0];
            (found.status.0.clone(), found.replica_source(), found.replica_identifiers().collect())
        }
        other => panic!("{other:?}"),
    }
}

fn status(text: &str, source: Option<&str>, replicas: &[&str]) -> (String, Option<String>, Vec<String>) {
    (text.to_owned(), source.map(str::to_owned), replicas.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn a_replica_and_its_source_name_each_other_by_identifier_in_a_region_and_by_arn_across_regions() {
    let mut scene = scene();
    let orders = db(EAST, "orders");
    scene.ask(OURS, EAST, create("near", "orders")).unwrap();
    scene.ask(OURS, WEST, create("far", &orders)).unwrap();
    assert_eq!(described(&mut scene, WEST, "far"), status("creating", Some(&orders), &[]));
    scene.pass(60);
    assert_eq!(described(&mut scene, WEST, "far"), status("available", Some(&orders), &[]));
    assert_eq!(described(&mut scene, EAST, "near"), status("available", Some("orders"), &[]));
    let far = db(WEST, "far");
    assert_eq!(described(&mut scene, EAST, "orders"), status("available", None, &["near", &far]));
}

#[test]
fn only_an_available_instance_with_backups_can_have_a_replica() {
    let mut scene = scene();
    scene.database("unprotected", None);
    scene.pass(60);
    for (name, source, code) in [
        ("orders", "orders", "DBInstanceAlreadyExists"),
        ("a", "nothing", "DBInstanceNotFound"),
        ("a", "unprotected", "InvalidDBInstanceState"),
        ("a", "orders", "ok"),
        ("b", "a", "InvalidDBInstanceState"),
    ] {
        assert_eq!(scene.code(create(name, source)), code, "{name} of {source}");
    }
    assert_eq!(scene.code_of(OTHER, EAST, create("a", &db(EAST, "orders"))), "DBInstanceNotFound");
    scene.ask(OURS, EAST, take("orders", "s")).unwrap();
    assert_eq!(scene.code(create("c", "orders")), "InvalidDBInstanceState");
}

#[test]
fn an_encrypted_source_needs_a_key_of_the_replicas_region() {
    let mut scene = scene();
    let (here, there) = (key(OURS, EAST, "here"), key(OURS, WEST, "there"));
    scene.customer_key(&here, &[]);
    scene.customer_key(&there, &[]);
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let secret =
        CreateDbInstance { encrypted: true, kms_key: Some(here.clone()), options, ..instance("secret") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(secret)).unwrap();
    scene.pass(200);
    for (source, kms_key, code) in [
        ("secret", None, "InvalidParameterValue"),
        ("secret", Some(&here), "KMSKeyNotAccessibleFault"),
        ("orders", Some(&there), "InvalidParameterCombination"),
        ("secret", Some(&there), "ok"),
    ] {
        let ask =
            CreateDbInstanceReadReplica { kms_key: kms_key.cloned(), ..replica("copy", &db(EAST, source)) };
        assert_eq!(
            scene.code_of(OURS, WEST, Request::CreateDbInstanceReadReplica(ask)),
            code,
            "{source} {kms_key:?}"
        );
    }
    assert_eq!(scene.code(create("near", "secret")), "ok");
}

#[test]
fn a_promoted_replica_is_independent_once_it_is_available_again() {
    let mut scene = scene();
    let orders = db(EAST, "orders");
    scene.ask(OURS, WEST, create("far", &orders)).unwrap();
    assert_eq!(scene.code_of(OURS, WEST, promote("far")), "InvalidDBInstanceState");
    scene.pass(60);
    assert_eq!(scene.code_of(OURS, WEST, promote("far")), "ok");
    assert_eq!(described(&mut scene, WEST, "far"), status("modifying", Some(&orders), &[]));
    assert_eq!(scene.code_of(OURS, WEST, promote("far")), "InvalidDBInstanceState");
    scene.pass(30);
    assert_eq!(described(&mut scene, WEST, "far"), status("rebooting", None, &[]));
    scene.pass(30);
    assert_eq!(described(&mut scene, WEST, "far"), status("available", None, &[]));
    assert_eq!(described(&mut scene, EAST, "orders"), status("available", None, &[]));
    assert_eq!(scene.code_of(OURS, WEST, promote("far")), "InvalidDBInstanceState");
    assert_eq!(scene.code_of(OURS, WEST, promote("nothing")), "DBInstanceNotFound");
}

#[test]
fn a_replica_is_described_in_its_earlier_state_right_after_its_promotion() {
    let mut scene = scene();
    let orders = db(EAST, "orders");
    scene.ask(OURS, WEST, create("far", &orders)).unwrap();
    scene.pass(60);
    scene.configure(|settings| settings.lag_seconds = 5);
    scene.ask(OURS, WEST, promote("far")).unwrap();
    for (seconds, expected) in [(0, "available"), (4, "available"), (1, "modifying")] {
        scene.pass(seconds);
        assert_eq!(described(&mut scene, WEST, "far"), status(expected, Some(&orders), &[]));
    }
    scene.pass(25);
    assert_eq!(described(&mut scene, EAST, "orders"), status("available", None, &[&db(WEST, "far")]));
    scene.pass(5);
    assert_eq!(described(&mut scene, EAST, "orders"), status("available", None, &[]));
}

#[test]
fn descriptions_are_current_once_no_more_events_are_due() {
    let mut scene = scene();
    scene.configure(|settings| settings.lag_seconds = 600);
    let options = InstanceOptions { deletion_protection: Some(true), ..Default::default() };
    let protect = ModifyDbInstance { name: "orders".into(), options, ..Default::default() };
    scene.ask(OURS, EAST, Request::ModifyDbInstance(protect)).unwrap();
    assert_eq!(scene.world.next_event(), Some(scene.now + TimeDelta::seconds(600)));
    assert_eq!(scene.code(remove("orders", None)), "InvalidParameterCombination");
}

#[test]
fn a_replica_has_no_final_snapshot_and_a_deleted_source_makes_its_replicas_in_the_region_independent() {
    let mut scene = scene();
    let orders = db(EAST, "orders");
    scene.ask(OURS, EAST, create("near", "orders")).unwrap();
    scene.ask(OURS, WEST, create("far", &orders)).unwrap();
    scene.ask(OURS, EAST, create("brief", "orders")).unwrap();
    scene.pass(60);
    assert_eq!(scene.code(remove("brief", Some("last"))), "InvalidParameterCombination");
    assert_eq!(scene.code(remove("brief", None)), "ok");
    scene.pass(60);
    assert_eq!(described(&mut scene, EAST, "orders").2, ["near", &db(WEST, "far")]);
    assert_eq!(scene.code(remove("orders", Some("last"))), "ok");
    scene.pass(100);
    assert_eq!(scene.instance_status("orders"), "gone");
    assert_eq!(described(&mut scene, EAST, "near"), status("available", None, &[]));
    assert_eq!(described(&mut scene, WEST, "far"), status("available", Some(&orders), &[]));
    assert_eq!(scene.code_of(OURS, WEST, promote("far")), "ok");
    scene.pass(60);
    assert_eq!(described(&mut scene, WEST, "far"), status("available", None, &[]));
}
