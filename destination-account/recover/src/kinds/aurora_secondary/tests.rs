//! The steps from an old primary to a secondary of the new primary, from every possible beginning, and the parameters.

mod guards;
mod states;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::recovery::{CreateClusterInstance, CreateSecondaryCluster};

use super::super::aurora::{CLUSTER, GLOBAL};
use super::super::aurora_testing::{
    EAST, WEST, cluster, cluster_arn, fields, global, goes_on_from_every_point, instance, names_of, nothing,
    setting, walk, with,
};
use super::*;
use crate::tagging;

/// Parameters as people write them, with references resolved.
const GIVEN: [(&str, &str); 22] = [
    ("GlobalClusterIdentifier", "shop"),
    ("DBClusterIdentifier", "arn:aws:rds:us-east-1:111111111111:cluster:shop-east"),
    ("DBClusterName", "shop-east"),
    ("SourceDBClusterIdentifier", "arn:aws:rds:us-west-2:111111111111:cluster:shop-west"),
    ("DBInstanceIdentifier", "shop-east-1"),
    ("Port", "3306"),
    ("DBInstanceClass", "db.r6g.large"),
    ("DBSubnetGroupName", "shop-subnets"),
    ("VpcSecurityGroupIds", "sg-1,sg-2"),
    ("Engine", "aurora-mysql"),
    ("EngineVersion", "8.0.mysql_aurora.3.08.0"),
    ("KmsKeyId", "arn:aws:kms:us-east-1:111111111111:key/1"),
    ("SourceRegion", "us-west-2"),
    ("ClusterRegion", "us-east-1"),
    ("BackupRetentionPeriod", "7"),
    ("MonitoringInterval", "60"),
    ("StorageEncrypted", "True"),
    ("EnableIAMDatabaseAuthentication", "False"),
    ("DeletionProtection", "True"),
    ("CopyTagsToSnapshot", "True"),
    ("AutoMinorVersionUpgrade", "False"),
    ("MonitoringRoleArn", "arn:aws:iam::111111111111:role/monitoring"),
];

fn kind(execution: &str) -> CreateAuroraSecondaryDBCluster {
    let mut fields = fields(&GIVEN);
    let read = CreateAuroraSecondaryDBCluster::read(&mut fields, &setting(EAST, execution)).unwrap();
    assert_eq!(fields.finish(), []);
    read
}

fn next(facts: &Facts) -> Next {
    kind("one").next(facts, &Value::Null, &setting(EAST, "one"))
}

fn refused(facts: &Facts) -> Vec<&'static str> {
    let obstacles = kind("one").obstacles(facts, &setting(EAST, "one"));
    let said = obstacles.first().map(|(_, what)| what.clone());
    match next(facts) {
        Next::Failed(why) => assert_eq!(Some(why), said, "validate and the steps agree"),
        _ => assert_eq!(said, None),
    }
    obstacles.into_iter().map(|(parameter, _)| parameter).collect()
}

fn changed(mut facts: Facts, change: impl FnOnce(&mut Facts)) -> Facts {
    change(&mut facts);
    facts
}

/// The new primary in the west is in no global cluster. The east is empty.
fn west_alone() -> Facts {
    nothing(EAST).add_cluster(cluster(WEST, "shop-west", &["shop-west-1"]))
}

/// After the west was detached: the protected old primary in the east, with two instances, is the only member left.
fn detached() -> Facts {
    let mut old = cluster(EAST, "shop-east", &["shop-east-1", "shop-east-2"]);
    old.deletion_protection = true;
    west_alone()
        .add_cluster(old)
        .add_instance(instance(EAST, "shop-east-1", Some("shop-east")))
        .add_instance(instance(EAST, "shop-east-2", Some("shop-east")))
        .add_instance(instance(EAST, "unrelated", None))
        .add_global(global("shop", &[cluster_arn(EAST, "shop-east")]))
}

/// After a switchover: the old primary follows the new one.
fn switched() -> Facts {
    changed(detached(), |facts| {
        *facts.global_mut("shop") =
            global("shop", &[cluster_arn(WEST, "shop-west"), cluster_arn(EAST, "shop-east")]);
    })
}

