//! `DescribeReplicationGroups` and `DescribeGlobalReplicationGroups`.

use std::ops::Bound;
use std::sync::Arc;

use super::record::{DatastoreKey, DatastoreRecord};
use super::request::{CacheResponse, DescribeGlobalReplicationGroups, DescribeReplicationGroups};
use crate::world::World;
use crate::world::api::error::{ApiError, group_not_found};
use crate::world::api::paging::{Listing, behind, page, page_size};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn describe_groups(
        &self,
        place: &Place,
        ask: &DescribeReplicationGroups,
    ) -> Result<CacheResponse, ApiError> {
        let size = page_size(&ask.page)?;
        let groups = self.places.get(place).map(|holdings| &holdings.replication_groups);
        if let Some(id) = &ask.id {
            let found = groups.and_then(|groups| groups.get(&id.to_ascii_lowercase()));
            let found = found.ok_or_else(|| group_not_found(id))?;
            return Ok(CacheResponse::Groups(Listing::whole(Some(Arc::clone(found)))));
        }
        let from: (Bound<String>, Bound<String>) = behind(&ask.page, |marker| Some(marker.to_owned()))?;
        let all = groups.into_iter().flat_map(|groups| groups.range(from.clone()));
        let found = all.map(|(_, record)| Arc::clone(record));
        Ok(CacheResponse::Groups(page(found, size, |last| last.id.clone())))
    }

    /// A Region lists the global datastores that have a member in it.
    pub(in crate::world) fn describe_datastores(
        &self,
        place: &Place,
        ask: &DescribeGlobalReplicationGroups,
    ) -> Result<CacheResponse, ApiError> {
        let size = page_size(&ask.page)?;
        let described = |record: &Arc<DatastoreRecord>| {
            let record = record.before.described(record, self.now).unwrap_or(record);
            if ask.show_members { Arc::clone(record) } else { Arc::new(without_members(record)) }
        };
        if let Some(id) = &ask.id {
            let found = described(self.datastore(place, id)?);
            return Ok(CacheResponse::Datastores(Listing::whole(Some(found))));
        }
        let from = behind(&ask.page, |id| Some(DatastoreKey::new(&place.account, id)))?;
        let found = self.datastores.range(from).filter(|(key, record)| {
            key.account == place.account && record.members.iter().any(|member| member.region == place.region)
        });
        let found = found.map(|(_, record)| described(record));
        Ok(CacheResponse::Datastores(page(found, size, |last| last.key.id.clone())))
    }
}

fn without_members(record: &DatastoreRecord) -> DatastoreRecord {
    DatastoreRecord { members: Vec::new(), ..record.clone() }
}
