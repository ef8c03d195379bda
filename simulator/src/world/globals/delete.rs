//! `DeleteGlobalCluster`: deletes a global cluster that is empty and not protected.

use super::record::GlobalStep;
use crate::world::World;
use crate::world::api::error::{ApiError, global_state, invalid_combination};
use crate::world::clusters::request::ClusterResponse;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn delete_global(
        &mut self,
        place: &Place,
        id: &str,
    ) -> Result<ClusterResponse, ApiError> {
        let global = self.available_global(place, id)?;
        if global.deletion_protection {
            return Err(invalid_combination(
                "Cannot delete protected Global Cluster, please disable deletion protection and try again.",
            ));
        }
        if !global.members.is_empty() {
            return Err(global_state(format!("Global cluster {id} is not empty")));
        }
        let key = global.key.clone();
        self.send_global(&key, "deleting", GlobalStep::Gone);
        self.global_response(&key)
    }
}
