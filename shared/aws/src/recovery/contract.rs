//! A comparison of recovery's two gateways, call by call. The gateway over the simulator's HTTP front must give the same
//! answers as the simulator's own.

use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::error::GatewayErrorKind as Kind;
use pilot_light_domain::aws::gateway::{CreateSnapshot, RdsGateway};
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{
    Change, CreateReplica, DbInstance, Found, Lookup, RecoveryCloud, RecoveryGateway, RestoreInstance,
};
use pilot_light_simulator::in_process::SimulatedRecovery;
use pilot_light_simulator::world::{
    CacheRequest, CreateReplicationGroup, InstanceOptions, ModifyDbInstance, Request,
};

use super::AwsRecovery;
use crate::rds::contract::{Both, SOURCE, SOURCE_KEY, Worlds, both};
use crate::testing::region;

const WEST_KEY: &str = "arn:aws:kms:us-west-2:111111111111:key/orders";

fn recoveries(worlds: &Worlds, place: &str) -> Both<AwsRecovery, SimulatedRecovery> {
    let Both { http, in_process } = worlds.clouds(SOURCE, place);
    let place = region(place);
    Both { http: http.recovery(&place), in_process: in_process.recovery(&place) }
}

/// Worlds with the database `orders`, its automated backups, and the snapshot `s1` of it.
async fn worlds() -> Worlds {
    let worlds = Worlds::new();
    worlds.know_key(WEST_KEY, &[]);
    worlds.create_instance("orders", Some(SOURCE_KEY)).await;
    worlds.wait();
    let Both { http, in_process } = worlds.clouds(SOURCE, "us-east-1");
    let place = region("us-east-1");
    let rds = &http.recovery(&place).regional.rds.clone();
    let request = rds.modify_db_instance().db_instance_identifier("orders").backup_retention_period(7);
    request.apply_immediately(true).send().await.unwrap();
    let options = InstanceOptions { backup_retention_days: Some(7), ..InstanceOptions::default() };
    let (name, apply_immediately) = ("orders".to_owned(), true);
    let modify = ModifyDbInstance { name, apply_immediately, options, ..ModifyDbInstance::default() };
    worlds.simulation.request(&SOURCE.parse().unwrap(), &place, Request::ModifyDbInstance(modify)).unwrap();
    worlds.wait();
    let gateways = Both { http: http.rds(&place), in_process: in_process.rds(&place) };
    let create = CreateSnapshot {
        database: "orders".parse().unwrap(),
        id: "s1".parse().unwrap(),
        tags: tags::of([("a", "b")]),
    };
    assert_eq!(both!(gateways, create_snapshot(&create)), Ok(()));
    worlds.wait();
    worlds
}

fn restore() -> Change {
    Change::RestoreInstance(Box::new(RestoreInstance {
        instance: "restored".parse().unwrap(),
        snapshot: format!("arn:aws:rds:us-east-1:{SOURCE}:snapshot:s1").parse().unwrap(),
        class: Some("db.t4g.large".to_owned()),
        capacity_reservation: None,
        subnet_group: None,
        security_groups: Vec::new(),
        parameter_group: None,
        option_group: None,
        multi_az: Some(true),
        public: Some(false),
        port: Some(5433),
        storage_type: None,
        iops: None,
        deletion_protection: Some(true),
        copy_tags_to_snapshot: Some(true),
        tags: tags::of([("RestoredFrom", "s1")]),
    }))
}

fn replica() -> Change {
    Change::CreateReplica(Box::new(CreateReplica {
        instance: "orders".parse().unwrap(),
        source: format!("arn:aws:rds:us-east-1:{SOURCE}:db:orders").parse().unwrap(),
        class: None,
        multi_az: None,
        subnet_group: None,
        security_groups: Vec::new(),
        kms_key: Some(WEST_KEY.to_owned()),
        auto_minor_version_upgrade: Some(true),
        port: None,
        copy_tags_to_snapshot: None,
        monitoring_interval: None,
        monitoring_role: None,
        iam_authentication: None,
        deletion_protection: None,
        tags: tags::of([("PilotLightResource", "orders")]),
    }))
}

async fn all(gateways: &Both<AwsRecovery, SimulatedRecovery>) -> Vec<DbInstance> {
    both!(gateways, db_instances()).unwrap().records
}

#[tokio::test]
async fn both_gateways_restore_protect_rename_and_delete_an_instance_alike() {
    let worlds = worlds().await;
    let east = recoveries(&worlds, "us-east-1");
    assert_eq!(both!(east, change(&restore())), Ok(()));
    all(&east).await;
    worlds.wait();
    // The restored instance makes its first automated backup.
    all(&east).await;
    worlds.wait();
    let found = all(&east).await;
    let restored = found.iter().find(|each| each.arn.id.name.as_str() == "restored").unwrap();
    assert!(restored.deletion_protection && restored.status == "available", "{restored:?}");
    let name = || "restored".parse().unwrap();
    let last = Some("restored-final".parse().unwrap());
    let delete =
        Change::DeleteInstance { instance: name(), final_snapshot: last, keeps_automated_backups: false };
    assert!(both!(east, change(&delete)).is_err());
    let lift = Change::ProtectInstance { instance: name(), protected: false };
    assert_eq!(both!(east, change(&lift)), Ok(()));
    all(&east).await;
    worlds.wait();
    assert!(all(&east).await.iter().all(|each| !each.deletion_protection));
    let rename = Change::RenameInstance { from: name(), to: "new".parse().unwrap() };
    assert_eq!(both!(east, change(&rename)), Ok(()));
    all(&east).await;
    worlds.wait();
    assert_eq!(both!(east, change(&lift)), Err(Kind::NotFound));
    let last = Some("new-final".parse().unwrap());
    let delete = Change::DeleteInstance {
        instance: "new".parse().unwrap(),
        final_snapshot: last,
        keeps_automated_backups: false,
    };
    assert_eq!(both!(east, change(&delete)), Ok(()));
    all(&east).await;
    worlds.wait();
    worlds.wait();
    assert_eq!(all(&east).await.len(), 1);
    let new = || "new".parse().unwrap();
    let kept = both!(east, snapshots(Some(&new()))).unwrap();
    let last = kept.iter().find(|each| each.arn.id.as_str() == "new-final").unwrap();
    assert!(last.resource_id.is_some(), "{last:?}");
    assert!(both!(east, snapshots(None)).unwrap().len() > kept.len());
    let tag = Change::TagSnapshot { snapshot: last.arn.clone(), tags: tags::of([("kept", "yes")]) };
    assert_eq!(both!(east, change(&tag)), Ok(()));
    all(&east).await;
    worlds.wait();
    let kept = both!(east, snapshots(Some(&new()))).unwrap();
    assert!(kept.iter().any(|each| each.tags.has("kept", "yes")), "{kept:?}");
    let delete = Change::DeleteSnapshot(last.arn.id.clone());
    assert_eq!(both!(east, change(&delete)), Ok(()));
    all(&east).await;
    worlds.wait();
    assert_eq!(both!(east, change(&delete)), Err(Kind::NotFound));
}

