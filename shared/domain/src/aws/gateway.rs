//! What Pilot Light asks of RDS, as a trait: the real one is in `pilot-light-aws`, the simulated one in
//! `pilot-light-simulator`.
//!
//! A gateway speaks for one account in one Region. It pages, retries and converts; it decides nothing.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use crate::aws::error::GatewayError;
use crate::model::arn::{KmsKeyArn, SnapshotArn};
use crate::model::database::Database;
use crate::model::ids::{AccountId, DatabaseName, Region, SnapshotId};
use crate::model::snapshot::Snapshot;
use crate::model::tags::Tags;

/// A manual snapshot to take of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSnapshot {
    /// The instance.
    pub database: DatabaseName,
    /// The identifier that the snapshot gets.
    pub id: SnapshotId,
    /// Its tags; given explicitly they override `CopyTagsToSnapshot`.
    pub tags: Tags,
}

/// A snapshot to copy into the gateway's account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySnapshot {
    /// What is copied; may be in another account, another Region, or both.
    pub source: SnapshotArn,
    /// The identifier of the copy.
    pub target: SnapshotId,
    /// The key of the copy; absent leaves an unencrypted snapshot unencrypted.
    pub kms_key: Option<KmsKeyArn>,
    /// The option group of the copy, where the default one will not do.
    pub option_group: Option<String>,
    /// The tags of the copy; given explicitly they override `CopyTags`.
    pub tags: Tags,
}

/// RDS in one account and Region.
pub trait RdsGateway: Send + Sync {
    /// The Region it speaks to.
    fn region(&self) -> &Region;

    /// All DB instances (`DescribeDBInstances`), tags included.
    fn instances(&self) -> impl Future<Output = Result<Vec<Database>, GatewayError>> + Send;

    /// The account's own manual snapshots (`DescribeDBSnapshots`, `SnapshotType=manual`), tags included.
    fn own_snapshots(&self) -> impl Future<Output = Result<Vec<Arc<Snapshot>>, GatewayError>> + Send;

    /// Snapshots that other accounts share with this one (`SnapshotType=shared`); anyone can share.
    fn shared_snapshots(&self) -> impl Future<Output = Result<Vec<Arc<Snapshot>>, GatewayError>> + Send;

    /// One of the account's own snapshots by its identifier, if it exists.
    fn own_snapshot(
        &self,
        id: &SnapshotId,
    ) -> impl Future<Output = Result<Option<Snapshot>, GatewayError>> + Send;

    /// How many manual DB snapshots the account may have here (`DescribeAccountAttributes`, `ManualSnapshots`).
    fn snapshot_quota(&self) -> impl Future<Output = Result<u32, GatewayError>> + Send;

    /// The account's default RDS key here (`alias/aws/rds`); absent if it was never used.
    fn default_key(&self) -> impl Future<Output = Result<Option<KmsKeyArn>, GatewayError>> + Send;

    /// True if a key of our own account can be used now (`kms:DescribeKey`, state `Enabled`).
    fn key_is_enabled(&self, key: &KmsKeyArn) -> impl Future<Output = Result<bool, GatewayError>> + Send;

    /// Takes a snapshot (`CreateDBSnapshot`); returns once AWS has accepted it.
    fn create_snapshot(
        &self,
        create: &CreateSnapshot,
    ) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Copies a snapshot (`CopyDBSnapshot`); returns once AWS has accepted it.
    fn copy_snapshot(&self, copy: &CopySnapshot) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Shares a snapshot of our own with more accounts (`ModifyDBSnapshotAttribute`).
    fn share_snapshot(
        &self,
        id: &SnapshotId,
        accounts: &BTreeSet<AccountId>,
    ) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Adds or overwrites tags of a snapshot of our own (`AddTagsToResource`).
    fn tag_snapshot(
        &self,
        arn: &SnapshotArn,
        tags: &Tags,
    ) -> impl Future<Output = Result<(), GatewayError>> + Send;

    /// Deletes a snapshot of our own (`DeleteDBSnapshot`); on a copy in progress this cancels it.
    fn delete_snapshot(&self, id: &SnapshotId) -> impl Future<Output = Result<(), GatewayError>> + Send;
}
