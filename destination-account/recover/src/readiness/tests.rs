use pilot_light_domain::recovery::{
    EngineVersion, Key, Lookup, OptionGroup, Orderable, ParameterGroup, Quota, Quotas, SecurityGroup,
    SubnetGroup,
};
use pilot_light_domain::testing::at;
use proptest::prelude::*;

use super::*;
use crate::facts::Need;
use crate::kinds::Kind;
use crate::kinds::create_replica::CreateRDSReadReplica;
use crate::kinds::drill::RestoreDrill;
use crate::kinds::refresh::RefreshFromSnapshot;
use crate::kinds::restore_from_snapshot::RestoreFromSnapshot;
use crate::testing::{EAST, HERE, WEST, facts_of, instance, our_copy, read, region, setting, with};

const KEY_ARN: &str = "arn:aws:kms:us-west-2:222222222222:key/k1";
/// A manifest without any finding.
const GOOD: &[(&str, &str)] = &[
    ("DBInstanceIdentifier", "orders"),
    ("DBInstanceClass", "db.r6g.large"),
    ("DBSubnetGroupName", "private"),
    ("VpcSecurityGroupIds", "sg-1"),
    ("DBParameterGroupName", "pg16"),
    ("OptionGroupName", "og16"),
    ("MultiAZ", "true"),
    ("StorageType", "gp3"),
    ("Port", "5432"),
];

/// A copy of 100 GiB with version 16.4, and every list that [`GOOD`] needs.
fn facts() -> Facts {
    let mut copy = our_copy("orders-1", "orders", "2026-01-01T23:00:00Z");
    copy.engine_version = Some("16.4".into());
    copy.license_model = Some("postgresql-license".into());
    copy.storage_type = Some("gp3".into());
    copy.allocated_gib = Some(100);
    copy.kms_key = Some(KEY_ARN.into());
    let mut facts = facts_of([copy]);
    let lists = [
        (Lookup::SubnetGroups, Found::SubnetGroups(subnet_groups())),
        (Lookup::SecurityGroups(vec!["sg-1".to_owned()]), security_groups()),
        (Lookup::ParameterGroups, Found::ParameterGroups(parameter_groups())),
        (Lookup::OptionGroups, Found::OptionGroups(option_groups())),
        (version("16.4"), listed("postgres16", "available")),
        (offer("16.4", Some("db.r6g.large")), Found::Orderable(rows("db.r6g.large"))),
        (offer("16.4", None), Found::Orderable([rows("db.r6g.large"), rows("db.r6i.large")].concat())),
        (Lookup::Quotas, quotas(1, 40)),
        (Lookup::Key(KEY_ARN.to_owned()), key("Enabled", HERE)),
    ];
    for (lookup, found) in lists {
        set(&mut facts, lookup, found);
    }
    facts
}

fn set(facts: &mut Facts, lookup: Lookup, found: Found) {
    facts.lookups.insert(Need::Lookup(region(HERE), lookup), found);
}

fn subnet_groups() -> Vec<SubnetGroup> {
    let group = |name: &str, vpc: &str, zones: &[&str], status: &str| SubnetGroup {
        name: name.to_owned(),
        vpc: Some(vpc.to_owned()),
        zones: zones.iter().map(ToString::to_string).collect(),
        status: status.to_owned(),
    };
    vec![
        group("private", "vpc-1", &["us-west-2a", "us-west-2b"], "Complete"),
        group("narrow", "vpc-1", &["us-west-2a"], "Complete"),
        group("remote", "vpc-1", &["us-west-2d", "us-west-2e"], "Complete"),
        group("empty", "vpc-1", &[], "Complete"),
        group("half", "vpc-1", &["us-west-2a"], "Incomplete"),
        group("other", "vpc-2", &["us-west-2a", "us-west-2b"], "Complete"),
    ]
}

fn security_groups() -> Found {
    Found::SecurityGroups(vec![SecurityGroup { id: "sg-1".to_owned(), vpc: "vpc-1".to_owned() }])
}

