//! A snapshot as AWS describes it, made by Pilot Light or by anyone else.
//!
//! [`crate::model::ownership`] decides which snapshots are our own, and [`crate::model::recovery_point`] which database
//! each belongs to.

use std::fmt;

use chrono::TimeDelta;
use ecow::EcoString;
use serde::{Deserialize, Serialize};

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
    /// `SnapshotDatabaseTime`: the time of the last transaction in the snapshot. AWS rarely gives it.
    pub database_time: Option<Instant>,
    /// `SourceDBSnapshotIdentifier`. AWS sets it only on cross-account and cross-Region copies.
    pub copied_from: Option<SnapshotArn>,
    /// The key it is encrypted with; absent if it is not encrypted.
    pub kms_key: Option<StorageKey>,
    /// Tags from `TagList`. AWS hides them from the accounts that the snapshot is shared with.
    pub tags: Tags,
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
    ///
    /// The time counts from the latest time that AWS or our own tags give. None of them is later than the beginning of the
    /// work on the snapshot, except `SnapshotCreateTime`, which is that beginning.
    #[must_use]
    pub fn is_stuck(&self, now: Instant) -> bool {
        let is_unknown = matches!(self.status, SnapshotStatus::Other(_)) && self.status.in_progress();
        let begun_on = || self.tags.get(tags::CREATED_ON).and_then(naming::parse_timestamp);
        let copied_at = || self.tags.get(tags::DATABASE_TIME)?.parse().ok();
        let begun = || self.created_at.or_else(|| self.taken_at().max(begun_on()).max(copied_at()));
        is_unknown && begun().is_none_or(|begun: Instant| now - begun > UNKNOWN_STATUS_LIMIT)
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
    fn every_status_is_in_progress_except_those_that_are_an_end() {
        let phases = [
            ("creating", Phase::InProgress),
            ("pending", Phase::InProgress),
            ("copying", Phase::InProgress),
            ("a-status-of-next-year", Phase::InProgress),
            ("incompatible", Phase::InProgress),
            ("", Phase::InProgress),
            ("available", Phase::Usable),
            ("deleting", Phase::Deleting),
            ("failed", Phase::Lost),
            ("incompatible-restore", Phase::Lost),
        ];
        for (text, phase) in phases {
            let status = SnapshotStatus::from(text.to_owned());
            assert_eq!((status.phase(), status.as_str()), (phase, text));
        }
    }

    #[test]
    fn only_an_unknown_status_makes_a_snapshot_stuck_and_only_after_a_day() {
        let begun = crate::testing::at("2026-01-01T00:00:00Z");
        let stuck = |status: &str, change: fn(&mut Snapshot, Instant), age| {
            let mut found = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:a", "orders");
            found.status = SnapshotStatus::from(status.to_owned());
            change(&mut found, begun);
            found.is_stuck(begun + age)
        };
        let (day, second) = (TimeDelta::days(1), TimeDelta::seconds(1));
        let known: [fn(&mut Snapshot, Instant); 4] = [
            |found, at| found.created_at = Some(at),
            |found, at| found.original_created_at = Some(at),
            |found, at| found.tags = tags::of([(tags::DATABASE_TIME, &at.to_rfc3339())]),
            |found, _| found.tags = tags::of([(tags::CREATED_ON, "2026-01-01-00-00")]),
        ];
        for change in known {
            assert_eq!([stuck("odd", change, day), stuck("odd", change, day + second)], [false, true]);
            for status in ["pending", "copying", "creating", "available", "failed", "incompatible-restore"] {
                assert!(!stuck(status, change, day * 9), "{status}");
            }
        }
        assert!(stuck("odd", |_, _| {}, TimeDelta::zero()), "its age is unknown");
    }

    #[test]
    fn an_idle_database_whose_last_transaction_is_days_old_has_a_snapshot_as_young_as_its_completion() {
        let complete = crate::testing::at("2026-01-05T00:00:00Z");
        let mut idle = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:a", "orders");
        idle.created_at = Some(complete + TimeDelta::minutes(9));
        idle.database_time = Some(complete - TimeDelta::days(3));
        idle.original_created_at = Some(complete);
        assert_eq!(idle.taken_at(), Some(complete));
        idle.original_created_at = None;
        assert_eq!(idle.taken_at(), idle.database_time, "the time of the copy would be too young");
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
