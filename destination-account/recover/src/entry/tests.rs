use std::collections::BTreeSet;

use pilot_light_domain::testing::at;
use serde_json::{Value, json};

use super::*;

/// Every type with all of its parameters. A parameter with several names has one of them here.
const WHOLE: [(&str, &[(&str, &str)]); 9] = [
    ("PromoteRDSReadReplica", &[("RDSInstanceIdentifier", "orders"), ("TargetClusterIdentifier", "x")]),
    ("PlannedFailoverAurora", &[("GlobalClusterIdentifier", "shop"), ("DBClusterIdentifier", "shop-west")]),
    (
        "UnPlannedFailoverAurora",
        &[
            ("GlobalClusterIdentifier", "shop"),
            ("DBClusterIdentifier", "shop-west"),
            ("ClusterRegion", "us-west-2"),
            ("AllowDataLoss", "True"),
        ],
    ),
    (
        "FailoverElastiCacheCluster",
        &[
            ("GlobalReplicationGroupId", "ldgnf-cart"),
            ("TargetRegion", "us-west-2"),
            ("TargetReplicationGroupId", "cart-west"),
        ],
    ),
    (
        "CreateRDSReadReplica",
        &[
            ("RDSInstanceIdentifier", "orders"),
            ("TargetClusterIdentifier", "x"),
            ("SourceRDSInstanceIdentifier", "orders"),
            ("SourceRegion", "us-east-1"),
            ("MultiAZ", "True"),
            ("DBInstanceClass", "db.m5.large"),
            ("DBSubnetGroup", "private"),
            ("DBSecurityGroup", "sg-1"),
            ("KmsKeyId", "arn:aws:kms:us-west-2:222222222222:key/k"),
            ("BackupRetentionPeriod", "7"),
            ("MonitoringInterval", "60"),
            ("StorageEncrypted", "True"),
            ("EnableIAMDatabaseAuthentication", "True"),
            ("DeletionProtection", "True"),
            ("CopyTagsToSnapshot", "True"),
            ("AutoMinorVersionUpgrade", "True"),
            ("Port", "3306"),
            ("MonitoringRoleArn", "arn:aws:iam::222222222222:role/m"),
        ],
    ),
    (
        "CreateAuroraSecondaryDBCluster",
        &[
            ("GlobalClusterIdentifier", "shop"),
            ("DBClusterIdentifier", "shop-west"),
            ("DBClusterName", "shop-west"),
            ("SourceDBClusterIdentifier", "shop-east"),
            ("SourceRegion", "us-east-1"),
            ("ClusterRegion", "us-west-2"),
            ("DBInstanceIdentifier", "shop-west-1"),
            ("DBInstanceClass", "db.r6g.large"),
            ("Engine", "aurora-mysql"),
            ("EngineVersion", "8.0.mysql_aurora.3.05.2"),
            ("Port", "3306"),
            ("DBSubnetGroupName", "private"),
            ("VpcSecurityGroupIds", "sg-1"),
            ("KmsKeyId", "arn:aws:kms:us-west-2:222222222222:key/k"),
            ("StorageEncrypted", "True"),
            ("BackupRetentionPeriod", "7"),
            ("MonitoringInterval", "60"),
            ("MonitoringRoleArn", "arn:aws:iam::222222222222:role/m"),
            ("EnableIAMDatabaseAuthentication", "True"),
            ("DeletionProtection", "True"),
            ("CopyTagsToSnapshot", "True"),
            ("AutoMinorVersionUpgrade", "True"),
        ],
    ),
    ("RestoreFromSnapshot", RESTORE),
    ("RestoreDrill", RESTORE),
    ("RefreshFromSnapshot", REFRESH),
];

const RESTORE: &[(&str, &str)] = &[
    ("DBInstanceIdentifier", "orders"),
    ("SourceDBInstanceIdentifier", "orders"),
    ("SourceAccount", "111111111111"),
    ("At", "2026-01-31T23:59:00Z"),
    ("DBInstanceClass", "db.m5.large"),
    ("DBSubnetGroupName", "private"),
    ("VpcSecurityGroupIds", "sg-1,sg-2"),
    ("DBParameterGroupName", "tuned"),
    ("OptionGroupName", "plain"),
    ("MultiAZ", "True"),
    ("PubliclyAccessible", "False"),
    ("Port", "3306"),
    ("StorageType", "io1"),
    ("Iops", "3000"),
    ("CopyTagsToSnapshot", "True"),
    ("Tags", "team=shop"),
];

const REFRESH: &[(&str, &str)] = &[
    ("originDB", "orders"),
    ("newDB", "orders-test"),
    ("newDBClass", "db.t3.medium"),
    ("targetRegion", "us-west-2"),
    ("crossRegion", "us-east-1"),
    ("Mode", "Swap"),
    ("SourceAccount", "111111111111"),
    ("At", "2026-01-31T23:59:00Z"),
    ("DBSubnetGroupName", "private"),
    ("VpcSecurityGroupIds", "sg-1"),
    ("MultiAZ", "None"),
    ("DeletionProtection", "False"),
];

