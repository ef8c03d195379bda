//! ElastiCache as far as a recovery needs it: replication groups, and global datastores that join them across Regions.
//!
//! Nodes, shards and endpoints are left out.

mod create;
mod failover;
mod listing;
mod request;

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, Region};

pub use self::request::{
    CacheRequest, CacheResponse, CreateGlobalReplicationGroup, CreateReplicationGroup,
    DescribeGlobalReplicationGroups, DescribeReplicationGroups, FailoverGlobalReplicationGroup,
};

use super::World;
use super::before::{Before, Lags};
use super::error::{ApiError, datastore_not_found};
use super::lifecycle::Event;
use super::place::Place;
use super::response::Response;

/// What tells a global datastore from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DatastoreKey {
    /// Owner.
    pub account: AccountId,
    /// `GlobalReplicationGroupId`.
    pub id: String,
}

/// A global datastore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatastoreRecord {
    /// Owner and identifier.
    pub key: DatastoreKey,
    /// Its description.
    pub description: String,
    /// Its state, as AWS spells it.
    pub status: String,
    /// Engine name.
    pub engine: String,
    /// Its replication groups, the primary among them.
    pub members: Vec<DatastoreMember>,
    /// The primary to be, and when it is.
    next: Option<(Instant, Option<DatastoreMember>)>,
    before: Before<DatastoreRecord>,
}

/// A replication group of a global datastore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatastoreMember {
    /// `ReplicationGroupId`.
    pub id: String,
    /// `ReplicationGroupRegion`.
    pub region: Region,
    /// Whether it is the primary: its role is `PRIMARY`, else `SECONDARY`.
    pub is_primary: bool,
    /// `associating`, then `associated`.
    pub status: &'static str,
}

/// A replication group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationGroupRecord {
    /// `ReplicationGroupId`.
    pub id: String,
    /// Its description.
    pub description: String,
    /// Its state, as AWS spells it.
    pub status: String,
    /// Engine name.
    pub engine: String,
    /// Node type.
    pub node_type: String,
    /// The global datastore that it is in.
    pub datastore: Option<String>,
}

impl Lags for DatastoreRecord {
    fn before(&mut self) -> &mut Before<Self> {
        &mut self.before
    }
}

impl DatastoreKey {
    fn new(account: &AccountId, id: &str) -> Self {
        Self { account: account.clone(), id: id.to_ascii_lowercase() }
    }
}

impl DatastoreRecord {
    /// What it is when nothing is being done: one that has no secondary protects nothing.
    fn settled(&self) -> &'static str {
        if self.members.len() > 1 { "available" } else { "primary-only" }
    }
}

impl World {
    pub(super) fn answer_cache(
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

    fn datastore(&self, place: &Place, id: &str) -> Result<&Arc<DatastoreRecord>, ApiError> {
        self.datastores.get(&DatastoreKey::new(&place.account, id)).ok_or_else(|| datastore_not_found(id))
    }

    fn told_datastore(&self, key: &DatastoreKey) -> Result<CacheResponse, ApiError> {
        let found = self.datastores.get(key).cloned();
        found.map(CacheResponse::Datastore).ok_or_else(|| datastore_not_found(&key.id))
    }

    fn change_datastore(&mut self, key: &DatastoreKey) -> Option<&mut DatastoreRecord> {
        let (now, until) = (self.now, self.told_from());
        let datastore = Arc::make_mut(self.datastores.get_mut(key)?);
        datastore.keep_before(now, until);
        Some(datastore)
    }

    /// Puts a datastore into a status that it leaves in a while, then with this primary, if one is named.
    fn send_datastore(&mut self, key: &DatastoreKey, status: &str, primary: Option<DatastoreMember>) {
        let at = self.now + self.lasts(status, &key.id);
        let Some(datastore) = self.change_datastore(key) else { return };
        status.clone_into(&mut datastore.status);
        datastore.next = Some((at, primary));
        self.agenda.insert((at, Event::DatastoreReached(key.clone())));
    }

    pub(super) fn reach_datastore(&mut self, key: &DatastoreKey) {
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

    pub(super) fn reach_group(&mut self, account: &AccountId, region: &Region, id: &str) {
        let groups = &mut self.holdings_mut(&Place::new(account, region)).replication_groups;
        if let Some(group) = groups.get_mut(id).map(Arc::make_mut) {
            "available".clone_into(&mut group.status);
        }
    }
}
