//! Descriptions that lag behind: each call that changes an instance is described only after a while.

use super::*;

const LAG: i64 = 5;

/// `orders` with backups and a snapshot `first`. From now on, descriptions lag, and changes take a minute.
fn lagging() -> Scene {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let ask = CreateDbInstance { options, ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(ask)).unwrap();
    scene.pass(200);
    scene.snapshot("orders", "first");
    scene.configure(|settings| {
        settings.lag_seconds = 5;
        settings.new_lag_seconds = 5;
        settings.instance_seconds = SecondsRange::of(60, 60);
    });
    scene
}

/// Name, status and class of every described instance.
fn described(scene: &mut Scene) -> Vec<(String, String, String)> {
    match scene.ask(OURS, EAST, Request::DescribeDbInstances(DescribeDbInstances::default())).unwrap() {
        Response::Instances(found) => {
            let line = |one: &Arc<InstanceRecord>| {
                (one.arn.id.name.to_string(), one.status.0.clone(), one.shape.class.clone())
            };
            found.items.iter().map(line).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_change_of_an_instance_is_described_only_after_the_lag() {
    let modify =
        ModifyDbInstance { name: "orders".into(), class: Some("db.m5.large".into()), ..Default::default() };
    let rename = ModifyDbInstance {
        name: "orders".into(),
        new_name: Some("sales".into()),
        apply_immediately: true,
        ..Default::default()
    };
    let delete = DeleteDbInstance { name: "orders".into(), skip_final_snapshot: true, final_snapshot: None };
    for (request, status) in [
        (Request::ModifyDbInstance(modify), "modifying"),
        (Request::ModifyDbInstance(rename), "renaming"),
        (Request::DeleteDbInstance(delete), "deleting"),
        (Request::StopDbInstance("orders".into(), None), "stopping"),
    ] {
        let mut scene = lagging();
        let before = described(&mut scene);
        scene.ask(OURS, EAST, request).unwrap();
        assert_eq!(described(&mut scene), before, "{status}");
        scene.pass(LAG - 1);
        assert_eq!(described(&mut scene), before, "{status}");
        scene.pass(1);
        assert_eq!(described(&mut scene)[0].1, status);
    }
}

#[test]
fn a_new_instance_can_be_unlisted_for_a_while_and_its_name_is_in_use() {
    let restore = RestoreDbInstance { name: "new".into(), snapshot: "first".into(), ..Default::default() };
    let replica =
        CreateDbInstanceReadReplica { name: "new".into(), source: "orders".into(), ..Default::default() };
    for request in [
        Request::CreateDbInstance(instance("new")),
        Request::RestoreDbInstanceFromDbSnapshot(restore),
        Request::CreateDbInstanceReadReplica(replica),
    ] {
        let mut scene = lagging();
        let named = DescribeDbInstances { name: Some("new".into()), ..Default::default() };
        let named = Request::DescribeDbInstances(named);
        scene.ask(OURS, EAST, request.clone()).unwrap();
        scene.pass(LAG - 1);
        assert_eq!(described(&mut scene).len(), 1);
        assert_eq!(scene.code(named.clone()), "DBInstanceNotFound");
        assert_eq!(scene.code(request), "DBInstanceAlreadyExists");
        scene.pass(1);
        assert_eq!(described(&mut scene).len(), 2);
        assert_eq!(scene.code(named), "ok");
    }
}
