//! Complete snapshots by instance, and the present name of each database as they show it.
//!
//! AWS keeps the `DbiResourceId` of a renamed instance, and its earlier snapshots keep the earlier name. The newest
//! snapshot therefore shows the present name, and all of them belong to the database of that name.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::DatabaseName;

use super::held::{Database, Held, Instance};
use crate::measure::protection::ResourceId;

/// The snapshots of an instance, by the time at which they were taken.
type Its = BTreeMap<(Instant, SnapshotArn), Point>;

/// Complete snapshots.
#[derive(Debug, Default)]
pub(super) struct Points {
    by_instance: BTreeMap<Instance, Its>,
    /// The instances that have each name now, or had it when the last of their snapshots was taken.
    by_name: BTreeMap<Database, BTreeSet<ResourceId>>,
}

/// A complete snapshot.
#[derive(Debug)]
struct Point {
    /// The name of the database when it was taken.
    name: DatabaseName,
    /// The time of the data.
    data: Instant,
}

/// The newest snapshot of a database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest<'a> {
    pub(super) taken: Instant,
    pub(super) data: Instant,
    /// The instance of which it was taken.
    pub(super) instance: &'a Instance,
}

impl Points {
    /// Adds a snapshot, if it is complete.
    pub(super) fn enter(&mut self, held: &Held) {
        let Some(taken) = held.usable_since() else { return };
        let (record, instance) = (&held.record, held.instance());
        let point = Point { name: record.database.clone(), data: record.database_time };
        self.change(instance, |its| drop(its.insert((taken, record.arn.clone()), point)));
    }

    /// Removes a snapshot.
    pub(super) fn remove(&mut self, held: &Held) {
        let Some(taken) = held.usable_since() else { return };
        self.change(held.instance(), |its| drop(its.remove(&(taken, held.record.arn.clone()))));
    }

    fn change(&mut self, instance: Instance, change: impl FnOnce(&mut Its)) {
        let its = self.by_instance.entry(instance.clone()).or_default();
        let before = name(its).cloned();
        change(its);
        let after = name(its).cloned();
        if its.is_empty() {
            self.by_instance.remove(&instance);
        }
        if before == after {
            return;
        }
        let (account, id) = instance;
        if let Some(name) = before {
            let database = (account.clone(), name);
            let others = self.by_name.get_mut(&database);
            if others.is_some_and(|others| others.remove(&id) && others.is_empty()) {
                self.by_name.remove(&database);
            }
        }
        if let Some(name) = after {
            self.by_name.entry((account, name)).or_default().insert(id);
        }
    }

    /// The present name of an instance.
    pub(super) fn name(&self, instance: &Instance) -> Option<&DatabaseName> {
        self.by_instance.get(instance).and_then(name)
    }

    /// All names that an instance had when its snapshots were taken.
    pub(super) fn names(&self, instance: &Instance) -> impl Iterator<Item = &DatabaseName> {
        self.by_instance.get(instance).into_iter().flat_map(Its::values).map(|point| &point.name)
    }

    /// The instances of a database: the present one, and those that had its name last.
    pub(super) fn instances(&self, (account, name): &Database) -> impl Iterator<Item = Instance> {
        let ids = self.by_name.get(&(account.clone(), name.clone()));
        ids.into_iter().flatten().map(|id| (account.clone(), id.clone()))
    }

    /// The snapshots of an instance with the times at which they were taken, oldest first.
    pub(super) fn of(&self, instance: &Instance) -> impl DoubleEndedIterator<Item = &(Instant, SnapshotArn)> {
        self.by_instance.get(instance).into_iter().flat_map(Its::keys)
    }

    /// The newest snapshot of each database. `names` shows which database each instance is.
    pub(super) fn newest_of_all(&self, names: &Self) -> BTreeMap<Database, Newest<'_>> {
        let mut all: BTreeMap<Database, Newest<'_>> = BTreeMap::new();
        for (instance, its) in &self.by_instance {
            let (Some(name), Some(((taken, _), point))) = (names.name(instance), its.last_key_value()) else {
                continue;
            };
            let newest = Newest { taken: *taken, data: point.data, instance };
            let known = all.entry((instance.0.clone(), name.clone())).or_insert(newest);
            if known.taken < *taken {
                *known = newest;
            }
        }
        all
    }
}

fn name(its: &Its) -> Option<&DatabaseName> {
    its.last_key_value().map(|(_, point)| &point.name)
}
