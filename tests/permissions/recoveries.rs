//! Records the permissions of the recover worker.
//!
//! The runs are:
//! - every scene of the scenes crate, which contain every type of resource;
//! - a restore in an account that has only kept copies;
//! - failover and failback with keys, imported names, monitoring and final snapshots.
//!
//! `cycles` records the scheduled workers.

use std::collections::BTreeSet;

use destination_recover::{DestinationRecover, Verdict};
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_simulator::in_process::SimulatedCloud;
use pilot_light_simulator::world::{
    ClusterOptions, ClusterRequest, CreateDbCluster, CreateDbInstance, CreateDbInstanceReadReplica,
    CreateGlobalCluster, InstanceOptions, Request,
};
use pilot_light_tests::cycle::cycle;
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::Execution;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST, instance, other};
use pilot_light_tests::recovery::resources::{promote, take_over};
use pilot_light_tests::recovery::scenes::SCENES;
use pilot_light_tests::{DESTINATION, Scene, Way, account, region};
use serde_json::{Value, json};

use crate::{Deployment, Record};

const WORKER: &str = "destination-recover";

/// The recover worker, whose metrics are published as the bootstrap publishes them.
struct Publishing;

impl Operator for Publishing {
    fn name(&self) -> &'static str {
        DestinationRecover.name()
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let answer = DestinationRecover.answer(cloud, call, event).await?;
        cloud.publish(&answer.metrics).await.map_err(WorkerError::reading("publish".to_owned()))?;
        Ok(answer)
    }
}

pub(crate) fn record(record: &mut Record) {
    for scene in SCENES {
        let estate = scene.estate();
        estate.simulation.record_permissions();
        let end = scene.execution(&estate).with(Publishing).run(&scene.manifest()).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
        record.add(&estate.simulation, &[deployment(scene.region)]);
    }
    from_copies(record);
    there_and_back(record);
}

/// Records the restore of a copy in an account that has never done anything but keep copies.
fn from_copies(record: &mut Record) {
    let scene = Scene::new(Way::OneStep);
    cycle(&scene, &|scene, attempt| assert!(attempt(scene)));
    let groups =
        Groups { simulation: &scene.simulation, account: account(DESTINATION), region: region(WEST) };
    groups.subnet_group("private");
    groups.parameter_group("ours", "postgres16");
    let security_group = groups.security_group("databases");
    scene.simulation.record_permissions();
    let (cloud, _) = scene.cloud_and_context(WORKER, Mode::Apply);
    let names = json!({
        "DBInstanceIdentifier": "orders",
        "DBParameterGroupName": "ours",
        "DBSubnetGroupName": "private",
        "VpcSecurityGroupIds": security_group,
        "OptionGroupName": "default:postgres-16",
    });
    let mut execution = Execution::new(&scene.simulation, &cloud, "failover", "first");
    recovers(&mut execution, "RestoreFromSnapshot", &names);
    record.add(&scene.simulation, &[deployment(WEST)]);
}

/// Records the failover of an encrypted instance and an encrypted cluster to the west, and the failback to the east.
///
/// The failback replaces the old resources in the east. Each resource is encrypted under the key of its Region.
fn there_and_back(record: &mut Record) {
    let estate = encrypted();
    for (place, purpose, resource) in [
        (WEST, "failover", promote("orders")),
        (EAST, "failback", ("CreateRDSReadReplica", replica())),
        (WEST, "failover", take_over(WEST, "False")),
        (EAST, "failback", ("CreateAuroraSecondaryDBCluster", secondary())),
    ] {
        estate.simulation.record_permissions();
        let cloud = importing(&estate, place);
        recovers(&mut Execution::new(&estate.simulation, &cloud, purpose, "story"), resource.0, &resource.1);
        estate.simulation.settle();
        record.add(&estate.simulation, &[deployment(place)]);
    }
}

fn recovers(execution: &mut Execution, kind: &str, parameters: &Value) {
    let resource = json!({"resourceType": kind, "resourceName": kind, "parameters": parameters});
    let manifest = json!({"StatePayload": [{"layer": 1, "resources": [resource]}]});
    let end = execution.run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{kind}: {}", end.message);
}

