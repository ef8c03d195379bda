//! Storage, ports and mirroring of new, restored and changed instances.

use super::*;

/// A type with its IOPS and throughput.
fn storage(kind: &str, iops: Option<u32>, throughput: Option<u32>) -> InstanceOptions {
    InstanceOptions {
        storage_type: Some(kind.into()),
        iops,
        storage_throughput: throughput,
        ..InstanceOptions::default()
    }
}

fn create(engine: &str, size: u32, options: InstanceOptions) -> CreateDbInstance {
    CreateDbInstance {
        engine: engine.into(),
        class: "db.m5.large".into(),
        allocated_storage: Some(size),
        options,
        ..instance("orders")
    }
}

fn refusal(engine: &str, size: u32, options: InstanceOptions) -> String {
    said(&mut Scene::new(), Request::CreateDbInstance(create(engine, size, options)))
}

fn said(scene: &mut Scene, request: Request) -> String {
    scene.ask(OURS, EAST, request).map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

fn with_snapshot(ask: CreateDbInstance) -> Scene {
    let mut scene = Scene::new();
    scene.ask(OURS, EAST, Request::CreateDbInstance(ask)).unwrap();
    scene.pass(200);
    scene.snapshot("orders", "first");
    scene
}

fn restore(size: Option<u32>, options: InstanceOptions) -> Request {
    Request::RestoreDbInstanceFromDbSnapshot(RestoreDbInstance {
        name: "restored".into(),
        snapshot: "first".into(),
        allocated_storage: size,
        options,
        ..Default::default()
    })
}

fn change(size: Option<u32>, options: InstanceOptions) -> Request {
    Request::ModifyDbInstance(ModifyDbInstance {
        name: "orders".into(),
        allocated_storage: size,
        options,
        ..Default::default()
    })
}

fn accepted(scene: &mut Scene, request: Request) -> Arc<InstanceRecord> {
    match scene.ask(OURS, EAST, request).unwrap() {
        Response::Instance(found) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn iops_and_throughput_of_gp3_can_be_chosen_only_from_a_size_on() {
    for (engine, size, iops, throughput, expected) in [
        ("postgres", 399, Some(3_000), None, "size less than 400."),
        ("mysql", 20, None, Some(125), "size less than 400."),
        ("oracle-se2", 199, Some(12_000), None, "size less than 200."),
        ("oracle-se2", 200, Some(12_000), Some(500), ""),
        ("postgres", 400, Some(12_000), Some(500), ""),
        ("postgres", 400, Some(64_000), Some(4_000), ""),
        ("postgres", 400, Some(11_999), None, "storage type gp3: 11999"),
        ("postgres", 400, Some(64_001), None, "storage type gp3: 64001"),
        ("postgres", 400, None, Some(499), "storage type gp3: 499"),
        ("sqlserver-se", 20, Some(3_000), Some(125), ""),
        ("sqlserver-se", 20, Some(2_999), None, "storage type gp3: 2999"),
        ("sqlserver-se", 20, None, Some(2_001), "storage type gp3: 2001"),
        ("postgres", 20, None, None, ""),
    ] {
        let said = refusal(engine, size, storage("gp3", iops, throughput));
        let is_expected = if expected.is_empty() { said == "ok" } else { said.ends_with(expected) };
        assert!(is_expected, "{engine} {size} {iops:?} {throughput:?}: {said}");
    }
    let text = "InvalidParameterCombination: You can't specify IOPS or storage throughput for engine postgres and a storage \
                size less than 400.";
    assert_eq!(refusal("postgres", 20, storage("gp3", Some(3_000), None)), text);
}

#[test]
fn provisioned_iops_are_required_and_have_a_ratio_to_the_size() {
    for (engine, kind, size, iops, expected) in [
        ("postgres", "io1", 100, None, "The storage type io1 requires iops to be specified."),
        ("postgres", "io2", 100, None, "The storage type io2 requires iops to be specified."),
        ("postgres", "io1", 100, Some(999), "storage type io1: 999"),
        ("postgres", "io1", 100, Some(5_000), ""),
        ("postgres", "io1", 100, Some(5_001), "storage type io1: 50.0100"),
        ("postgres", "io1", 3_333, Some(1_000), "storage type io1: 0.3000"),
        ("postgres", "io1", 2_000, Some(1_000), ""),
        ("sqlserver-se", "io1", 2_000, Some(1_000), "storage type io1: 0.5000"),
        ("sqlserver-se", "io1", 1_000, Some(1_000), ""),
        ("postgres", "io2", 100, Some(100_000), ""),
        ("postgres", "io2", 100, Some(100_001), "storage type io2: 1000.0100"),
    ] {
        let said = refusal(engine, size, storage(kind, iops, None));
        let is_expected = if expected.is_empty() { said == "ok" } else { said.ends_with(expected) };
        assert!(is_expected, "{engine} {kind} {size} {iops:?}: {said}");
    }
}

#[test]
fn magnetic_storage_is_refused_from_july_2026_on_also_for_restores() {
    let begin = DateTime::from_timestamp(1_782_863_999, 0).unwrap();
    let settings = Scene::new().world.settings().clone();
    let mut scene = Scene { world: World::new(settings, begin), now: begin };
    let magnetic = create("postgres", 20, storage("standard", None, None));
    scene.ask(OURS, EAST, Request::CreateDbInstance(magnetic.clone())).unwrap();
    scene.pass(0);
    scene.snapshot("orders", "first");
    let other = CreateDbInstance { name: "other".into(), ..magnetic };
    assert_eq!(scene.code(Request::CreateDbInstance(other)), "StorageTypeNotSupported");
    let none = InstanceOptions::default;
    assert_eq!(scene.code(restore(None, none())), "StorageTypeNotSupported");
    assert_eq!(scene.code(restore(None, storage("gp3", None, None))), "ok");
    assert_eq!(scene.code(change(None, InstanceOptions { multi_az: Some(true), ..none() })), "ok");
}

#[test]
fn a_restored_instance_is_never_smaller_and_larger_by_a_tenth_at_least() {
    let mut scene = with_snapshot(create("postgres", 100, InstanceOptions::default()));
    let none = InstanceOptions::default;
    for (size, code) in [
        (99, "InvalidParameterCombination"),
        (101, "InvalidParameterCombination"),
        (109, "InvalidParameterCombination"),
        (65_537, "InvalidParameterCombination"),
        (110, "ok"),
    ] {
        assert_eq!(scene.code(restore(Some(size), none())), code, "{size}");
    }
    let mut scene = with_snapshot(create("postgres", 100, none()));
    assert_eq!(accepted(&mut scene, restore(None, none())).shape.allocated_storage, 100);
    let mut scene = with_snapshot(create("sqlserver-se", 100, none()));
    assert_eq!(scene.code(restore(Some(200), none())), "InvalidParameterCombination");
    assert_eq!(scene.code(restore(None, none())), "ok");
}

#[test]
fn a_restored_instance_keeps_its_iops_unless_it_has_another_type_of_storage() {
    let provisioned = || create("postgres", 400, storage("io1", Some(12_000), None));
    let mut scene = with_snapshot(provisioned());
    let kept = accepted(&mut scene, restore(None, InstanceOptions::default()));
    assert_eq!((kept.options.storage_type.as_deref(), kept.options.iops), (Some("io1"), Some(12_000)));
    let mut scene = with_snapshot(provisioned());
    let other = accepted(&mut scene, restore(None, storage("gp3", None, None)));
    assert_eq!(other.options.iops, None);
    let mut scene = with_snapshot(create("postgres", 100, InstanceOptions::default()));
    assert_eq!(scene.code(restore(None, storage("io1", None, None))), "InvalidParameterCombination");
    assert_eq!(scene.code(restore(None, storage("gp3", Some(3_000), None))), "InvalidParameterCombination");
    assert_eq!(scene.code(restore(None, storage("io1", Some(3_000), None))), "ok");
}

#[test]
fn a_change_rounds_the_size_up_to_a_tenth_more_and_names_size_and_iops_together() {
    let none = InstanceOptions::default;
    let mut scene = with_snapshot(create("postgres", 100, none()));
    for (asked, size) in [(100, 100), (101, 110), (110, 110), (200, 200)] {
        assert_eq!(
            accepted(&mut scene, change(Some(asked), none())).shape.allocated_storage,
            size,
            "{asked}"
        );
        scene.pass(0);
    }
    assert_eq!(scene.code(change(Some(199), none())), "InvalidParameterCombination");
    let mut scene = with_snapshot(create("postgres", 400, storage("io1", Some(12_000), None)));
    let iops = |iops: u32| InstanceOptions { iops: Some(iops), ..none() };
    let together = "InvalidParameterCombination: You must specify both the storage size and iops when modifying the storage \
                    size or iops on a DB instance that has iops.";
    assert_eq!(said(&mut scene, change(Some(500), none())), together);
    assert_eq!(said(&mut scene, change(None, iops(13_000))), together);
    assert_eq!(said(&mut scene, change(Some(500), iops(13_000))), "ok");
    scene.pass(0);
    assert_eq!(said(&mut scene, change(None, storage("gp3", None, None))), "ok");
}

#[test]
fn a_port_is_1150_to_65535_and_none_that_sql_server_needs_itself() {
    let port = |port: u16| InstanceOptions { port: Some(port), ..InstanceOptions::default() };
    for (engine, number, is_valid) in [
        ("postgres", 1149, false),
        ("postgres", 1150, true),
        ("postgres", 65_535, true),
        ("postgres", 3389, true),
        ("sqlserver-se", 1433, true),
        ("sqlserver-se", 1434, false),
        ("sqlserver-se", 3389, false),
        ("sqlserver-se", 49_151, true),
        ("sqlserver-se", 49_152, false),
        ("sqlserver-se", 49_156, false),
        ("sqlserver-se", 49_157, true),
    ] {
        let expected = if is_valid { "ok" } else { "InvalidParameterValue" };
        let mut scene = Scene::new();
        let ask = create(engine, 20, port(number));
        assert_eq!(scene.code(Request::CreateDbInstance(ask)), expected, "{engine} {number}");
        let mut scene = with_snapshot(create(engine, 20, InstanceOptions::default()));
        assert_eq!(scene.code(restore(None, port(number))), expected, "{engine} {number}");
        assert_eq!(scene.code(change(None, port(number))), expected, "{engine} {number}");
    }
}

#[test]
fn sql_server_is_multi_az_only_with_backups_and_never_from_a_restore() {
    let options = |multi_az: bool, days: Option<u32>| InstanceOptions {
        multi_az: Some(multi_az),
        backup_retention_days: days,
        ..InstanceOptions::default()
    };
    let mirroring =
        "InvalidParameterValue: Mirroring cannot be applied to instances with backup retention set to zero";
    assert_eq!(refusal("sqlserver-se", 20, options(true, Some(0))), mirroring);
    assert_eq!(refusal("sqlserver-se", 20, options(true, Some(1))), "ok");
    assert_eq!(refusal("postgres", 20, options(true, Some(0))), "ok");
    let mut scene = with_snapshot(create("sqlserver-ee", 20, options(true, Some(7))));
    assert_eq!(said(&mut scene, restore(None, options(true, None))), mirroring);
    assert_eq!(said(&mut scene, restore(None, options(true, Some(7)))), mirroring);
    assert_eq!(accepted(&mut scene, restore(None, options(false, Some(0)))).options.multi_az, Some(false));
    scene.pass(0);
    let turn_on = |days: Option<u32>| {
        let name = "restored".into();
        Request::ModifyDbInstance(ModifyDbInstance {
            name,
            options: options(true, days),
            ..Default::default()
        })
    };
    assert_eq!(said(&mut scene, turn_on(None)), mirroring);
    assert_eq!(said(&mut scene, turn_on(Some(7))), "ok");
    for engine in ["sqlserver-ex", "sqlserver-web"] {
        let text = format!("InvalidParameterCombination: Multi-AZ is not supported for engine {engine}.");
        assert_eq!(refusal(engine, 20, options(true, Some(7))), text);
        let mut scene = with_snapshot(create(engine, 20, options(false, Some(7))));
        assert_eq!(said(&mut scene, restore(None, options(true, None))), text);
        assert_eq!(said(&mut scene, change(None, options(true, None))), text);
    }
}
