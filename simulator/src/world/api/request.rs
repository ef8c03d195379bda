//! The requests to the world, each of them one API action, with types for its parameters.
//!
//! Identifiers are text here. The world validates them, as AWS would.

use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::model::tags::Tags;

use super::paging::{Filter, Page};
use crate::world::blue_green::BlueGreenRequest;
use crate::world::cache::request::CacheRequest;
use crate::world::clusters::request::ClusterRequest;
use crate::world::engine_versions::DescribeDbEngineVersions;
use crate::world::events::request::EventRequest;
use crate::world::instances::record::InstanceOptions;
use crate::world::keys::request::KmsRequest;
use crate::world::network::Ec2Request;
use crate::world::option_groups::OptionGroupRequest;
use crate::world::orderable::DescribeOrderable;
use crate::world::parameter_groups::ParameterGroupRequest;
use crate::world::snapshots::modify::ModifyDbSnapshot;
use crate::world::subnet_groups::SubnetGroupRequest;

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// The caller's account.
    pub account: AccountId,
}

/// One API request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `CreateDBInstance`.
    CreateDbInstance(CreateDbInstance),
    /// `DescribeDBInstances`.
    DescribeDbInstances(DescribeDbInstances),
    /// `ModifyDBInstance`.
    ModifyDbInstance(ModifyDbInstance),
    /// `DeleteDBInstance`.
    DeleteDbInstance(DeleteDbInstance),
    /// `RestoreDBInstanceFromDBSnapshot`.
    RestoreDbInstanceFromDbSnapshot(RestoreDbInstance),
    /// `CreateDBInstanceReadReplica`.
    CreateDbInstanceReadReplica(CreateDbInstanceReadReplica),
    /// `PromoteReadReplica`: its identifier, and `BackupRetentionPeriod` in days.
    PromoteReadReplica(String, Option<u32>),
    /// `StopDBInstance`: its identifier, and the identifier of a snapshot to take before.
    StopDbInstance(String, Option<String>),
    /// `StartDBInstance`, by identifier.
    StartDbInstance(String),
    /// A request about blue/green deployments.
    BlueGreen(Box<BlueGreenRequest>),
    /// A request about option groups.
    OptionGroup(Box<OptionGroupRequest>),
    /// A request about DB parameter groups.
    ParameterGroup(Box<ParameterGroupRequest>),
    /// A request about DB subnet groups.
    SubnetGroup(Box<SubnetGroupRequest>),
    /// A request of EC2.
    Ec2(Box<Ec2Request>),
    /// `DescribeDBEngineVersions`.
    DescribeDbEngineVersions(Box<DescribeDbEngineVersions>),
    /// `DescribeOrderableDBInstanceOptions`.
    DescribeOrderable(Box<DescribeOrderable>),
    /// A request of ElastiCache.
    Cache(Box<CacheRequest>),
    /// A request about clusters or global clusters.
    Cluster(Box<ClusterRequest>),
    /// A request about events or event subscriptions.
    Event(Box<EventRequest>),
    /// A request of KMS that concerns more than the state of one key.
    Kms(Box<KmsRequest>),
    /// `CreateDBSnapshot`.
    CreateDbSnapshot(CreateDbSnapshot),
    /// `DescribeDBSnapshots`.
    DescribeDbSnapshots(DescribeDbSnapshots),
    /// `CopyDBSnapshot`.
    CopyDbSnapshot(CopyDbSnapshot),
    /// `ModifyDBSnapshot`.
    ModifyDbSnapshot(ModifyDbSnapshot),
    /// `DeleteDBSnapshot`, by identifier.
    DeleteDbSnapshot(String),
    /// `DescribeDBSnapshotAttributes`, by identifier.
    DescribeDbSnapshotAttributes(String),
    /// `ModifyDBSnapshotAttribute`.
    ModifyDbSnapshotAttribute(ModifyDbSnapshotAttribute),
    /// `AddTagsToResource`: ARN and tags.
    AddTagsToResource(String, Tags),
    /// `RemoveTagsFromResource`: ARN and keys.
    RemoveTagsFromResource(String, Vec<String>),
    /// `ListTagsForResource`, by ARN.
    ListTagsForResource(String),
    /// `DescribeAccountAttributes`.
    DescribeAccountAttributes,
    /// `DescribeKey` of KMS, by ARN, id or alias.
    DescribeKey(String),
    /// `EnableKey` of KMS.
    EnableKey(String),
    /// `DisableKey` of KMS.
    DisableKey(String),
}

