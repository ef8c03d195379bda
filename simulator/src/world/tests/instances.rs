//! Instances: their life, their deletion, and restores.

use pilot_light_domain::model::tags;

use super::*;

fn slow() -> Scene {
    let mut scene = Scene::new();
    scene.configure(|settings| settings.instance_seconds = SecondsRange::of(60, 60));
    scene
}

fn remove(name: &str, skip_final_snapshot: bool, last: Option<&str>) -> Request {
    let final_snapshot = last.map(str::to_owned);
    Request::DeleteDbInstance(DeleteDbInstance { name: name.into(), skip_final_snapshot, final_snapshot })
}

#[test]
fn an_instance_is_created_modified_and_deleted_after_the_set_durations() {
    let mut scene = slow();
    scene.ask(OURS, EAST, Request::CreateDbInstance(instance("Orders"))).unwrap();
    assert_eq!(scene.world.dump().databases[0].created_at, None);
    scene.pass(59);
    assert_eq!(scene.instance_status("orders"), "creating");
    scene.pass(1);
    assert_eq!(scene.instance_status("orders"), "available");
    assert_eq!(scene.world.dump().databases[0].created_at, Some(scene.now));
    let bigger =
        ModifyDbInstance { name: "orders".into(), class: Some("db.r6g.large".into()), ..Default::default() };
    scene.ask(OURS, EAST, Request::ModifyDbInstance(bigger.clone())).unwrap();
    assert_eq!(scene.instance_status("orders"), "modifying");
    assert_eq!(scene.code(Request::ModifyDbInstance(bigger)), "InvalidDBInstanceState");
    scene.pass(60);
    assert_eq!(scene.instance_status("orders"), "available");
    scene.ask(OURS, EAST, remove("orders", true, None)).unwrap();
    assert_eq!(scene.instance_status("orders"), "deleting");
    assert_eq!(scene.code(remove("orders", true, None)), "InvalidDBInstanceState");
    scene.pass(60);
    assert_eq!(scene.instance_status("orders"), "gone");
}

#[test]
fn refusals_of_a_new_instance_have_awss_codes() {
    let mut scene = Scene::with_orders();
    for (name, engine, code) in [
        ("ORDERS", "postgres", "DBInstanceAlreadyExists"),
        ("a b", "postgres", "InvalidParameterValue"),
        ("other", "papyrus", "InvalidParameterValue"),
        ("other", "aurora-postgresql", "DBClusterNotFoundFault"),
        ("other", "sqlserver-ex", "ok"),
    ] {
        let create = CreateDbInstance { engine: engine.into(), ..instance(name) };
        assert_eq!(scene.code(Request::CreateDbInstance(create)), code, "{name} {engine}");
    }
}

#[test]
fn a_deletion_must_choose_between_a_final_snapshot_and_none() {
    for (skip, last, code) in [
        (true, None, "ok"),
        (false, Some("last"), "ok"),
        (false, None, "InvalidParameterCombination"),
        (true, Some("last"), "InvalidParameterCombination"),
        (false, Some("taken"), "DBSnapshotAlreadyExists"),
        (false, Some("last-"), "InvalidParameterValue"),
    ] {
        let mut scene = Scene::with_orders();
        scene.snapshot("orders", "taken");
        assert_eq!(scene.code(remove("orders", skip, last)), code, "{skip} {last:?}");
        let left = if code == "ok" { "deleting" } else { "available" };
        assert_eq!(scene.instance_status("orders"), left);
    }
    assert_eq!(Scene::new().code(remove("orders", true, None)), "DBInstanceNotFound");
}

#[test]
fn an_instance_is_removed_once_its_final_snapshot_is_complete() {
    let mut scene = Scene::with_orders();
    scene.ask(OURS, EAST, remove("orders", false, Some("last"))).unwrap();
    scene.pass(99);
    assert_eq!(scene.instance_status("orders"), "deleting");
    scene.pass(1);
    assert_eq!(scene.instance_status("orders"), "gone");
    assert_eq!(scene.status(&arn(OURS, EAST, "last")), "available");
}

