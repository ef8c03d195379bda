//! A snapshot as AWS describes it, made by Pilot Light or by anyone else.
//!
//! [`crate::model::ownership`] decides which snapshots are our own, and [`crate::model::recovery_point`] which database
//! each belongs to.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use chrono::TimeDelta;
use ecow::EcoString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::database::Engine;
use crate::model::ids::{DatabaseKind, DatabaseName};
use crate::model::interning::reuse;
use crate::model::naming;
use crate::model::storage_key::StorageKey;
use crate::model::tags;
use crate::model::tags::Tags;

/// The time in an unknown status after which a person must look at a snapshot. AWS finishes the snapshot of the largest
/// database within a day.
pub(super) const UNKNOWN_STATUS_LIMIT: TimeDelta = TimeDelta::hours(24);

/// The time for which AWS's lists may lack a new snapshot or its tags.
pub const LIST_DELAY: TimeDelta = TimeDelta::minutes(10);

/// The status of a snapshot. A status that AWS adds later is kept unchanged, and counts as in progress.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SnapshotStatus {
    /// AWS is writing it, for a snapshot or for a copy.
    Creating,
    /// Complete and usable.
    Available,
    /// A copy from another Region or account that has not begun. It already counts towards the limit of copies.
    Pending,
    /// AWS is copying it from another Region or account.
    Copying,
    /// AWS is deleting it.
    Deleting,
    /// It will never be usable.
    Failed,
    /// Any other status, letter for letter.
    Other(EcoString),
}

/// The future of a snapshot, as far as its status determines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// AWS still works on it. It occupies its copy slot, and its source is in use.
    InProgress,
    /// It is complete.
    Usable,
    /// AWS is deleting it.
    Deleting,
    /// It will never be usable.
    Lost,
}

impl SnapshotStatus {
    /// The status in AWS's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Pending => "pending",
            Self::Copying => "copying",
            Self::Deleting => "deleting",
            Self::Failed => "failed",
            Self::Other(text) => text,
        }
    }

    /// The phase of a snapshot in this status. Every status is in progress, except those that AWS documents as an end.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self {
            Self::Available => Phase::Usable,
            Self::Deleting => Phase::Deleting,
            Self::Failed => Phase::Lost,
            Self::Other(text) if text.starts_with("incompatible-") => Phase::Lost,
            Self::Creating | Self::Pending | Self::Copying | Self::Other(_) => Phase::InProgress,
        }
    }

    /// True while AWS still works on the snapshot.
    #[must_use]
    pub fn in_progress(&self) -> bool {
        self.phase() == Phase::InProgress
    }
}

impl From<String> for SnapshotStatus {
    fn from(text: String) -> Self {
        match text.as_str() {
            "creating" => Self::Creating,
            "available" => Self::Available,
            "pending" => Self::Pending,
            "copying" => Self::Copying,
            "deleting" => Self::Deleting,
            "failed" => Self::Failed,
            _ => Self::Other(text.into()),
        }
    }
}

impl From<SnapshotStatus> for String {
    fn from(status: SnapshotStatus) -> String {
        status.as_str().to_owned()
    }
}

impl fmt::Display for SnapshotStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The instance or cluster that a snapshot was taken of, as it was then. The snapshots of one database are many, and nearly all of
/// them share one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOf {
    /// Its name. A copy of the snapshot keeps that name.
    pub database: DatabaseName,
    /// `DbiResourceId`, which no other instance of the same name has. A cluster's snapshot has none.
    pub resource_id: Option<EcoString>,
    /// `InstanceCreateTime`: when it was created.
    pub instance_created_at: Option<Instant>,
    /// Engine name.
    pub engine: Engine,
    /// `EngineVersion`.
    pub engine_version: Option<EcoString>,
    /// `LicenseModel`.
    pub license_model: Option<EcoString>,
    /// `StorageType`.
    pub storage_type: Option<EcoString>,
    /// `AllocatedStorage` in GiB.
    pub allocated_gib: Option<u32>,
}