/// An instance to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateDbInstance {
    /// `DBInstanceIdentifier`.
    pub name: String,
    /// `DBClusterIdentifier` of the cluster that it is to be a member of.
    pub cluster: Option<String>,
    /// `Engine`.
    pub engine: String,
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `DBInstanceClass`.
    pub class: String,
    /// `AllocatedStorage` in GiB.
    pub allocated_storage: Option<u32>,
    /// `MasterUsername`.
    pub master_username: Option<String>,
    /// `MasterUserPassword`. It is checked, and not kept.
    pub master_password: Option<String>,
    /// `StorageEncrypted`; with no key, the account's default key is used.
    pub encrypted: bool,
    /// `KmsKeyId`.
    pub kms_key: Option<String>,
    /// `Tags`.
    pub tags: Tags,
    /// Everything else.
    pub options: InstanceOptions,
}

/// Instances to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeDbInstances {
    /// `DBInstanceIdentifier`, or its ARN.
    pub name: Option<String>,
    /// `Filters`.
    pub filters: Vec<Filter>,
    /// The page.
    pub page: Page,
}

/// An instance to change. There is no maintenance window here: every change is applied at once. A rename is applied
/// only with `ApplyImmediately`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModifyDbInstance {
    /// `DBInstanceIdentifier`.
    pub name: String,
    /// `DBInstanceClass`.
    pub class: Option<String>,
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `AllocatedStorage` in GiB; never less than before.
    pub allocated_storage: Option<u32>,
    /// `NewDBInstanceIdentifier`.
    pub new_name: Option<String>,
    /// `ApplyImmediately`.
    pub apply_immediately: bool,
    /// Everything else.
    pub options: InstanceOptions,
}

/// An instance to delete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteDbInstance {
    /// `DBInstanceIdentifier`.
    pub name: String,
    /// `SkipFinalSnapshot`.
    pub skip_final_snapshot: bool,
    /// `FinalDBSnapshotIdentifier`.
    pub final_snapshot: Option<String>,
}

/// An instance to restore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreDbInstance {
    /// `DBInstanceIdentifier` of the new instance.
    pub name: String,
    /// `DBSnapshotIdentifier`, or its ARN.
    pub snapshot: String,
    /// `DBInstanceClass`; absent means the class of the snapshot's instance.
    pub class: Option<String>,
    /// `AllocatedStorage` in GiB; absent means the size of the snapshot's instance.
    pub allocated_storage: Option<u32>,
    /// `Tags`.
    pub tags: Tags,
    /// Everything else.
    pub options: InstanceOptions,
}

/// A replica to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateDbInstanceReadReplica {
    /// `DBInstanceIdentifier` of the replica.
    pub name: String,
    /// `SourceDBInstanceIdentifier`: an identifier in this place, or the ARN of an instance elsewhere.
    pub source: String,
    /// `DBInstanceClass`; absent means the source's.
    pub class: Option<String>,
    /// `KmsKeyId`.
    pub kms_key: Option<String>,
    /// `Tags`.
    pub tags: Tags,
    /// Everything else.
    pub options: InstanceOptions,
}

/// A snapshot to take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateDbSnapshot {
    /// `DBInstanceIdentifier`.
    pub database: String,
    /// `DBSnapshotIdentifier`.
    pub id: String,
    /// `Tags`; absent lets `CopyTagsToSnapshot` decide.
    pub tags: Option<Tags>,
}