fn encrypted() -> Estate {
    let estate = Estate::default();
    estate.simulation.with_world(|world| {
        for place in [EAST, WEST] {
            world.register_key(key(place).parse().unwrap(), BTreeSet::new());
        }
    });
    estate.set(EAST, Request::CreateDbInstance(orders()));
    let replica = CreateDbInstanceReadReplica {
        name: "orders".to_owned(),
        source: instance(EAST, "orders"),
        kms_key: Some(key(WEST)),
        ..Default::default()
    };
    estate.set(WEST, Request::CreateDbInstanceReadReplica(replica));
    estate.set(EAST, about(ClusterRequest::CreateDbCluster(shop(EAST))));
    estate.set(EAST, Request::CreateDbInstance(member("shop-east")));
    let (id, source) = ("shop".to_owned(), Some("shop-east".to_owned()));
    let global = CreateGlobalCluster { id, source, ..Default::default() };
    estate.set(EAST, about(ClusterRequest::CreateGlobalCluster(global)));
    let west = CreateDbCluster { global: Some("shop".to_owned()), ..shop(WEST) };
    estate.set(WEST, about(ClusterRequest::CreateDbCluster(west)));
    estate.set(WEST, Request::CreateDbInstance(member("shop-west")));
    estate
}

fn orders() -> CreateDbInstance {
    CreateDbInstance {
        name: "orders".to_owned(),
        engine: "postgres".to_owned(),
        encrypted: true,
        kms_key: Some(key(EAST)),
        tags: tags::of([("Owner", "shop")]),
        options: InstanceOptions {
            backup_retention_days: Some(7),
            copy_tags_to_snapshot: Some(true),
            ..Default::default()
        },
        ..Default::default()
    }
}

fn shop(place: &str) -> CreateDbCluster {
    CreateDbCluster {
        name: if place == EAST { "shop-east" } else { "shop-west" }.to_owned(),
        engine: "aurora-mysql".to_owned(),
        encrypted: Some(true),
        kms_key: Some(key(place)),
        tags: tags::of([("Owner", "shop")]),
        options: ClusterOptions { copy_tags_to_snapshot: Some(true), ..Default::default() },
        ..Default::default()
    }
}

fn member(cluster: &str) -> CreateDbInstance {
    CreateDbInstance {
        name: format!("{cluster}-1"),
        engine: "aurora-mysql".to_owned(),
        cluster: Some(cluster.to_owned()),
        ..Default::default()
    }
}

/// A cloud with the exported name and the secure parameter with the key, to which the manifests refer.
fn importing(estate: &Estate, place: &str) -> SimulatedCloud {
    let cloud = estate.cloud(place);
    cloud.set_export("orders", "orders");
    cloud.put_secure_parameter("/app/key", &key(place), key(place).parse().unwrap());
    cloud
}

fn replica() -> Value {
    json!({
        "RDSInstanceIdentifier": "!Import orders",
        "SourceRegion": other(EAST),
        "SourceRDSInstanceIdentifier": instance(WEST, "orders"),
        "KmsKeyId": "resolve:ssm:/app/key",
        "MonitoringInterval": "60",
        "MonitoringRoleArn": format!("arn:aws:iam::{DESTINATION}:role/monitoring"),
        "BackupRetentionPeriod": "7",
        "DeletionProtection": "True",
    })
}

fn secondary() -> Value {
    let cluster = |place: &str, name: &str| format!("arn:aws:rds:{place}:{DESTINATION}:cluster:{name}");
    json!({
        "GlobalClusterIdentifier": "shop",
        "DBClusterIdentifier": cluster(EAST, "shop-east"),
        "SourceDBClusterIdentifier": cluster(WEST, "shop-west"),
        "DBInstanceIdentifier": "shop-east-1",
        "DBInstanceClass": "db.r6g.large",
        "Engine": "aurora-mysql",
        "SourceRegion": WEST,
        "ClusterRegion": EAST,
        "KmsKeyId": "resolve:ssm:/app/key",
        "StorageEncrypted": "True",
        "MonitoringInterval": "60",
        "MonitoringRoleArn": format!("arn:aws:iam::{DESTINATION}:role/monitoring"),
        "DeletionProtection": "True",
    })
}

fn key(place: &str) -> String {
    format!("arn:aws:kms:{place}:{DESTINATION}:key/databases")
}

fn about(request: ClusterRequest) -> Request {
    Request::Cluster(Box::new(request))
}

fn deployment(region: &'static str) -> Deployment {
    Deployment { worker: WORKER, account: account(DESTINATION), region, parameters: json!({}) }
}