#[tokio::test]
async fn both_gateways_create_and_promote_a_replica_alike() {
    let worlds = worlds().await;
    let (east, west) = (recoveries(&worlds, "us-east-1"), recoveries(&worlds, "us-west-2"));
    let promote = Change::PromoteReplica("orders".parse().unwrap());
    assert_eq!(both!(west, change(&promote)), Err(Kind::NotFound));
    assert_eq!(both!(west, change(&replica())), Ok(()));
    all(&west).await;
    worlds.wait();
    assert!(all(&west).await.iter().all(|each| !each.stands_alone()));
    assert_eq!(all(&east).await.iter().map(|each| each.replicas.len()).sum::<usize>(), 1);
    assert_eq!(both!(west, change(&promote)), Ok(()));
    all(&west).await;
    worlds.wait();
    assert!(all(&west).await.iter().all(DbInstance::stands_alone));
}

#[tokio::test]
async fn both_gateways_report_missing_resources_alike() {
    let worlds = worlds().await;
    let east = recoveries(&worlds, "us-east-1");
    let nobody = || "nobody".parse().unwrap();
    for change in [
        Change::PromoteReplica(nobody()),
        Change::RenameInstance { from: nobody(), to: "orders".parse().unwrap() },
        Change::ProtectInstance { instance: nobody(), protected: true },
        Change::DeleteInstance { instance: nobody(), final_snapshot: None, keeps_automated_backups: false },
    ] {
        assert_eq!(both!(east, change(&change)), Err(Kind::NotFound), "{change:?}");
    }
    assert_eq!(both!(east, snapshots(Some(&nobody()))), Ok(Vec::new().into()));
}

#[tokio::test]
async fn both_gateways_look_up_every_list_alike() {
    let worlds = worlds().await;
    let east = recoveries(&worlds, "us-east-1");
    let text = |text: &str| text.to_owned();
    let orderable = |version: Option<&str>, class: Option<&str>| Lookup::Orderable {
        engine: text("postgres"),
        version: version.map(text),
        class: class.map(text),
    };
    let version = |version: &str| Lookup::EngineVersion { engine: text("postgres"), version: text(version) };
    let vpc = |found: &Found| match found {
        Found::SubnetGroups(groups) => groups[0].vpc.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    let groups = both!(east, look_up(&Lookup::SubnetGroups)).unwrap();
    assert!(vpc(&groups).starts_with("vpc-"));
    for lookup in [
        Lookup::ParameterGroups,
        Lookup::OptionGroups,
        Lookup::SecurityGroups(vec![text("sg-0123")]),
        version("16.4"),
        version("13.7"),
        version("16"),
        version("99.9"),
        orderable(Some("16.4"), Some("db.r6g.large")),
        orderable(Some("16.4"), Some("db.nope")),
        orderable(Some("16.4"), None),
        orderable(None, Some("db.r6g.large")),
        Lookup::Quotas,
        Lookup::Key(text(SOURCE_KEY)),
    ] {
        let found = both!(east, look_up(&lookup));
        assert!(found.is_ok(), "{lookup}: {found:?}");
    }
    assert_eq!(both!(east, look_up(&orderable(Some("99.9"), None))), Err(Kind::InvalidRequest));
    assert_eq!(both!(east, look_up(&Lookup::Key(text("alias/nope")))), Err(Kind::NotFound));
}

#[tokio::test]
async fn both_gateways_read_the_endpoint_of_a_replication_group_alike_once_it_has_been_created() {
    let worlds = Worlds::new();
    let east = recoveries(&worlds, "us-east-1");
    let request = east.http.regional.elasticache().create_replication_group().replication_group_id("carts");
    request.replication_group_description("carts").send().await.unwrap();
    let (id, description) = ("carts".to_owned(), "carts".to_owned());
    let create = CreateReplicationGroup { id, description, ..CreateReplicationGroup::default() };
    let create = Request::Cache(Box::new(CacheRequest::CreateReplicationGroup(create)));
    worlds.simulation.request(&SOURCE.parse().unwrap(), &region("us-east-1"), create).unwrap();
    let endpoints = || async { both!(east, cache_endpoints()).unwrap().records.remove(0).endpoint };
    assert_eq!(endpoints().await, None);
    worlds.wait();
    let found = endpoints().await.unwrap();
    assert!(found.address.starts_with("carts.") && found.port == 6379, "{found:?}");
}