/// A manual or shared snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its ARN: owner, Region, identifier.
    pub arn: SnapshotArn,
    /// The instance or cluster it was taken of. Its fields are read and written as those of the snapshot.
    #[serde(flatten, serialize_with = "write_shared", deserialize_with = "read_shared")]
    pub taken_of: Arc<TakenOf>,
    /// Its status.
    pub status: SnapshotStatus,
    /// `PercentProgress`, while it is in progress.
    pub percent: Option<u8>,
    /// `SnapshotCreateTime`. It changes on copy and may be absent while the snapshot is in progress.
    pub created_at: Option<Instant>,
    /// `OriginalSnapshotCreateTime`. It does not change on copy.
    pub original_created_at: Option<Instant>,
    /// `SnapshotDatabaseTime`: the time of the last transaction in the snapshot. AWS rarely gives it.
    pub database_time: Option<Instant>,
    /// `SourceDBSnapshotIdentifier`. AWS sets it only on cross-account and cross-Region copies.
    pub copied_from: Option<SnapshotArn>,
    /// The key it is encrypted with; absent if it is not encrypted.
    pub kms_key: Option<StorageKey>,
    /// Tags from `TagList`. AWS hides them from the accounts that the snapshot is shared with.
    pub tags: Tags,
}

impl Deref for Snapshot {
    type Target = TakenOf;
    fn deref(&self) -> &TakenOf {
        &self.taken_of
    }
}

/// A change concerns this snapshot alone.
impl DerefMut for Snapshot {
    fn deref_mut(&mut self) -> &mut TakenOf {
        Arc::make_mut(&mut self.taken_of)
    }
}

fn write_shared<S: Serializer>(taken_of: &TakenOf, serializer: S) -> Result<S::Ok, S::Error> {
    taken_of.serialize(serializer)
}

fn read_shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<TakenOf>, D::Error> {
    TakenOf::deserialize(deserializer).map(Arc::new)
}

impl Snapshot {
    /// The kind of database it was taken of: instance or cluster.
    #[must_use]
    pub fn kind(&self) -> DatabaseKind {
        self.arn.kind
    }

    /// The time at which the snapshot was taken, for its age, its order and its retention: `OriginalSnapshotCreateTime`,
    /// which copying does not change. Absent only while AWS gives no time at all.
    ///
    /// AWS's time may be that of the completion. The data are then older, at most by the duration of the snapshot.
    /// `SnapshotDatabaseTime` is used only without it. That time is usually absent, and on an idle database it does not
    /// advance, although the snapshot contains everything up to its beginning.
    #[must_use]
    pub fn taken_at(&self) -> Option<Instant> {
        self.original_created_at.or(self.database_time).or(self.created_at)
    }

    /// Shares with `other` the storage of all fields that are equal in both. The snapshots of one database are many,
    /// and have most of their fields in common.
    pub fn reuse(&mut self, other: &Self) {
        self.arn.reuse(&other.arn);
        reuse(&mut self.taken_of, &other.taken_of);
        reuse(&mut self.kms_key, &other.kms_key);
        self.tags.reuse(&other.tags);
        if let Some(copied_from) = &mut self.copied_from {
            if let Some(other) = &other.copied_from {
                copied_from.reuse(other);
            }
            // Copies keep the identifier.
            reuse(&mut copied_from.id, &self.arn.id);
        }
    }

    /// True if it is complete.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.status.phase() == Phase::Usable
    }

    /// True if it is in progress, or was complete so recently that AWS may not list its tags yet ([`LIST_DELAY`]).
    #[must_use]
    pub fn is_new(&self, now: Instant) -> bool {
        let is_young = || self.created_at.is_some_and(|at| now - at < LIST_DELAY);
        self.status.in_progress() || (self.is_available() && is_young())
    }

    /// True if it has been in progress in an unknown status for more than 24 hours, or for an unknown time.
    #[must_use]
    pub fn is_stuck(&self, now: Instant) -> bool {
        matches!(self.status, SnapshotStatus::Other(_))
            && self.status.in_progress()
            && self.began_long_ago(now)
    }

    /// True if it is complete, and AWS gives no time for it although it was begun more than 24 hours ago, or at an unknown time.
    /// Nothing that depends on its age is known.
    #[must_use]
    pub fn lacks_time(&self, now: Instant) -> bool {
        self.is_available() && self.taken_at().is_none() && self.began_long_ago(now)
    }

    /// True if it was begun more than 24 hours ago, or at an unknown time.
    ///
    /// The time counts from the latest time that AWS or our own tags give. None of them is later than the beginning of the
    /// work on the snapshot, except `SnapshotCreateTime`, which is that beginning.
    fn began_long_ago(&self, now: Instant) -> bool {
        let begun_on = || self.tags.get(tags::CREATED_ON).and_then(naming::parse_timestamp);
        let copied_at = || self.tags.get(tags::DATABASE_TIME)?.parse().ok();
        let begun = self.created_at.or_else(|| self.taken_at().max(begun_on()).max(copied_at()));
        begun.is_none_or(|begun| now - begun > UNKNOWN_STATUS_LIMIT)
    }
}

#[cfg(test)]
mod tests;
