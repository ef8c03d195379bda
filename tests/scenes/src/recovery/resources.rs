//! One resource of every type that acts on the databases of [`super::estate`]: its type and its parameters.

use serde_json::{Value, json};

use super::estate::{CARTS, EAST, instance, other};
use crate::DESTINATION;

/// Creates a read replica of the instance with that name in the other Region.
#[must_use]
pub fn replica(region: &str, name: &str) -> (&'static str, Value) {
    let there = other(region);
    let parameters = json!({
        "RDSInstanceIdentifier": name,
        "SourceRegion": there,
        "SourceRDSInstanceIdentifier": instance(there, name),
        "BackupRetentionPeriod": "7",
        "DeletionProtection": "True",
    });
    ("CreateRDSReadReplica", parameters)
}

/// Promotes a replica to an independent instance.
#[must_use]
pub fn promote(name: &str) -> (&'static str, Value) {
    ("PromoteRDSReadReplica", json!({"RDSInstanceIdentifier": name}))
}

/// Switches `shop` over to its cluster in that Region, without loss of data.
#[must_use]
pub fn switch_over(region: &str) -> (&'static str, Value) {
    let target = shop(region);
    ("PlannedFailoverAurora", json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": target}))
}

/// Fails `shop` over to its cluster in that Region while the other Region may be unreachable.
///
/// Where data loss is not allowed, the cluster leaves `shop` and becomes independent.
#[must_use]
pub fn take_over(region: &str, allow_data_loss: &str) -> (&'static str, Value) {
    let parameters = json!({
        "GlobalClusterIdentifier": "shop",
        "DBClusterIdentifier": shop(region),
        "ClusterRegion": region,
        "AllowDataLoss": allow_data_loss,
    });
    ("UnPlannedFailoverAurora", parameters)
}

/// Makes the cluster of `shop` in that Region a secondary of the cluster in the other Region.
#[must_use]
pub fn secondary(region: &str) -> (&'static str, Value) {
    let there = other(region);
    let parameters = json!({
        "GlobalClusterIdentifier": "shop",
        "DBClusterIdentifier": shop(region),
        "SourceDBClusterIdentifier": shop(there),
        "DBInstanceIdentifier": format!("{}-1", shop_name(region)),
        "DBInstanceClass": "db.r6g.large",
        "Engine": "aurora-mysql",
        "SourceRegion": there,
        "ClusterRegion": region,
        "DeletionProtection": "True",
    });
    ("CreateAuroraSecondaryDBCluster", parameters)
}

/// Makes the replication group of `carts` in that Region the primary.
#[must_use]
pub fn carts(region: &str) -> (&'static str, Value) {
    let group = if region == EAST { "carts" } else { "carts-dr" };
    let parameters = json!({
        "GlobalReplicationGroupId": CARTS,
        "TargetRegion": region,
        "TargetReplicationGroupId": group,
    });
    ("FailoverElastiCacheCluster", parameters)
}

fn shop(region: &str) -> String {
    format!("arn:aws:rds:{region}:{DESTINATION}:cluster:{}", shop_name(region))
}

fn shop_name(region: &str) -> &'static str {
    if region == EAST { "shop-east" } else { "shop-west" }
}

/// Replaces `tests` by a new copy of `orders`.
#[must_use]
pub fn refresh(mode: &str) -> Vec<(&'static str, Value)> {
    let parameters =
        json!({"originDB": "orders", "newDB": "tests", "Mode": mode, "DeletionProtection": "True"});
    vec![("RefreshFromSnapshot", parameters)]
}
