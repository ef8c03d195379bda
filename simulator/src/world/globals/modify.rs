//! `ModifyGlobalCluster`: changes deletion protection, at once.

use crate::world::World;
use crate::world::api::error::ApiError;
use crate::world::clusters::request::{ClusterResponse, ModifyGlobalCluster};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn modify_global(
        &mut self,
        place: &Place,
        ask: &ModifyGlobalCluster,
    ) -> Result<ClusterResponse, ApiError> {
        let key = self.available_global(place, &ask.id)?.key.clone();
        if let Some(global) = self.change_global(&key) {
            global.deletion_protection = ask.deletion_protection.unwrap_or(global.deletion_protection);
        }
        self.global_response(&key)
    }
}