fn parameter_groups() -> Vec<ParameterGroup> {
    let group =
        |name: &str, family: &str| ParameterGroup { name: name.to_owned(), family: family.to_owned() };
    vec![group("pg16", "postgres16"), group("pg13", "postgres13")]
}

fn option_groups() -> Vec<OptionGroup> {
    let group = |name: &str, engine: &str, major: &str, vpc: Option<&str>| OptionGroup {
        name: name.to_owned(),
        engine: engine.to_owned(),
        major: major.to_owned(),
        vpc: vpc.map(str::to_owned),
    };
    vec![
        group("og16", "postgres", "16", None),
        group("og13", "postgres", "13", None),
        group("ogmysql", "mysql", "8.0", None),
        group("ogbound", "postgres", "16", Some("vpc-9")),
    ]
}

fn version(version: &str) -> Lookup {
    Lookup::EngineVersion { engine: "postgres".to_owned(), version: version.to_owned() }
}

fn listed(family: &str, status: &str) -> Found {
    Found::EngineVersion(Some(EngineVersion {
        family: Some(family.to_owned()),
        status: Some(status.to_owned()),
    }))
}

fn offer(version: &str, class: Option<&str>) -> Lookup {
    let (engine, version) = ("postgres".to_owned(), Some(version.to_owned()));
    Lookup::Orderable { engine, version, class: class.map(str::to_owned) }
}

fn rows(class: &str) -> Vec<Orderable> {
    let row = |kind: &str, least| Orderable {
        class: class.to_owned(),
        license: "postgresql-license".to_owned(),
        storage_type: kind.to_owned(),
        multi_az: true,
        zones: ["us-west-2a", "us-west-2b"].map(str::to_owned).into(),
        gib: (Some(least), Some(65_536)),
        iops: (None, None),
    };
    vec![row("gp2", 20), row("gp3", 20), row("io1", 200), row("io2", 100)]
}

fn quotas(used: u64, max: u64) -> Found {
    let storage_gib = Some(Quota { used: 0, max: 100_000 });
    Found::Quotas(Quotas { instances: Some(Quota { used, max }), storage_gib })
}

fn key(state: &str, of: &str) -> Found {
    Found::Key(Some(Key { arn: KEY_ARN.to_owned(), state: state.to_owned(), region: region(of) }))
}

/// The findings about one resource with these parameters, each as `LEVEL PARAMETER: …`.
fn found<K: Kind>(facts: &Facts, pairs: &[(&str, &str)]) -> Vec<String> {
    let setting = setting(HERE, "run-1");
    let kind: K = read(&setting, pairs);
    let given: Vec<String> = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
    let demands = kind.demands(facts, &setting);
    let placed = demands.into_iter().map(|demand| placed(1, &given, demand)).collect::<Vec<_>>();
    written_out(&readiness(&placed, facts))
}

fn placed<'a>(layer: u32, given: &'a [String], demand: Demand) -> Placed<'a> {
    Placed { place: "layer 1, resource 'orders'", resource: "orders", layer, given, demand }
}

fn written_out(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        format!("{:?} {}: {}", finding.level, finding.parameter.as_deref().unwrap_or("-"), finding.what)
    };
    findings.iter().map(line).collect()
}

fn restore(other: &[(&str, &str)]) -> Vec<String> {
    found::<RestoreFromSnapshot>(&facts(), &with(GOOD, other))
}

fn without(name: &str) -> Vec<String> {
    let pairs: Vec<_> = GOOD.iter().copied().filter(|(given, _)| *given != name).collect();
    found::<RestoreFromSnapshot>(&facts(), &pairs)
}

#[track_caller]
fn one(findings: &[String], expected: &str) {
    assert!(findings.len() == 1 && findings[0].contains(expected), "{expected}\n{findings:#?}");
}

#[test]
fn a_manifest_that_fits_everything_has_no_findings() {
    assert_eq!(restore(&[]), Vec::<String>::new());
}

