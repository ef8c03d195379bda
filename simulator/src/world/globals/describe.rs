//! `DescribeGlobalClusters`: every Region of the account lists the account's global clusters.

use std::sync::Arc;

use super::record::{GlobalKey, GlobalRecord};
use crate::world::World;
use crate::world::api::error::{ApiError, global_not_found};
use crate::world::api::paging::{Listing, behind, page, page_size};
use crate::world::clusters::request::{ClusterResponse, DescribeGlobalClusters};
use crate::world::place::Place;

impl World {
    /// Every Region of the account lists its global clusters.
    pub(in crate::world) fn describe_globals(
        &self,
        place: &Place,
        ask: &DescribeGlobalClusters,
    ) -> Result<ClusterResponse, ApiError> {
        let size = page_size(&ask.page)?;
        let described = |record: &'_ Arc<GlobalRecord>| record.before.described(record, self.now).cloned();
        if let Some(id) = &ask.id {
            let found = described(self.global(place, id)?).ok_or_else(|| global_not_found(id))?;
            return Ok(ClusterResponse::Globals(Listing::whole(Some(found))));
        }
        let key = |id: &str| Some(GlobalKey::new(&place.account, id));
        let found = self.globals.range(behind(&ask.page, key)?);
        let found = found.filter(|(key, _)| key.account == place.account);
        let found = found.filter_map(|(_, record)| described(record));
        Ok(ClusterResponse::Globals(page(found, size, |last| last.key.id.clone())))
    }
}
