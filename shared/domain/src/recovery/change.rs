//! Every change that recovery can request from AWS, one variant for each use of an API action. A change leaves no
//! choices to the code that carries it out.
//!
//! An option that is absent is left to AWS, which takes it from the snapshot or the source.

use crate::model::arn::{DatabaseArn, SnapshotArn};
use crate::model::ids::{DatabaseName, Region, SnapshotId};
use crate::model::tags::Tags;

/// One change, in the Region of the gateway that requests it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// `RestoreDBInstanceFromDBSnapshot`.
    RestoreInstance(Box<RestoreInstance>),
    /// `CreateDBInstanceReadReplica`.
    CreateReplica(Box<CreateReplica>),
    /// `PromoteReadReplica`.
    PromoteReplica(DatabaseName),
    /// `ModifyDBInstance` with `NewDBInstanceIdentifier`, applied immediately.
    RenameInstance {
        /// Its identifier before.
        from: DatabaseName,
        /// Its identifier after.
        to: DatabaseName,
    },
    /// `ModifyDBInstance` with `DeletionProtection`, applied immediately.
    ProtectInstance {
        /// The instance.
        instance: DatabaseName,
        /// True if it is to be protected.
        protected: bool,
    },
    /// `ModifyDBInstance` with `BackupRetentionPeriod`, applied immediately. A replica cannot be created with one.
    KeepBackups {
        /// The instance.
        instance: DatabaseName,
        /// The retention in days; 0 turns automated backups off.
        days: u16,
    },
    /// `ModifyDBInstance` with `MultiAZ`, applied immediately. Some engines cannot be restored with it.
    StandBy(DatabaseName),
    /// `DeleteDBInstance`.
    DeleteInstance {
        /// The instance.
        instance: DatabaseName,
        /// `FinalDBSnapshotIdentifier`. It is absent (`SkipFinalSnapshot`) only in two cases: for a member of a
        /// cluster, which has no snapshots of its own, and for an instance that a drill restored.
        final_snapshot: Option<SnapshotId>,
        /// False for `DeleteAutomatedBackups`. They are kept beside the final snapshot of a primary.
        keeps_automated_backups: bool,
    },
    /// `AddTagsToResource` on an instance or a cluster.
    TagDatabase {
        /// The instance or the cluster.
        database: DatabaseArn,
        /// `Tags`.
        tags: Tags,
    },
    /// `AddTagsToResource` on a snapshot.
    TagSnapshot {
        /// The snapshot.
        snapshot: SnapshotArn,
        /// `Tags`.
        tags: Tags,
    },
    /// `DeleteDBSnapshot`.
    DeleteSnapshot(SnapshotId),
    /// `CreateDBCluster` within a global cluster.
    CreateSecondaryCluster(Box<CreateSecondaryCluster>),
    /// `CreateDBInstance` within a cluster.
    CreateClusterInstance(Box<CreateClusterInstance>),
    /// `ModifyDBCluster` with `DeletionProtection`, applied immediately.
    ProtectCluster {
        /// The cluster.
        cluster: DatabaseName,
        /// True if it is to be protected.
        protected: bool,
    },
    /// `DeleteDBCluster` with a final snapshot.
    DeleteCluster {
        /// The cluster, which no longer has instances.
        cluster: DatabaseName,
        /// `FinalDBSnapshotIdentifier`.
        final_snapshot: SnapshotId,
    },
    /// `CreateGlobalCluster` around a cluster of this Region.
    CreateGlobalCluster {
        /// `GlobalClusterIdentifier`.
        id: String,
        /// `SourceDBClusterIdentifier`, which becomes its primary.
        primary: DatabaseArn,
    },
    /// `RemoveFromGlobalCluster`: the cluster is then independent and takes writes.
    RemoveFromGlobalCluster {
        /// `GlobalClusterIdentifier`.
        id: String,
        /// `DbClusterIdentifier`, an ARN.
        cluster: DatabaseArn,
    },
    /// `DeleteGlobalCluster` of a global cluster that no longer has members.
    DeleteGlobalCluster(String),
    /// `SwitchoverGlobalCluster`, which loses no data.
    SwitchoverGlobalCluster {
        /// `GlobalClusterIdentifier`.
        id: String,
        /// `TargetDbClusterIdentifier`.
        target: DatabaseArn,
    },
    /// `FailoverGlobalCluster` with `AllowDataLoss`.
    FailoverGlobalCluster {
        /// `GlobalClusterIdentifier`.
        id: String,
        /// `TargetDbClusterIdentifier`.
        target: DatabaseArn,
    },
    /// `FailoverGlobalReplicationGroup` of ElastiCache.
    FailoverReplicationGroup {
        /// `GlobalReplicationGroupId`.
        id: String,
        /// `PrimaryRegion`: the Region that takes over.
        region: Region,
        /// `PrimaryReplicationGroupId`: the replication group that takes over.
        group: String,
    },
}

/// An instance to restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreInstance {
    /// `DBInstanceIdentifier` of the new instance.
    pub instance: DatabaseName,
    /// `DBSnapshotIdentifier`.
    pub snapshot: SnapshotArn,
    /// `DBInstanceClass`.
    pub class: Option<String>,
    /// `DBCapacityReservationIdentifier`.
    pub capacity_reservation: Option<String>,
    /// `DBSubnetGroupName`.
    pub subnet_group: Option<String>,
    /// `VpcSecurityGroupIds`. An empty list leaves the default group.
    pub security_groups: Vec<String>,
    /// `DBParameterGroupName`.
    pub parameter_group: Option<String>,
    /// `OptionGroupName`.
    pub option_group: Option<String>,
    /// `MultiAZ`.
    pub multi_az: Option<bool>,
    /// `PubliclyAccessible`.
    pub public: Option<bool>,
    /// `Port`.
    pub port: Option<u16>,
    /// `StorageType`.
    pub storage_type: Option<String>,
    /// `Iops`.
    pub iops: Option<u32>,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
    /// `CopyTagsToSnapshot`.
    pub copy_tags_to_snapshot: Option<bool>,
    /// `Tags`.
    pub tags: Tags,
}

