//! Renaming instances: the instant at which the old name is free, and the properties that stay with the instance.

use pilot_light_domain::model::tags;

use super::*;

fn rename(from: &str, to: &str) -> Request {
    Request::ModifyDbInstance(ModifyDbInstance {
        name: from.into(),
        new_name: Some(to.into()),
        apply_immediately: true,
        ..Default::default()
    })
}

fn scene() -> Scene {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| settings.instance_seconds = SecondsRange::of(60, 60));
    scene
}

fn resource_id(scene: &Scene, name: &str) -> Option<String> {
    let place = Place::new(&AccountId::new(OURS).unwrap(), &Region::new(EAST).unwrap());
    scene.world.instance(&place, name).ok().map(|found| found.shape.resource_id.clone())
}

#[test]
fn an_instance_has_its_new_name_after_a_while_and_is_the_same_one() {
    let mut scene = scene();
    let before = resource_id(&scene, "orders");
    scene.ask(OURS, EAST, rename("orders", "Orders-Old")).unwrap();
    assert_eq!(
        (scene.instance_status("orders"), resource_id(&scene, "orders-old")),
        ("renaming".into(), None)
    );
    assert_eq!(scene.code(rename("orders", "other")), "InvalidDBInstanceState");
    let delete = DeleteDbInstance { name: "orders".into(), skip_final_snapshot: true, final_snapshot: None };
    assert_eq!(scene.code(Request::DeleteDbInstance(delete)), "InvalidDBInstanceState");
    scene.pass(30);
    assert_eq!(scene.instance_status("orders"), "gone");
    assert_eq!(scene.instance_status("orders-old"), "rebooting");
    scene.pass(30);
    assert_eq!(scene.instance_status("orders-old"), "available");
    assert_eq!(resource_id(&scene, "orders-old"), before);
}

#[test]
fn a_name_in_use_or_reserved_by_a_rename_is_refused() {
    let mut scene = scene();
    scene.database("other", None);
    scene.pass(60);
    assert_eq!(scene.code(rename("orders", "other")), "DBInstanceAlreadyExists");
    assert_eq!(scene.code(rename("orders", "a--b")), "InvalidParameterValue");
    assert_eq!(scene.code(rename("nothing", "b")), "DBInstanceNotFound");
    assert_eq!(scene.code(rename("orders", "new")), "ok");
    assert_eq!(scene.code(rename("other", "new")), "DBInstanceAlreadyExists");
    assert_eq!(scene.code(Request::CreateDbInstance(instance("orders"))), "DBInstanceAlreadyExists");
    scene.pass(30);
    assert_eq!(scene.code(Request::CreateDbInstance(instance("orders"))), "ok");
}

#[test]
fn a_rename_without_apply_immediately_never_happens() {
    let mut scene = scene();
    let ask = ModifyDbInstance { name: "orders".into(), new_name: Some("b".into()), ..Default::default() };
    assert_eq!(scene.code(Request::ModifyDbInstance(ask)), "ok");
    scene.pass(3600);
    assert_eq!(scene.instance_status("orders"), "available");
}

#[test]
fn the_old_name_is_described_during_the_lag_even_if_renaming_takes_no_time() {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| settings.lag_seconds = 5);
    scene.ask(OURS, EAST, rename("orders", "new")).unwrap();
    scene.pass(4);
    let ask = DescribeDbInstances { name: Some("orders".into()), ..Default::default() };
    match scene.ask(OURS, EAST, Request::DescribeDbInstances(ask)).unwrap() {
        Response::Instances(listing) => assert_eq!(listing.items[0].status.0, "available"),
        other => panic!("{other:?}"),
    }
    scene.pass(1);
    assert_eq!(
        (scene.instance_status("orders").as_str(), scene.instance_status("new").as_str()),
        ("gone", "available")
    );
}

#[test]
fn tags_replicas_and_automated_snapshots_stay_with_the_instance() {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    let create = CreateDbInstance { options, tags: tags::of([("a", "b")]), ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(100);
    let follow = CreateDbInstanceReadReplica {
        name: "far".into(),
        source: format!("arn:aws:rds:{EAST}:{OURS}:db:orders"),
        ..Default::default()
    };
    scene.ask(OURS, WEST, Request::CreateDbInstanceReadReplica(follow)).unwrap();
    scene.ask(OURS, EAST, rename("orders", "new")).unwrap();
    scene.pass(0);
    let account = AccountId::new(OURS).unwrap();
    let (east, west) = (Region::new(EAST).unwrap(), Region::new(WEST).unwrap());
    let far = scene.world.instance(&Place::new(&account, &west), "far").unwrap();
    assert_eq!(far.replica_source(), Some(format!("arn:aws:rds:{EAST}:{OURS}:db:new")));
    let renamed = scene.world.instance(&Place::new(&account, &east), "new").unwrap();
    assert_eq!((renamed.tags.len(), renamed.replicas.len()), (1, 1));
    let delete = DeleteDbInstance { name: "new".into(), skip_final_snapshot: true, final_snapshot: None };
    scene.ask(OURS, EAST, Request::DeleteDbInstance(delete)).unwrap();
    scene.pass(0);
    assert_eq!(scene.world.dump().snapshots, []);
}

#[test]
fn a_replica_of_a_deleted_source_is_not_taken_for_one_of_its_namesake() {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    let create = Request::CreateDbInstance(CreateDbInstance { options, ..instance("orders") });
    scene.ask(OURS, EAST, create.clone()).unwrap();
    scene.pass(100);
    let follow = CreateDbInstanceReadReplica {
        name: "far".into(),
        source: format!("arn:aws:rds:{EAST}:{OURS}:db:orders"),
        ..Default::default()
    };
    scene.ask(OURS, WEST, Request::CreateDbInstanceReadReplica(follow)).unwrap();
    let delete = DeleteDbInstance { name: "orders".into(), skip_final_snapshot: true, final_snapshot: None };
    scene.ask(OURS, EAST, Request::DeleteDbInstance(delete)).unwrap();
    scene.pass(0);
    scene.ask(OURS, EAST, create).unwrap();
    scene.ask(OURS, WEST, rename("far", "near")).unwrap();
    scene.pass(0);
    let databases = scene.world.dump().databases;
    let follows: Vec<_> = databases.iter().map(|found| (found.id.as_str(), found.replicas.len())).collect();
    assert_eq!(follows, [("orders", 0), ("near", 0)]);
}
