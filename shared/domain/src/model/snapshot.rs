//! A snapshot as AWS describes it, made by Pilot Light or by anyone else.
//!
//! [`crate::model::recovery_point`] decides which snapshots are our own, and which database each belongs to.

use std::fmt;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::model::arn::{KmsKeyArn, SnapshotArn};
use crate::model::database::Engine;
use crate::model::ids::{DatabaseKind, DatabaseName};
use crate::model::interning::reuse;
use crate::model::tags;
use crate::model::tags::Tags;

/// The status of a snapshot. A status that AWS adds later is kept unchanged and never treated as usable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SnapshotStatus {
    /// AWS is writing it, for a snapshot or for a copy.
    Creating,
    /// Complete and usable.
    Available,
    /// AWS is copying it from another Region or account.
    Copying,
    /// AWS is deleting it.
    Deleting,
    /// It will never be usable.
    Failed,
    /// Any other status, letter for letter.
    Other(EcoString),
}

impl SnapshotStatus {
    /// The status in AWS's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Copying => "copying",
            Self::Deleting => "deleting",
            Self::Failed => "failed",
            Self::Other(text) => text,
        }
    }

    /// True while the snapshot is still being written.
    #[must_use]
    pub fn in_progress(&self) -> bool {
        matches!(self, Self::Creating | Self::Copying)
    }
}

impl From<String> for SnapshotStatus {
    fn from(text: String) -> Self {
        match text.as_str() {
            "creating" => Self::Creating,
            "available" => Self::Available,
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

/// A manual or shared snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its ARN: owner, Region, identifier.
    pub arn: SnapshotArn,
    /// The instance or cluster it was taken of. A copy keeps that name.
    pub database: DatabaseName,
    /// `DbiResourceId` of that instance, which no other instance of the same name has. A cluster's snapshot has none.
    pub resource_id: Option<EcoString>,
    /// Engine name.
    pub engine: Engine,
    /// Its status.
    pub status: SnapshotStatus,
    /// `SnapshotCreateTime`. It changes on copy and may be absent while the snapshot is in progress.
    pub created_at: Option<Instant>,
    /// `OriginalSnapshotCreateTime`. It does not change on copy.
    pub original_created_at: Option<Instant>,
    /// `SnapshotDatabaseTime`: the time of the last transaction in the snapshot.
    pub database_time: Option<Instant>,
    /// `SourceDBSnapshotIdentifier`. AWS sets it only on cross-account and cross-Region copies.
    pub copied_from: Option<SnapshotArn>,
    /// The key it is encrypted with; absent if it is not encrypted.
    pub kms_key: Option<KmsKeyArn>,
    /// Tags from `TagList`. AWS hides them from the accounts that the snapshot is shared with.
    pub tags: Tags,
}

impl Snapshot {
    /// The kind of database it was taken of: instance or cluster.
    #[must_use]
    pub fn kind(&self) -> DatabaseKind {
        self.arn.kind
    }

    /// The time of the data in it: `SnapshotDatabaseTime`, else the original create time, else the create time.
    /// Absent only while AWS gives none of them yet.
    #[must_use]
    pub fn data_time(&self) -> Option<Instant> {
        self.database_time.or(self.original_created_at).or(self.created_at)
    }

    /// The time at which the snapshot was first complete. Copying does not change it. It decides which snapshot is
    /// newer and how long each is kept: the time of the data does not advance on an idle database.
    #[must_use]
    pub fn taken_at(&self) -> Option<Instant> {
        self.original_created_at.or(self.database_time).or(self.created_at)
    }

    /// Shares with `other` the storage of all fields that are equal in both. The snapshots of one database are many,
    /// and have most of their fields in common.
    pub fn reuse(&mut self, other: &Self) {
        self.arn.reuse(&other.arn);
        reuse(&mut self.database, &other.database);
        reuse(&mut self.resource_id, &other.resource_id);
        reuse(&mut self.engine, &other.engine);
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

    /// True if Pilot Light took it (`CreatedBy`). A copy that merely carries this tag over does not count.
    #[must_use]
    pub fn is_taken_by_us(&self) -> bool {
        self.tags.has(tags::CREATED_BY, tags::TOOL) && !self.is_copied_by_us()
    }

    /// True if Pilot Light copied it (`CopiedBy`).
    #[must_use]
    pub fn is_copied_by_us(&self) -> bool {
        self.tags.has(tags::COPIED_BY, tags::TOOL)
    }

    /// True if it is complete.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.status == SnapshotStatus::Available
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arn, snapshot};

    fn copy(id: &str, database: &str, engine: &str, tagged: &str) -> Snapshot {
        let mut copy = snapshot(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{id}"), database);
        copy.resource_id = Some(format!("db-OF-{database}-WHICH-IS-LONG").into());
        copy.engine = Engine(engine.into());
        copy.kms_key = "arn:aws:kms:us-west-2:222222222222:key/copies".parse().ok();
        copy.copied_from = Some(arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{id}")));
        copy.tags = tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_ACCOUNT, tagged)]);
        copy
    }

    #[test]
    fn sharing_equal_fields_changes_no_snapshot() {
        let some = [
            copy("orders-2026-01-01-00-00", "orders", "postgres", "111111111111"),
            copy("orders-2026-01-01-00-30", "orders", "postgres", "111111111111"),
            copy("billing-2026-01-01-00-00", "billing", "aurora-postgresql", "a value of another length"),
            snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:plain", "plain"),
        ];
        for one in &some {
            for other in &some {
                let mut reusing = one.clone();
                reusing.reuse(other);
                assert_eq!(reusing, *one);
            }
        }
    }
}