#[test]
fn each_wrong_parameter_is_found_with_its_name_and_what_is_allowed() {
    for (name, value, expected) in [
        (
            "DBSubnetGroupName",
            "nope",
            "is nope; us-west-2 has no such DB subnet group; it has private, narrow",
        ),
        ("DBSubnetGroupName", "empty", "is empty, which is 'Complete' with subnets in 0 zones"),
        ("DBSubnetGroupName", "half", "is half, which is 'Incomplete'"),
        (
            "DBInstanceClass",
            "db.nope",
            "is db.nope, which AWS does not offer for postgres 16.4 in us-west-2; it offers db.r6",
        ),
        (
            "DBParameterGroupName",
            "nope",
            "has no such DB parameter group; it has of the family postgres16: pg16",
        ),
        (
            "DBParameterGroupName",
            "pg13",
            "is pg13 of the family postgres13; give a group of the family postgres16",
        ),
        ("DBParameterGroupName", "default.mysql8.0", "is default.mysql8.0 of the family mysql8.0"),
        ("OptionGroupName", "nope", "is nope; us-west-2 has no such option group; it has og16"),
        ("OptionGroupName", "og13", "is og13 for postgres 13; give a group for postgres 16.4"),
        ("OptionGroupName", "ogmysql", "is ogmysql for mysql 8.0"),
        (
            "OptionGroupName",
            "ogbound",
            "is ogbound, which is bound to vpc-9; the DB subnet group 'private' is in vpc-1",
        ),
        ("StorageType", "floppy", "is floppy; AWS offers gp2, gp3, io1, io2 for db.r6g.large"),
        ("StorageType", "io1", "is io1, which has 200 to 65536 GiB; the data has 100 GiB"),
        (
            "Iops",
            "12000",
            "is 12000, but the data has 100 GiB; with gp3, AWS allows Iops from 400 GiB; leave it out",
        ),
        ("Port", "80", "is 80; AWS allows 1150 to 65535"),
    ] {
        let mut facts = facts();
        set(&mut facts, offer("16.4", Some("db.nope")), Found::Orderable(vec![]));
        let findings = found::<RestoreFromSnapshot>(&facts, &with(GOOD, &[(name, value)]));
        one(&findings, &format!("Blocking {name}: "));
        one(&findings, expected);
    }
}

#[test]
fn a_parameter_is_named_as_the_manifest_names_it() {
    let pairs = [("DBInstanceIdentifier", "orders"), ("rds_subnet_group", "nope"), ("MultiAZ", "false")];
    let findings = found::<RestoreFromSnapshot>(&facts(), &pairs);
    assert!(findings[0].starts_with("Blocking rds_subnet_group: is nope"), "{findings:#?}");
}

#[test]
fn security_groups_must_exist_in_the_vpc_of_the_subnet_group() {
    one(
        &restore(&[("DBSubnetGroupName", "other"), ("OptionGroupName", "og16")]),
        "Blocking VpcSecurityGroupIds: is sg-1 of vpc-1, but the DB subnet group 'other' is in vpc-2",
    );
    let mut facts = facts();
    set(&mut facts, Lookup::SecurityGroups(vec!["sg-1".to_owned(), "sg-2".to_owned()]), security_groups());
    let findings =
        found::<RestoreFromSnapshot>(&facts, &with(GOOD, &[("VpcSecurityGroupIds", "sg-1, sg-2")]));
    one(&findings, "Blocking VpcSecurityGroupIds: is sg-2; us-west-2 has no such security group");
}

#[test]
fn a_standby_needs_two_zones_in_which_aws_offers_the_class() {
    one(
        &restore(&[("DBSubnetGroupName", "narrow")]),
        "Blocking MultiAZ: is true, but the DB subnet group 'narrow'",
    );
    let findings = restore(&[("DBSubnetGroupName", "remote")]);
    one(
        &findings,
        "Blocking MultiAZ: AWS offers db.r6g.large in us-west-2a, us-west-2b, and the DB subnet group 'remote'",
    );
    let findings = restore(&[("DBSubnetGroupName", "remote"), ("MultiAZ", "false")]);
    one(&findings, "Blocking DBSubnetGroupName: AWS offers db.r6g.large in us-west-2a");
    let mut facts = facts();
    let single = rows("db.r6g.large").into_iter().map(|row| Orderable { multi_az: false, ..row });
    set(&mut facts, offer("16.4", Some("db.r6g.large")), Found::Orderable(single.collect()));
    let findings = found::<RestoreFromSnapshot>(&facts, GOOD);
    one(&findings, "Blocking MultiAZ: is true, but AWS does not offer db.r6g.large with a standby");
}

