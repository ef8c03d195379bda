//! The quotas of instances and storage, and classes of which AWS has no machine left.

use super::*;

fn create(name: &str, engine: &str, size: u32) -> CreateDbInstance {
    CreateDbInstance {
        engine: engine.into(),
        class: "db.m5.large".into(),
        allocated_storage: Some(size),
        ..instance(name)
    }
}

fn request(name: &str, engine: &str, size: u32) -> Request {
    Request::CreateDbInstance(create(name, engine, size))
}

fn restore(name: &str) -> Request {
    let (name, snapshot) = (name.to_owned(), "first".to_owned());
    Request::RestoreDbInstanceFromDbSnapshot(RestoreDbInstance { name, snapshot, ..Default::default() })
}

fn replicate(name: &str) -> Request {
    let (name, source) = (name.to_owned(), "orders".to_owned());
    Request::CreateDbInstanceReadReplica(CreateDbInstanceReadReplica { name, source, ..Default::default() })
}

/// `orders` of 100 GiB with backups, and a snapshot of it.
fn with_snapshot() -> Scene {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let ask = CreateDbInstance { options, ..create("orders", "postgres", 100) };
    scene.ask(OURS, EAST, Request::CreateDbInstance(ask)).unwrap();
    scene.pass(200);
    scene.snapshot("orders", "first");
    scene
}

fn said(scene: &mut Scene, request: Request) -> String {
    scene.ask(OURS, EAST, request).map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

fn quota(scene: &mut Scene, name: &str) -> (u64, u64) {
    match scene.ask(OURS, EAST, Request::DescribeAccountAttributes).unwrap() {
        Response::Quotas(found) => {
            let found = found.iter().find(|quota| quota.name == name).unwrap();
            (found.used, found.max)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_full_quota_of_instances_refuses_every_new_one_in_the_place_only() {
    let mut scene = with_snapshot();
    scene.configure(|settings| settings.instances = 2);
    assert_eq!(quota(&mut scene, "DBInstances"), (1, 2));
    assert_eq!(scene.code(restore("a")), "ok");
    assert_eq!(quota(&mut scene, "DBInstances"), (2, 2));
    for new in [request("b", "postgres", 20), restore("b"), replicate("b")] {
        assert_eq!(said(&mut scene, new), "InstanceQuotaExceeded: DB Instance quota exceeded");
    }
    assert_eq!(scene.code_of(OURS, WEST, request("b", "postgres", 20)), "ok");
    assert_eq!(scene.code_of(OTHER, EAST, request("b", "postgres", 20)), "ok");
}

#[test]
fn an_account_has_40_instances_and_10_of_each_edition_with_a_licence_of_aws() {
    let mut scene = Scene::new();
    for number in 0..10 {
        scene.ask(OURS, EAST, request(&format!("se-{number}"), "sqlserver-se", 20)).unwrap();
    }
    let refused = "InstanceQuotaExceeded: DB Instance quota exceeded for LicenseModel of license-included and Engine of \
                   sqlserver-se";
    assert_eq!(said(&mut scene, request("one-more", "sqlserver-se", 20)), refused);
    for (name, engine) in [("ee", "sqlserver-ee"), ("byol", "oracle-se2"), ("open", "postgres")] {
        assert_eq!(scene.code(request(name, engine, 20)), "ok", "{engine}");
    }
    for number in 13..40 {
        scene.ask(OURS, EAST, request(&format!("db-{number}"), "postgres", 20)).unwrap();
    }
    assert_eq!(scene.code(request("one-more", "postgres", 20)), "InstanceQuotaExceeded");
}

#[test]
fn a_full_quota_of_storage_refuses_new_and_larger_instances() {
    let mut scene = with_snapshot();
    scene.configure(|settings| settings.storage_gib = 250);
    assert_eq!(quota(&mut scene, "AllocatedStorage"), (100, 250));
    assert_eq!(scene.code(restore("a")), "ok");
    let refused = "StorageQuotaExceeded: The operation cannot be completed. The storage quota for this account has been \
                   exceeded by 50; requested iops: 0; computed size: 100. You can use the Service Quotas console to \
                   request an increase in total storage for this account";
    assert_eq!(said(&mut scene, restore("b")), refused);
    assert_eq!(scene.code(replicate("b")), "StorageQuotaExceeded");
    let grow = |size: u32| {
        let name = "orders".to_owned();
        Request::ModifyDbInstance(ModifyDbInstance {
            name,
            allocated_storage: Some(size),
            ..Default::default()
        })
    };
    assert_eq!(scene.code(grow(151)), "StorageQuotaExceeded");
    assert_eq!(scene.code(grow(150)), "ok");
}

#[test]
fn a_class_without_capacity_is_refused_a_number_of_times_in_the_chosen_place() {
    let mut scene = with_snapshot();
    let mut imposition = Imposition::no_capacity("db.m5.*", 3);
    imposition.on.region = Some(Region::new(EAST).unwrap());
    scene.world.impose(imposition).unwrap();
    let small = CreateDbInstance { class: "db.t3.medium".into(), ..create("small", "postgres", 20) };
    assert_eq!(scene.code(Request::CreateDbInstance(small)), "ok");
    assert_eq!(scene.code_of(OURS, WEST, request("far", "postgres", 20)), "ok");
    for new in [request("a", "postgres", 20), restore("a"), replicate("a")] {
        assert_eq!(scene.code(new), "InsufficientDBInstanceCapacity");
    }
    assert_eq!(scene.code(restore("a")), "ok");
}

#[test]
fn capacity_concerns_requests_and_no_statuses() {
    let mut scene = Scene::new();
    let imposition = Imposition {
        impose: Imposed::Status("failed".into()),
        on: Selection { class: Some("db.m5.large".into()), ..Selection::of_kind(ResourceKind::Instance) },
        for_seconds: None,
        times: None,
    };
    let refused = scene.world.impose(imposition).unwrap_err().to_string();
    assert_eq!(refused, "class has no meaning for a status; give resource");
}

#[test]
fn a_snapshot_whose_key_is_disabled_or_will_be_deleted_is_not_restored() {
    let own = key(OURS, EAST, "own");
    let mut scene = Scene::new();
    scene.customer_key(&own, &[]);
    scene.database("orders", Some(&own));
    scene.snapshot("orders", "first");
    let arn = own.parse().unwrap();
    for (state, code) in [
        (KeyState::Disabled, "KMSKeyNotAccessibleFault"),
        (KeyState::PendingDeletion, "KMSKeyNotAccessibleFault"),
        (KeyState::Enabled, "ok"),
    ] {
        scene.world.set_key_state(&arn, state);
        assert_eq!(scene.code(restore("a")), code, "{state:?}");
    }
}

#[test]
fn the_account_attributes_count_groups() {
    let mut scene = Scene::new();
    let group =
        CreateParameterGroup { name: "tuned".into(), family: "postgres16".into(), ..Default::default() };
    let create = ParameterGroupRequest::Create(group);
    scene.ask(OURS, EAST, Request::ParameterGroup(Box::new(create))).unwrap();
    assert_eq!(quota(&mut scene, "DBParameterGroups"), (1, 50));
    assert_eq!(quota(&mut scene, "OptionGroups"), (0, 20));
    assert_eq!(quota(&mut scene, "DBSubnetGroups"), (0, 50));
}
