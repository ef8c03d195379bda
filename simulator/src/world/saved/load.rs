//! Loading a saved world: every record in its place, with the indexes, queues and agenda that follow from the records.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::{InvalidWorld, check};
use super::{FORMAT, SavedPlace, SavedWorld};
use crate::world::World;
use crate::world::place::Place;
use crate::world::time::event::Event;

impl World {
    /// The world of a file that [`World::save`] wrote, at its instant.
    ///
    /// # Errors
    /// [`InvalidWorld`] if the file is malformed, or if two of its parts contradict each other. It names the field.
    pub fn load(json: &[u8]) -> Result<Self, InvalidWorld> {
        let saved: SavedWorld =
            serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(json))?;
        if saved.format > FORMAT {
            return Err(InvalidWorld::new(
                "format",
                format!("{} is unknown; {FORMAT} is the latest", saved.format),
            ));
        }
        check(&saved)?;
        Ok(Self::of(saved))
    }

    fn of(saved: SavedWorld) -> Self {
        let mut world = Self::new(saved.settings, saved.now);
        saved.keys.into_iter().for_each(|key| world.keys.insert(key));
        for queue in saved.copy_queues {
            for copy in queue.copies {
                world.copies.enter(copy.copy, copy.reads_from, &queue.source_database);
            }
        }
        saved.places.into_iter().for_each(|place| world.enter_place(place));
        for record in saved.global_clusters {
            world.plan(record.next.as_ref().map(|(at, _)| *at), Event::GlobalReached(record.key.clone()));
            world.globals.insert(record.key.clone(), Arc::new(record));
        }
        for record in saved.datastores {
            world.plan(record.next.as_ref().map(|(at, _)| *at), Event::DatastoreReached(record.key.clone()));
            world.datastores.insert(record.key.clone(), Arc::new(record));
        }
        for record in saved.taken_away {
            world.taken_away.insert(record.arn.clone(), Arc::new(record));
        }
        world.upgrades = saved.upgrades;
        world.agenda.extend(saved.agenda.into_iter().map(|due| (due.at, due.event)));
        world
    }

    fn enter_place(&mut self, saved: SavedPlace) {
        let place = Place::new(&saved.account, &saved.region);
        self.holdings_mut(&place);
        for record in saved.instances {
            self.plan(record.next.map(|(at, _)| at), Event::InstanceReached(record.arn.clone()));
            let name = record.arn.id.name.clone();
            self.holdings_mut(&place).instances.insert(name, Arc::new(record));
        }
        for record in saved.clusters {
            self.plan(record.next.map(|(at, _)| at), Event::ClusterReached(record.arn.clone()));
            let name = record.arn.id.name.clone();
            self.holdings_mut(&place).clusters.insert(name, Arc::new(record));
        }
        for record in saved.snapshots {
            self.plan(record.work.until(), Event::SnapshotComplete(record.arn.clone()));
            self.plan(record.pending_until(), Event::CopyBegins(record.arn.clone()));
            let (arn, accounts, is_public) =
                (record.arn.clone(), record.shared_with.clone(), record.is_public);
            self.insert_snapshot(record);
            self.set_sharing(&arn, accounts, is_public);
        }
        let holdings = self.holdings_mut(&place);
        let cluster_snapshots = saved.cluster_snapshots.into_iter();
        holdings.cluster_snapshots =
            cluster_snapshots.map(|record| (record.arn.id.clone(), Arc::new(record))).collect();
        let groups = saved.replication_groups.into_iter();
        holdings.replication_groups = groups.map(|record| (record.id.clone(), Arc::new(record))).collect();
        holdings.option_groups = by(saved.option_groups, |record| record.name.clone());
        holdings.parameter_groups = by(saved.parameter_groups, |record| record.name.clone());
        holdings.subnet_groups = by(saved.subnet_groups, |record| record.name.clone());
        holdings.network = saved.network.map(Arc::new);
        holdings.blue_greens = by(saved.blue_greens, |record| record.id.clone());
    }

    fn plan(&mut self, at: Option<pilot_light_domain::Instant>, event: Event) {
        self.agenda.extend(at.map(|at| (at, event)));
    }
}

/// Records by their keys.
fn by<T>(records: Vec<T>, key: impl Fn(&T) -> String) -> BTreeMap<String, Arc<T>> {
    records.into_iter().map(|record| (key(&record), Arc::new(record))).collect()
}
