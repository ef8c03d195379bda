//! A recovery's own traits on the simulator: facts, changes, faults, exports and parameters.

use chrono::{DateTime, TimeDelta};
use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{
    CacheEndpoint, Change, CreateReplica, DbInstance, Endpoint, RecoveryCloud, RecoveryGateway,
    ReplicationRole, RestoreInstance,
};

use super::*;
use crate::world::{
    CacheRequest, ClusterRequest, CreateDbCluster, CreateDbInstance, CreateGlobalReplicationGroup,
    CreateReplicationGroup, InstanceOptions, Request, SecondsRange, Settings,
};

const ACCOUNT: &str = "111111111111";
const EAST: &str = "us-east-1";
const WEST: &str = "us-west-2";

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

fn name(text: &str) -> DatabaseName {
    DatabaseName::new(text).unwrap()
}

/// `orders` in the east, with backups; instances and snapshots take a minute.
fn simulation() -> Simulation {
    let minute = SecondsRange::new(60, 60).unwrap();
    let settings = Settings { instance_seconds: minute, snapshot_seconds: minute, ..Settings::default() };
    let simulation = Simulation::new(settings, DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    let create = CreateDbInstance {
        name: "orders".into(),
        engine: "postgres".into(),
        class: "db.t3.medium".into(),
        options,
        ..Default::default()
    };
    let account = AccountId::new(ACCOUNT).unwrap();
    simulation.request(&account, &region(EAST), Request::CreateDbInstance(create)).unwrap();
    simulation.settle();
    simulation
}

fn cloud(simulation: &Simulation, at: &str) -> SimulatedCloud {
    simulation.cloud(&AccountId::new(ACCOUNT).unwrap(), &region(at), Parameters::new())
}

fn recovery(simulation: &Simulation, at: &str) -> SimulatedRecovery {
    cloud(simulation, at).recovery(&region(at))
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn orders() -> DatabaseArn {
    format!("arn:aws:rds:{EAST}:{ACCOUNT}:db:orders").parse().unwrap()
}

fn replica(instance: &str) -> Change {
    Change::CreateReplica(Box::new(CreateReplica {
        instance: name(instance),
        source: orders(),
        class: Some("db.r6g.large".into()),
        multi_az: None,
        subnet_group: None,
        security_groups: Vec::new(),
        kms_key: None,
        auto_minor_version_upgrade: None,
        port: None,
        copy_tags_to_snapshot: None,
        monitoring_interval: None,
        monitoring_role: None,
        iam_authentication: None,
        deletion_protection: Some(true),
        tags: Tags::new(),
    }))
}

fn only(gateway: &SimulatedRecovery) -> DbInstance {
    now(gateway.db_instances()).unwrap().records.remove(0)
}

#[test]
fn a_replica_is_created_and_promoted_and_descriptions_lag_behind_the_changes() {
    let simulation = simulation();
    let west = recovery(&simulation, WEST);
    now(west.change(&replica("far"))).unwrap();
    simulation.settle();
    let followed = only(&west);
    assert_eq!(followed.replica_of, Some(orders().to_string()));
    assert_eq!((followed.class.as_str(), followed.deletion_protection), ("db.r6g.large", true));
    assert_eq!(only(&recovery(&simulation, EAST)).replicas, [format!("arn:aws:rds:{WEST}:{ACCOUNT}:db:far")]);
    now(west.change(&Change::PromoteReplica(name("far")))).unwrap();
    assert_eq!(only(&west), followed);
    simulation.settle();
    let promoted = only(&west);
    assert!(promoted.stands_alone() && promoted.status == "available");
    assert_eq!(promoted.resource_id, followed.resource_id);
    assert_eq!(simulation.calls().of("PromoteReadReplica"), 1);
}

#[test]
fn an_instance_is_replaced_by_a_restored_one_and_leaves_a_final_snapshot() {
    let simulation = simulation();
    let east = recovery(&simulation, EAST);
    let automated = now(east.snapshots(Some(&name("orders")))).unwrap().records.remove(0);
    let last = SnapshotId::new("orders-last").unwrap();
    let delete = Change::DeleteInstance {
        instance: name("orders"),
        final_snapshot: Some(last.clone()),
        keeps_automated_backups: false,
    };
    let rename = Change::RenameInstance { from: name("new"), to: name("orders") };
    now(east.change(&Change::RestoreInstance(Box::new(restored("new", &automated.arn))))).unwrap();
    assert_eq!(now(east.change(&rename)).unwrap_err().code, "InvalidDBInstanceState");
    simulation.settle();
    assert_eq!(now(east.change(&rename)).unwrap_err().code, "DBInstanceAlreadyExists");
    now(east.change(&delete)).unwrap();
    simulation.settle();
    now(east.change(&rename)).unwrap();
    simulation.settle();
    assert_eq!(only(&east).arn, orders());
    let left = now(east.snapshots(None)).unwrap();
    let taken = left.iter().find(|snapshot| snapshot.arn.id == last).unwrap();
    assert_eq!((taken.status.as_str(), &taken.database), ("available", &name("orders")));
}

fn restored(instance: &str, snapshot: &pilot_light_domain::model::arn::SnapshotArn) -> RestoreInstance {
    RestoreInstance {
        instance: name(instance),
        snapshot: snapshot.clone(),
        class: None,
        capacity_reservation: None,
        subnet_group: None,
        security_groups: Vec::new(),
        parameter_group: None,
        option_group: None,
        multi_az: Some(true),
        public: None,
        port: None,
        storage_type: None,
        iops: None,
        deletion_protection: None,
        copy_tags_to_snapshot: None,
        tags: Tags::new(),
    }
}

#[test]
fn a_fault_strikes_a_change_as_it_strikes_any_call() {
    for (effect, instances) in [(Effect::Before, 0), (Effect::After, 1)] {
        let simulation = simulation();
        let west = recovery(&simulation, WEST);
        simulation.inject(Fault::Kill { call: 1, effect });
        assert_eq!(west.change(&replica("far")).now_or_never(), None);
        assert_eq!(west.db_instances().now_or_never(), None);
        simulation.clear_faults();
        assert_eq!(now(west.db_instances()).unwrap().len(), instances);
    }
}

#[test]
fn exports_and_parameters_belong_to_one_account_and_region() {
    let simulation = simulation();
    let (east, west) = (cloud(&simulation, EAST), cloud(&simulation, WEST));
    west.set_export("orders-id", "orders");
    for value in ["first", "second"] {
        west.put_parameter("/dr/class", value);
    }
    assert_eq!(now(west.exports()).unwrap(), [("orders-id".to_owned(), "orders".to_owned())].into());
    assert_eq!(now(east.exports()).unwrap().len(), 0);
    for (asked, value) in [
        ("/dr/class", Some("second")),
        ("/dr/class:1", Some("first")),
        ("/dr/class:2", Some("second")),
        ("/dr/class:3", None),
        ("/dr/class:0", None),
        ("/dr/class:x", None),
        ("/dr/other", None),
    ] {
        assert_eq!(now(west.parameter(asked)).unwrap().as_deref(), value, "{asked}");
    }
    assert_eq!((simulation.calls().of("ListExports"), simulation.calls().of("GetParameter")), (2, 7));
}

#[test]
fn a_global_cluster_and_a_datastore_are_switched_over_through_the_gateway() {
    let simulation = simulation();
    let account = AccountId::new(ACCOUNT).unwrap();
    let set = |at: &str, request: Request| {
        simulation.request(&account, &region(at), request).unwrap();
        simulation.settle();
    };
    let about = |request: ClusterRequest| Request::Cluster(Box::new(request));
    let sales = CreateDbCluster { name: "sales".into(), engine: "aurora-mysql".into(), ..Default::default() };
    set(EAST, about(ClusterRequest::CreateDbCluster(sales.clone())));
    let (east, west) = (recovery(&simulation, EAST), recovery(&simulation, WEST));
    let primary = now(east.db_clusters()).unwrap().records.remove(0);
    let world = "world".to_owned();
    now(east.change(&Change::CreateGlobalCluster { id: world.clone(), primary: primary.arn.clone() }))
        .unwrap();
    simulation.settle();
    set(
        WEST,
        about(ClusterRequest::CreateDbCluster(CreateDbCluster { global: Some(world.clone()), ..sales })),
    );
    let target = now(west.db_clusters()).unwrap().records.remove(0).arn;
    now(west.change(&Change::SwitchoverGlobalCluster { id: world.clone(), target: target.clone() })).unwrap();
    let writer = || now(west.global_clusters()).unwrap().records.remove(0).writer().cloned();
    assert_eq!(writer(), Some(primary.arn.clone()));
    simulation.settle();
    assert_eq!(writer(), Some(target.clone()));
    now(west.change(&Change::RemoveFromGlobalCluster { id: world, cluster: primary.arn })).unwrap();
    simulation.settle();
    assert_eq!(now(west.global_clusters()).unwrap()[0].members.len(), 1);

    let cache = |request: CacheRequest| Request::Cache(Box::new(request));
    let group = |id: &str| CreateReplicationGroup { id: id.into(), ..Default::default() };
    set(EAST, cache(CacheRequest::CreateReplicationGroup(group("carts"))));
    let global = CreateGlobalReplicationGroup {
        suffix: "carts".into(),
        primary: "carts".into(),
        ..Default::default()
    };
    set(EAST, cache(CacheRequest::CreateGlobalReplicationGroup(global)));
    let id = now(east.replication_groups()).unwrap().records.remove(0).id;
    let joined = CreateReplicationGroup { datastore: Some(id.clone()), ..group("carts-dr") };
    set(WEST, cache(CacheRequest::CreateReplicationGroup(joined)));
    let take_over =
        Change::FailoverReplicationGroup { id, region: region(WEST), group: "carts-dr".to_owned() };
    now(west.change(&take_over)).unwrap();
    simulation.settle();
    let found = now(west.replication_groups()).unwrap().records.remove(0);
    let roles: Vec<_> = found.members.iter().map(|member| (member.id.as_str(), member.role)).collect();
    assert_eq!(found.status, "available");
    assert_eq!(roles, [("carts", ReplicationRole::Secondary), ("carts-dr", ReplicationRole::Primary)]);
    assert_eq!(simulation.calls().of("FailoverGlobalReplicationGroup"), 1);
    let endpoints = now(west.cache_endpoints()).unwrap();
    let address = "carts-dr.simulated.ng.0001.us-west-2.cache.amazonaws.com".to_owned();
    let endpoint = Some(Endpoint { address, port: 6379 });
    assert_eq!(endpoints.records, [CacheEndpoint { group: "carts-dr".to_owned(), endpoint }]);
}

#[test]
fn an_action_is_refused_in_its_region_until_the_faults_are_cleared() {
    let simulation = simulation();
    for (action, only) in [("ModifyDBInstance", None), ("DescribeDBInstances", Some(region(WEST)))] {
        let (code, message) = ("AccessDenied".to_owned(), "not allowed".to_owned());
        simulation.inject(Fault::Refuse { action, region: only, code, message });
    }
    let (east, west) = (recovery(&simulation, EAST), recovery(&simulation, WEST));
    let protect = Change::ProtectInstance { instance: name("orders"), protected: true };
    let is_protected = || now(east.db_instances()).unwrap()[0].deletion_protection;
    for _ in 0..2 {
        let error = now(east.change(&protect)).unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("AccessDenied", "not allowed"));
        assert_eq!(now(west.db_instances()).unwrap_err().code, "AccessDenied");
    }
    simulation.settle();
    assert!(!is_protected());
    simulation.clear_faults();
    now(east.change(&protect)).unwrap();
    simulation.settle();
    assert!(is_protected());
    assert_eq!(now(west.db_instances()).unwrap().len(), 0);
}
