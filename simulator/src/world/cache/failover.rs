//! `FailoverGlobalReplicationGroup`: another replication group becomes the primary of a global datastore.

use super::record::DatastoreRecord;
use super::request::{CacheResponse, FailoverGlobalReplicationGroup};
use crate::world::World;
use crate::world::api::error::{ApiError, datastore_state, invalid_value};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn fail_datastore_over(
        &mut self,
        place: &Place,
        ask: &FailoverGlobalReplicationGroup,
    ) -> Result<CacheResponse, ApiError> {
        let datastore = self.datastore(place, &ask.id)?;
        let DatastoreRecord { key, status, members, .. } = &**datastore;
        if status != "available" {
            return Err(datastore_state(format!("Global datastore {} is {status}.", key.id)));
        }
        let is_meant = |id: &str, region: &str| id.eq_ignore_ascii_case(&ask.group) && region == ask.region;
        let target = members.iter().find(|member| is_meant(&member.id, member.region.as_str()));
        let target = target.cloned().ok_or_else(|| {
            invalid_value(format!(
                "{} in {} is no replication group of the global datastore {}.",
                ask.group, ask.region, key.id
            ))
        })?;
        if target.is_primary {
            return Err(invalid_value(format!("{} is the primary already.", ask.group)));
        }
        self.check_in_service(&place.account, &target.region)?;
        let key = key.clone();
        self.send_datastore(&key, "modifying", Some(target));
        self.datastore_response(&key)
    }
}
