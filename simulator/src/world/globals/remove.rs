//! `RemoveFromGlobalCluster`: removes a cluster, which is then independent.

use std::sync::Arc;

use crate::world::World;
use crate::world::api::error::{ApiError, cluster_state, global_state};
use crate::world::clusters::record::Step;
use crate::world::clusters::request::ClusterResponse;
use crate::world::place::Place;

impl World {
    /// Removes a cluster from its global cluster. This promotes a secondary.
    pub(in crate::world) fn remove_from_global(
        &mut self,
        place: &Place,
        id: &str,
        cluster: &str,
    ) -> Result<ClusterResponse, ApiError> {
        let global = Arc::clone(self.available_global(place, id)?);
        let member = self.member(&global, cluster)?;
        if member.is_writer && global.members.len() > 1 {
            return Err(global_state(
                "The primary cluster can be removed only once all secondary clusters have been.",
            ));
        }
        self.check_in_service(&place.account, &member.cluster.id.region)?;
        if self.cluster_of(&member.cluster).is_none_or(|found| found.status != "available") {
            return Err(cluster_state(format!("DB cluster {cluster} is not available.")));
        }
        if let Some(global) = self.change_global(&global.key) {
            global.members.retain(|other| other.cluster != member.cluster);
        }
        if let Some(cluster) = self.change_cluster(&member.cluster) {
            cluster.global = None;
            cluster.is_secondary = false;
        }
        if !member.is_writer {
            self.send_cluster(&member.cluster, "promoting", Step::Available);
        }
        self.global_response(&global.key)
    }
}
