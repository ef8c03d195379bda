//! The record of a DB cluster, and its options.

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::Endpoint;
use serde::{Deserialize, Serialize};

use crate::world::saved::given;
use crate::world::time::lag::{Before, Lags};

/// A DB cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterRecord {
    /// Account, Region and identifier.
    pub arn: DatabaseArn,
    /// `DbClusterResourceId`.
    pub resource_id: String,
    /// Engine name.
    pub engine: Engine,
    /// Engine version.
    pub engine_version: String,
    /// Its state, as AWS spells it.
    pub status: String,
    /// The instant at which it first became available.
    pub created_at: Option<Instant>,
    /// The key of its storage; absent when unencrypted.
    pub kms_key: Option<KmsKeyArn>,
    /// Name of the master user.
    pub master_username: String,
    /// Its instances, the oldest first.
    pub members: Vec<DatabaseName>,
    /// `GlobalClusterIdentifier` of the global cluster that it is in.
    pub global: Option<String>,
    /// Whether it is a secondary there, which follows the primary and accepts no writes.
    pub is_secondary: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its requested options.
    #[serde(serialize_with = "given")]
    pub options: ClusterOptions,
    pub(in crate::world) next: Option<(Instant, Step)>,
    #[serde(default, skip_serializing_if = "Before::is_absent")]
    pub(in crate::world) before: Before<ClusterRecord>,
}

/// The options of a cluster; absent means AWS's default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterOptions {
    /// `Port`.
    pub port: Option<u16>,
    /// `DBSubnetGroupName`.
    pub subnet_group: Option<String>,
    /// `VpcSecurityGroupIds`.
    pub security_groups: Option<Vec<String>>,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
    /// `CopyTagsToSnapshot`.
    pub copy_tags_to_snapshot: Option<bool>,
    /// `BackupRetentionPeriod` in days.
    pub backup_retention_days: Option<u32>,
    /// `EnableIAMDatabaseAuthentication`.
    pub iam_authentication: Option<bool>,
    /// `MaxCapacity` of `ServerlessV2ScalingConfiguration`, as it is given.
    pub most_capacity: Option<String>,
}

/// The next step of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Available,
    Gone,
}

impl Lags for ClusterRecord {
    fn before(&mut self) -> &mut Before<Self> {
        &mut self.before
    }
}

impl ClusterRecord {
    /// The member that takes writes. A secondary cluster has none.
    #[must_use]
    pub fn writer(&self) -> Option<&DatabaseName> {
        self.members.first().filter(|_| !self.is_secondary)
    }

    /// The host name of one of its endpoints: `cluster` for the writer, `cluster-ro` for the readers.
    #[must_use]
    pub(crate) fn address(&self, kind: &str) -> String {
        let id = &self.arn.id;
        format!("{}.{kind}-simulated.{}.rds.amazonaws.com", id.name, id.region)
    }

    /// The endpoint of its writer.
    #[must_use]
    pub(crate) fn endpoint(&self) -> Option<Endpoint> {
        self.options.port.map(|port| Endpoint { address: self.address("cluster"), port })
    }
}

/// A manual DB cluster snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSnapshotRecord {
    /// Owner, Region and identifier.
    pub arn: SnapshotArn,
    /// The cluster at that time.
    pub of: Arc<ClusterRecord>,
    /// Its state, as AWS spells it.
    pub status: String,
    /// The instant at which it was complete; absent until then.
    pub created_at: Option<Instant>,
    /// Its tags.
    pub tags: Tags,
}

impl ClusterSnapshotRecord {
    /// The key it is encrypted with: its cluster's.
    #[must_use]
    pub fn kms_key(&self) -> Option<&KmsKeyArn> {
        self.of.kms_key.as_ref()
    }

    /// True while it is being taken of a cluster that is deleted once it is complete.
    pub(in crate::world) fn is_last_of(&self, cluster: &DatabaseArn) -> bool {
        self.status == "creating" && self.of.arn == *cluster
    }
}