/// Snapshots to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeDbSnapshots {
    /// `DBSnapshotIdentifier`: an own one's identifier or ARN, another account's ARN.
    pub id: Option<String>,
    /// `DBInstanceIdentifier`.
    pub database: Option<String>,
    /// `DbiResourceId`.
    pub resource_id: Option<String>,
    /// `SnapshotType`: manual, automated, shared, public or awsbackup.
    pub snapshot_type: Option<String>,
    /// `IncludeShared`.
    pub include_shared: bool,
    /// `IncludePublic`.
    pub include_public: bool,
    /// `Filters`.
    pub filters: Vec<Filter>,
    /// The page.
    pub page: Page,
}

/// A snapshot to copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyDbSnapshot {
    /// `SourceDBSnapshotIdentifier`: an identifier in this place, or an ARN.
    pub source: String,
    /// `TargetDBSnapshotIdentifier`.
    pub target: String,
    /// `KmsKeyId`.
    pub kms_key: Option<String>,
    /// `OptionGroupName`.
    pub option_group: Option<String>,
    /// `CopyOptionGroup`.
    pub copy_option_group: bool,
    /// `CopyTags`.
    pub copy_tags: bool,
    /// `Tags`, which override `CopyTags`.
    pub tags: Option<Tags>,
}

/// A snapshot to share, or to share no longer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModifyDbSnapshotAttribute {
    /// `DBSnapshotIdentifier`.
    pub id: String,
    /// `AttributeName`, which must be `restore`.
    pub attribute: String,
    /// `ValuesToAdd`: account ids, or `all`.
    pub add: Vec<String>,
    /// `ValuesToRemove`.
    pub remove: Vec<String>,
}

impl Request {
    /// The API action, as IAM and CloudTrail name it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::CreateDbInstance(_) => "CreateDBInstance",
            Self::DescribeDbInstances(_) => "DescribeDBInstances",
            Self::ModifyDbInstance(_) => "ModifyDBInstance",
            Self::DeleteDbInstance(_) => "DeleteDBInstance",
            Self::RestoreDbInstanceFromDbSnapshot(_) => "RestoreDBInstanceFromDBSnapshot",
            Self::CreateDbInstanceReadReplica(_) => "CreateDBInstanceReadReplica",
            Self::PromoteReadReplica(..) => "PromoteReadReplica",
            Self::StopDbInstance(..) => "StopDBInstance",
            Self::StartDbInstance(_) => "StartDBInstance",
            Self::BlueGreen(ask) => ask.action(),
            Self::OptionGroup(ask) => ask.action(),
            Self::ParameterGroup(ask) => ask.action(),
            Self::SubnetGroup(ask) => ask.action(),
            Self::Ec2(ask) => ask.action(),
            Self::DescribeDbEngineVersions(_) => "DescribeDBEngineVersions",
            Self::DescribeOrderable(_) => "DescribeOrderableDBInstanceOptions",
            Self::ModifyDbSnapshot(_) => "ModifyDBSnapshot",
            Self::Cache(ask) => ask.action(),
            Self::Cluster(ask) => ask.action(),
            Self::Event(ask) => ask.action(),
            Self::Kms(ask) => ask.action(),
            Self::CreateDbSnapshot(_) => "CreateDBSnapshot",
            Self::DescribeDbSnapshots(_) => "DescribeDBSnapshots",
            Self::CopyDbSnapshot(_) => "CopyDBSnapshot",
            Self::DeleteDbSnapshot(_) => "DeleteDBSnapshot",
            Self::DescribeDbSnapshotAttributes(_) => "DescribeDBSnapshotAttributes",
            Self::ModifyDbSnapshotAttribute(_) => "ModifyDBSnapshotAttribute",
            Self::AddTagsToResource(..) => "AddTagsToResource",
            Self::RemoveTagsFromResource(..) => "RemoveTagsFromResource",
            Self::ListTagsForResource(_) => "ListTagsForResource",
            Self::DescribeAccountAttributes => "DescribeAccountAttributes",
            Self::DescribeKey(_) => "DescribeKey",
            Self::EnableKey(_) => "EnableKey",
            Self::DisableKey(_) => "DisableKey",
        }
    }
}
