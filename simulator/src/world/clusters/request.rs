//! The requests about clusters and global clusters, and their answers.

use std::sync::Arc;

use pilot_light_domain::model::tags::Tags;

use super::record::{ClusterOptions, ClusterRecord, ClusterSnapshotRecord};
use crate::world::api::paging::{Filter, Listing, Page};
use crate::world::globals::record::GlobalRecord;

/// One API request about clusters or global clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterRequest {
    /// `CreateDBCluster`.
    CreateDbCluster(CreateDbCluster),
    /// `DescribeDBClusters`.
    DescribeDbClusters(DescribeDbClusters),
    /// `ModifyDBCluster`.
    ModifyDbCluster(ModifyDbCluster),
    /// `DeleteDBCluster`.
    DeleteDbCluster(DeleteDbCluster),
    /// `DescribeDBClusterSnapshots`.
    DescribeDbClusterSnapshots(DescribeDbClusterSnapshots),
    /// `CreateGlobalCluster`.
    CreateGlobalCluster(CreateGlobalCluster),
    /// `DescribeGlobalClusters`.
    DescribeGlobalClusters(DescribeGlobalClusters),
    /// `ModifyGlobalCluster`.
    ModifyGlobalCluster(ModifyGlobalCluster),
    /// `DeleteGlobalCluster`, by identifier.
    DeleteGlobalCluster(String),
    /// `RemoveFromGlobalCluster`: the global cluster's identifier, the cluster's ARN.
    RemoveFromGlobalCluster(String, String),
    /// `SwitchoverGlobalCluster`: the global cluster's identifier, the ARN of the cluster that takes over.
    SwitchoverGlobalCluster(String, String),
    /// `FailoverGlobalCluster`.
    FailoverGlobalCluster(FailoverGlobalCluster),
}

/// The answer to a request about clusters or global clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterResponse {
    /// One cluster.
    Cluster(Arc<ClusterRecord>),
    /// A page of clusters.
    Clusters(Listing<Arc<ClusterRecord>>),
    /// A page of cluster snapshots.
    ClusterSnapshots(Listing<Arc<ClusterSnapshotRecord>>),
    /// One global cluster.
    Global(Arc<GlobalRecord>),
    /// A page of global clusters.
    Globals(Listing<Arc<GlobalRecord>>),
}

/// A cluster to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateDbCluster {
    /// `DBClusterIdentifier`.
    pub name: String,
    /// `GlobalClusterIdentifier` of the global cluster that it joins.
    pub global: Option<String>,
    /// `Engine`.
    pub engine: String,
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `MasterUsername`.
    pub master_username: Option<String>,
    /// `StorageEncrypted`.
    pub encrypted: Option<bool>,
    /// `KmsKeyId`.
    pub kms_key: Option<String>,
    /// `Tags`.
    pub tags: Tags,
    /// Everything else.
    pub options: ClusterOptions,
}

/// Clusters to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeDbClusters {
    /// `DBClusterIdentifier`, or its ARN.
    pub name: Option<String>,
    /// `Filters`.
    pub filters: Vec<Filter>,
    /// The page.
    pub page: Page,
}

/// A cluster to change, at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModifyDbCluster {
    /// `DBClusterIdentifier`.
    pub name: String,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
    /// `BackupRetentionPeriod` in days.
    pub backup_retention_days: Option<u32>,
    /// `CopyTagsToSnapshot`.
    pub copy_tags_to_snapshot: Option<bool>,
}

/// A cluster to delete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteDbCluster {
    /// `DBClusterIdentifier`.
    pub name: String,
    /// `SkipFinalSnapshot`.
    pub skip_final_snapshot: bool,
    /// `FinalDBSnapshotIdentifier`.
    pub final_snapshot: Option<String>,
}

/// Cluster snapshots to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeDbClusterSnapshots {
    /// `DBClusterSnapshotIdentifier`.
    pub id: Option<String>,
    /// `DBClusterIdentifier`.
    pub cluster: Option<String>,
    /// `SnapshotType`; all cluster snapshots of the world are manual.
    pub snapshot_type: Option<String>,
    /// The page.
    pub page: Page,
}

/// A global cluster to create, around a cluster or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateGlobalCluster {
    /// `GlobalClusterIdentifier`.
    pub id: String,
    /// `SourceDBClusterIdentifier`, an ARN.
    pub source: Option<String>,
    /// `Engine`, where there is no source.
    pub engine: Option<String>,
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `StorageEncrypted`.
    pub encrypted: Option<bool>,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
}

/// Global clusters to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeGlobalClusters {
    /// `GlobalClusterIdentifier`.
    pub id: Option<String>,
    /// The page.
    pub page: Page,
}

/// A global cluster to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModifyGlobalCluster {
    /// `GlobalClusterIdentifier`.
    pub id: String,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
}

/// A failover of a global cluster to another primary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailoverGlobalCluster {
    /// `GlobalClusterIdentifier`.
    pub id: String,
    /// `TargetDbClusterIdentifier`, an ARN.
    pub target: String,
    /// `AllowDataLoss`: a failover.
    pub allow_data_loss: Option<bool>,
    /// `Switchover`: also the default.
    pub switchover: Option<bool>,
}

impl ClusterRequest {
    /// The API action, as IAM and CloudTrail name it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::CreateDbCluster(_) => "CreateDBCluster",
            Self::DescribeDbClusters(_) => "DescribeDBClusters",
            Self::ModifyDbCluster(_) => "ModifyDBCluster",
            Self::DeleteDbCluster(_) => "DeleteDBCluster",
            Self::DescribeDbClusterSnapshots(_) => "DescribeDBClusterSnapshots",
            Self::CreateGlobalCluster(_) => "CreateGlobalCluster",
            Self::DescribeGlobalClusters(_) => "DescribeGlobalClusters",
            Self::ModifyGlobalCluster(_) => "ModifyGlobalCluster",
            Self::DeleteGlobalCluster(_) => "DeleteGlobalCluster",
            Self::RemoveFromGlobalCluster(..) => "RemoveFromGlobalCluster",
            Self::SwitchoverGlobalCluster(..) => "SwitchoverGlobalCluster",
            Self::FailoverGlobalCluster(_) => "FailoverGlobalCluster",
        }
    }
}
