//! Databases, clusters and groups as AWS describes them, with the fields that recovery needs.
//!
//! Statuses are kept letter for letter. Each step of a recovery names the statuses that it waits for.

use crate::Instant;
use crate::model::arn::DatabaseArn;
use crate::model::database::Engine;
use crate::model::ids::{DatabaseName, Region};
use crate::model::tags::Tags;

/// A DB instance (`DescribeDBInstances`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbInstance {
    /// Its ARN: account, Region, identifier.
    pub arn: DatabaseArn,
    /// `DBInstanceStatus`.
    pub status: String,
    /// Engine name.
    pub engine: Engine,
    /// `DBInstanceClass`.
    pub class: String,
    /// Its version, licence and storage.
    pub specification: Specification,
    /// `DbiResourceId`. It differs from that of any other instance of the same name, and a rename keeps it.
    pub resource_id: String,
    /// `InstanceCreateTime`; absent while it is being created.
    pub created_at: Option<Instant>,
    /// `DBClusterIdentifier`, if it is a member of a cluster.
    pub cluster: Option<DatabaseName>,
    /// `ReadReplicaSourceDBInstanceIdentifier`: an identifier in the same Region, an ARN in another one.
    pub replica_of: Option<String>,
    /// `ReadReplicaDBInstanceIdentifiers`, likewise.
    pub replicas: Vec<String>,
    /// `DeletionProtection`.
    pub deletion_protection: bool,
    /// `BackupRetentionPeriod` in days; 0 means that automated backups are off.
    pub backup_retention_days: Option<u16>,
    /// `MultiAZ`.
    pub multi_az: Option<bool>,
    /// `KmsKeyId`: the key of its storage; absent if it is not encrypted.
    pub kms_key: Option<String>,
    /// `PubliclyAccessible`.
    pub public: Option<bool>,
    /// The groups that it belongs to.
    pub groups: InstanceGroups,
    /// `Endpoint`; absent while it is being created.
    pub endpoint: Option<Endpoint>,
    /// Tags from `TagList`.
    pub tags: Tags,
}

/// The groups of an instance, without those that AWS is removing from it. A list is empty if AWS leaves it out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceGroups {
    /// `DBSubnetGroup`, which is at most one.
    pub subnet: Vec<String>,
    /// `VpcSecurityGroups`.
    pub security: Vec<String>,
    /// `DBParameterGroups`.
    pub parameter: Vec<String>,
    /// `OptionGroupMemberships`.
    pub option: Vec<String>,
}

/// The properties of an instance that a replica inherits. AWS may leave out any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Specification {
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `LicenseModel`.
    pub license: Option<String>,
    /// `StorageType`.
    pub storage_type: Option<String>,
    /// `AllocatedStorage` in GiB.
    pub gib: Option<u32>,
    /// `Iops`.
    pub iops: Option<u32>,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.address, self.port)
    }
}

/// A DB cluster (`DescribeDBClusters`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbCluster {
    /// Its ARN: account, Region, identifier.
    pub arn: DatabaseArn,
    /// `Status`.
    pub status: String,
    /// Engine name.
    pub engine: Engine,
    /// `EngineVersion`; absent if AWS leaves it out.
    pub engine_version: Option<String>,
    /// `DbClusterResourceId`.
    pub resource_id: String,
    /// `ClusterCreateTime`.
    pub created_at: Option<Instant>,
    /// Its instances, from `DBClusterMembers`.
    pub members: Vec<DatabaseName>,
    /// `DeletionProtection`.
    pub deletion_protection: bool,
    /// `StorageEncrypted` and `StorageEncryptionType`; absent if AWS gives neither.
    pub encryption: Option<StorageEncryption>,
    /// `Endpoint` and `Port`: the endpoint of its writer.
    pub endpoint: Option<Endpoint>,
    /// Tags from `TagList`.
    pub tags: Tags,
}

/// The encryption of a cluster's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageEncryption {
    /// None.
    Unencrypted,
    /// With a KMS key of the account. A secondary in another Region needs a key there.
    Kms,
    /// With a key that AWS owns (`sse-rds`). AWS does not document whether a secondary may have a KMS key.
    AwsOwned,
}

/// The address at which applications reach a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The host name.
    pub address: String,
    /// The port.
    pub port: u16,
}

/// An Aurora global cluster (`DescribeGlobalClusters`). Every Region of the account lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalCluster {
    /// `GlobalClusterIdentifier`.
    pub id: String,
    /// `Status`: `available`, `switching-over`, `failing-over`, `deleting`, ….
    pub status: String,
    /// `DeletionProtection`.
    pub deletion_protection: bool,
    /// `GlobalClusterMembers`.
    pub members: Vec<GlobalMember>,
}

/// One cluster of a global cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalMember {
    /// `DBClusterArn`.
    pub cluster: DatabaseArn,
    /// `IsWriter`: true for the primary.
    pub is_writer: bool,
}

/// An ElastiCache global datastore (`DescribeGlobalReplicationGroups`, `ShowMemberInfo`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalReplicationGroup {
    /// `GlobalReplicationGroupId`.
    pub id: String,
    /// `Status`: `available`, `modifying`, `primary-only`, ….
    pub status: String,
    /// `Members`.
    pub members: Vec<ReplicationGroupMember>,
}

/// One replication group of a global datastore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationGroupMember {
    /// `ReplicationGroupId`.
    pub id: String,
    /// `ReplicationGroupRegion`.
    pub region: Region,
    /// `Role`.
    pub role: ReplicationRole,
    /// `Status`: `associated` and others.
    pub status: String,
}

/// The role of a replication group within its global datastore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicationRole {
    /// It takes writes.
    Primary,
    /// It replicates the primary.
    Secondary,
}

/// The address of an ElastiCache replication group (`DescribeReplicationGroups`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheEndpoint {
    /// `ReplicationGroupId`.
    pub group: String,
    /// `ConfigurationEndpoint` with cluster mode, `PrimaryEndpoint` without it. Absent while the group is being created.
    pub endpoint: Option<Endpoint>,
}

impl DbInstance {
    /// True if it is not a replica of another instance.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.replica_of.is_none()
    }
}

impl GlobalCluster {
    /// The primary, if AWS names one.
    #[must_use]
    pub fn writer(&self) -> Option<&DatabaseArn> {
        self.members.iter().find(|member| member.is_writer).map(|member| &member.cluster)
    }

    /// Its member with this ARN.
    #[must_use]
    pub fn member(&self, cluster: &DatabaseArn) -> Option<&GlobalMember> {
        self.members.iter().find(|member| member.cluster == *cluster)
    }
}
