//! The ledger of the real state: every snapshot, its origin, and the usable copies, from the world's own journal.
//!
//! Nothing in it comes from a worker. No error of a worker can therefore hide a violation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::tags;
use pilot_light_simulator::world::{Happening, SnapshotRecord};

use super::held::{Database, Held, Instance};
use super::points::Points;
use crate::homes::Home;

/// The longest time of a run: the limit of a Lambda function.
const LONGEST_RUN: TimeDelta = TimeDelta::minutes(15);

/// All snapshots that exist.
#[derive(Debug)]
pub(crate) struct Ledger {
    destination: Home,
    snapshots: BTreeMap<SnapshotArn, Held>,
    /// Copies of Pilot Light between the first hop and the second.
    intermediates: BTreeSet<SnapshotArn>,
    /// The usable copies in the destination.
    usable: Points,
    /// All complete snapshots, wherever they are.
    complete: Points,
    /// The copies that were deleted a moment ago, each with that time. A run that is still under way has seen them.
    deleted: Vec<(Instant, Held)>,
    /// The databases of the source that do not exist any more.
    gone: BTreeSet<Instance>,
    /// The earliest time at which each instance is known to have existed, by `DbiResourceId`. It outlasts the copies that showed it.
    began: BTreeMap<String, Instant>,
}

impl Ledger {
    pub(super) fn new(destination: Home) -> Self {
        Self {
            destination,
            snapshots: BTreeMap::new(),
            intermediates: BTreeSet::new(),
            usable: Points::default(),
            complete: Points::default(),
            deleted: Vec::new(),
            gone: BTreeSet::new(),
            began: BTreeMap::new(),
        }
    }

    /// Enters an event.
    pub(super) fn enter(&mut self, event: &Happening, at: Instant) {
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
            Happening::Gone(record, _) => self.remove(record, at),
            Happening::DatabaseGone(record) => {
                self.gone.insert((record.arn.id.account.clone(), record.shape.resource_id.clone()));
            }
            Happening::Refused(..)
            | Happening::DatabaseReady(_)
            | Happening::DatabaseRenamed(_)
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

    /// The databases that do not exist any more.
    pub(super) fn gone(&self) -> impl Iterator<Item = &Instance> {
        self.gone.iter()
    }

    /// The usable copies in the destination.
    pub(super) fn usable(&self) -> &Points {
        &self.usable
    }

    /// All complete snapshots.
    pub(super) fn complete(&self) -> &Points {
        &self.complete
    }

    /// The database of a snapshot, under the name that its newest copy shows.
    pub(super) fn database(&self, held: &Held) -> Database {
        let name = self.usable.name(&held.instance()).unwrap_or(&held.record.database);
        (held.root.account.clone(), name.clone())
    }

    /// The time at which the newest usable copy of a database was taken. `but` is left out.
    pub(super) fn newest_usable(&self, database: &Database, but: Option<&SnapshotArn>) -> Option<Instant> {
        let newest = |instance| {
            let mut newest_first = self.usable.of(&instance).rev();
            newest_first.find(|(_, arn)| Some(arn) != but).map(|(taken, _)| *taken)
        };
        self.usable.instances(database).filter_map(newest).max()
    }

    /// True if there is a usable copy of the same instance that was taken at `taken` or later.
    pub(super) fn has_copy_since(&self, held: &Held, taken: Instant) -> bool {
        self.usable.of(&held.instance()).next_back().is_some_and(|(newest, _)| *newest >= taken)
    }

    /// The usable copies of a database, with those that runs under way have seen and that were deleted since.
    pub(super) fn copies_seen(&self, database: &Database, now: Instant) -> Vec<(Instant, &Held)> {
        let its = |held: &Held| (&held.root.account, &held.record.database) == (&database.0, &database.1);
        let recent = self.deleted.iter().filter(|(deleted, _)| now - *deleted < LONGEST_RUN);
        let deleted = recent.map(|(_, held)| held).filter(|held| its(held));
        let deleted = deleted.filter_map(|held| Some((held.usable_since()?, held)));
        self.copies_of(database).into_iter().chain(deleted).collect()
    }

    /// The usable copies of a database, of all its instances, each with the time at which it was taken.
    pub(super) fn copies_of(&self, database: &Database) -> Vec<(Instant, &Held)> {
        let its = |instance| self.usable.of(&instance).cloned().collect::<Vec<_>>();
        let all = self.usable.instances(database).flat_map(its);
        all.filter_map(|(taken, arn)| Some((taken, self.get(&arn)?))).collect()
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
        let Some(held) = self.snapshots.get(arn) else { return };
        self.complete.enter(held);
        if self.is_copy(&held.record)
            && held.is_available()
            && let Some(taken) = held.record.original_created_at
        {
            let first = held.record.instance_created_at.map_or(taken, |created| created.min(taken));
            let known = self.began.entry(held.record.shape.resource_id.clone()).or_insert(first);
            *known = first.min(*known);
            self.usable.enter(held);
        }
    }

    fn remove(&mut self, record: &SnapshotRecord, at: Instant) {
        let Some(held) = self.snapshots.remove(&record.arn) else { return };
        self.intermediates.remove(&record.arn);
        self.usable.remove(&held);
        self.complete.remove(&held);
        self.deleted.retain(|(deleted, _)| at - *deleted < LONGEST_RUN);
        if self.is_copy(&held.record) {
            self.deleted.push((at, held));
        }
    }
}
