//! Tests of the requests that create a database: every given field, no other field, and a signed URL where AWS needs
//! one.

use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{
    Change, CreateClusterInstance, CreateReplica, CreateSecondaryCluster, RestoreInstance,
};

use super::request_of;
use crate::testing::{pairs, region};

fn restore() -> RestoreInstance {
    RestoreInstance {
        instance: "orders".parse().unwrap(),
        snapshot: "arn:aws:rds:us-west-2:111111111111:snapshot:s1".parse().unwrap(),
        class: None,
        capacity_reservation: None,
        subnet_group: None,
        security_groups: Vec::new(),
        parameter_group: None,
        option_group: None,
        multi_az: None,
        public: None,
        port: None,
        storage_type: None,
        iops: None,
        deletion_protection: None,
        copy_tags_to_snapshot: None,
        tags: tags::of([]),
    }
}

fn replica(source: &str, key: Option<&str>) -> CreateReplica {
    CreateReplica {
        instance: "orders".parse().unwrap(),
        source: source.parse().unwrap(),
        class: None,
        multi_az: None,
        subnet_group: None,
        security_groups: Vec::new(),
        kms_key: key.map(ToOwned::to_owned),
        auto_minor_version_upgrade: None,
        port: None,
        copy_tags_to_snapshot: None,
        monitoring_interval: None,
        monitoring_role: None,
        iam_authentication: None,
        deletion_protection: None,
        tags: tags::of([]),
    }
}

