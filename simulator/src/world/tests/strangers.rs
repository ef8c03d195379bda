//! Other parties in the same world: they use up resources, and the resources come back.

use pilot_light_domain::model::ids::{DatabaseName, SnapshotId};
use pilot_light_domain::model::tags::Tags;

use super::*;

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

fn orders() -> DatabaseArn {
    format!("arn:aws:rds:{EAST}:{OURS}:db:orders").parse().unwrap()
}

#[test]
fn a_quota_filled_by_others_refuses_our_snapshots_until_theirs_are_removed() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    assert_eq!(scene.world.fill_quota(&account(OURS), &region(EAST), "theirs"), 99);
    assert_eq!(scene.code(take("orders", "b")), "SnapshotQuotaExceeded");
    assert_eq!(scene.world.remove_snapshots(&account(OURS), &region(EAST), "theirs"), 99);
    assert_eq!(scene.code(take("orders", "b")), "ok");
    assert_eq!(scene.status(&arn(OURS, EAST, "a")), "available");
}

#[test]
fn copy_slots_taken_by_others_refuse_our_copies_until_theirs_are_complete() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let ours = || Request::CopyDbSnapshot(copy(&arn(OURS, EAST, "a"), "b"));
    let until = scene.now + TimeDelta::seconds(500);
    assert_eq!(scene.world.take_copy_slots(&account(OURS), &region(WEST), "theirs", until), 20);
    let refused = scene.ask(OURS, WEST, ours()).unwrap_err();
    assert_eq!(refused.code, "SnapshotQuotaExceeded");
    assert!(refused.message.contains("copies in progress"));
    scene.pass(499);
    assert_eq!(scene.code_of(OURS, WEST, ours()), "SnapshotQuotaExceeded");
    scene.pass(1);
    assert_eq!(scene.code_of(OURS, WEST, ours()), "ok");
    assert_eq!(scene.world.remove_snapshots(&account(OURS), &region(WEST), "theirs"), 20);
}

#[test]
fn an_instance_is_occupied_and_released_only_from_the_status_it_was_put_into() {
    let mut scene = Scene::with_orders();
    assert!(scene.world.occupy_instance(&orders(), "stopped"));
    assert!(!scene.world.occupy_instance(&orders(), "modifying"));
    assert_eq!(scene.code(take("orders", "a")), "InvalidDBInstanceState");
    assert!(!scene.world.release_occupied_instance(&orders(), "modifying"));
    assert!(scene.world.release_occupied_instance(&orders(), "stopped"));
    assert_eq!(scene.code(take("orders", "a")), "ok");
}

#[test]
fn an_instance_taken_away_comes_back_as_another_one_under_its_name() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    assert_eq!(scene.code(take("orders", "b")), "ok");
    assert!(scene.world.take_instance_away(&orders()));
    assert!(!scene.world.take_instance_away(&orders()));
    assert_eq!(
        (scene.instance_status("orders"), scene.status(&arn(OURS, EAST, "b"))),
        ("gone".into(), "failed".into())
    );
    scene.pass(60);
    assert!(scene.world.bring_instance_back(&orders()));
    assert!(!scene.world.bring_instance_back(&orders()));
    scene.pass(0);
    scene.snapshot("orders", "c");
    let of = |scene: &Scene, id: &str| scene.record(&arn(OURS, EAST, id)).unwrap();
    assert_ne!(of(&scene, "a").shape.resource_id, of(&scene, "c").shape.resource_id);
    assert_ne!(of(&scene, "a").instance_created_at, of(&scene, "c").instance_created_at);
}

#[test]
fn everything_an_account_owns_in_a_region_can_be_deleted_and_its_instances_come_back() {
    let mut scene = Scene::with_orders();
    scene.database("payments", None);
    scene.snapshot("orders", "a");
    let from = arn(OURS, EAST, "a");
    assert_eq!(scene.code_of(OURS, WEST, Request::CopyDbSnapshot(copy(&from, "b"))), "ok");
    scene.pass(200);
    assert_eq!(scene.world.delete_everything(&account(OURS), &region(EAST)), 1);
    let left = scene.world.dump();
    assert_eq!((left.databases.len(), left.snapshots.len()), (0, 1));
    assert_eq!(scene.status(&arn(OURS, WEST, "b")), "available");
    assert_eq!(scene.world.bring_instances_back(&account(OURS), &region(EAST)), 2);
    assert_eq!(scene.world.bring_instances_back(&account(OURS), &region(EAST)), 0);
}

#[test]
fn a_strangers_snapshot_is_listed_where_it_is_shared_and_takes_no_identifier_twice() {
    let mut scene = Scene::with_orders();
    let place = Place::new(&account(THIRD), &region(EAST));
    let snapshot = StrangersSnapshot {
        arn: place.snapshot_arn(SnapshotId::new("orders-2099-01-01-00-00").unwrap()),
        database: DatabaseName::new("orders").unwrap(),
        taken: scene.now,
        kms_key: None,
        tags: Tags::new(),
        shared_with: BTreeSet::from([account(OTHER)]),
    };
    assert!(scene.world.impose_snapshot(snapshot.clone()));
    assert!(!scene.world.impose_snapshot(snapshot.clone()));
    let ask = || DescribeDbSnapshots { snapshot_type: Some("shared".into()), ..Default::default() };
    let seen = scene.list(OTHER, EAST, ask());
    assert_eq!(seen.iter().map(|view| &view.record.arn).collect::<Vec<_>>(), [&snapshot.arn]);
    assert_eq!(scene.world.remove_snapshots(&account(THIRD), &region(EAST), "orders-2099"), 1);
    assert_eq!(scene.list(OTHER, EAST, ask()), []);
}
