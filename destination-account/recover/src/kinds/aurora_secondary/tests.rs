//! The decisions on the way from an old primary to a secondary of the new primary, and the parameters.

mod guards;
mod likeness;
mod states;

use std::collections::BTreeSet;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::recovery::{CreateClusterInstance, CreateSecondaryCluster, Endpoint};

use super::super::aurora::{CLUSTER, GLOBAL};
use super::*;
use crate::testing::{
    EAST, WEST, cluster, cluster_arn, examined, fields, global, instance, member, names_of, nothing,
    problems_of, region, setting, with, words,
};

/// Parameters as people write them, with references resolved.
const GIVEN: [(&str, &str); 22] = [
    ("GlobalClusterIdentifier", "shop"),
    ("DBClusterIdentifier", "arn:aws:rds:us-east-1:222222222222:cluster:shop-east"),
    ("DBClusterName", "shop-east"),
    ("SourceDBClusterIdentifier", "arn:aws:rds:us-west-2:222222222222:cluster:shop-west"),
    ("DBInstanceIdentifier", "shop-east-1"),
    ("Port", "3306"),
    ("DBInstanceClass", "db.r6g.large"),
    ("DBSubnetGroupName", "shop-subnets"),
    ("VpcSecurityGroupIds", "sg-1,sg-2"),
    ("Engine", "aurora-mysql"),
    ("EngineVersion", "8.0.mysql_aurora.3.08.0"),
    ("KmsKeyId", "arn:aws:kms:us-east-1:222222222222:key/1"),
    ("SourceRegion", "us-west-2"),
    ("ClusterRegion", "us-east-1"),
    ("BackupRetentionPeriod", "7"),
    ("MonitoringInterval", "60"),
    ("StorageEncrypted", "True"),
    ("EnableIAMDatabaseAuthentication", "False"),
    ("DeletionProtection", "True"),
    ("CopyTagsToSnapshot", "True"),
    ("AutoMinorVersionUpgrade", "False"),
    ("MonitoringRoleArn", "arn:aws:iam::222222222222:role/monitoring"),
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
        .add_instance(member(EAST, "shop-east-1", "shop-east"))
        .add_instance(member(EAST, "shop-east-2", "shop-east"))
        .add_instance(instance(EAST, "unrelated"))
        .add_global(global("shop", &[cluster_arn(EAST, "shop-east")]))
}

/// After a switchover: the old primary follows the new one.
fn switched() -> Facts {
    changed(detached(), |facts| {
        *facts.global_mut("shop") =
            global("shop", &[cluster_arn(WEST, "shop-west"), cluster_arn(EAST, "shop-east")]);
    })
}

/// The old primary is out of its global cluster, no longer protected, and without instances.
fn stripped() -> Facts {
    changed(detached(), |facts| {
        facts.global_mut("shop").members.clear();
        let old = facts.cluster_mut(EAST, "shop-east");
        old.deletion_protection = false;
        old.members.clear();
        facts.instances.values_mut().for_each(Vec::clear);
    })
}

#[test]
fn the_order_of_the_lists_of_aws_does_not_change_the_decision() {
    let unprotected =
        changed(detached(), |facts| facts.cluster_mut(EAST, "shop-east").deletion_protection = false);
    let alone = changed(unprotected.clone(), |facts| facts.global_mut("shop").members.clear());
    let led = west_alone().add_global(global("shop", &[cluster_arn(WEST, "shop-west")]));
    let without_instance =
        changed(switched(), |facts| facts.instances.get_mut(&region(EAST)).unwrap().clear());
    let mut decisions = BTreeSet::new();
    for facts in [detached(), unprotected, alone, stripped(), west_alone(), led, without_instance, switched()]
    {
        let turned = changed(facts.clone(), |facts| {
            facts.instances.values_mut().for_each(|all| all.reverse());
            facts.clusters.values_mut().for_each(|all| all.reverse());
            facts.globals().reverse();
            facts.globals().iter_mut().for_each(|global| global.members.reverse());
        });
        assert_eq!(next(&turned), next(&facts));
        decisions.insert(words(&next(&facts)));
    }
    assert_eq!(decisions.len(), 8, "each state leads to another step: {decisions:?}");
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
        kms_key: Some("arn:aws:kms:us-east-1:222222222222:key/1".to_owned()),
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
        monitoring_role: Some("arn:aws:iam::222222222222:role/monitoring".to_owned()),
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
        (("DBClusterIdentifier", "arn:aws:rds:us-west-2:222222222222:cluster:shop-east"), Some(CLUSTER)),
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
        (("KmsKeyId", "arn:aws:kms:us-west-2:222222222222:key/1"), Some("KmsKeyId")),
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
    for (parameter, has_arn) in [("DBClusterIdentifier", true), ("DBClusterName", false)] {
        let said = problems_of::<CreateAuroraSecondaryDBCluster>(
            &setting(EAST, "one"),
            &with(&GIVEN, &[(parameter, "shop_east")]),
        );
        assert!(said.contains("is not a valid cluster identifier"), "{said}");
        assert_eq!(said.contains("or the ARN of a cluster"), has_arn, "{said}");
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