#[test]
fn properties_that_are_left_to_aws_degrade_a_recovery() {
    one(
        &without("MultiAZ"),
        "Degrades MultiAZ: is not given, so the database comes up in one Availability Zone",
    );
    one(
        &without("DBInstanceClass"),
        "Degrades DBInstanceClass: is not given, so AWS uses the class of the original",
    );
    one(
        &without("DBSubnetGroupName"),
        "Unknown DBSubnetGroupName: is not given, and us-west-2 has no DB subnet group",
    );
}

#[test]
fn a_drill_and_a_refresh_may_be_in_one_zone() {
    let pairs: Vec<_> = GOOD.iter().copied().filter(|(name, _)| *name != "MultiAZ").collect();
    assert_eq!(found::<RestoreDrill>(&facts(), &pairs), Vec::<String>::new());
    let pairs = [
        ("originDB", "orders"),
        ("newDB", "tests"),
        ("newDBClass", "db.r6g.large"),
        ("DBSubnetGroupName", "nope"),
    ];
    one(&found::<RefreshFromSnapshot>(&facts(), &pairs), "Blocking DBSubnetGroupName: is nope");
}

#[test]
fn every_class_of_a_list_is_examined() {
    let mut facts = facts();
    set(&mut facts, offer("16.4", Some("db.nope")), Found::Orderable(vec![]));
    let pairs = with(GOOD, &[("DBInstanceClass", "db.r6g.large, db.nope")]);
    one(&found::<RestoreFromSnapshot>(&facts, &pairs), "Blocking DBInstanceClass: is db.nope");
}

#[test]
fn a_licence_that_aws_does_not_offer_with_the_class_blocks() {
    let mut facts = facts();
    let other =
        rows("db.r6g.large").into_iter().map(|row| Orderable { license: "license-included".into(), ..row });
    set(&mut facts, offer("16.4", Some("db.r6g.large")), Found::Orderable(other.collect()));
    one(
        &found::<RestoreFromSnapshot>(&facts, GOOD),
        "the licence license-included; the snapshot orders-1 has the licence postgresql-license",
    );
}

#[test]
fn a_version_that_is_no_longer_available_blocks_only_if_aws_offers_no_class_for_it() {
    for listed in [listed("postgres16", "deprecated"), Found::EngineVersion(None)] {
        let mut facts = facts();
        set(&mut facts, version("16.4"), listed);
        let pairs = with(GOOD, &[("DBParameterGroupName", "pg16")]);
        one(&found::<RestoreFromSnapshot>(&facts, &pairs), "Degrades -: postgres 16.4 is ");
        set(&mut facts, offer("16.4", Some("db.r6g.large")), Found::Orderable(vec![]));
        set(&mut facts, offer("16.4", None), Found::Orderable(vec![]));
        one(&found::<RestoreFromSnapshot>(&facts, &pairs), "Blocking -: postgres 16.4 is ");
    }
}

