//! Lists of groups, engine versions and orderable options: pages, filters, unknown names.

use super::*;

fn subnets(request: SubnetGroupRequest) -> Request {
    Request::SubnetGroup(Box::new(request))
}

fn parameters(request: ParameterGroupRequest) -> Request {
    Request::ParameterGroup(Box::new(request))
}

/// A group of the n-th subnets of the default VPC.
fn new_subnets(scene: &mut Scene, name: &str, numbers: &[usize]) -> Request {
    let vpcs = Request::Ec2(Box::new(Ec2Request::DescribeSubnets(DescribeEc2::default())));
    let Ok(Response::Ec2(answer)) = scene.ask(OURS, EAST, vpcs) else { panic!() };
    let Ec2Response::Subnets(mut found) = *answer else { panic!() };
    found.items.sort_by(|one, other| one.zone.cmp(&other.zone));
    let subnets = numbers.iter().map(|number| found.items[*number].id.clone()).collect();
    let ask = CreateSubnetGroup { name: name.into(), subnets, ..Default::default() };
    self::subnets(SubnetGroupRequest::Create(ask))
}

fn new_parameters(name: &str, family: &str) -> Request {
    let ask = CreateParameterGroup { name: name.into(), family: family.into(), ..Default::default() };
    parameters(ParameterGroupRequest::Create(ask))
}

fn versions(scene: &mut Scene, ask: DescribeDbEngineVersions) -> Vec<&'static str> {
    match scene.ask(OURS, EAST, Request::DescribeDbEngineVersions(Box::new(ask))).unwrap() {
        Response::EngineVersions(found) => found.items.iter().map(|one| one.version).collect(),
        other => panic!("{other:?}"),
    }
}

fn orderable(ask: DescribeOrderable) -> Request {
    Request::DescribeOrderable(Box::new(ask))
}

fn of_engine(engine: &str) -> DescribeDbEngineVersions {
    DescribeDbEngineVersions { engine: Some(engine.into()), ..Default::default() }
}

#[test]
fn a_subnet_group_needs_two_zones_and_is_found_by_name() {
    let mut scene = Scene::new();
    for (name, given, code) in [
        ("Private", &[0, 1][..], "ok"),
        ("private", &[0, 1], "DBSubnetGroupAlreadyExists"),
        ("default", &[0, 1], "DBSubnetGroupAlreadyExists"),
        ("narrow", &[0], "DBSubnetGroupDoesNotCoverEnoughAZs"),
        ("twice", &[0, 0], "InvalidParameterValue"),
    ] {
        let request = new_subnets(&mut scene, name, given);
        assert_eq!(scene.code(request), code, "{name}");
    }
    let describe =
        |name: Option<&str>| subnets(SubnetGroupRequest::Describe(name.map(str::to_owned), Page::default()));
    assert_eq!(scene.code(describe(Some("nothing"))), "DBSubnetGroupNotFoundFault");
    let Ok(Response::SubnetGroup(OneOrPage::Page(found))) = scene.ask(OURS, EAST, describe(None)) else {
        panic!()
    };
    let names: Vec<&str> = found.items.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["default", "private"]);
    let zones: Vec<&str> = found.items[1].subnets.iter().map(|(_, zone)| zone.as_str()).collect();
    assert_eq!(zones, ["us-east-1a", "us-east-1b"]);
}

