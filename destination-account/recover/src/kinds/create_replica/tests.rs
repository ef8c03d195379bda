use super::*;
use crate::testing::{
    EAST, HERE, examined, first, instance, nothing, problems_of, read, refusal, setting, with,
};

const GIVEN: [(&str, &str); 17] = [
    ("SourceRDSInstanceIdentifier", "arn:aws:rds:us-east-1:222222222222:db:orders"),
    ("RDSInstanceIdentifier", "orders"),
    ("SourceRegion", "us-east-1"),
    ("DBInstanceClass", "db.r6g.large"),
    ("MultiAZ", "False"),
    ("DBSubnetGroup", "private"),
    ("DBSecurityGroup", "sg-1"),
    ("KmsKeyId", "arn:aws:kms:us-west-2:222222222222:key/k"),
    ("AutoMinorVersionUpgrade", "True"),
    ("Port", "3306"),
    ("CopyTagsToSnapshot", "True"),
    ("MonitoringInterval", "60"),
    ("MonitoringRoleArn", "arn:aws:iam::222222222222:role/m"),
    ("EnableIAMDatabaseAuthentication", "False"),
    ("BackupRetentionPeriod", "7"),
    ("StorageEncrypted", "True"),
    ("DeletionProtection", "True"),
];

fn kind(more: &[(&str, &str)]) -> CreateRDSReadReplica {
    read(&setting(HERE, "run-1"), &with(&GIVEN, more))
}

/// The new primary in the other Region.
fn primary() -> Facts {
    let kms_key = Some("arn:aws:kms:us-east-1:222222222222:key/k".to_owned());
    let backup_retention_days = Some(7);
    nothing(HERE).add_instance(DbInstance { kms_key, backup_retention_days, ..instance(EAST, "orders") })
}

/// The same, with the old primary in this Region, protected as the older tool left it.
fn both() -> Facts {
    primary().add_instance(DbInstance { deletion_protection: true, ..instance(HERE, "orders") })
}

fn changed(mut facts: Facts, region: &str, change: impl FnOnce(&mut DbInstance)) -> Facts {
    change(facts.instance_mut(region, "orders"));
    facts
}

fn refused(facts: &Facts) -> String {
    refusal(&kind(&[]), facts, &setting(HERE, "run-1"))
}

#[test]
fn a_replica_that_aws_still_configures_is_up_unless_its_backup_retention_must_be_set() {
    let made = |facts: Facts| {
        changed(facts, HERE, |made| {
            made.status = "configuring-enhanced-monitoring".to_owned();
            made.replica_of = Some("arn:aws:rds:us-east-1:222222222222:db:orders".to_owned());
            made.kms_key = Some("arn:aws:kms:us-west-2:222222222222:key/k".to_owned());
        })
    };
    for (days, next) in [("0", "done"), ("7", "wait: 'orders' is 'configuring-enhanced-monitoring'")] {
        let kind = kind(&[("BackupRetentionPeriod", days)]);
        assert_eq!(first(&kind, &made(both()), &setting(HERE, "run-1")), next, "{days}");
    }
}

#[test]
fn a_replica_that_differs_from_the_requested_one_is_not_the_result_unless_this_recovery_made_it() {
    let made = |change: fn(&mut DbInstance)| {
        changed(both(), HERE, |made| {
            made.replica_of = Some("arn:aws:rds:us-east-1:222222222222:db:orders".to_owned());
            made.kms_key = Some("arn:aws:kms:us-west-2:222222222222:key/k".to_owned());
            made.backup_retention_days = Some(7);
            change(made);
        })
    };
    assert_eq!(refused(&made(|_| {})), "");
    let said = refused(&made(|made| made.class = "db.t4g.micro".to_owned()));
    assert!(
        said.contains("already follows") && said.contains("the class db.t4g.micro, not db.r6g.large"),
        "{said}"
    );
    type Change = fn(&mut DbInstance);
    let changes: [(&str, Change, &str); 4] = [
        ("DBInstanceClass", |made| made.class = "db.t4g.micro".to_owned(), "db.t4g.micro, not db.r6g.large"),
        ("DBSubnetGroup", |made| made.groups.subnet = vec!["open".to_owned()], "subnet group open"),
        (
            "DBSecurityGroup",
            |made| made.groups.security = vec!["sg-2".to_owned()],
            "security groups sg-2, not sg-1",
        ),
        ("DeletionProtection", |made| made.deletion_protection = false, "DeletionProtection false, not true"),
    ];
    for (parameter, change, expected) in changes {
        let said = refused(&made(change));
        let (unread, setting) = examined::<CreateRDSReadReplica>(&setting(HERE, "run-1"), &GIVEN, parameter);
        assert_eq!(unread.obstacles(&made(change), &setting), [], "{parameter} cannot be read");
        assert!(said.contains("already follows") && said.contains(expected), "{said}");
    }
    let said = refused(&made(|made| made.kms_key = None));
    assert!(said.contains("the key none, not arn:aws:kms:us-west-2:222222222222:key/k"), "{said}");
    let ours = made(|made| {
        made.kms_key = None;
        made.tags = tagging::ours(&setting(HERE, "run-1"));
    });
    assert_eq!(refused(&ours), "");
}

