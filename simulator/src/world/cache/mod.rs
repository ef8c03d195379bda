//! ElastiCache as far as a recovery needs it: replication groups, and global datastores that join them across Regions.
//!
//! Nodes and shards are left out. Cluster mode is off, so each group has one primary endpoint.

mod create;
mod describe;
mod failover;
pub(super) mod record;
pub(super) mod request;

use std::sync::Arc;

use pilot_light_domain::model::ids::{AccountId, Region};

pub use self::record::{DatastoreKey, DatastoreMember, DatastoreRecord, ReplicationGroupRecord};
pub use self::request::{
    CacheRequest, CacheResponse, CreateGlobalReplicationGroup, CreateReplicationGroup,
    DescribeGlobalReplicationGroups, DescribeReplicationGroups, FailoverGlobalReplicationGroup,
};

use crate::world::World;
use crate::world::api::error::{ApiError, datastore_not_found};
use crate::world::api::response::Response;
use crate::world::place::Place;
use crate::world::time::event::Event;
use crate::world::time::lag::Lags;

impl World {
    pub(in crate::world) fn answer_cache(
        &mut self,
        place: &Place,
        request: CacheRequest,
    ) -> Result<Response, ApiError> {
        let answer = match request {
            CacheRequest::CreateReplicationGroup(ask) => self.create_group(place, ask),
            CacheRequest::DescribeReplicationGroups(ask) => self.describe_groups(place, &ask),
            CacheRequest::CreateGlobalReplicationGroup(ask) => self.create_datastore(place, ask),
            CacheRequest::DescribeGlobalReplicationGroups(ask) => self.describe_datastores(place, &ask),
            CacheRequest::FailoverGlobalReplicationGroup(ask) => self.fail_datastore_over(place, &ask),
        };
        answer.map(|answer| Response::Cache(Box::new(answer)))
    }

    pub(in crate::world) fn datastore(
        &self,
        place: &Place,
        id: &str,
    ) -> Result<&Arc<DatastoreRecord>, ApiError> {
        self.datastores.get(&DatastoreKey::new(&place.account, id)).ok_or_else(|| datastore_not_found(id))
    }

    pub(in crate::world) fn datastore_response(&self, key: &DatastoreKey) -> Result<CacheResponse, ApiError> {
        let found = self.datastores.get(key).cloned();
        found.map(CacheResponse::Datastore).ok_or_else(|| datastore_not_found(&key.id))
    }

    pub(in crate::world) fn change_datastore(&mut self, key: &DatastoreKey) -> Option<&mut DatastoreRecord> {
        let (now, until) = (self.now, self.lag_end());
        let datastore = Arc::make_mut(self.datastores.get_mut(key)?);
        datastore.keep_before(now, until);
        Some(datastore)
    }

    /// Puts a datastore into a status that it leaves after a while. It then has this primary, if one is given.
    pub(in crate::world) fn send_datastore(
        &mut self,
        key: &DatastoreKey,
        status: &str,
        primary: Option<DatastoreMember>,
    ) {
        let at = self.now + self.lasts(status, &key.id);
        let Some(datastore) = self.change_datastore(key) else { return };
        status.clone_into(&mut datastore.status);
        datastore.next = Some((at, primary));
        self.agenda.insert((at, Event::DatastoreReached(key.clone())));
    }

    pub(in crate::world) fn reach_datastore(&mut self, key: &DatastoreKey) {
        let now = self.now;
        let Some(datastore) = self.datastores.get_mut(key).map(Arc::make_mut) else { return };
        let Some((_, primary)) = datastore.next.take_if(|(at, _)| *at <= now) else { return };
        for member in &mut datastore.members {
            member.status = "associated";
            member.is_primary = match &primary {
                Some(primary) => primary.id == member.id && primary.region == member.region,
                None => member.is_primary,
            };
        }
        datastore.settled().clone_into(&mut datastore.status);
    }

    pub(in crate::world) fn reach_group(&mut self, account: &AccountId, region: &Region, id: &str) {
        let groups = &mut self.holdings_mut(&Place::new(account, region)).replication_groups;
        if let Some(group) = groups.get_mut(id).map(Arc::make_mut) {
            "available".clone_into(&mut group.status);
        }
    }
}
