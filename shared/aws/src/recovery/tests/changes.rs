//! Tests of renames, protection, deletions, and the changes of global clusters and datastores.

use pilot_light_domain::aws::error::GatewayErrorKind as Kind;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{Change, RecoveryGateway};

use super::{recovery, request_of};
use crate::testing::{Canned, pairs, rds_answer, rds_error, region};

const CLUSTER: &str = "arn:aws:rds:us-west-2:111111111111:cluster:shop";

async fn sends<const N: usize>(change: Change, expected: [(&str, &str); N]) {
    assert_eq!(request_of(&change, "us-west-2").await, pairs(expected), "{change:?}");
}

fn cluster() -> DatabaseArn {
    CLUSTER.parse().unwrap()
}

#[tokio::test]
async fn an_instance_is_promoted_and_renamed_and_protected_immediately() {
    let instance = || "orders".parse().unwrap();
    sends(Change::PromoteReplica(instance()), [("DBInstanceIdentifier", "orders")]).await;
    sends(
        Change::RenameInstance { from: instance(), to: "orders-old".parse().unwrap() },
        [
            ("DBInstanceIdentifier", "orders"),
            ("ApplyImmediately", "true"),
            ("NewDBInstanceIdentifier", "orders-old"),
        ],
    )
    .await;
    sends(
        Change::KeepBackups { instance: instance(), days: 7 },
        [("DBInstanceIdentifier", "orders"), ("ApplyImmediately", "true"), ("BackupRetentionPeriod", "7")],
    )
    .await;
    sends(
        Change::StandBy(instance()),
        [("DBInstanceIdentifier", "orders"), ("ApplyImmediately", "true"), ("MultiAZ", "true")],
    )
    .await;
    for (protected, text) in [(true, "true"), (false, "false")] {
        sends(
            Change::ProtectInstance { instance: instance(), protected },
            [("DBInstanceIdentifier", "orders"), ("ApplyImmediately", "true"), ("DeletionProtection", text)],
        )
        .await;
        sends(
            Change::ProtectCluster { cluster: "shop".parse().unwrap(), protected },
            [("DBClusterIdentifier", "shop"), ("ApplyImmediately", "true"), ("DeletionProtection", text)],
        )
        .await;
    }
}

#[tokio::test]
async fn a_final_snapshot_is_skipped_only_where_none_is_named() {
    let instance = || "orders".parse().unwrap();
    sends(
        Change::DeleteInstance {
            instance: instance(),
            final_snapshot: Some("orders-final".parse().unwrap()),
            keeps_automated_backups: true,
        },
        [
            ("DBInstanceIdentifier", "orders"),
            ("FinalDBSnapshotIdentifier", "orders-final"),
            ("DeleteAutomatedBackups", "false"),
        ],
    )
    .await;
    sends(
        Change::DeleteInstance { instance: instance(), final_snapshot: None, keeps_automated_backups: false },
        [
            ("DBInstanceIdentifier", "orders"),
            ("SkipFinalSnapshot", "true"),
            ("DeleteAutomatedBackups", "true"),
        ],
    )
    .await;
    sends(
        Change::DeleteCluster {
            cluster: "shop".parse().unwrap(),
            final_snapshot: "shop-final".parse().unwrap(),
        },
        [("DBClusterIdentifier", "shop"), ("FinalDBSnapshotIdentifier", "shop-final")],
    )
    .await;
}

#[tokio::test]
async fn a_snapshot_is_tagged_by_its_arn_and_deleted_by_its_name() {
    let arn = "arn:aws:rds:us-west-2:111111111111:snapshot:refreshed-orders-1";
    let tags = tags::of([("PilotLightRefreshed", "orders")]);
    sends(
        Change::TagSnapshot { snapshot: arn.parse().unwrap(), tags },
        [("ResourceName", arn), ("Tags.Tag.1.Key", "PilotLightRefreshed"), ("Tags.Tag.1.Value", "orders")],
    )
    .await;
    let id = "refreshed-orders-1";
    sends(Change::DeleteSnapshot(id.parse().unwrap()), [("DBSnapshotIdentifier", id)]).await;
}

#[tokio::test]
async fn a_global_cluster_is_created_left_switched_over_failed_over_and_deleted() {
    let id = || "shop-global".to_owned();
    let global = ("GlobalClusterIdentifier", "shop-global");
    sends(
        Change::CreateGlobalCluster { id: id(), primary: cluster() },
        [global, ("SourceDBClusterIdentifier", CLUSTER)],
    )
    .await;
    sends(
        Change::RemoveFromGlobalCluster { id: id(), cluster: cluster() },
        [global, ("DbClusterIdentifier", CLUSTER)],
    )
    .await;
    sends(Change::DeleteGlobalCluster(id()), [global]).await;
    sends(
        Change::SwitchoverGlobalCluster { id: id(), target: cluster() },
        [global, ("TargetDbClusterIdentifier", CLUSTER)],
    )
    .await;
    sends(
        Change::FailoverGlobalCluster { id: id(), target: cluster() },
        [global, ("TargetDbClusterIdentifier", CLUSTER), ("AllowDataLoss", "true")],
    )
    .await;
}

#[tokio::test]
async fn a_global_datastore_is_failed_over_by_elasticache_in_the_gateways_region() {
    let change = Change::FailoverReplicationGroup {
        id: "g-cache".to_owned(),
        region: region("us-west-2"),
        group: "cache".to_owned(),
    };
    let canned = Canned::new([(200, rds_answer(change.action(), ""))]);
    assert_eq!(recovery(&canned, "us-east-1").change(&change).await, Ok(()));
    assert_eq!(canned.urls(), ["https://elasticache.us-east-1.amazonaws.com/"]);
    sends(
        change,
        [
            ("GlobalReplicationGroupId", "g-cache"),
            ("PrimaryRegion", "us-west-2"),
            ("PrimaryReplicationGroupId", "cache"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_refused_change_is_reported_with_its_action_kind_and_code() {
    let id = || "g".to_owned();
    let promote = || Change::PromoteReplica("orders".parse().unwrap());
    let delete = || Change::DeleteInstance {
        instance: "orders".parse().unwrap(),
        final_snapshot: None,
        keeps_automated_backups: false,
    };
    for (change, code, kind) in [
        (promote(), "DBInstanceNotFound", Kind::NotFound),
        (promote(), "InvalidDBInstanceState", Kind::InvalidState),
        (delete(), "DBSnapshotAlreadyExists", Kind::AlreadyExists),
        (delete(), "SnapshotQuotaExceeded", Kind::TooManySnapshots),
        (Change::DeleteGlobalCluster(id()), "InvalidGlobalClusterStateFault", Kind::InvalidState),
        (Change::DeleteGlobalCluster(id()), "GlobalClusterNotFoundFault", Kind::NotFound),
        (
            Change::CreateGlobalCluster { id: id(), primary: cluster() },
            "GlobalClusterAlreadyExistsFault",
            Kind::AlreadyExists,
        ),
        (
            Change::SwitchoverGlobalCluster { id: id(), target: cluster() },
            "DBClusterNotFoundFault",
            Kind::NotFound,
        ),
        (
            Change::FailoverReplicationGroup { id: id(), region: region("us-west-2"), group: id() },
            "InvalidGlobalReplicationGroupState",
            Kind::InvalidState,
        ),
    ] {
        let canned = Canned::new([(400, rds_error(code, "no"))]);
        let error = recovery(&canned, "us-west-2").change(&change).await.unwrap_err();
        assert_eq!((error.action, error.kind, error.code.as_str()), (change.action(), kind, code));
    }
}
