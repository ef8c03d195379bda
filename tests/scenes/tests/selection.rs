//! Instances that need no snapshot of their own, or of which none can be taken: read replicas and members of clusters.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_domain::run::report::{Entry, Report};
use pilot_light_simulator::world::{
    ClusterRequest, CreateDbCluster, CreateDbInstance, CreateDbInstanceReadReplica, DeleteDbInstance,
    InstanceOptions, Request, SnapshotDump,
};
use pilot_light_tests::{DESTINATION, SOURCE, Scene, Way, account, region};
use source_share::SourceShare;
use source_take::SourceTake;

fn ask(scene: &Scene, request: Request) {
    scene.simulation.request(&account(SOURCE), &region("us-east-1"), request).unwrap();
    scene.simulation.settle();
}

/// Adds an instance `primary`, and `replica`, which follows it.
fn add_replica(scene: &Scene, name: &str, primary: &str) {
    let replica = CreateDbInstanceReadReplica {
        name: name.to_owned(),
        source: primary.to_owned(),
        ..Default::default()
    };
    ask(scene, Request::CreateDbInstanceReadReplica(replica));
}

fn with_replica(pattern: &str) -> Scene {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", pattern);
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let primary = CreateDbInstance {
        name: "primary".to_owned(),
        engine: "postgres".to_owned(),
        options,
        ..Default::default()
    };
    ask(&scene, Request::CreateDbInstance(primary));
    add_replica(&scene, "replica", "primary");
    scene
}

fn taken(scene: &Scene, name: &str) -> Vec<SnapshotDump> {
    let mut all = scene.snapshots(&account(SOURCE), &region("us-east-1"));
    all.retain(|snapshot| snapshot.database.as_str() == name && !snapshot.id.starts_with("rds:"));
    all
}

fn entry<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.subject.ends_with(&format!("/{name}")))
}

#[test]
fn a_replica_whose_primary_is_selected_is_skipped() {
    let scene = with_replica("^(primary|replica)$");
    let report = scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    assert_eq!(taken(&scene, "replica").len(), 0, "snapshots of the replica");
    assert_eq!(taken(&scene, "primary").len(), 1);
    let reason = entry(&report.settled, "replica").unwrap();
    assert_eq!(reason.what, "ReplicaOfSelected");
    assert!(reason.detail.contains("primary"), "{reason:?}");
}

#[test]
fn a_replica_whose_primary_is_not_selected_is_taken() {
    let scene = with_replica("^replica$");
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    assert_eq!(taken(&scene, "replica").len(), 1);
}

#[test]
fn a_replica_of_a_replica_is_skipped_with_it() {
    let scene = with_replica("primary|replica|second");
    let modify = pilot_light_simulator::world::ModifyDbInstance {
        name: "replica".to_owned(),
        options: InstanceOptions { backup_retention_days: Some(1), ..Default::default() },
        ..Default::default()
    };
    ask(&scene, Request::ModifyDbInstance(modify));
    add_replica(&scene, "second", "replica");
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    assert_eq!(taken(&scene, "second").len(), 0, "snapshots of the second replica");
    assert_eq!(taken(&scene, "primary").len(), 1);
}

fn oldest_age(report: &Report) -> TimeDelta {
    let metrics = report.metrics();
    let age = metrics.iter().find(|metric| metric.name == MetricName::OldestRecoveryPointAge).unwrap();
    TimeDelta::milliseconds((age.value * 1000.0) as i64)
}

fn hour(scene: &Scene) -> Report {
    for _ in 0..2 {
        scene.run_cleanly(&SourceTake);
        scene.simulation.settle();
        scene.run_cleanly(&SourceShare);
        scene.run_cleanly(&DestinationCopy);
        scene.simulation.settle();
        scene.wait(20);
    }
    scene.run_cleanly(&DestinationCopy)
}

/// The destination cannot know that a database is a replica, and keeps the newest copy of each database. A replica
/// that stopped to be copied would therefore be late for ever.
#[test]
fn a_replica_that_has_recovery_points_already_is_never_late() {
    let mut scene = with_replica("^replica$");
    hour(&scene);
    scene.set_source("InstanceNamePattern", "^(primary|replica)$");
    for _ in 0..4 {
        let age = oldest_age(&hour(&scene));
        assert!(age < TimeDelta::hours(1), "{age}");
    }
}

