//! The ledger of the real state: every snapshot, its origin, and the usable copies, from the world's own journal.
//!
//! Nothing in it comes from a worker. No error of a worker can therefore hide a violation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{AccountId, DatabaseName};
use pilot_light_domain::model::tags;
use pilot_light_simulator::world::{Happening, SnapshotRecord};

use crate::homes::Home;

/// A database: the account it belongs to, and its name.
pub(super) type Database = (AccountId, DatabaseName);

/// A snapshot that exists.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) record: Arc<SnapshotRecord>,
    /// The first snapshot in its chain of copies.
    pub(super) root: SnapshotArn,
    /// The snapshot that it is being copied from, until the copy is complete.
    reads: Option<SnapshotArn>,
}

/// All snapshots that exist.
#[derive(Debug)]
pub(crate) struct Ledger {
    destination: Home,
    snapshots: BTreeMap<SnapshotArn, Held>,
    /// Copies of Pilot Light between the first hop and the second.
    intermediates: BTreeSet<SnapshotArn>,
    /// The usable copies in the destination, by the time at which they were taken. The value is the time of the data.
    usable: BTreeMap<Database, BTreeMap<(Instant, SnapshotArn), Instant>>,
    /// The earliest time at which each instance is known to have existed, by `DbiResourceId`. It outlasts the copies that showed it.
    began: BTreeMap<String, Instant>,
}

impl Ledger {
    pub(super) fn new(destination: Home) -> Self {
        Self {
            destination,
            snapshots: BTreeMap::new(),
            intermediates: BTreeSet::new(),
            usable: BTreeMap::new(),
            began: BTreeMap::new(),
        }
    }

    /// Enters an event.
    pub(super) fn enter(&mut self, event: &Happening) {
        match event {
            Happening::Begun(record, reads) => {
                let root = self.root(record, reads.as_ref());
                if self.is_intermediate(record) {
                    self.intermediates.insert(record.arn.clone());
                }
                let held = Held { record: Arc::clone(record), root, reads: reads.clone() };
                self.snapshots.insert(record.arn.clone(), held);
            }
            Happening::Ended(record) => {
                let Some(held) = self.snapshots.get_mut(&record.arn) else { return };
                held.record = Arc::clone(record);
                held.reads = None;
                self.count_usable(&record.arn);
            }
            Happening::Gone(record, _) => self.remove(record),
            Happening::Refused(..)
            | Happening::DatabaseReady(_)
            | Happening::DatabaseGone(_)
            | Happening::OutageBegan
            | Happening::OutageEnded => {}
        }
    }

    /// The first snapshot in the chain of copies of a snapshot that begins now.
    pub(super) fn root(&self, record: &SnapshotRecord, reads: Option<&SnapshotArn>) -> SnapshotArn {
        let known = reads.and_then(|source| self.snapshots.get(source)).map(|source| &source.root);
        known.or(reads).unwrap_or(&record.arn).clone()
    }

