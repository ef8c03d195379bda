//! The real protection of every database: its usable copies in the destination, from the world's own journal.
//!
//! A database is identified by its resource id, as AWS does. A copy protects the database from which it was taken, and no
//! later database of the same name. Nothing here comes from a worker.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_simulator::world::{Happening, InstanceRecord, SnapshotRecord};

use crate::homes::{Home, Homes};

/// `DbiResourceId`.
pub(crate) type ResourceId = String;

/// The protection of all databases that exist in the source.
#[derive(Debug)]
pub(crate) struct Protections {
    homes: Homes,
    databases: BTreeMap<ResourceId, Protection>,
    /// The names of all databases so far.
    names: BTreeSet<DatabaseName>,
}

/// The protection of one database.
#[derive(Debug, Clone)]
pub(crate) struct Protection {
    pub(crate) name: DatabaseName,
    /// The instant at which it became available, so that it could be protected.
    ready: Instant,
    /// True if there was another database of this name before.
    pub(crate) is_recreated: bool,
    /// Its usable copies, each with the instant at which its data was frozen.
    copies: BTreeSet<(Instant, SnapshotArn)>,
}

impl Protections {
    pub(crate) fn new(homes: Homes) -> Self {
        Self { homes, databases: BTreeMap::new(), names: BTreeSet::new() }
    }

    /// The database whose protection an event may change.
    pub(crate) fn concerned<'a>(&self, event: &'a Happening) -> Option<&'a ResourceId> {
        match event {
            Happening::DatabaseReady(record)
            | Happening::DatabaseRenamed(record)
            | Happening::DatabaseGone(record) => {
                self.is_in_source(record).then_some(&record.shape.resource_id)
            }
            Happening::Ended(record) | Happening::Begun(record, _) => {
                self.known(record).filter(|_| record.status.as_str() == "available")
            }
            Happening::Gone(record, _) => self.known(record),
            Happening::Refused(..) | Happening::OutageBegan | Happening::OutageEnded => None,
        }
    }

    /// Enters an event that concerns the database `id`.
    pub(crate) fn enter(&mut self, id: &ResourceId, event: &Happening, now: Instant) {
        match event {
            Happening::DatabaseReady(record) => {
                let name = record.arn.id.name.clone();
                let is_recreated = !self.names.insert(name.clone());
                let protection = Protection { name, ready: now, is_recreated, copies: BTreeSet::new() };
                self.databases.insert(id.clone(), protection);
            }
            Happening::DatabaseRenamed(record) => {
                let name = &record.arn.id.name;
                self.names.insert(name.clone());
                if let Some(protection) = self.databases.get_mut(id) {
                    protection.name = name.clone();
                }
            }
            Happening::DatabaseGone(_) => {
                self.databases.remove(id);
            }
            Happening::Ended(record) | Happening::Begun(record, _) => {
                if let Some(protection) = self.databases.get_mut(id) {
                    protection.copies.insert((record.database_time, record.arn.clone()));
                }
            }
            Happening::Gone(record, _) => {
                if let Some(protection) = self.databases.get_mut(id) {
                    protection.copies.remove(&(record.database_time, record.arn.clone()));
                }
            }
            Happening::Refused(..) | Happening::OutageBegan | Happening::OutageEnded => {}
        }
    }

    /// All databases that exist, each with its resource id.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&ResourceId, &Protection)> {
        self.databases.iter()
    }

    pub(crate) fn get(&self, id: &ResourceId) -> Option<&Protection> {
        self.databases.get(id)
    }

    /// The database that has been without protection for longest. None if no database exists.
    pub(crate) fn oldest(&self) -> Option<&Protection> {
        self.databases.values().min_by_key(|protection| protection.protected_until())
    }

    fn is_in_source(&self, record: &InstanceRecord) -> bool {
        let Home { account, region } = &self.homes.source;
        record.arn.id.account == *account && record.arn.id.region == *region
    }

    /// The known database of a snapshot in the destination.
    fn known<'a>(&self, record: &'a SnapshotRecord) -> Option<&'a ResourceId> {
        let Home { account, region } = &self.homes.destination;
        let is_there = record.arn.account == *account && record.arn.region == *region;
        let id = &record.shape.resource_id;
        (is_there && self.databases.contains_key(id)).then_some(id)
    }
}

impl Protection {
    /// The instant up to which the database could be restored. Without a copy, it is the instant from which the database
    /// could have been protected.
    pub(crate) fn protected_until(&self) -> Instant {
        self.copies.last().map_or(self.ready, |(frozen, _)| *frozen)
    }

    /// The age of its newest usable copy. Without a copy, it is the time since the database could have been protected.
    pub(crate) fn age(&self, now: Instant) -> TimeDelta {
        now - self.protected_until()
    }

    /// True if it has a usable copy.
    pub(crate) fn is_copied(&self) -> bool {
        !self.copies.is_empty()
    }
}
