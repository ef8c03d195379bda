//! The manifests of the DR Orchestrator for Aurora, there and back: every value is a text, and most are imported.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_recover::Status;
use pilot_light_simulator::world::{
    ClusterOptions, ClusterRequest, CreateDbCluster, CreateDbInstance, CreateGlobalCluster, Request,
};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST, other};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

const VERSION: &str = "8.0.mysql_aurora.3.08.0";

fn key(place: &str) -> String {
    format!("arn:aws:kms:{place}:{DESTINATION}:key/rds")
}

fn name(place: &str) -> &'static str {
    if place == EAST { "dbcluster-01" } else { "dbcluster-02" }
}

fn arn(place: &str) -> String {
    format!("arn:aws:rds:{place}:{DESTINATION}:cluster:{}", name(place))
}

/// A global cluster with an encrypted primary in the east and a secondary in the west, and the exports of the older tool's
/// stacks in both Regions.
fn estate() -> Estate {
    let estate = Estate::default();
    for place in [EAST, WEST] {
        let key = key(place).parse().unwrap();
        estate.simulation.with_world(|world| world.register_key(key, BTreeSet::new()));
        exports(&estate, place);
    }
    cluster(&estate, EAST, None);
    let (id, source) = ("shop".to_owned(), Some(name(EAST).to_owned()));
    let global = CreateGlobalCluster { id, source, ..Default::default() };
    estate.set(EAST, about(ClusterRequest::CreateGlobalCluster(global)));
    cluster(&estate, WEST, Some("shop".to_owned()));
    estate
}

fn about(request: ClusterRequest) -> Request {
    Request::Cluster(Box::new(request))
}

/// A protected cluster with one instance.
fn cluster(estate: &Estate, place: &str, global: Option<String>) {
    let create = CreateDbCluster {
        name: name(place).to_owned(),
        global,
        engine: "aurora-mysql".to_owned(),
        engine_version: Some(VERSION.to_owned()),
        encrypted: Some(true),
        kms_key: Some(key(place)),
        options: ClusterOptions { deletion_protection: Some(true), ..Default::default() },
        ..Default::default()
    };
    estate.set(place, about(ClusterRequest::CreateDbCluster(create)));
    let member = CreateDbInstance {
        name: format!("{}-instance", name(place)),
        engine: "aurora-mysql".to_owned(),
        class: "db.r6g.large".to_owned(),
        cluster: Some(name(place).to_owned()),
        ..Default::default()
    };
    estate.set(place, Request::CreateDbInstance(member));
}

fn exports(estate: &Estate, place: &str) {
    let cloud = estate.cloud(place);
    let groups =
        Groups { simulation: &estate.simulation, account: account(DESTINATION), region: region(place) };
    groups.subnet_group("private");
    for (name, value) in [
        ("global-identifier", "shop"),
        ("cluster-identifier", &arn(place)),
        ("cluster-name", name(place)),
        ("source-cluster-identifier", &arn(other(place))),
        ("instance-identifier", &format!("{}-instance", name(place))),
        ("port", "3787"),
        ("instance-class", "db.r6g.large"),
        ("subnet-group-name", "private"),
        ("security-group-ids", &groups.security_group("databases")),
        ("engine", "aurora-mysql"),
        ("engine-version", VERSION),
        ("key", &key(place)),
        ("source-region", other(place)),
        ("cluster-region", place),
        ("monitoring-role", "arn:aws:iam::222222222222:role/monitoring"),
    ] {
        cloud.set_export(&format!("shop-{name}"), value);
    }
}

/// The value of a parameter that is imported.
fn imported(name: &str) -> String {
    format!("!Import shop-{name}")
}

/// A planned failover. Its manifest is the only one with literal values.
fn planned(place: &str) -> Value {
    let parameters = json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": arn(place)});
    one(resource("PlannedFailoverAurora", "Switchover of the Aurora global database", parameters))
}

fn unplanned() -> Value {
    let parameters = json!({
        "GlobalClusterIdentifier": imported("global-identifier"),
        "DBClusterIdentifier": imported("cluster-identifier"),
        "ClusterRegion": imported("cluster-region"),
    });
    one(resource("UnPlannedFailoverAurora", "Unplanned failover of the Aurora global database", parameters))
}

fn secondary() -> Value {
    let parameters = json!({
        "GlobalClusterIdentifier": imported("global-identifier"),
        "DBClusterIdentifier": imported("cluster-identifier"),
        "DBClusterName": imported("cluster-name"),
        "SourceDBClusterIdentifier": imported("source-cluster-identifier"),
        "DBInstanceIdentifier": imported("instance-identifier"),
        "Port": imported("port"),
        "DBInstanceClass": imported("instance-class"),
        "DBSubnetGroupName": imported("subnet-group-name"),
        "VpcSecurityGroupIds": imported("security-group-ids"),
        "Engine": imported("engine"),
        "EngineVersion": imported("engine-version"),
        "KmsKeyId": imported("key"),
        "SourceRegion": imported("source-region"),
        "ClusterRegion": imported("cluster-region"),
        "BackupRetentionPeriod": "7",
        "MonitoringInterval": "60",
        "StorageEncrypted": "True",
        "EnableIAMDatabaseAuthentication": "True",
        "DeletionProtection": "True",
        "CopyTagsToSnapshot": "True",
        "AutoMinorVersionUpgrade": "True",
        "MonitoringRoleArn": imported("monitoring-role"),
    });
    one(resource("CreateAuroraSecondaryDBCluster", "To create the secondary Aurora cluster", parameters))
}

fn led_by(estate: &Estate, place: &str) {
    let line = format!("shop available, led by {}, of ", name(place));
    let lines = estate.lines();
    assert!(lines.iter().any(|found| found.starts_with(&line)), "{line}: {lines:#?}");
}

#[test]
fn the_aurora_manifests_of_the_dr_orchestrator_fail_over_and_back() {
    let estate = estate();
    let runs = |place, purpose, name: &str, manifest: &Value| {
        let end = estate.execution(place, purpose, name).run(manifest).unwrap();
        assert_eq!(statuses(&end), [Status::Recovered], "{name}: {}", end.message);
        estate.simulation.settle();
    };
    runs(WEST, "failover", "there", &unplanned());
    runs(EAST, "failback", "back", &secondary());
    led_by(&estate, WEST);
    runs(EAST, "failover", "home", &planned(EAST));
    led_by(&estate, EAST);
    // The next outage, with the clusters that the first one left.
    runs(WEST, "failover", "there again", &unplanned());
    runs(EAST, "failback", "back again", &secondary());
    led_by(&estate, WEST);
    let kept = estate.lines().iter().filter(|line| line.contains("kept final-dbcluster-01")).count();
    assert_eq!(kept, 2, "{:#?}", estate.lines());
}