    pub(super) fn get(&self, arn: &SnapshotArn) -> Option<&Held> {
        self.snapshots.get(arn)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Held> {
        self.snapshots.values()
    }

    /// The copies of Pilot Light between the first hop and the second.
    pub(super) fn intermediates(&self) -> impl Iterator<Item = &Held> {
        self.intermediates.iter().filter_map(|arn| self.snapshots.get(arn))
    }

    /// The earliest time at which an instance is known to have existed, of which there is or was a usable copy.
    pub(super) fn began(&self, id: &str) -> Option<Instant> {
        self.began.get(id).copied()
    }

    /// True if a copy in progress reads from this snapshot.
    pub(super) fn is_read(&self, arn: &SnapshotArn) -> bool {
        self.snapshots.values().any(|held| held.reads.as_ref() == Some(arn))
    }

    /// The time at which the newest usable copy of a database was taken. `but` is left out.
    pub(super) fn newest_usable(&self, database: &Database, but: Option<&SnapshotArn>) -> Option<Instant> {
        let copies = self.usable.get(database)?;
        copies.keys().rev().find(|(_, arn)| Some(arn) != but).map(|(taken, _)| *taken)
    }

    /// True if there is a usable copy of the same instance under its name that was taken at `taken` or later.
    pub(super) fn has_copy_since(&self, held: &Held, taken: Instant) -> bool {
        let copies = self.usable.get(&held.database());
        let since = copies.into_iter().flat_map(|copies| copies.keys().rev());
        let is_its = |arn: &SnapshotArn| self.get(arn).is_some_and(|other| other.is_of_same_instance(held));
        since.take_while(|(time, _)| *time >= taken).any(|(_, arn)| is_its(arn))
    }

    /// The times of the usable copies of a database that were taken after `taken`.
    pub(super) fn taken_after(&self, database: &Database, taken: Instant) -> impl Iterator<Item = Instant> {
        let copies = self.usable.get(database);
        let newest_first = copies.into_iter().flat_map(|copies| copies.keys().rev());
        newest_first.map(|(time, _)| *time).take_while(move |time| *time > taken)
    }

    /// All databases with a usable copy, each with the time at which the newest one was taken.
    pub(super) fn newest_of_all(&self) -> impl Iterator<Item = (&Database, Instant)> {
        self.usable.iter().filter_map(|(of, copies)| Some((of, copies.keys().next_back()?.0)))
    }

    /// The instant at which the data of the newest usable copy was frozen, of the oldest database among those with a copy.
    pub(super) fn oldest_data(&self) -> Option<Instant> {
        self.usable.values().filter_map(|copies| copies.values().next_back()).min().copied()
    }

    /// The other copies in the same place that were made from the same original as `record`, a copy of `source`.
    pub(super) fn other_copies<'a>(
        &'a self,
        record: &'a SnapshotRecord,
        source: &SnapshotArn,
    ) -> impl Iterator<Item = &'a Held> {
        let root = self.root(record, Some(source));
        self.snapshots.values().filter(move |held| {
            held.record.database_time == record.database_time
                && held.root == root
                && held.record.arn != record.arn
                && self.is_copy(&held.record)
        })
    }

    /// True for a copy of Pilot Light in the destination.
    pub(super) fn is_copy(&self, record: &SnapshotRecord) -> bool {
        record.arn.account == self.destination.account
            && record.arn.region == self.destination.region
            && record.tags.has(tags::COPIED_BY, tags::TOOL)
    }

    fn is_intermediate(&self, record: &SnapshotRecord) -> bool {
        record.arn.account == self.destination.account
            && record.tags.has(tags::COPIED_BY, tags::TOOL)
            && !self.is_copy(record)
    }

    fn count_usable(&mut self, arn: &SnapshotArn) {
        let Some(held) = self.snapshots.get(arn).filter(|held| self.is_copy(&held.record)) else { return };
        if held.is_available()
            && let Some(taken) = held.record.original_created_at
        {
            let (database, time) = (held.database(), held.record.database_time);
            let first = held.record.instance_created_at.map_or(taken, |created| created.min(taken));
            let known = self.began.entry(held.record.shape.resource_id.clone()).or_insert(first);
            *known = first.min(*known);
            self.usable.entry(database).or_default().insert((taken, arn.clone()), time);
        }
    }

    fn remove(&mut self, record: &SnapshotRecord) {
        let Some(held) = self.snapshots.remove(&record.arn) else { return };
        self.intermediates.remove(&record.arn);
        let database = held.database();
        let Some(copies) = self.usable.get_mut(&database) else { return };
        if let Some(taken) = record.original_created_at {
            copies.remove(&(taken, record.arn.clone()));
        }
        if copies.is_empty() {
            self.usable.remove(&database);
        }
    }
}

impl Held {
    /// The database that this snapshot restores.
    pub(super) fn database(&self) -> Database {
        (self.root.account.clone(), self.record.database.clone())
    }

    /// True if both are of one instance: of one account, with the same name and `DbiResourceId`.
    pub(super) fn is_of_same_instance(&self, other: &Self) -> bool {
        self.database() == other.database() && self.record.shape.resource_id == other.record.shape.resource_id
    }

    fn is_available(&self) -> bool {
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