#[test]
fn deletion_protection_must_be_lifted_first() {
    let mut scene = Scene::new();
    let protected = |on: bool| InstanceOptions { deletion_protection: Some(on), ..Default::default() };
    let create = CreateDbInstance { options: protected(true), ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(0);
    assert_eq!(scene.code(remove("orders", true, None)), "InvalidParameterCombination");
    let lift = ModifyDbInstance { name: "orders".into(), options: protected(false), ..Default::default() };
    scene.ask(OURS, EAST, Request::ModifyDbInstance(lift)).unwrap();
    assert_eq!(scene.instance_status("orders"), "available");
    assert_eq!(scene.code(remove("orders", true, None)), "ok");
}

#[test]
fn automated_snapshots_are_removed_with_their_instance_and_manual_ones_stay() {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    scene
        .ask(OURS, EAST, Request::CreateDbInstance(CreateDbInstance { options, ..instance("orders") }))
        .unwrap();
    scene.pass(0);
    assert_eq!(scene.instance_status("orders"), "backing-up");
    scene.pass(100);
    scene.snapshot("orders", "manual");
    assert_eq!(scene.world.dump().snapshots.len(), 2);
    scene.ask(OURS, EAST, remove("orders", true, None)).unwrap();
    scene.pass(1);
    let left: Vec<String> = scene.world.dump().snapshots.into_iter().map(|snapshot| snapshot.id).collect();
    assert_eq!(left, ["manual"]);
}

#[test]
fn a_restore_needs_a_complete_and_readable_snapshot_of_the_same_region() {
    let mut scene = Scene::new();
    scene.customer_key(&key(OURS, EAST, "k"), &[OTHER]);
    for (name, kms_key) in [("plain", None), ("secret", Some("k"))] {
        scene.database(name, kms_key);
        scene.snapshot(name, name);
        scene.share(name, OTHER);
    }
    scene.ask(OURS, EAST, take("plain", "new")).unwrap();
    let (plain, secret) = (arn(OURS, EAST, "plain"), arn(OURS, EAST, "secret"));
    for (account, region, snapshot, code) in [
        (OURS, EAST, "plain", "ok"),
        (OURS, EAST, secret.as_str(), "ok"),
        (OURS, EAST, "new", "InvalidDBSnapshotState"),
        (OURS, EAST, "nothing", "DBSnapshotNotFound"),
        (OURS, WEST, &plain, "DBSnapshotNotFound"),
        (OTHER, EAST, &plain, "ok"),
        (OTHER, EAST, &secret, "InvalidParameterCombination"),
        (THIRD, EAST, &plain, "DBSnapshotNotFound"),
    ] {
        let name = format!("restored{}", scene.world.dump().databases.len());
        let ask = RestoreDbInstance { name, snapshot: snapshot.into(), ..Default::default() };
        assert_eq!(
            scene.code_of(account, region, Request::RestoreDbInstanceFromDbSnapshot(ask)),
            code,
            "{snapshot}"
        );
    }
    let taken = RestoreDbInstance { name: "plain".into(), snapshot: "plain".into(), ..Default::default() };
    assert_eq!(scene.code(Request::RestoreDbInstanceFromDbSnapshot(taken)), "DBInstanceAlreadyExists");
    scene.world.set_key_state(&key(OURS, EAST, "k").parse().unwrap(), KeyState::Disabled);
    let locked = RestoreDbInstance { name: "locked".into(), snapshot: "secret".into(), ..Default::default() };
    assert_eq!(scene.code(Request::RestoreDbInstanceFromDbSnapshot(locked)), "KMSKeyNotAccessibleFault");
}

#[test]
fn a_restored_instance_is_single_az_with_default_groups_unless_requested_otherwise() {
    let mut scene = Scene::new();
    let tuned =
        CreateParameterGroup { name: "tuned".into(), family: "postgres16".into(), ..Default::default() };
    let tuned = ParameterGroupRequest::Create(tuned);
    scene.ask(OURS, EAST, Request::ParameterGroup(Box::new(tuned))).unwrap();
    let options = InstanceOptions {
        multi_az: Some(true),
        port: Some(6000),
        parameter_group: Some("tuned".into()),
        deletion_protection: Some(true),
        ..Default::default()
    };
    let create = CreateDbInstance { options, tags: tags::of([("a", "b")]), ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.snapshot("orders", "a");
    let ask = RestoreDbInstance { name: "copy".into(), snapshot: "a".into(), ..Default::default() };
    let Ok(Response::Instance(restored)) =
        scene.ask(OURS, EAST, Request::RestoreDbInstanceFromDbSnapshot(ask))
    else {
        panic!("not restored")
    };
    let expected = InstanceOptions { port: Some(6000), ..Default::default() };
    assert_eq!((restored.options.clone(), restored.tags.len()), (expected, 0));
    assert_eq!(
        (restored.shape.class.as_str(), restored.shape.engine.0.as_str()),
        ("db.t3.medium", "postgres")
    );
    let original = scene
        .world
        .instance(&Place::new(&AccountId::new(OURS).unwrap(), &Region::new(EAST).unwrap()), "orders");
    assert_ne!(restored.shape.resource_id, original.unwrap().shape.resource_id);
}

#[test]
fn the_same_requests_at_other_instants_give_worlds_that_differ_only_in_times() {
    let dump = |after: i64| {
        let mut scene = Scene::new();
        scene.pass(after);
        let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
        let create = CreateDbInstance { options, ..instance("orders") };
        scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
        scene.pass(100);
        scene.world.dump()
    };
    assert_ne!(dump(0), dump(86_400));
    assert_eq!(dump(0).without_times(), dump(86_400).without_times());
}