#[test]
fn storage_follows_the_limits_of_its_type() {
    let with_size = |gib, engine: &str, pairs: &[(&str, &str)]| {
        let mut facts = facts();
        let copy = std::sync::Arc::make_mut(&mut facts.snapshots[0]);
        copy.allocated_gib = Some(gib);
        let kind: RestoreFromSnapshot = read(&setting(HERE, "r"), &with(GOOD, pairs));
        let mut demand = kind.demands(&facts, &setting(HERE, "r")).remove(0);
        demand.data.engine = Some(engine.to_owned());
        demand.data.version = None;
        (demand.parameter_group, demand.option_group) = (None, None);
        let (engine, version) = (engine.to_owned(), None);
        let class = Some("db.r6g.large".to_owned());
        set(&mut facts, Lookup::Orderable { engine, version, class }, Found::Orderable(rows("db.r6g.large")));
        written_out(&readiness(&[placed(1, &[], demand)], &facts))
    };
    for (gib, engine, kind, iops, fault) in [
        (400, "postgres", "gp3", "12000", None),
        (400, "postgres", "gp3", "3000", Some("Iops: is 3000; with gp3, AWS allows 12000 to 64000")),
        (399, "postgres", "gp3", "12000", Some("AWS allows Iops from 400 GiB")),
        (200, "oracle-ee", "gp3", "12000", None),
        (199, "oracle-ee", "gp3", "12000", Some("from 200 GiB")),
        (20, "sqlserver-se", "gp3", "3000", None),
        (200, "postgres", "io1", "10000", None),
        (200, "postgres", "io1", "10001", Some("with io1 and 200 GiB, AWS allows 100 to 10000")),
        (200, "postgres", "io1", "999", Some("AWS allows 1000 to 256000")),
        (100, "postgres", "io2", "100000", None),
        (100, "postgres", "io2", "100001", Some("AWS allows 50 to 100000")),
        (99, "postgres", "io2", "1000", Some("StorageType: is io2, which has 100 to 65536 GiB")),
    ] {
        let findings = with_size(gib, engine, &[("StorageType", kind), ("Iops", iops)]);
        let findings: Vec<_> = findings.into_iter().filter(|line| !line.contains("licence")).collect();
        match fault {
            Some(fault) => one(&findings, fault),
            None => assert_eq!(findings, Vec::<String>::new(), "{gib} {engine} {kind} {iops}"),
        }
    }
    one(
        &with_size(200, "postgres", &[("StorageType", "io2")]),
        "Iops: is missing; the StorageType io2 needs it",
    );
    one(
        &with_size(200, "sqlserver-se", &[("Port", "1434")]),
        "Port: is 1434, which AWS reserves for sqlserver-se",
    );
}

#[test]
fn storage_that_the_manifest_does_not_give_blocks_only_if_no_default_is_possible() {
    let pairs: Vec<_> = GOOD.iter().copied().filter(|(name, _)| *name != "StorageType").collect();
    let (iops, mut facts) = (with(&pairs, &[("Iops", "12000")]), facts());
    one(&found::<RestoreFromSnapshot>(&facts, &iops), "Blocking Iops: is 12000, but the data has 100 GiB");
    std::sync::Arc::make_mut(&mut facts.snapshots[0]).storage_type = Some("standard".into());
    one(&found::<RestoreFromSnapshot>(&facts, &pairs), "Degrades StorageType: is standard; AWS offers gp2");
    let magnetic = [
        rows("db.r6g.large"),
        vec![Orderable { storage_type: "standard".into(), ..rows("db.r6g.large").remove(0) }],
    ];
    set(&mut facts, offer("16.4", Some("db.r6g.large")), Found::Orderable(magnetic.concat()));
    assert_eq!(found::<RestoreFromSnapshot>(&facts, &pairs), Vec::<String>::new());
    facts.now = at("2026-07-01T00:00:00Z");
    let given = with(&pairs, &[("StorageType", "standard")]);
    one(
        &found::<RestoreFromSnapshot>(&facts, &given),
        "Blocking StorageType: is standard, which AWS refuses since 1 July 2026",
    );
}

#[test]
fn a_key_that_cannot_be_used_blocks() {
    for (answer, expected) in [
        (
            key("Disabled", HERE),
            "the snapshot orders-1 is encrypted with arn:aws:kms:us-west-2:222222222222:key/k1, which is 'Disabled'",
        ),
        (key("PendingDeletion", HERE), "which is 'PendingDeletion'; enable that key"),
        (Found::Key(None), "key/k1; us-west-2 has no such key"),
    ] {
        let mut facts = facts();
        set(&mut facts, Lookup::Key(KEY_ARN.to_owned()), answer);
        one(&found::<RestoreFromSnapshot>(&facts, GOOD), expected);
    }
}