/// A replica to create of an instance in another Region. The action has no `BackupRetentionPeriod`, so a new replica
/// has no automated backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateReplica {
    /// `DBInstanceIdentifier` of the new replica.
    pub instance: DatabaseName,
    /// `SourceDBInstanceIdentifier`.
    pub source: DatabaseArn,
    /// `DBInstanceClass`.
    pub class: Option<String>,
    /// `MultiAZ`.
    pub multi_az: Option<bool>,
    /// `DBSubnetGroupName`.
    pub subnet_group: Option<String>,
    /// `VpcSecurityGroupIds`.
    pub security_groups: Vec<String>,
    /// `KmsKeyId`. It is needed across Regions where the source is encrypted.
    pub kms_key: Option<String>,
    /// `AutoMinorVersionUpgrade`.
    pub auto_minor_version_upgrade: Option<bool>,
    /// `Port`.
    pub port: Option<u16>,
    /// `CopyTagsToSnapshot`.
    pub copy_tags_to_snapshot: Option<bool>,
    /// `MonitoringInterval` in seconds.
    pub monitoring_interval: Option<u16>,
    /// `MonitoringRoleArn`.
    pub monitoring_role: Option<String>,
    /// `EnableIAMDatabaseAuthentication`.
    pub iam_authentication: Option<bool>,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
    /// `Tags`.
    pub tags: Tags,
}

/// A secondary cluster to create in a global cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSecondaryCluster {
    /// `DBClusterIdentifier`.
    pub cluster: DatabaseName,
    /// `GlobalClusterIdentifier`.
    pub global: String,
    /// `SourceRegion`. The request is presigned for it where the cluster is encrypted.
    pub source_region: Option<Region>,
    /// `Engine`.
    pub engine: String,
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `Port`.
    pub port: Option<u16>,
    /// `DBSubnetGroupName`.
    pub subnet_group: Option<String>,
    /// `VpcSecurityGroupIds`.
    pub security_groups: Vec<String>,
    /// `KmsKeyId`.
    pub kms_key: Option<String>,
    /// `StorageEncrypted`.
    pub encrypted: Option<bool>,
    /// `BackupRetentionPeriod` in days.
    pub backup_retention_days: Option<u16>,
    /// `EnableIAMDatabaseAuthentication`.
    pub iam_authentication: Option<bool>,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
    /// `CopyTagsToSnapshot`.
    pub copy_tags_to_snapshot: Option<bool>,
    /// `Tags`.
    pub tags: Tags,
}

/// An instance to create in a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateClusterInstance {
    /// `DBInstanceIdentifier`.
    pub instance: DatabaseName,
    /// `DBClusterIdentifier`.
    pub cluster: DatabaseName,
    /// `Engine`, the same as the cluster's.
    pub engine: String,
    /// `DBInstanceClass`.
    pub class: String,
    /// `AutoMinorVersionUpgrade`.
    pub auto_minor_version_upgrade: Option<bool>,
    /// `MonitoringInterval` in seconds.
    pub monitoring_interval: Option<u16>,
    /// `MonitoringRoleArn`.
    pub monitoring_role: Option<String>,
    /// `Tags`.
    pub tags: Tags,
}

impl Change {
    /// True for a deletion of a database, and for every change that only prepares one.
    #[must_use]
    pub fn removes(&self) -> bool {
        matches!(
            self,
            Self::DeleteInstance { .. }
                | Self::DeleteCluster { .. }
                | Self::RemoveFromGlobalCluster { .. }
                | Self::DeleteGlobalCluster(_)
                | Self::ProtectInstance { protected: false, .. }
                | Self::ProtectCluster { protected: false, .. }
        )
    }

    /// The name of the API action in IAM and CloudTrail.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::RestoreInstance(_) => "RestoreDBInstanceFromDBSnapshot",
            Self::CreateReplica(_) => "CreateDBInstanceReadReplica",
            Self::PromoteReplica(_) => "PromoteReadReplica",
            Self::RenameInstance { .. }
            | Self::ProtectInstance { .. }
            | Self::KeepBackups { .. }
            | Self::StandBy(_) => "ModifyDBInstance",
            Self::DeleteInstance { .. } => "DeleteDBInstance",
            Self::TagDatabase { .. } | Self::TagSnapshot { .. } => "AddTagsToResource",
            Self::DeleteSnapshot(_) => "DeleteDBSnapshot",
            Self::CreateSecondaryCluster(_) => "CreateDBCluster",
            Self::CreateClusterInstance(_) => "CreateDBInstance",
            Self::ProtectCluster { .. } => "ModifyDBCluster",
            Self::DeleteCluster { .. } => "DeleteDBCluster",
            Self::CreateGlobalCluster { .. } => "CreateGlobalCluster",
            Self::RemoveFromGlobalCluster { .. } => "RemoveFromGlobalCluster",
            Self::DeleteGlobalCluster(_) => "DeleteGlobalCluster",
            Self::SwitchoverGlobalCluster { .. } => "SwitchoverGlobalCluster",
            Self::FailoverGlobalCluster { .. } => "FailoverGlobalCluster",
            Self::FailoverReplicationGroup { .. } => "FailoverGlobalReplicationGroup",
        }
    }
}
