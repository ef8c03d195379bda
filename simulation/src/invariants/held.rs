//! A snapshot that exists, with the instance and the database that it belongs to.

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{AccountId, DatabaseName};
use pilot_light_simulator::world::SnapshotRecord;

use crate::measure::protection::ResourceId;

/// A database: the account it belongs to, and its name.
pub(super) type Database = (AccountId, DatabaseName);

/// An instance: the account it belongs to, and its `DbiResourceId`.
pub(super) type Instance = (AccountId, ResourceId);

/// A snapshot that exists.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) record: Arc<SnapshotRecord>,
    /// The first snapshot in its chain of copies.
    pub(super) root: SnapshotArn,
    /// The snapshot that it is being copied from, until the copy is complete.
    pub(super) reads: Option<SnapshotArn>,
}

impl Held {
    /// The instance that the first snapshot in its chain of copies was taken of.
    pub(super) fn instance(&self) -> Instance {
        (self.root.account.clone(), self.record.shape.resource_id.clone())
    }

    pub(super) fn is_available(&self) -> bool {
        self.record.status.as_str() == "available"
    }

    /// True for a copy that is complete or still in progress.
    pub(super) fn is_usable_or_under_way(&self) -> bool {
        self.is_available() || self.reads.is_some()
    }

    /// The time at which it was taken, if it is complete.
    pub(super) fn usable_since(&self) -> Option<Instant> {
        self.record.original_created_at.filter(|_| self.is_available())
    }
}
