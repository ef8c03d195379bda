//! One wrong or missing parameter at a time.

use super::*;

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