#[test]
fn a_replica_that_is_created_again_under_its_name_is_never_late() {
    let mut scene = with_replica("^replica$");
    hour(&scene);
    scene.set_source("InstanceNamePattern", "^(primary|replica)$");
    let delete =
        DeleteDbInstance { name: "replica".to_owned(), skip_final_snapshot: true, ..Default::default() };
    ask(&scene, Request::DeleteDbInstance(delete));
    add_replica(&scene, "replica", "primary");
    for _ in 0..4 {
        let age = oldest_age(&hour(&scene));
        assert!(age < TimeDelta::hours(1), "{age}");
    }
}

#[test]
fn a_replica_is_skipped_once_its_snapshots_are_deleted_in_both_accounts() {
    let mut scene = with_replica("^replica$");
    hour(&scene);
    scene.set_source("InstanceNamePattern", "^(primary|replica)$");
    for (owner, place) in [(SOURCE, "us-east-1"), (DESTINATION, "us-west-2")] {
        let (owner, place) = (account(owner), region(place));
        for snapshot in scene.snapshots(&owner, &place) {
            if snapshot.database.as_str() == "replica" && !snapshot.id.starts_with("rds:") {
                let delete = Request::DeleteDbSnapshot(snapshot.id.clone());
                scene.simulation.request(&owner, &place, delete).unwrap();
            }
        }
    }
    for _ in 0..2 {
        let age = oldest_age(&hour(&scene));
        assert!(age < TimeDelta::hours(1), "{age}");
    }
    assert_eq!(taken(&scene, "replica").len(), 0, "snapshots of the replica");
}

fn with_cluster(pattern: &str) -> Scene {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", pattern);
    let cluster = CreateDbCluster {
        name: "shop".to_owned(),
        engine: "aurora-postgresql".to_owned(),
        master_username: Some("admin".to_owned()),
        ..Default::default()
    };
    ask(&scene, Request::Cluster(Box::new(ClusterRequest::CreateDbCluster(cluster))));
    let member = CreateDbInstance {
        name: "shop-1".to_owned(),
        engine: "aurora-postgresql".to_owned(),
        cluster: Some("shop".to_owned()),
        ..Default::default()
    };
    ask(&scene, Request::CreateDbInstance(member));
    scene
}

#[test]
fn a_selected_member_of_a_cluster_is_blocked_and_its_cluster_is_named() {
    let report = with_cluster("orders|shop").run_cleanly(&SourceTake);
    let blocker = entry(&report.blockers, "shop-1");
    assert!(blocker.is_some(), "the member is not blocked");
    let blocker = blocker.unwrap();
    assert!(blocker.what == "ClusterMember" && blocker.detail.contains("cluster shop"), "{blocker:?}");
}

#[test]
fn a_member_of_a_cluster_that_is_not_selected_blocks_nothing() {
    let report = with_cluster("orders").run_cleanly(&SourceTake);
    assert_eq!(entry(&report.blockers, "shop-1"), None);
}

#[test]
fn an_account_of_clusters_alone_is_reported_as_blocked_and_not_as_empty() {
    let report = with_cluster("shop").run_cleanly(&SourceTake);
    assert_eq!(report.blocked, 1, "{report:?}");
}

#[test]
fn an_instance_is_selected_by_its_tag_with_any_case_of_true() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("InstanceNamePattern", "ALL_INSTANCES");
    scene.set_source("TaggedInstance", "TRUE");
    for (name, value) in [("upper", "TRUE"), ("lower", "true"), ("title", "True"), ("no", "false")] {
        let tags = [("CopyDBSnapshot", value)].into_iter().collect();
        let create = CreateDbInstance {
            name: name.to_owned(),
            engine: "postgres".to_owned(),
            tags,
            ..Default::default()
        };
        ask(&scene, Request::CreateDbInstance(create));
    }
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    let selected = ["upper", "lower", "title", "no"].map(|name| taken(&scene, name).len());
    assert_eq!(selected, [1, 1, 1, 0], "selected with any case of true");
}
