//! The RDS calls that the scheduled workers make, as a trait. The real gateway is in `pilot-light-aws`, the simulated
//! one in `pilot-light-simulator`.
//!
//! A gateway serves one account in one Region. It pages, retries and converts, and decides nothing.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use crate::aws::error::GatewayError;
use crate::model::arn::{KmsKeyArn, SnapshotArn};
use crate::model::database::Database;
use crate::model::ids::{AccountId, DatabaseName, Region, SnapshotId};
use crate::model::listing::Listing;
use crate::model::snapshot::Snapshot;
use crate::model::tags::Tags;

/// A manual snapshot to take of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSnapshot {
    /// The instance.
    pub database: DatabaseName,
    /// The identifier of the new snapshot.
    pub id: SnapshotId,
    /// Its tags. Given explicitly, they override `CopyTagsToSnapshot`.
    pub tags: Tags,
}

/// A snapshot to copy into the gateway's account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySnapshot {
    /// The snapshot to copy. It may be in another account, another Region, or both.
    pub source: SnapshotArn,
    /// The identifier of the copy.
    pub target: SnapshotId,
    /// The key of the copy. Without one, an unencrypted snapshot stays unencrypted.
    pub kms_key: Option<KmsKeyArn>,
    /// The option group of the copy.
    pub option_group: GroupOfCopy,
    /// The tags of the copy. Given explicitly, they override `CopyTags`.
    pub tags: Tags,
}

/// The option group of a copy. A group belongs to one account in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum GroupOfCopy {
    /// The default group of the copy's engine.
    #[default]
    Default,
    /// The group of this name in the copy's account and Region (`OptionGroupName`).
    Named(String),
    /// The group of the source, which AWS copies along (the flag CopyOptionGroup). AWS allows that only within a Region, for a
    /// snapshot that another account shares.
    CopiedAlong,
}

impl GroupOfCopy {
    /// The name of the group, if the request gives one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Default | Self::CopiedAlong => None,
        }
    }
}

impl From<Option<String>> for GroupOfCopy {
    fn from(name: Option<String>) -> Self {
        name.map_or(Self::Default, Self::Named)
    }
}

/// RDS in one account and Region.
pub trait RdsGateway: Send + Sync {
    /// The Region of this gateway.
    fn region(&self) -> &Region;

    /// All DB instances (`DescribeDBInstances`), tags included.
    fn instances(&self) -> impl Future<Output = Result<Listing<Database>, GatewayError>> + Send;

    /// The account's own manual snapshots (`DescribeDBSnapshots`, `SnapshotType=manual`), tags included.
    fn own_snapshots(&self) -> impl Future<Output = Result<Listing<Arc<Snapshot>>, GatewayError>> + Send;

    /// The snapshots that other accounts share with this one (`SnapshotType=shared`). Any account can share with it.
    fn shared_snapshots(&self) -> impl Future<Output = Result<Listing<Arc<Snapshot>>, GatewayError>> + Send;

    /// One of the account's own snapshots by its identifier, if it exists.
    fn own_snapshot(
        &self,
        id: &SnapshotId,
    ) -> impl Future<Output = Result<Option<Snapshot>, GatewayError>> + Send;

    /// The quota of manual DB snapshots in this account and Region (`DescribeAccountAttributes`, `ManualSnapshots`).
    fn snapshot_quota(&self) -> impl Future<Output = Result<u32, GatewayError>> + Send;

    /// The account's default RDS key in this Region (`alias/aws/rds`); absent if it was never used.
    fn default_key(&self) -> impl Future<Output = Result<Option<KmsKeyArn>, GatewayError>> + Send;

    /// True if a key of our own account is usable now (`kms:DescribeKey`, state `Enabled`).
    fn key_is_enabled(&self, key: &KmsKeyArn) -> impl Future<Output = Result<bool, GatewayError>> + Send;

    /// Takes a snapshot (`CreateDBSnapshot`). It returns once AWS has accepted the request.
    fn create_snapshot(
        &self,
        create: &CreateSnapshot,
    ) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Copies a snapshot (`CopyDBSnapshot`). It returns once AWS has accepted the request.
    fn copy_snapshot(&self, copy: &CopySnapshot) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Shares one of our own snapshots with the accounts of `add`, and ends the share with those of `revoke`
    /// (`ModifyDBSnapshotAttribute`). Each set may contain accounts for which nothing changes.
    fn change_sharing(
        &self,
        id: &SnapshotId,
        add: &BTreeSet<AccountId>,
        revoke: &BTreeSet<AccountId>,
    ) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Adds or overwrites tags of one of our own snapshots (`AddTagsToResource`).
    fn tag_snapshot(
        &self,
        arn: &SnapshotArn,
        tags: &Tags,
    ) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Deletes one of our own snapshots (`DeleteDBSnapshot`). Deleting a copy in progress cancels it.
    fn delete_snapshot(&self, id: &SnapshotId) -> impl Future<Output = Result<(), GatewayError>> + Send;
}
