//! The versions, classes and licences with which AWS creates, restores, replicates and changes an instance.

use super::*;

fn create(engine: &str, version: Option<&str>, class: &str) -> CreateDbInstance {
    CreateDbInstance {
        engine: engine.into(),
        engine_version: version.map(str::to_owned),
        class: class.into(),
        ..instance("orders")
    }
}

fn restore(class: Option<&str>, options: InstanceOptions) -> Request {
    Request::RestoreDbInstanceFromDbSnapshot(RestoreDbInstance {
        name: "restored".into(),
        snapshot: "first".into(),
        class: class.map(str::to_owned),
        options,
        ..Default::default()
    })
}

fn replicate(class: &str) -> Request {
    Request::CreateDbInstanceReadReplica(CreateDbInstanceReadReplica {
        name: "replica".into(),
        source: "orders".into(),
        class: Some(class.into()),
        ..Default::default()
    })
}

fn change(class: Option<&str>, version: Option<&str>) -> Request {
    Request::ModifyDbInstance(ModifyDbInstance {
        name: "orders".into(),
        class: class.map(str::to_owned),
        engine_version: version.map(str::to_owned),
        ..Default::default()
    })
}

/// `orders` with backups, and a snapshot of it.
fn with_snapshot(ask: CreateDbInstance) -> Scene {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(1), ..ask.options.clone() };
    scene.ask(OURS, EAST, Request::CreateDbInstance(CreateDbInstance { options, ..ask })).unwrap();
    scene.pass(200);
    scene.snapshot("orders", "first");
    scene
}

