//! Recoveries of other versions and other tools: one that version 0.1.0 began, and manifests exactly as the READMEs of the
//! older tools have them.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_recover::{Status, Verdict};
use pilot_light_simulator::world::{
    CreateDbInstance, CreateDbInstanceReadReplica, InstanceOptions, ModifyDbInstance, Request,
};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::estate::{CARTS, EAST, Estate, WEST, instance, other};
use pilot_light_tests::recovery::manifests::{one, resource, restore, restores};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::{Execution, progress};
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

/// Tags and notes that version 0.1.0 does not write.
const NEWER_TAGS: [&str; 4] =
    ["PilotLightStarted", "PilotLightManifest", "PilotLightDataTime", "PilotLightReplaces"];

/// Turns what an execution has made so far into what version 0.1.0 would have made.
fn as_0_1_0(estate: &Estate, state: &mut Value) {
    for name in estate.instances(WEST) {
        let arn = format!("arn:aws:rds:{WEST}:{DESTINATION}:db:{name}");
        let keys = NEWER_TAGS.map(str::to_owned).to_vec();
        estate.set(WEST, Request::RemoveTagsFromResource(arn, keys));
    }
    state["progress"].as_object_mut().unwrap().remove("recovery");
    for resource in state["progress"]["resources"].as_array_mut().unwrap() {
        if let Some(mark) = resource["mark"].as_object_mut() {
            mark["noted"] = Value::Null;
        }
    }
}

/// An execution that version 0.1.0 began with this manifest, after `steps` steps.
fn begun(estate: &Estate, purpose: &'static str, manifest: &Value, steps: usize) -> (Execution, Value) {
    let mut execution = estate.execution(WEST, purpose, "run-1");
    let mut state = execution.validate(manifest).unwrap();
    for _ in 0..steps {
        execution.step(&mut state).unwrap();
    }
    as_0_1_0(estate, &mut state);
    (execution, state)
}

#[test]
fn a_restore_and_a_promotion_that_are_under_way_during_an_update_reach_their_end() {
    let promote = resource("PromoteRDSReadReplica", "promote", json!({"RDSInstanceIdentifier": "stock"}));
    for manifest in [one(restore("orders")), one(promote)] {
        for steps in [1, 2] {
            let estate = Estate::default().of_copies();
            estate.copy("orders-1", "orders");
            estate.database(EAST, "stock", &[]);
            estate.replica(WEST, "stock");
            let (mut execution, mut state) = begun(&estate, "failover", &manifest, steps);
            while execution.step(&mut state).unwrap() {}
            let end = progress(&state);
            assert_eq!(end.verdict, Verdict::Recovered, "{steps}: {}", end.message);
        }
    }
}

#[test]
fn a_recovery_that_0_1_0_began_is_continued_by_the_same_manifest() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    estate.copy("billing-1", "billing");
    let manifest = restores(&[&["orders"], &["billing"]]);
    let _ = begun(&estate, "failover", &manifest, 1);
    estate.copy("orders-2", "orders");
    let end = estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap();
    assert_eq!(statuses(&end), [Status::Recovered; 2], "{}", end.message);
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("orders-1"));
    assert_eq!(end.recovery.unwrap().id, "run-1");
}

#[test]
fn a_drill_that_is_under_way_during_an_update_restores_nothing_twice_and_leaves_nothing_behind() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    let manifest =
        one(resource("RestoreDrill", "the drill of orders", json!({"DBInstanceIdentifier": "orders"})));
    let (mut execution, mut state) = begun(&estate, "drill", &manifest, 1);
    let [made] = <[String; 1]>::try_from(estate.instances(WEST)).unwrap();
    // Version 0.1.0 named the instance after the execution: FNV-1a of "orders/run-1".
    let rename = ModifyDbInstance {
        name: made,
        new_name: Some("drill-orders-949d5a98".to_owned()),
        apply_immediately: true,
        ..Default::default()
    };
    estate.set(WEST, Request::ModifyDbInstance(rename));
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert_eq!(estate.instances(WEST), [""; 0]);
    let restores = estate.changes().into_iter().filter(|action| action.starts_with("Restore")).count();
    assert_eq!(restores, 1);
}

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