#[test]
fn a_replica_must_fit_as_its_source_does() {
    let mut source = instance(EAST, "orders");
    source.specification.engine_version = Some("16.4".to_owned());
    source.class = "db.m4.large".to_owned();
    let mut facts = facts().add_instance(source);
    set(&mut facts, offer("16.4", Some("db.m4.large")), Found::Orderable(vec![]));
    set(&mut facts, Lookup::Key("alias/ours".to_owned()), key("Enabled", EAST));
    let source = format!("arn:aws:rds:{EAST}:222222222222:db:orders");
    let pairs = [
        ("RDSInstanceIdentifier", "orders"),
        ("SourceRDSInstanceIdentifier", &source),
        ("DBSubnetGroup", "nope"),
        ("KmsKeyId", "alias/ours"),
        ("Port", "80"),
    ];
    let findings = found::<CreateRDSReadReplica>(&facts, &pairs);
    for expected in [
        "Blocking DBSubnetGroup: is nope",
        "Blocking DBInstanceClass: is not given; the source has db.m4.large, which AWS does not offer for postgres 16.4",
        "Blocking KmsKeyId: is arn:aws:kms:us-west-2:222222222222:key/k1, a key of us-east-1; give an enabled key",
        "Blocking Port: is 80",
        "Degrades MultiAZ: is not given",
    ] {
        assert!(findings.iter().any(|found| found.starts_with(expected)), "{expected}\n{findings:#?}");
    }
    assert_eq!(findings.len(), 5, "{findings:#?}");
}

#[test]
fn a_list_that_cannot_be_read_is_unknown_and_hides_no_other_finding() {
    let mut facts = facts();
    let lists: Vec<Need> = facts.lookups.keys().cloned().collect();
    for need in lists {
        let found = facts.lookups.remove(&need).unwrap();
        facts.unread.insert(need.clone(), "access is denied".to_owned());
        let findings = found_of(&facts, &with(GOOD, &[("Port", "80")]));
        assert!(findings.iter().any(|line| line.starts_with("Blocking Port")), "{need}: {findings:#?}");
        assert_eq!(
            findings.iter().filter(|line| line.starts_with("Blocking")).count(),
            1,
            "{need}: {findings:#?}"
        );
        if !matches!(need, Need::Lookup(_, Lookup::Orderable { class: None, .. })) {
            one(
                &findings[..findings.len() - 1]
                    .iter()
                    .chain(findings.last())
                    .filter(|line| line.starts_with("Unknown"))
                    .cloned()
                    .collect::<Vec<_>>(),
                &format!("cannot examine {need}: access is denied"),
            );
        }
        facts.unread.remove(&need);
        facts.lookups.insert(need, found);
    }
}

fn found_of(facts: &Facts, pairs: &[(&str, &str)]) -> Vec<String> {
    found::<RestoreFromSnapshot>(facts, pairs)
}

#[test]
fn the_sum_of_all_databases_must_fit_into_the_quotas() {
    let (setting, mut facts) = (setting(HERE, "run-1"), facts());
    let restores = |count: usize, room: Room, layers: u32| -> Vec<Placed<'static>> {
        let kind: RestoreFromSnapshot = read(&setting, GOOD);
        let demand = Demand { room, ..kind.demands(&facts, &setting).remove(0) };
        (0..count).map(|n| placed(n as u32 % layers, &[], demand.clone())).collect()
    };
    let (all, in_one, passing, replacing) = (
        restores(200, Room::NEW, 5),
        restores(39, Room::NEW, 1),
        restores(78, Room::PASSING, 2),
        restores(200, Room::NONE, 1),
    );
    let findings = written_out(&readiness(&all, &facts));
    one(
        &findings,
        "Blocking -: needs 200 more instances; the account has 1 of at most 40; raise the quota L-7B6409FD",
    );
    for fitting in [&in_one, &passing, &replacing] {
        assert_eq!(readiness(fitting, &facts), []);
    }
    let storage_gib = Some(Quota { used: 99_000, max: 100_000 });
    set(&mut facts, Lookup::Quotas, Found::Quotas(Quotas { instances: None, storage_gib }));
    let findings = written_out(&readiness(&in_one, &facts));
    one(&findings, "needs 3900 more GiB of storage; the account has 99000 of at most 100000");
}