/// Parameters that a type accepts and does not use.
const UNUSED: [&str; 1] = ["TargetClusterIdentifier"];

fn call() -> Call {
    Call {
        account: "222222222222".parse().unwrap(),
        region: "us-west-2".parse().unwrap(),
        now: at("2026-01-02T00:00:00Z"),
    }
}

fn recovery() -> Recovery {
    Recovery { id: "run-1".to_owned(), started: call().now, manifest: String::new() }
}

fn resource(kind: &str, parameters: &Value) -> Resource {
    let parameters = parameters.as_object().unwrap().clone();
    Resource { kind: kind.to_owned(), name: "it".to_owned(), parameters }
}

fn read(kind: &str, parameters: &Value) -> Result<Entry, Vec<Problem>> {
    let resource = resource(kind, parameters);
    match Entry::new(0, 1, &resource, &Imports::default(), (&call(), &recovery())) {
        Ok(entry) => Ok(entry),
        Err(Unready::Invalid(problems)) => Err(problems),
        Err(Unready::Unread(error)) => panic!("{error}"),
    }
}

fn examined(kind: &str, parameters: &Value) -> (Option<Entry>, Vec<Problem>) {
    let resource = resource(kind, parameters);
    let found = Entry::examine(0, 1, &resource, &Imports::default(), (&call(), &recovery()));
    (found.entry, found.problems)
}

fn parameters(of: &[(&str, &str)]) -> Value {
    Value::Object(of.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect())
}

/// The parameters that the problems name.
fn named(problems: Result<Entry, Vec<Problem>>) -> BTreeSet<String> {
    let of = |problem: Problem| problem.place.rsplit(", ").next().unwrap_or_default().to_owned();
    problems.err().unwrap_or_default().into_iter().map(of).collect()
}

#[test]
fn every_type_accepts_all_of_its_parameters() {
    for (kind, whole) in WHOLE {
        assert_eq!(named(read(kind, &parameters(whole))), BTreeSet::new(), "{kind}");
    }
    let kinds: BTreeSet<_> = WHOLE.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds.len(), 9);
    assert!(kinds.iter().all(|kind| crate::registry::limit_of(kind) > 0), "{kinds:?}");
}

#[test]
fn one_bad_parameter_neither_hides_nor_invents_other_problems() {
    for (kind, whole) in WHOLE {
        for (name, _) in whole.iter().filter(|(name, _)| !UNUSED.contains(name)) {
            for bad in [json!("!Import gone"), json!("{{resolve:secretsmanager:x}}")] {
                let mut given = parameters(whole);
                given[*name] = bad;
                assert_eq!(named(read(kind, &given)), BTreeSet::from([(*name).to_owned()]), "{kind} {name}");
                given["Misspelt"] = json!("x");
                let both = BTreeSet::from([(*name).to_owned(), "Misspelt".to_owned()]);
                assert_eq!(named(read(kind, &given)), both, "{kind} {name}");
            }
            // The manifest itself reports a value that is no text.
            let mut given = parameters(whole);
            given[*name] = Value::Null;
            assert_eq!(named(read(kind, &given)), BTreeSet::new(), "{kind} {name}");
        }
    }
}

#[test]
fn a_parameter_that_nothing_uses_needs_no_value() {
    let mut given = parameters(WHOLE[0].1);
    given["TargetClusterIdentifier"] = json!("!Import rds-mysql-instance-global-arn");
    assert_eq!(named(read("PromoteRDSReadReplica", &given)), BTreeSet::new());
}

#[test]
fn one_parameter_under_two_names_must_have_one_value() {
    for (kind, one, other) in [
        ("RestoreFromSnapshot", "DBInstanceClass", "rds_instance_type"),
        ("RestoreFromSnapshot", "DBSubnetGroupName", "rds_subnet_group"),
        ("RestoreFromSnapshot", "VpcSecurityGroupIds", "DBSecurityGroup"),
        ("RestoreDrill", "DBInstanceIdentifier", "SourceDBInstanceIdentifier"),
        ("CreateRDSReadReplica", "DBSubnetGroup", "DBSubnetGroupName"),
        ("CreateRDSReadReplica", "DBSecurityGroup", "VpcSecurityGroupIds"),
        ("RefreshFromSnapshot", "originDB", "SourceDBInstanceIdentifier"),
        ("RefreshFromSnapshot", "newDB", "DBInstanceIdentifier"),
        ("RefreshFromSnapshot", "newDBClass", "DBInstanceClass"),
        ("CreateAuroraSecondaryDBCluster", "DBClusterIdentifier", "DBClusterName"),
    ] {
        let (_, whole) = WHOLE.iter().find(|(name, _)| *name == kind).unwrap();
        let mut given = parameters(whole);
        let value = given[one].clone();
        given[other] = value;
        assert_eq!(named(read(kind, &given)), BTreeSet::new(), "{kind} {other}");
        given[other] = json!("another");
        assert_eq!(named(read(kind, &given)), BTreeSet::from([other.to_owned()]), "{kind} {other}");
    }
}