#[test]
fn a_subnet_group_in_use_and_the_default_one_stay() {
    let mut scene = Scene::new();
    let create = new_subnets(&mut scene, "private", &[0, 1]);
    scene.ask(OURS, EAST, create).unwrap();
    let options = InstanceOptions { subnet_group: Some("private".into()), ..Default::default() };
    let create = CreateDbInstance { options, ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    let remove = |name: &str| subnets(SubnetGroupRequest::Delete(name.into()));
    assert_eq!(scene.code(remove("private")), "InvalidDBSubnetGroupStateFault");
    assert_eq!(scene.code(remove("default")), "InvalidDBSubnetGroupStateFault");
    assert_eq!(scene.code(remove("nothing")), "DBSubnetGroupNotFoundFault");
}

#[test]
fn parameter_groups_have_a_known_family_and_come_in_pages_with_the_default_ones() {
    let mut scene = Scene::new();
    for (name, family, code) in [
        ("tuned", "postgres16", "ok"),
        ("Tuned", "postgres16", "DBParameterGroupAlreadyExists"),
        ("default.postgres16", "postgres16", "InvalidParameterValue"),
        ("other", "postgres99", "InvalidParameterValue"),
    ] {
        assert_eq!(scene.code(new_parameters(name, family)), code, "{name} {family}");
    }
    for number in 0..30 {
        scene.ask(OURS, EAST, new_parameters(&format!("zz-{number:02}"), "mysql8.0")).unwrap();
    }
    let (mut names, mut page) = (Vec::new(), Page { max_records: Some(20), marker: None });
    loop {
        let ask = parameters(ParameterGroupRequest::Describe(None, page.clone()));
        let Ok(Response::ParameterGroup(OneOrPage::Page(found))) = scene.ask(OURS, EAST, ask) else {
            panic!()
        };
        names.extend(found.items.iter().map(|group| group.name.clone()));
        match found.marker {
            None => break,
            marker => page.marker = marker,
        }
    }
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    for name in ["default.postgres16", "default.sqlserver-se-15.0", "tuned", "zz-29"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
    let unknown = parameters(ParameterGroupRequest::Describe(Some("nothing".into()), Page::default()));
    assert_eq!(scene.code(unknown), "DBParameterGroupNotFound");
    for (name, code) in [
        ("tuned", "ok"),
        ("tuned", "DBParameterGroupNotFound"),
        ("default.postgres16", "InvalidDBParameterGroupState"),
    ] {
        assert_eq!(scene.code(parameters(ParameterGroupRequest::Delete(name.into()))), code, "{name}");
    }
}

#[test]
fn deprecated_versions_are_listed_only_on_request() {
    let mut scene = Scene::new();
    assert_eq!(versions(&mut scene, of_engine("mysql")), ["8.0.39", "8.0.40", "8.4.3"]);
    let all = DescribeDbEngineVersions { include_all: true, ..of_engine("mysql") };
    assert_eq!(versions(&mut scene, all), ["5.6.51", "5.7.44", "8.0.39", "8.0.40", "8.4.3"]);
    let default = DescribeDbEngineVersions { default_only: true, ..of_engine("mysql") };
    assert_eq!(versions(&mut scene, default), ["8.0.39"]);
    let major = DescribeDbEngineVersions { engine_version: Some("8.0".into()), ..of_engine("mysql") };
    assert_eq!(versions(&mut scene, major), ["8.0.39", "8.0.40"]);
    let family = DescribeDbEngineVersions { family: Some("postgres16".into()), ..Default::default() };
    assert_eq!(versions(&mut scene, family), ["16.4", "16.8"]);
    let status = Filter { name: "status".into(), values: vec!["deprecated".into()] };
    let deprecated = DescribeDbEngineVersions { filters: vec![status], ..of_engine("postgres") };
    assert_eq!(versions(&mut scene, deprecated), ["11.22", "12.22", "13.7"]);
    let unknown = DescribeDbEngineVersions { engine_version: Some("1.2.3".into()), ..of_engine("mysql") };
    assert_eq!(versions(&mut scene, unknown), [""; 0]);
    let papyrus = Request::DescribeDbEngineVersions(Box::new(of_engine("papyrus")));
    assert_eq!(scene.code(papyrus), "InvalidParameterValue");
}

#[test]
fn engine_versions_come_in_pages() {
    let mut scene = Scene::new();
    let all = DescribeDbEngineVersions { include_all: true, ..Default::default() };
    let whole = versions(&mut scene, all.clone());
    let (mut found, mut marker) = (Vec::new(), None);
    loop {
        let ask = DescribeDbEngineVersions { page: Page { max_records: Some(20), marker }, ..all.clone() };
        let answer = scene.ask(OURS, EAST, Request::DescribeDbEngineVersions(Box::new(ask)));
        let Ok(Response::EngineVersions(page)) = answer else { panic!() };
        assert!(page.items.len() <= 20);
        found.extend(page.items.iter().map(|one| one.version));
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(found, whole);
    let wrong = Page { max_records: None, marker: Some("nowhere".into()) };
    let ask = DescribeDbEngineVersions { page: wrong, ..all };
    assert_eq!(scene.code(Request::DescribeDbEngineVersions(Box::new(ask))), "InvalidParameterValue");
}

#[test]
fn classes_are_orderable_for_available_versions_only() {
    let mut scene = Scene::new();
    let of = |engine: &str, version: Option<&str>| DescribeOrderable {
        engine: engine.into(),
        engine_version: version.map(str::to_owned),
        ..Default::default()
    };
    for (ask, code) in [
        (of("papyrus", None), "InvalidParameterValue"),
        (of("postgres", Some("13.7")), "InvalidParameterCombination"),
        (of("postgres", Some("99")), "InvalidParameterCombination"),
        (
            DescribeOrderable { page: Page { max_records: Some(1000), marker: None }, ..of("mysql", None) },
            "ok",
        ),
        (
            DescribeOrderable { page: Page { max_records: Some(1001), marker: None }, ..of("mysql", None) },
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(scene.code(orderable(ask.clone())), code, "{ask:?}");
    }
    let refused = scene.ask(OURS, EAST, orderable(of("postgres", Some("13.7")))).unwrap_err();
    assert_eq!(refused.message, "Cannot find version 13.7 for postgres");
}

#[test]
fn a_row_names_class_licence_storage_and_the_zones_of_the_region() {
    let mut scene = Scene::new();
    let mut rows = |engine: &str, class: &str, licence: Option<&str>| {
        let ask = DescribeOrderable {
            engine: engine.into(),
            class: Some(class.into()),
            licence: licence.map(str::to_owned),
            ..Default::default()
        };
        match scene.ask(OURS, WEST, orderable(ask)).unwrap() {
            Response::Orderable(found) => found.items,
            other => panic!("{other:?}"),
        }
    };
    let found = rows("postgres", "db.t4g.medium", None);
    assert!(found.iter().all(|row| row.class == "db.t4g.medium" && row.licence == "postgresql-license"));
    assert_eq!(found[0].zones, ["us-west-2a", "us-west-2b", "us-west-2c"]);
    let storage: BTreeSet<&str> = found.iter().map(|row| row.storage_type).collect();
    assert_eq!(storage, ["gp2", "gp3", "io1", "io2"].into());
    assert_eq!(rows("sqlserver-se", "db.t4g.medium", None), []);
    assert_eq!(rows("postgres", "db.nothing", None), []);
    assert!(!rows("oracle-se2", "db.m5.large", Some("license-included")).is_empty());
    assert_eq!(rows("oracle-ee", "db.m5.large", Some("license-included")), []);
}

#[test]
fn an_instance_has_only_existing_groups_that_fit_its_version() {
    let mut scene = Scene::new();
    scene.ask(OURS, EAST, new_parameters("tuned", "mysql8.0")).unwrap();
    let with = |subnet_group: Option<&str>, parameter_group: Option<&str>| InstanceOptions {
        subnet_group: subnet_group.map(str::to_owned),
        parameter_group: parameter_group.map(str::to_owned),
        ..Default::default()
    };
    for (options, code) in [
        (with(Some("nothing"), None), "DBSubnetGroupNotFoundFault"),
        (with(None, Some("nothing")), "DBParameterGroupNotFound"),
        (with(None, Some("tuned")), "InvalidParameterCombination"),
        (with(Some("default"), Some("default.postgres16")), "ok"),
    ] {
        let create = CreateDbInstance { options: options.clone(), ..instance("orders") };
        assert_eq!(scene.code(Request::CreateDbInstance(create)), code, "{options:?}");
    }
    scene.pass(0);
    let change =
        ModifyDbInstance { name: "orders".into(), options: with(None, Some("tuned")), ..Default::default() };
    let refused = scene.ask(OURS, EAST, Request::ModifyDbInstance(change)).unwrap_err();
    assert_eq!(
        refused.message,
        "The parameter group tuned with DBParameterGroupFamily mysql8.0 can't be used for this instance. Use a parameter \
         group with DBParameterGroupFamily postgres16."
    );
}
