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

/// The old primary here, protected as the older tool left it, and the new one there.
fn world() -> World {
    let old = DbInstance { deletion_protection: true, ..instance(HERE, "orders") };
    World::default().with_instances([old, instance(THERE, "orders")])
}

fn refused(world: World, input: &Value) -> String {
    Drive::new(world, "failback").run(input).unwrap_err().to_string()
}

#[test]
fn the_old_primary_is_kept_in_a_snapshot_and_becomes_a_replica() {
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
fn a_replica_that_is_still_configured_is_up_unless_its_backups_are_to_be_set() {
    for (days, verdict) in [("0", "recovered"), ("7", "waiting")] {
        let world = World::default().with_instances([instance(THERE, "orders")]);
        let mut drive = Drive::new(world, "failback");
        let mut state = drive.validate(&manifest(&[("BackupRetentionPeriod", days)])).unwrap();
        state["progress"] = drive.operate("start", &state).unwrap();
        let status = "configuring-enhanced-monitoring".to_owned();
        drive.cloud.with(|world| world.get(HERE, "orders").status = status);
        assert_eq!(drive.operate("check", &state).unwrap()["verdict"], verdict, "{days}");
        assert_eq!(drive.cloud.with(|world| world.asked), 1, "AWS would refuse to change it");
    }
}

#[test]
fn the_protection_it_sets_does_not_block_the_next_failback() {
    let mut drive = Drive::new(world(), "failback");
    drive.run(&manifest(&[])).unwrap();
    // The replica is promoted in the next failover, and stands alone, protected.
    drive.cloud.with(|world| world.get(HERE, "orders").replica_of = None);
    drive.execution = "run-2";
    drive.run(&manifest(&[])).unwrap();
    let done = drive.done();
    assert_eq!((done.len(), done[4].as_str()), (8, "protect orders false"));
    assert_ne!(done[1], done[5], "each final snapshot has its own name");
}

#[test]
fn without_an_old_instance_it_is_only_created() {
    let mut drive = Drive::new(World::default().with_instances([instance(THERE, "orders")]), "failback");
    drive.run(&manifest(&[])).unwrap();
    assert_eq!(drive.done(), ["replica orders of orders", "keep backups of orders for 7 days"]);
}

#[test]
fn the_same_manifest_again_finds_it_done() {
    let mut drive = Drive::new(world(), "failback");
    drive.run(&manifest(&[])).unwrap();
    drive.execution = "run-2";
    let end = drive.run(&manifest(&[])).unwrap();
    assert_eq!((end.resources[0].step.as_str(), drive.done().len()), ("was already done", 4));
}

#[test]
fn nothing_is_deleted_unless_the_new_primary_takes_its_place() {
    let mut follows = world();
    follows.get(THERE, "orders").replica_of = Some("arn:aws:rds:us-west-2:222222222222:db:orders".to_owned());
    let mut broken = world();
    broken.get(THERE, "orders").status = "storage-full".to_owned();
    let mut gone = world();
    gone.instances.retain(|found| found.arn.id.region.as_str() == HERE);
    for (world, said) in [
        (follows, "promote it first"),
        (broken, "'orders' is storage-full"),
        (gone, "there is no instance 'orders' in us-east-1"),
    ] {
        let error = refused(world, &manifest(&[]));
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn deleted_is_only_what_stands_alone() {
    let changed = |change: fn(&mut DbInstance)| {
        let mut world = world();
        change(world.get(HERE, "orders"));
        refused(world, &manifest(&[]))
    };
    for (error, said) in [
        (changed(|old| old.replica_of = Some("other".to_owned())), "is a replica of other"),
        (changed(|old| old.replicas = vec!["reader".to_owned()]), "is followed by reader"),
        (changed(|old| old.cluster = Some("shop".parse().unwrap())), "is a member of cluster 'shop'"),
        (changed(|old| old.status = "failed".to_owned()), "no final snapshot can be taken"),
    ] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn the_source_is_in_another_region() {
    let here = "arn:aws:rds:us-west-2:222222222222:db:orders-2";
    for (more, said) in [
        (&[("SourceRDSInstanceIdentifier", here), ("SourceRegion", HERE)][..], "where this runs"),
        (&[("SourceRegion", "eu-west-1")], "is not the Region of SourceRDSInstanceIdentifier"),
        (&[("SourceRDSInstanceIdentifier", "orders")], "is no database ARN"),
        (&[("KmsKeyId", "")], "KmsKeyId: is missing; StorageEncrypted needs"),
        (&[("StorageEncrypted", "False")], "StorageEncrypted: is false, and KmsKeyId is given"),
        (&[("BackupRetentionPeriod", "36")], "35 days at most"),
        (&[("MultiAZ", "maybe")], "MultiAZ: is 'maybe'"),
        (&[("DBInstanceClas", "x")], "DBInstanceClas: is no parameter of this type"),
    ] {
        let error = refused(world(), &manifest(more));
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn texts_are_read_as_what_they_mean() {
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