#[test]
fn the_new_primary_may_be_given_by_its_name_and_its_region() {
    let (kind, whole) = WHOLE[4];
    let by_name = read(kind, &parameters(whole)).unwrap();
    let mut given = parameters(whole);
    given["SourceRDSInstanceIdentifier"] = json!("arn:aws:rds:us-east-1:222222222222:db:orders");
    assert_eq!(read(kind, &given).unwrap().kind, by_name.kind);
    for (name, value, problem) in [
        ("SourceRegion", "", "SourceRegion"),
        ("SourceRegion", "us-west-2", "SourceRegion"),
        ("SourceRDSInstanceIdentifier", "orders!", "SourceRDSInstanceIdentifier"),
    ] {
        let mut given = parameters(whole);
        given[name] = json!(value);
        assert_eq!(named(read(kind, &given)), BTreeSet::from([problem.to_owned()]), "{name} {value}");
    }
}

#[test]
fn a_resource_with_a_problem_is_examined_but_never_brought_up() {
    for (kind, whole) in WHOLE {
        for (name, _) in whole.iter().filter(|(name, _)| !UNUSED.contains(name)) {
            let mut given = parameters(whole);
            given[*name] = json!("!Import gone");
            assert!(read(kind, &given).is_err(), "{kind} {name}");
            let (entry, problems) = examined(kind, &given);
            assert_eq!(problems.len(), 1, "{kind} {name}");
            // The only parameter of a promotion is the instance.
            let entry = entry.map(|entry| entry.setting.unread);
            let expected = (kind != "PromoteRDSReadReplica").then(|| BTreeSet::from([(*name).to_owned()]));
            assert_eq!(entry, expected, "{kind} {name}");
        }
    }
}

#[test]
fn a_resource_of_another_region_is_not_examined() {
    for (kind, name, value) in [
        ("UnPlannedFailoverAurora", "ClusterRegion", "us-east-1"),
        ("FailoverElastiCacheCluster", "TargetRegion", "us-east-1"),
        ("CreateRDSReadReplica", "SourceRegion", "us-west-2"),
        ("CreateAuroraSecondaryDBCluster", "ClusterRegion", "us-east-1"),
        ("CreateAuroraSecondaryDBCluster", "SourceRegion", "us-west-2"),
        ("RefreshFromSnapshot", "targetRegion", "us-east-1"),
    ] {
        let (_, whole) = WHOLE.iter().find(|(of, _)| *of == kind).unwrap();
        let mut given = parameters(whole);
        given[name] = json!(value);
        let (entry, problems) = examined(kind, &given);
        assert_eq!((entry.is_none(), problems.len()), (true, 1), "{kind} {name} {problems:?}");
    }
}

#[test]
fn nothing_follows_from_the_absence_of_a_parameter_that_an_unknown_key_may_mean() {
    let unread = |key: &str| {
        let given = json!({"DBInstanceIdentifier": "orders", "VpcSecurityGroupIds": "sg-1", key: "private"});
        let (entry, problems) = examined("RestoreFromSnapshot", &given);
        assert_eq!(problems.len(), 1, "{problems:?}");
        entry.unwrap().setting.unread
    };
    let of_stranger = unread("Network");
    for absent in ["DBSubnetGroupName", "DBInstanceClass", "MultiAZ"] {
        assert!(of_stranger.contains(absent), "{of_stranger:?}");
    }
    assert!(!of_stranger.contains("VpcSecurityGroupIds") && !of_stranger.contains("At"), "{of_stranger:?}");
    assert_eq!(unread("DBSubnetGroupNme"), BTreeSet::from(["DBSubnetGroupName".to_owned()]));
}

#[test]
fn resources_with_the_same_name_or_none_have_stand_ins_of_their_own() {
    for name in ["", "it"] {
        let mut resource = resource("RestoreFromSnapshot", &json!({"DBInstanceIdentifier": "!Import gone"}));
        name.clone_into(&mut resource.name);
        let acts_on = |index| {
            let found = Entry::examine(index, 1, &resource, &Imports::default(), (&call(), &recovery()));
            let entry = found.entry.unwrap();
            entry.kind.acts_on(&entry.setting)
        };
        assert_ne!(acts_on(0), acts_on(1), "'{name}'");
    }
}