#[test]
fn nothing_is_deleted_for_a_replica_that_aws_would_refuse() {
    let plain = changed(both(), EAST, |source| source.kms_key = None);
    assert!(
        refused(&plain).contains("'orders' is not encrypted, so its replica cannot be"),
        "{}",
        refused(&plain)
    );
    let without_backups = changed(both(), EAST, |source| source.backup_retention_days = Some(0));
    assert!(refused(&without_backups).contains("has no automated backups"), "{}", refused(&without_backups));
    for status in ["deleting", "stopped", "stopping"] {
        let leaving = changed(both(), EAST, |source| source.status = status.to_owned());
        assert!(refused(&leaving).contains(&format!("the new primary 'orders' is '{status}'")), "{status}");
    }
}

#[test]
fn automated_backups_of_the_old_primary_are_kept_beside_its_final_snapshot() {
    let unprotected = changed(both(), HERE, |old| old.deletion_protection = false);
    let Next::Ask { change, .. } = kind(&[]).next(&unprotected, &Value::Null, &setting(HERE, "run-1")) else {
        panic!("it is deleted")
    };
    let Change::DeleteInstance { final_snapshot, keeps_automated_backups, .. } = change else {
        panic!("{change:?}")
    };
    assert!(final_snapshot.is_some() && keeps_automated_backups);
}

#[test]
fn without_an_old_instance_the_replica_is_only_created() {
    assert_eq!(refused(&primary()), "");
    assert_eq!(first(&kind(&[]), &primary(), &setting(HERE, "run-1")), "replica orders of orders");
}

#[test]
fn nothing_is_deleted_unless_the_new_primary_can_take_its_place() {
    let follows = "arn:aws:rds:us-west-2:222222222222:db:orders".to_owned();
    let without = nothing(HERE).add_instance(instance(HERE, "orders"));
    for (facts, said) in [
        (changed(both(), EAST, |there| there.replica_of = Some(follows)), "promote it first"),
        (
            changed(both(), EAST, |there| there.status = "storage-full".to_owned()),
            "'orders' is 'storage-full'",
        ),
        (without, "there is no instance 'orders' in us-east-1"),
    ] {
        let refused = refused(&facts);
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn the_instance_that_a_recovery_promoted_last_is_not_deleted() {
    let promoted = |at: &'static str| {
        move |found: &mut DbInstance| {
            found.tags.insert(tagging::PROMOTED, at);
        }
    };
    let wrong = changed(both(), HERE, promoted("2026-01-01T00:00:00Z"));
    let said = refused(&wrong);
    assert!(
        said.contains("RDSInstanceIdentifier: a recovery made 'orders' in us-west-2 the primary")
            && said.contains("most likely live"),
        "{said}"
    );
    let since = changed(wrong, EAST, promoted("2026-01-01T10:00:00Z"));
    assert_eq!(refused(&since), "", "the other one was promoted since");
}

#[test]
fn only_a_sound_instance_without_source_replicas_and_cluster_is_deleted() {
    let refused = |change: fn(&mut DbInstance)| refused(&changed(both(), HERE, change));
    for (error, said) in [
        (refused(|old| old.replica_of = Some("other".to_owned())), "is a replica of other"),
        (refused(|old| old.replicas = vec!["reader".to_owned()]), "has the replicas reader"),
        (
            refused(|old| old.cluster = Some("shop".parse().unwrap())),
            "use CreateAuroraSecondaryDBCluster for a cluster",
        ),
        (refused(|old| old.status = "failed".to_owned()), "no final snapshot can be taken"),
    ] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn invalid_parameters_are_rejected_such_as_a_source_in_this_region() {
    let here = "arn:aws:rds:us-west-2:222222222222:db:orders-2";
    for (more, said) in [
        (&[("SourceRDSInstanceIdentifier", here), ("SourceRegion", HERE)][..], "where this recovery runs"),
        (&[("SourceRegion", "eu-west-1")], "is not the Region of SourceRDSInstanceIdentifier"),
        (&[("SourceRDSInstanceIdentifier", "arn:orders")], "is not a valid database ARN"),
        (&[("KmsKeyId", "")], "KmsKeyId: is missing; give a key of this Region"),
        (&[("StorageEncrypted", "False")], "StorageEncrypted: is false, but KmsKeyId is given"),
        (&[("BackupRetentionPeriod", "36")], "BackupRetentionPeriod: is 36; AWS allows 0 to 35 days"),
        (&[("MultiAZ", "maybe")], "MultiAZ: is 'maybe'"),
        (&[("DBInstanceClas", "x")], "DBInstanceClas: is not a parameter of this resourceType"),
    ] {
        let error = problems_of::<CreateRDSReadReplica>(&setting(HERE, "run-1"), &with(&GIVEN, more));
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn booleans_and_numbers_are_read_from_texts() {
    let CreateRDSReadReplica { replica: read, backup_days } = kind(&[]);
    assert_eq!((read.multi_az, read.iam_authentication), (Some(false), Some(false)));
    assert_eq!((read.deletion_protection, backup_days), (Some(true), Some(7)));
    assert_eq!((read.port, read.monitoring_interval), (Some(3306), Some(60)));
}