#[test]
fn licences_of_aws_have_a_quota_that_no_list_shows() {
    let (setting, facts) = (setting(HERE, "run-1"), facts());
    let kind: RestoreFromSnapshot = read(&setting, GOOD);
    let mut demand = kind.demands(&facts, &setting).remove(0);
    demand.data = Data {
        engine: Some("sqlserver-se".to_owned()),
        license: Some("license-included".to_owned()),
        ..Data::default()
    };
    let many = |count| vec![placed(1, &[], demand.clone()); count];
    let of = |count| -> Vec<String> {
        let all = written_out(&readiness(&many(count), &facts)).into_iter();
        all.filter(|line| line.contains("a licence of AWS")).collect()
    };
    assert_eq!(of(10), Vec::<String>::new());
    one(&of(11), "Unknown -: needs 11 more instances of sqlserver-se with a licence of AWS, beside 0");
}

#[test]
fn a_resource_without_a_snapshot_is_examined_as_far_as_possible() {
    let facts = Facts { snapshots: vec![], ..facts() };
    let pairs = with(GOOD, &[("DBSubnetGroupName", "nope"), ("Port", "80"), ("OptionGroupName", "nope")]);
    assert_eq!(found::<RestoreFromSnapshot>(&facts, &pairs).len(), 3);
}

#[test]
fn nothing_is_demanded_for_a_database_that_is_there_already() {
    let (setting, facts) = (setting(HERE, "run-1"), facts());
    let mut restored = instance(WEST, "orders");
    restored.tags = crate::tagging::ours(&setting);
    restored.tags.insert(crate::tagging::RESTORED_FROM, facts.snapshots[0].arn.to_string());
    let facts = facts.add_instance(restored);
    assert_eq!(found::<RestoreFromSnapshot>(&facts, &with(GOOD, &[("Port", "80")])), Vec::<String>::new());
}

#[test]
fn many_resources_need_each_list_once_and_a_wrong_class_one_more() {
    let (setting, mut facts) = (setting(HERE, "run-1"), facts());
    facts.lookups.clear();
    let demands = |facts: &Facts, class: &str| -> Vec<Placed<'static>> {
        let kind: RestoreFromSnapshot = read(&setting, &with(GOOD, &[("DBInstanceClass", class)]));
        vec![placed(1, &[], kind.demands(facts, &setting).remove(0)); 200]
    };
    let all = demands(&facts, "db.nope");
    assert_eq!(missing(&all, &facts).len(), 8);
    for need in missing(&all, &facts) {
        facts.unread.insert(need, "not now".to_owned());
    }
    assert!(missing(&all, &facts).is_empty());
    let offers = Need::Lookup(region(HERE), offer("16.4", Some("db.nope")));
    facts.unread.remove(&offers);
    facts.lookups.insert(offers, Found::Orderable(vec![]));
    let more = missing(&all, &facts);
    assert_eq!(more, [Need::Lookup(region(HERE), offer("16.4", None))].into());
}

proptest! {
    #[test]
    fn the_order_of_the_resources_does_not_change_the_findings(order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle()) {
        let (setting, facts) = (setting(HERE, "run-1"), facts());
        let ports = ["80", "5432", "443", "5433", "1", "1149", "1150", "65535"];
        let all = |order: &[usize]| {
            let of = |n: &usize| {
                let kind: RestoreFromSnapshot = read(&setting, &with(GOOD, &[("Port", ports[*n])]));
                placed(1, &[], kind.demands(&facts, &setting).remove(0))
            };
            let mut found = written_out(&readiness(&order.iter().map(of).collect::<Vec<_>>(), &facts));
            found.sort();
            found
        };
        prop_assert_eq!(all(&order), all(&(0..8).collect::<Vec<_>>()));
    }
}