const WHOLE_WAY: [&str; 9] = [
    "ModifyDBCluster",
    "RemoveFromGlobalCluster",
    "DeleteDBInstance",
    "DeleteDBInstance",
    "DeleteDBCluster",
    "DeleteGlobalCluster",
    "CreateGlobalCluster",
    "CreateDBCluster",
    "CreateDBInstance",
];

#[test]
fn from_every_intermediate_state_the_old_primary_becomes_a_secondary_of_the_new_one() {
    let way = walk(detached(), next);
    assert_eq!(way.requested, WHOLE_WAY);
    goes_on_from_every_point(&way, |facts| kind("two").next(facts, &Value::Null, &setting(EAST, "two")));

    let end = way.rests.last().unwrap();
    let new = end.cluster(&cluster_arn(EAST, "shop-east")).unwrap();
    assert_eq!(new.tags.get(tagging::RECOVERY), Some("one"));
    // Tags cannot contain parentheses.
    assert_eq!(new.tags.get(tagging::RESOURCE), Some("shop -all of it-"));
    assert!(end.instance(&"unrelated".parse().unwrap()).is_some());
}

#[test]
fn the_order_of_the_lists_of_aws_does_not_change_the_decision() {
    let way = walk(detached(), next);
    for view in way.rests.iter().chain(&way.begun) {
        let turned = changed(view.clone(), |facts| {
            facts.instances.values_mut().for_each(|all| all.reverse());
            facts.clusters.values_mut().for_each(|all| all.reverse());
            facts.globals().reverse();
            facts.globals().iter_mut().for_each(|global| global.members.reverse());
        });
        assert_eq!(next(&turned), next(view));
    }
}

#[test]
fn only_the_remaining_changes_are_requested() {
    let way = walk(west_alone(), next);
    assert_eq!(way.requested, ["CreateGlobalCluster", "CreateDBCluster", "CreateDBInstance"]);
    goes_on_from_every_point(&way, next);

    let led = west_alone().add_global(global("shop", &[cluster_arn(WEST, "shop-west")]));
    assert_eq!(walk(led, next).requested, ["CreateDBCluster", "CreateDBInstance"]);

    let alone = changed(detached(), |facts| facts.globals().clear());
    let skipped = ["RemoveFromGlobalCluster", "DeleteGlobalCluster"];
    let expected: Vec<_> = WHOLE_WAY.into_iter().filter(|action| !skipped.contains(action)).collect();
    assert_eq!(walk(alone, next).requested, expected);

    let without_instance = changed(switched(), |facts| {
        facts.instances.get_mut(&setting(EAST, "one").region).unwrap().clear();
    });
    assert_eq!(walk(without_instance, next).requested, ["CreateDBInstance"]);
    assert_eq!(walk(switched(), next).requested, [""; 0]);
}

#[test]
fn the_deletion_protection_of_the_new_secondary_does_not_block_the_next_failback() {
    let end = walk(detached(), next).rests.pop().unwrap();
    let failed_over_again = changed(end, |facts| {
        facts.cluster_mut(EAST, "shop-east").deletion_protection = true;
        *facts.global_mut("shop") = global("shop", &[cluster_arn(EAST, "shop-east")]);
    });
    let again = walk(failed_over_again, |facts| kind("two").next(facts, &Value::Null, &setting(EAST, "two")));
    assert_eq!(again.requested.first(), Some(&"ModifyDBCluster"));
    assert!(again.requested.contains(&"DeleteDBCluster"));
}

