//! Recoveries with manifests of the older tools, exactly as their READMEs have them.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_recover::Status;
use pilot_light_simulator::world::{CreateDbInstance, CreateDbInstanceReadReplica, InstanceOptions, Request};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::estate::{CARTS, EAST, Estate, WEST, instance, other};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::Value;

/// The failover of the guide "DR Orchestrator Framework".
const FAILOVER: &str = r#"{
  "StatePayload": [
    {
      "layer": 1,
      "resources": [
        {
          "resourceType": "PromoteRDSReadReplica",
          "resourceName": "Promote RDS MySQL Read Replica",
          "parameters": {
            "RDSInstanceIdentifier": "!Import rds-mysql-instance-identifier",
            "TargetClusterIdentifier": "!Import rds-mysql-instance-global-arn"
          }
        },
        {
          "resourceType": "FailoverElastiCacheCluster",
          "resourceName": "Failover ElastiCache Cluster",
          "parameters": {
            "GlobalReplicationGroupId": "!Import demo-redis-cluster-global-replication-group-id",
            "TargetRegion": "!Import demo-redis-cluster-target-region",
            "TargetReplicationGroupId": "!Import demo-redis-cluster-target-replication-group-id"
          }
        }
      ]
    }
  ]
}"#;

/// The failback of the same guide.
const FAILBACK: &str = r#"{
  "StatePayload": [
    {
      "layer": 1,
      "resources": [
        {
          "resourceType": "CreateRDSReadReplica",
          "resourceName": "Create RDS for MySQL Read Replica",
          "parameters": {
            "RDSInstanceIdentifier": "!Import rds-mysql-instance-identifier",
            "TargetClusterIdentifier": "!Import rds-mysql-instance-global-arn",
            "SourceRDSInstanceIdentifier": "!Import rds-mysql-instance-source-identifier",
            "SourceRegion": "!Import rds-mysql-instance-SourceRegion",
            "MultiAZ": "!Import rds-mysql-instance-MultiAZ",
            "DBInstanceClass": "!Import rds-mysql-instance-DBInstanceClass",
            "DBSubnetGroup": "!Import rds-mysql-instance-DBSubnetGroup",
            "DBSecurityGroup": "!Import rds-mysql-instance-DBSecurityGroup",
            "KmsKeyId": "!Import rds-mysql-instance-KmsKeyId",
            "BackupRetentionPeriod": "7",
            "MonitoringInterval": "60",
            "StorageEncrypted": "True",
            "EnableIAMDatabaseAuthentication": "True",
            "DeletionProtection": "True",
            "CopyTagsToSnapshot": "True",
            "AutoMinorVersionUpgrade": "True",
            "Port": "!Import rds-mysql-instance-DBPortNumber",
            "MonitoringRoleArn": "!Import rds-mysql-instance-RDSMonitoringRole"
          }
        }
      ]
    }
  ]
}"#;

/// The key of the databases in a Region.
fn key(place: &str) -> String {
    format!("arn:aws:kms:{place}:{DESTINATION}:key/rds")
}

/// The exports of the older tool's stack in a Region. It exports no global ARN of an instance, because there is none.
fn exports(estate: &Estate, place: &str, group: &str) {
    let cloud = estate.cloud(place);
    let groups =
        Groups { simulation: &estate.simulation, account: account(DESTINATION), region: region(place) };
    groups.subnet_group("private");
    for (name, value) in [
        ("rds-mysql-instance-identifier", "orders"),
        ("rds-mysql-instance-source-identifier", "orders"),
        ("rds-mysql-instance-SourceRegion", other(place)),
        ("rds-mysql-instance-MultiAZ", "False"),
        ("rds-mysql-instance-DBInstanceClass", "db.r6g.large"),
        ("rds-mysql-instance-DBSubnetGroup", "private"),
        ("rds-mysql-instance-DBSecurityGroup", &groups.security_group("databases")),
        ("rds-mysql-instance-KmsKeyId", &key(place)),
        ("rds-mysql-instance-DBPortNumber", "5432"),
        ("rds-mysql-instance-RDSMonitoringRole", "arn:aws:iam::222222222222:role/monitoring"),
        ("demo-redis-cluster-global-replication-group-id", CARTS),
        ("demo-redis-cluster-target-region", place),
        ("demo-redis-cluster-target-replication-group-id", group),
    ] {
        cloud.set_export(name, value);
    }
}

#[test]
fn the_manifests_of_the_dr_orchestrator_work_as_its_guide_has_them_there_and_back() {
    let estate = Estate::default();
    for place in [EAST, WEST] {
        let key = key(place).parse().unwrap();
        estate.simulation.with_world(|world| world.register_key(key, BTreeSet::new()));
    }
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    let create = CreateDbInstance {
        name: "orders".to_owned(),
        engine: "postgres".to_owned(),
        class: "db.r6g.large".to_owned(),
        kms_key: Some(key(EAST)),
        encrypted: true,
        options,
        ..Default::default()
    };
    estate.set(EAST, Request::CreateDbInstance(create));
    let replica = CreateDbInstanceReadReplica {
        name: "orders".to_owned(),
        source: instance(EAST, "orders"),
        kms_key: Some(key(WEST)),
        ..Default::default()
    };
    estate.set(WEST, Request::CreateDbInstanceReadReplica(replica));
    estate.carts();
    exports(&estate, WEST, "carts-dr");
    exports(&estate, EAST, "carts");
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let there = estate.execution(WEST, "failover", "there").run(&read(FAILOVER)).unwrap();
    assert_eq!(statuses(&there), [Status::Recovered; 2], "{}", there.message);
    let back = estate.execution(EAST, "failback", "back").run(&read(FAILBACK)).unwrap();
    assert_eq!(statuses(&back), [Status::Recovered], "{}", back.message);
    let home = estate.execution(EAST, "failover", "home").run(&read(FAILOVER)).unwrap();
    assert_eq!(statuses(&home), [Status::Recovered; 2], "{}", home.message);
}