fn secondary(source: &str, key: Option<&str>) -> CreateSecondaryCluster {
    CreateSecondaryCluster {
        cluster: "shop".parse().unwrap(),
        global: "shop-global".to_owned(),
        source_region: Some(region(source)),
        engine: "aurora-postgresql".to_owned(),
        engine_version: None,
        port: None,
        subnet_group: None,
        security_groups: Vec::new(),
        kms_key: key.map(ToOwned::to_owned),
        encrypted: None,
        backup_retention_days: None,
        iam_authentication: None,
        deletion_protection: None,
        copy_tags_to_snapshot: None,
        tags: tags::of([]),
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The fields of the request for `change`. They are sorted, because their order is the SDK's choice.
async fn sorted(change: Change, place: &str) -> Vec<(String, String)> {
    let mut sent = request_of(&change, place).await;
    sent.sort();
    sent
}

#[tokio::test]
async fn a_restore_without_options_leaves_them_all_to_the_snapshot() {
    let expected = [
        ("DBInstanceIdentifier", "orders"),
        ("DBSnapshotIdentifier", "arn:aws:rds:us-west-2:111111111111:snapshot:s1"),
    ];
    assert_eq!(sorted(Change::RestoreInstance(Box::new(restore())), "us-west-2").await, pairs(expected));
}

#[tokio::test]
async fn a_restore_sends_each_of_its_options() {
    let full = RestoreInstance {
        class: text("db.m7g.large"),
        capacity_reservation: text("dbcr-1"),
        subnet_group: text("private"),
        security_groups: vec!["sg-1".to_owned(), "sg-2".to_owned()],
        parameter_group: text("pg"),
        option_group: text("og"),
        multi_az: Some(true),
        public: Some(false),
        port: Some(5433),
        storage_type: text("io2"),
        iops: Some(12_000),
        deletion_protection: Some(true),
        copy_tags_to_snapshot: Some(true),
        tags: tags::of([("RestoredFrom", "s1")]),
        ..restore()
    };
    let expected = [
        ("CopyTagsToSnapshot", "true"),
        ("DBCapacityReservationIdentifier", "dbcr-1"),
        ("DBInstanceClass", "db.m7g.large"),
        ("DBInstanceIdentifier", "orders"),
        ("DBParameterGroupName", "pg"),
        ("DBSnapshotIdentifier", "arn:aws:rds:us-west-2:111111111111:snapshot:s1"),
        ("DBSubnetGroupName", "private"),
        ("DeletionProtection", "true"),
        ("Iops", "12000"),
        ("MultiAZ", "true"),
        ("OptionGroupName", "og"),
        ("Port", "5433"),
        ("PubliclyAccessible", "false"),
        ("StorageType", "io2"),
        ("Tags.Tag.1.Key", "RestoredFrom"),
        ("Tags.Tag.1.Value", "s1"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-1"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.2", "sg-2"),
    ];
    assert_eq!(sorted(Change::RestoreInstance(Box::new(full)), "us-west-2").await, pairs(expected));
}

#[tokio::test]
async fn a_replica_sends_each_of_its_options() {
    const SOURCE: &str = "arn:aws:rds:us-east-1:111111111111:db:orders";
    let bare = Change::CreateReplica(Box::new(replica(SOURCE, None)));
    let expected = [("DBInstanceIdentifier", "orders"), ("SourceDBInstanceIdentifier", SOURCE)];
    assert_eq!(sorted(bare, "us-west-2").await, pairs(expected));
    let full = CreateReplica {
        class: text("db.m7g.large"),
        multi_az: Some(false),
        subnet_group: text("private"),
        security_groups: vec!["sg-1".to_owned()],
        auto_minor_version_upgrade: Some(true),
        port: Some(3306),
        copy_tags_to_snapshot: Some(true),
        monitoring_interval: Some(60),
        monitoring_role: text("arn:aws:iam::111111111111:role/m"),
        iam_authentication: Some(true),
        deletion_protection: Some(false),
        tags: tags::of([("a", "b")]),
        ..replica(SOURCE, Some("k1"))
    };
    let expected = [
        ("AutoMinorVersionUpgrade", "true"),
        ("CopyTagsToSnapshot", "true"),
        ("DBInstanceClass", "db.m7g.large"),
        ("DBInstanceIdentifier", "orders"),
        ("DBSubnetGroupName", "private"),
        ("DeletionProtection", "false"),
        ("EnableIAMDatabaseAuthentication", "true"),
        ("KmsKeyId", "k1"),
        ("MonitoringInterval", "60"),
        ("MonitoringRoleArn", "arn:aws:iam::111111111111:role/m"),
        ("MultiAZ", "false"),
        ("Port", "3306"),
        ("SourceDBInstanceIdentifier", SOURCE),
        ("Tags.Tag.1.Key", "a"),
        ("Tags.Tag.1.Value", "b"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-1"),
    ];
    assert_eq!(sorted(Change::CreateReplica(Box::new(full)), "us-west-2").await, pairs(expected));
}

#[tokio::test]
async fn a_secondary_cluster_sends_each_of_its_options() {
    let full = CreateSecondaryCluster {
        engine_version: text("16.4"),
        port: Some(5432),
        subnet_group: text("private"),
        security_groups: vec!["sg-1".to_owned()],
        encrypted: Some(true),
        backup_retention_days: Some(7),
        iam_authentication: Some(false),
        deletion_protection: Some(true),
        copy_tags_to_snapshot: Some(true),
        tags: tags::of([("a", "b")]),
        ..secondary("us-east-1", Some("k1"))
    };
    let expected = [
        ("BackupRetentionPeriod", "7"),
        ("CopyTagsToSnapshot", "true"),
        ("DBClusterIdentifier", "shop"),
        ("DBSubnetGroupName", "private"),
        ("DeletionProtection", "true"),
        ("EnableIAMDatabaseAuthentication", "false"),
        ("Engine", "aurora-postgresql"),
        ("EngineVersion", "16.4"),
        ("GlobalClusterIdentifier", "shop-global"),
        ("KmsKeyId", "k1"),
        ("Port", "5432"),
        ("StorageEncrypted", "true"),
        ("Tags.Tag.1.Key", "a"),
        ("Tags.Tag.1.Value", "b"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-1"),
    ];
    assert_eq!(sorted(Change::CreateSecondaryCluster(Box::new(full)), "us-west-2").await, pairs(expected));
    let bare = Change::CreateSecondaryCluster(Box::new(secondary("us-east-1", None)));
    let expected = [
        ("DBClusterIdentifier", "shop"),
        ("Engine", "aurora-postgresql"),
        ("GlobalClusterIdentifier", "shop-global"),
    ];
    assert_eq!(sorted(bare, "us-west-2").await, pairs(expected));
}

#[tokio::test]
async fn an_instance_of_a_cluster_sends_each_of_its_options() {
    let full = CreateClusterInstance {
        instance: "shop-1".parse().unwrap(),
        cluster: "shop".parse().unwrap(),
        engine: "aurora-postgresql".to_owned(),
        class: "db.r7g.large".to_owned(),
        auto_minor_version_upgrade: Some(false),
        monitoring_interval: Some(0),
        monitoring_role: text("role"),
        tags: tags::of([("a", "b")]),
    };
    let expected = [
        ("AutoMinorVersionUpgrade", "false"),
        ("DBClusterIdentifier", "shop"),
        ("DBInstanceClass", "db.r7g.large"),
        ("DBInstanceIdentifier", "shop-1"),
        ("Engine", "aurora-postgresql"),
        ("MonitoringInterval", "0"),
        ("MonitoringRoleArn", "role"),
        ("Tags.Tag.1.Key", "a"),
        ("Tags.Tag.1.Value", "b"),
    ];
    assert_eq!(sorted(Change::CreateClusterInstance(Box::new(full)), "us-west-2").await, pairs(expected));
}

/// The endpoint and the fields of the signed URL of a request, without the fields of the signature.
async fn signed(change: Change, place: &str) -> Option<(String, Vec<(String, String)>)> {
    let sent = request_of(&change, place).await;
    let (_, url) = sent.into_iter().find(|(name, _)| name == "PreSignedUrl")?;
    let (endpoint, query) = url.split_once('?').unwrap();
    let all = form_urlencoded::parse(query.as_bytes()).into_owned();
    Some((endpoint.to_owned(), all.filter(|(name, _)| !name.starts_with("X-Amz-")).collect()))
}

#[tokio::test]
async fn an_encrypted_replica_between_govcloud_regions_carries_a_url_signed_for_the_source_region() {
    const SOURCE: &str = "arn:aws-us-gov:rds:us-gov-east-1:111111111111:db:orders";
    let change = |key| Change::CreateReplica(Box::new(replica(SOURCE, key)));
    let expected = [
        ("Action", "CreateDBInstanceReadReplica"),
        ("Version", "2014-10-31"),
        ("DBInstanceIdentifier", "orders"),
        ("SourceDBInstanceIdentifier", SOURCE),
        ("KmsKeyId", "k1"),
        ("DestinationRegion", "us-gov-west-1"),
    ];
    let endpoint = "https://rds.us-gov-east-1.amazonaws.com/".to_owned();
    assert_eq!(signed(change(Some("k1")), "us-gov-west-1").await, Some((endpoint, pairs(expected))));
    assert_eq!(signed(change(None), "us-gov-west-1").await, None);
}

#[tokio::test]
async fn an_encrypted_secondary_cluster_between_chinas_regions_carries_a_signed_url() {
    let change = |cluster| Change::CreateSecondaryCluster(Box::new(cluster));
    let china = || secondary("cn-north-1", Some("k1"));
    let expected = [
        ("Action", "CreateDBCluster"),
        ("Version", "2014-10-31"),
        ("DBClusterIdentifier", "shop"),
        ("GlobalClusterIdentifier", "shop-global"),
        ("Engine", "aurora-postgresql"),
        ("EngineVersion", "16.4"),
        ("StorageEncrypted", "true"),
        ("KmsKeyId", "k1"),
        ("DestinationRegion", "cn-northwest-1"),
    ];
    let versioned = CreateSecondaryCluster { engine_version: text("16.4"), encrypted: Some(true), ..china() };
    let endpoint = "https://rds.cn-north-1.amazonaws.com.cn/".to_owned();
    assert_eq!(signed(change(versioned), "cn-northwest-1").await, Some((endpoint, pairs(expected))));
    assert_eq!(signed(change(china()), "cn-north-1").await, None);
    let unknown = CreateSecondaryCluster { source_region: None, ..china() };
    assert_eq!(signed(change(unknown), "cn-northwest-1").await, None);
}
