//! `DescribeGlobalClusters`: every Region of the account lists the account's global clusters.

use std::sync::Arc;

use super::record::{GlobalKey, GlobalRecord};
use crate::world::World;
use crate::world::api::error::ApiError;
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
        let described =
            |record: &'_ Arc<GlobalRecord>| record.before.shown(self.now).unwrap_or(record).clone();
        if let Some(id) = &ask.id {
            return Ok(ClusterResponse::Globals(Listing::whole(Some(described(self.global(place, id)?)))));
        }
        let key = |id: &str| Some(GlobalKey::new(&place.account, id));
        let found = self.globals.range(behind(&ask.page, key)?);
        let found =
            found.filter(|(key, _)| key.account == place.account).map(|(_, record)| described(record));
        Ok(ClusterResponse::Globals(page(found, size, |last| last.key.id.clone())))
    }
}