#[test]
fn every_parameter_reaches_aws() {
    let CreateAuroraSecondaryDBCluster { cluster, instance, .. } = kind("one");
    let expected = CreateSecondaryCluster {
        cluster: "shop-east".parse().unwrap(),
        global: "shop".to_owned(),
        source_region: Some("us-west-2".parse().unwrap()),
        engine: "aurora-mysql".to_owned(),
        engine_version: Some("8.0.mysql_aurora.3.08.0".to_owned()),
        port: Some(3306),
        subnet_group: Some("shop-subnets".to_owned()),
        security_groups: vec!["sg-1".to_owned(), "sg-2".to_owned()],
        kms_key: Some("arn:aws:kms:us-east-1:111111111111:key/1".to_owned()),
        encrypted: Some(true),
        backup_retention_days: Some(7),
        // The text "False" means false.
        iam_authentication: Some(false),
        deletion_protection: Some(true),
        copy_tags_to_snapshot: Some(true),
        tags: cluster.tags.clone(),
    };
    assert_eq!(cluster, expected);
    let expected = CreateClusterInstance {
        instance: "shop-east-1".parse().unwrap(),
        cluster: "shop-east".parse().unwrap(),
        engine: "aurora-mysql".to_owned(),
        class: "db.r6g.large".to_owned(),
        auto_minor_version_upgrade: Some(false),
        monitoring_interval: Some(60),
        monitoring_role: Some("arn:aws:iam::111111111111:role/monitoring".to_owned()),
        tags: cluster.tags,
    };
    assert_eq!(instance, expected);
}

#[test]
fn a_problem_of_a_parameter_is_reported_before_anything_is_deleted() {
    for (other, problem) in [
        (("ClusterRegion", "us-west-2"), Some("ClusterRegion")),
        (("SourceRegion", "us-east-1"), Some("SourceRegion")),
        (("SourceRegion", "eu-west-1"), Some("SourceDBClusterIdentifier")),
        (("SourceRegion", ""), None),
        (("SourceDBClusterIdentifier", "shop-west"), None),
        (("SourceDBClusterIdentifier", ""), Some("SourceDBClusterIdentifier")),
        (("DBClusterIdentifier", "arn:aws:rds:us-west-2:111111111111:cluster:shop-east"), Some(CLUSTER)),
        (("DBClusterIdentifier", "shop-east"), None),
        (("DBClusterIdentifier", ""), None),
        (("DBClusterName", ""), None),
        (("DBClusterName", "other"), Some("DBClusterName")),
        (("DBInstanceIdentifier", "Shop-East-1"), None),
        (("DBInstanceIdentifier", "shop_east"), Some("DBInstanceIdentifier")),
        (("DBInstanceIdentifier", ""), Some("DBInstanceIdentifier")),
        (("DBInstanceClass", ""), Some("DBInstanceClass")),
        (("Engine", ""), Some("Engine")),
        (("Port", "mysql"), Some("Port")),
        (("KmsKeyId", "arn:aws:kms:us-west-2:111111111111:key/1"), Some("KmsKeyId")),
        (("KmsKeyId", "alias/aws/rds"), None),
        (("KmsKeyId", ""), Some("KmsKeyId")),
        (("BackupRetentionPeriod", "36"), Some("BackupRetentionPeriod")),
        (("MonitoringInterval", "7"), Some("MonitoringInterval")),
        (("MonitoringRoleArn", ""), Some("MonitoringRoleArn")),
        (("DeletionProtection", "yes"), Some("DeletionProtection")),
        (("DBSubnetGroup", "shop"), Some("DBSubnetGroup")),
    ] {
        let mut fields = fields(&with(&GIVEN, &[other]));
        let read = CreateAuroraSecondaryDBCluster::read(&mut fields, &setting(EAST, "one"));
        assert_eq!(names_of(fields.finish()), Vec::from_iter(problem), "{other:?}");
        assert!(read.is_some() || problem.is_some(), "{other:?}");
    }
    let mut nothing_given = fields(&[]);
    assert_eq!(CreateAuroraSecondaryDBCluster::read(&mut nothing_given, &setting(EAST, "one")), None);
    assert_eq!(nothing_given.finish().len(), 6);
}

#[test]
fn acts_on_names_everything_that_the_resource_changes() {
    let expected = ["global/shop", "cluster/us-east-1/shop-east", "db/us-east-1/shop-east-1"];
    assert_eq!(kind("one").acts_on(&setting(EAST, "one")), expected);
}