fn said(scene: &mut Scene, request: Request) -> String {
    scene.ask(OURS, EAST, request).map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

fn version(scene: &mut Scene, request: Request) -> String {
    match scene.ask(OURS, EAST, request).unwrap() {
        Response::Instance(found) => found.shape.engine_version.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_action_that_names_a_class_refuses_one_that_does_not_exist() {
    let mut scene = with_snapshot(create("postgres", None, "db.m5.large"));
    let other = CreateDbInstance { name: "other".into(), ..create("postgres", None, "db.nope") };
    for request in [
        Request::CreateDbInstance(other),
        restore(Some("db.nope"), InstanceOptions::default()),
        replicate("db.nope"),
        change(Some("db.nope"), None),
    ] {
        let action = request.action();
        let expected = "InvalidParameterValue: Invalid DB Instance class: db.nope";
        assert_eq!(said(&mut scene, request), expected, "{action}");
    }
}

#[test]
fn every_action_that_names_a_class_refuses_one_that_is_not_offered_for_the_version() {
    let mut scene = with_snapshot(create("sqlserver-se", None, "db.m5.large"));
    let other = CreateDbInstance { name: "other".into(), ..create("sqlserver-se", None, "db.m6g.large") };
    for request in [
        Request::CreateDbInstance(other),
        restore(Some("db.m6g.large"), InstanceOptions::default()),
        replicate("db.m6g.large"),
        change(Some("db.m6g.large"), None),
    ] {
        let action = request.action();
        let expected = "InvalidParameterCombination: RDS does not support creating a DB instance with the following \
                        combination: DBInstanceClass=db.m6g.large, Engine=sqlserver-se, \
                        EngineVersion=15.00.4395.2.v1, LicenseModel=license-included. For supported combinations of \
                        instance class and database engine version, see the documentation.";
        assert_eq!(said(&mut scene, request), expected, "{action}");
    }
}

#[test]
fn a_class_that_a_region_does_not_offer_is_neither_listed_nor_ordered_there() {
    let mut scene = with_snapshot(create("postgres", None, "db.m6g.large"));
    let region = Region::new(EAST).unwrap();
    scene.configure(|settings| {
        settings.not_offered.insert(region, vec!["db.m6g.*".into()]);
    });
    let none = InstanceOptions::default;
    assert_eq!(scene.code(restore(None, none())), "InvalidParameterCombination");
    assert_eq!(scene.code(restore(Some("db.m6i.large"), none())), "ok");
    let other = CreateDbInstance { name: "other".into(), ..create("postgres", None, "db.m6g.large") };
    assert_eq!(scene.code_of(OURS, WEST, Request::CreateDbInstance(other)), "ok");
    let mut rows = |region: &str| {
        let class = Some("db.m6g.large".into());
        let ask = DescribeOrderable { engine: "postgres".into(), class, ..Default::default() };
        match scene.ask(OURS, region, Request::DescribeOrderable(Box::new(ask))).unwrap() {
            Response::Orderable(found) => found.items.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((rows(EAST) > 0, rows(WEST) > 0), (false, true));
}

#[test]
fn a_withdrawn_version_is_neither_created_nor_restored_nor_replicated_until_the_snapshot_is_upgraded() {
    let refused = "InvalidParameterCombination: Cannot find version 5.7.44 for mysql";
    let mut scene = Scene::new();
    let old = || create("mysql", Some("5.7.44"), "db.m5.large");
    assert_eq!(said(&mut scene, Request::CreateDbInstance(old())), refused);
    scene.set_version("mysql 5.7.44", VersionStatus::Available);
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    scene.ask(OURS, EAST, Request::CreateDbInstance(CreateDbInstance { options, ..old() })).unwrap();
    scene.pass(200);
    scene.snapshot("orders", "first");
    scene.set_version("mysql 5.7.44", VersionStatus::Deprecated);
    let none = InstanceOptions::default;
    assert_eq!(said(&mut scene, restore(None, none())), refused);
    assert_eq!(said(&mut scene, replicate("db.m5.large")), refused);
    let upgrade =
        ModifyDbSnapshot { id: "first".into(), engine_version: Some("8.0.39".into()), ..Default::default() };
    scene.ask(OURS, EAST, Request::ModifyDbSnapshot(upgrade)).unwrap();
    scene.pass(0);
    assert_eq!(version(&mut scene, restore(None, none())), "8.0.39");
}

#[test]
fn a_version_that_is_withdrawn_by_a_setting_is_listed_as_deprecated() {
    let mut scene = Scene::new();
    scene.set_version("postgres 16.4", VersionStatus::Deprecated);
    let ask = DescribeDbEngineVersions {
        engine: Some("postgres".into()),
        engine_version: Some("16.4".into()),
        include_all: true,
        ..Default::default()
    };
    let mut status = |ask: DescribeDbEngineVersions| {
        let answer = scene.ask(OURS, EAST, Request::DescribeDbEngineVersions(Box::new(ask)));
        let Ok(Response::EngineVersions(found)) = answer else { panic!() };
        found.items.iter().map(EngineVersion::status).collect::<Vec<_>>()
    };
    assert_eq!(status(ask.clone()), ["deprecated"]);
    assert_eq!(status(DescribeDbEngineVersions { include_all: false, ..ask }), [""; 0]);
}

#[test]
fn a_new_instance_has_the_default_version_of_its_engine_or_of_the_requested_major_version() {
    for (engine, asked, expected) in [
        ("postgres", None, "16.4"),
        ("postgres", Some("16"), "16.4"),
        ("postgres", Some("17"), "17.4"),
        ("mysql", Some("8.0"), "8.0.39"),
        ("mysql", Some("8.0.40"), "8.0.40"),
        ("db2-se", None, "11.5.9.0.sb00027487.r1"),
    ] {
        let request = Request::CreateDbInstance(create(engine, asked, "db.m5.large"));
        assert_eq!(version(&mut Scene::new(), request), expected, "{engine} {asked:?}");
    }
    for (engine, asked) in [("postgres", "16.99"), ("postgres", "11"), ("mysql", "5.6")] {
        let request = Request::CreateDbInstance(create(engine, Some(asked), "db.m5.large"));
        let expected = format!("InvalidParameterCombination: Cannot find version {asked} for {engine}");
        assert_eq!(said(&mut Scene::new(), request), expected);
    }
}

#[test]
fn an_instance_is_upgraded_only_to_a_listed_target_that_aws_offers() {
    let mut scene = with_snapshot(create("postgres", Some("14.17"), "db.m5.large"));
    for (to, expected) in [
        ("13.20", "InvalidParameterCombination: Cannot upgrade postgres from 14.17 to 13.20"),
        ("15.1", "InvalidParameterCombination: Cannot upgrade postgres from 14.17 to 15.1"),
        ("14.17", "ok"),
        ("17.4", "ok"),
    ] {
        assert_eq!(said(&mut scene, change(None, Some(to))), expected, "{to}");
        scene.pass(0);
    }
    let mut scene = with_snapshot(create("postgres", Some("14.17"), "db.m5.large"));
    scene.set_version("postgres 17.4", VersionStatus::Deprecated);
    let refused = said(&mut scene, change(None, Some("17.4")));
    assert_eq!(refused, "InvalidParameterCombination: Cannot find version 17.4 for postgres");
}

#[test]
fn a_licence_is_one_of_its_engines_and_a_restored_instance_keeps_it() {
    let with =
        |licence: &str| InstanceOptions { license_model: Some(licence.into()), ..InstanceOptions::default() };
    let ask = |engine: &str, licence: &str| {
        let ask = CreateDbInstance { options: with(licence), ..create(engine, None, "db.m5.large") };
        Request::CreateDbInstance(ask)
    };
    for (engine, licence, expected) in [
        ("oracle-se2", "license-included", "ok"),
        ("oracle-se2", "bring-your-own-license", "ok"),
        ("oracle-ee", "license-included", "InvalidParameterCombination"),
        ("postgres", "license-included", "InvalidParameterCombination"),
        ("sqlserver-ee", "bring-your-own-license", "InvalidParameterCombination"),
    ] {
        assert_eq!(Scene::new().code(ask(engine, licence)), expected, "{engine} {licence}");
    }
    let included =
        CreateDbInstance { options: with("license-included"), ..create("oracle-se2", None, "db.m5.large") };
    let mut scene = with_snapshot(included);
    let refused = restore(None, with("general-public-license"));
    assert_eq!(scene.code(refused), "InvalidParameterCombination");
    let Ok(Response::Instance(restored)) = scene.ask(OURS, EAST, restore(None, InstanceOptions::default()))
    else {
        panic!()
    };
    assert_eq!(restored.options.license_model.as_deref(), Some("license-included"));
}
