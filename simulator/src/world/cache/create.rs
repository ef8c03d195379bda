//! `CreateReplicationGroup` and `CreateGlobalReplicationGroup`, as far as a scene needs them.

use std::sync::Arc;

use super::record::{DatastoreKey, DatastoreMember, DatastoreRecord, ReplicationGroupRecord};
use super::request::{CacheResponse, CreateGlobalReplicationGroup, CreateReplicationGroup};
use crate::world::World;
use crate::world::api::error::{ApiError, datastore_state, group_not_found, invalid_value, refused};
use crate::world::api::names;
use crate::world::place::Place;
use crate::world::time::event::Event;
use crate::world::time::lag::Before;

/// The prefix that AWS adds to a caller's name of a global datastore. In AWS, each Region has its own prefix.
const PREFIX: &str = "ldgnf-";

impl World {
    pub(in crate::world) fn create_group(
        &mut self,
        place: &Place,
        ask: CreateReplicationGroup,
    ) -> Result<CacheResponse, ApiError> {
        let id = names::database_name("ReplicationGroupId", &ask.id)?.to_string();
        if self.places.get(place).is_some_and(|holdings| holdings.replication_groups.contains_key(&id)) {
            let message = format!("Replication group {id} already exists.");
            return Err(refused("ReplicationGroupAlreadyExists", message));
        }
        let datastore = match &ask.datastore {
            Some(id) => Some(self.joinable_datastore(place, id)?),
            None => None,
        };
        let joined = datastore.as_ref().map(|datastore| datastore.engine.clone());
        let record = Arc::new(ReplicationGroupRecord {
            id: id.clone(),
            description: ask.description,
            status: "creating".to_owned(),
            engine: joined.or(ask.engine).unwrap_or_else(|| "redis".to_owned()),
            node_type: ask.node_type.unwrap_or_else(|| "cache.r6g.large".to_owned()),
            datastore: datastore.as_ref().map(|datastore| datastore.key.id.clone()),
        });
        let at = self.now + self.lasts("creating", &id);
        let event = Event::GroupReached(place.account.clone(), place.region.clone(), id.clone());
        self.agenda.insert((at, event));
        self.holdings_mut(place).replication_groups.insert(id, Arc::clone(&record));
        if let Some(datastore) = datastore {
            self.join_datastore(place, &datastore.key, &record.id);
        }
        Ok(CacheResponse::Group(record))
    }

    /// An available replication group of this Region that is in no datastore yet.
    fn lone_group(&mut self, place: &Place, id: &str) -> Result<&mut ReplicationGroupRecord, ApiError> {
        let groups = &mut self.holdings_mut(place).replication_groups;
        let group = groups.get_mut(&id.to_ascii_lowercase()).ok_or_else(|| group_not_found(id))?;
        if group.status == "available" && group.datastore.is_none() {
            return Ok(Arc::make_mut(group));
        }
        let message = format!("Replication group {id} is not available for this.");
        Err(refused("InvalidReplicationGroupState", message))
    }

    fn joinable_datastore(&self, place: &Place, id: &str) -> Result<Arc<DatastoreRecord>, ApiError> {
        let datastore = self.datastore(place, id)?;
        if datastore.status != datastore.settled() {
            return Err(datastore_state(format!("Global datastore {id} is {}.", datastore.status)));
        }
        if datastore.members.iter().any(|member| member.region == place.region) {
            return Err(invalid_value(format!(
                "The global datastore {id} has a replication group in {} already.",
                place.region
            )));
        }
        Ok(Arc::clone(datastore))
    }

    fn join_datastore(&mut self, place: &Place, key: &DatastoreKey, group: &str) {
        if let Some(datastore) = self.change_datastore(key) {
            datastore.members.push(DatastoreMember {
                id: group.to_owned(),
                region: place.region.clone(),
                is_primary: false,
                status: "associating",
            });
        }
        self.send_datastore(key, "modifying", None);
    }

    pub(in crate::world) fn create_datastore(
        &mut self,
        place: &Place,
        ask: CreateGlobalReplicationGroup,
    ) -> Result<CacheResponse, ApiError> {
        let suffix = names::database_name("GlobalReplicationGroupIdSuffix", &ask.suffix)?;
        let key = DatastoreKey::new(&place.account, &format!("{PREFIX}{suffix}"));
        if self.datastores.contains_key(&key) {
            let message = format!("Global datastore {} already exists.", key.id);
            return Err(refused("GlobalReplicationGroupAlreadyExistsFault", message));
        }
        let group = self.lone_group(place, &ask.primary)?;
        group.datastore = Some(key.id.clone());
        let primary = DatastoreMember {
            id: group.id.clone(),
            region: place.region.clone(),
            is_primary: true,
            status: "associating",
        };
        let record = DatastoreRecord {
            key: key.clone(),
            description: ask.description,
            status: "creating".to_owned(),
            engine: group.engine.clone(),
            members: vec![primary],
            next: None,
            before: Before::default(),
        };
        self.datastores.insert(key.clone(), Arc::new(record));
        self.send_datastore(&key, "creating", None);
        self.datastore_response(&key)
    }
}
