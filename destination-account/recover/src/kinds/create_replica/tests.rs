use serde_json::json;

use super::*;
use crate::Status;
use crate::fake::{Drive, HERE, THERE, World, instance};

const PRIMARY: &str = "arn:aws:rds:us-east-1:222222222222:db:orders";

fn manifest(more: &[(&str, &str)]) -> Value {
    let mut parameters = json!({
        "SourceRDSInstanceIdentifier": PRIMARY, "RDSInstanceIdentifier": "orders", "SourceRegion": THERE,
        "DBInstanceClass": "db.r6g.large", "MultiAZ": "False", "DBSubnetGroup": "private", "DBSecurityGroup": "sg-1",
        "KmsKeyId": "arn:aws:kms:us-west-2:222222222222:key/k", "AutoMinorVersionUpgrade": "True", "Port": "3306",
        "CopyTagsToSnapshot": "True", "MonitoringInterval": "60", "MonitoringRoleArn": "arn:aws:iam::2:role/m",
        "EnableIAMDatabaseAuthentication": "False", "BackupRetentionPeriod": "7", "StorageEncrypted": "True",
        "DeletionProtection": "True",
    });
    for (name, value) in more {
        parameters[*name] = json!(value);
    }
    json!({"StatePayload": [{"layer": 1, "resources": [{"resourceType": "CreateRDSReadReplica",
        "resourceName": "orders back", "parameters": parameters}]}]})
}

/// The old primary in this Region, protected as the older tool left it, and the new primary in the other Region.
fn world() -> World {
    let old = DbInstance { deletion_protection: true, ..instance(HERE, "orders") };
    World::default().with_instances([old, instance(THERE, "orders")])
}

fn refused(world: World, input: &Value) -> String {
    Drive::new(world, "failback").run(input).unwrap_err().to_string()
}

#[test]
fn the_old_primary_is_deleted_with_a_final_snapshot_and_becomes_a_replica() {
    let mut drive = Drive::new(world(), "failback");
    let end = drive.run(&manifest(&[])).unwrap();
    assert_eq!(end.resources[0].status, Status::Recovered);
    let done = drive.done();
    assert_eq!(done.len(), 4, "{done:?}");
    assert_eq!(done[0], "protect orders false");
    assert!(done[1].starts_with("delete orders keeping final-orders-"), "{done:?}");
    assert_eq!(done[2..], ["replica orders of orders", "keep backups of orders for 7 days"]);
    drive.cloud.with(|world| assert!(world.get(HERE, "orders").deletion_protection));
}

#[test]
fn a_replica_that_aws_still_configures_is_up_unless_its_backup_retention_must_be_set() {
    for (days, verdict) in [("0", "recovered"), ("7", "waiting")] {
        let world = World::default().with_instances([instance(THERE, "orders")]);
        let mut drive = Drive::new(world, "failback");
        let mut state = drive.validate(&manifest(&[("BackupRetentionPeriod", days)])).unwrap();
        state["progress"] = drive.operate("start", &state).unwrap();
        let status = "configuring-enhanced-monitoring".to_owned();
        drive.cloud.with(|world| world.get(HERE, "orders").status = status);
        assert_eq!(drive.operate("check", &state).unwrap()["verdict"], verdict, "{days}");
        assert_eq!(drive.cloud.with(|world| world.requested), 1, "AWS would refuse to change it");
    }
}

#[test]
fn the_deletion_protection_of_the_replica_does_not_block_the_next_failback() {
    let mut drive = Drive::new(world(), "failback");
    drive.run(&manifest(&[])).unwrap();
    // The next failover promotes the replica. It is then independent and protected.
    drive.cloud.with(|world| world.get(HERE, "orders").replica_of = None);
    drive.execution = "run-2";
    drive.run(&manifest(&[])).unwrap();
    let done = drive.done();
    assert_eq!((done.len(), done[4].as_str()), (8, "protect orders false"));
    assert_ne!(done[1], done[5], "each final snapshot has its own name");
}

#[test]
fn without_an_old_instance_the_replica_is_only_created() {
    let mut drive = Drive::new(World::default().with_instances([instance(THERE, "orders")]), "failback");
    drive.run(&manifest(&[])).unwrap();
    assert_eq!(drive.done(), ["replica orders of orders", "keep backups of orders for 7 days"]);
}

#[test]
fn the_same_manifest_started_again_finds_the_replica_done() {
    let mut drive = Drive::new(world(), "failback");
    drive.run(&manifest(&[])).unwrap();
    drive.execution = "run-2";
    let end = drive.run(&manifest(&[])).unwrap();
    assert_eq!((end.resources[0].step.as_str(), drive.done().len()), ("was already done", 4));
}

#[test]
fn nothing_is_deleted_unless_the_new_primary_can_take_its_place() {
    let mut follows = world();
    follows.get(THERE, "orders").replica_of = Some("arn:aws:rds:us-west-2:222222222222:db:orders".to_owned());
    let mut broken = world();
    broken.get(THERE, "orders").status = "storage-full".to_owned();
    let mut gone = world();
    gone.instances.retain(|found| found.arn.id.region.as_str() == HERE);
    for (world, said) in [
        (follows, "promote it first"),
        (broken, "'orders' is 'storage-full'"),
        (gone, "there is no instance 'orders' in us-east-1"),
    ] {
        let error = refused(world, &manifest(&[]));
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn only_a_sound_instance_without_source_replicas_and_cluster_is_deleted() {
    let changed = |change: fn(&mut DbInstance)| {
        let mut world = world();
        change(world.get(HERE, "orders"));
        refused(world, &manifest(&[]))
    };
    for (error, said) in [
        (changed(|old| old.replica_of = Some("other".to_owned())), "is a replica of other"),
        (changed(|old| old.replicas = vec!["reader".to_owned()]), "has the replicas reader"),
        (changed(|old| old.cluster = Some("shop".parse().unwrap())), "is a member of cluster 'shop'"),
        (changed(|old| old.status = "failed".to_owned()), "no final snapshot can be taken"),
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
        let error = refused(world(), &manifest(more));
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn booleans_and_numbers_are_read_from_texts() {
    let given = manifest(&[])["StatePayload"][0]["resources"][0]["parameters"].clone();
    let given = given.as_object().unwrap().iter();
    let given = given.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    let mut fields = Fields::new(given);
    let read = CreateRDSReadReplica::read(&mut fields, &crate::fake::setting("run-1", "orders")).unwrap();
    let CreateRDSReadReplica { replica: read, backup_days } = read;
    assert_eq!(fields.finish(), []);
    assert_eq!((read.multi_az, read.iam_authentication), (Some(false), Some(false)));
    assert_eq!((read.deletion_protection, backup_days), (Some(true), Some(7)));
    assert_eq!((read.port, read.monitoring_interval), (Some(3306), Some(60)));
}
