//! `DeleteDBCluster`: deletes a cluster that is not protected, has no members, and is in no global cluster. It takes a
//! final snapshot on request.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;

use super::record::{ClusterRecord, Step};
use super::request::{ClusterResponse, DeleteDbCluster};
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_state, global_state, invalid_combination};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn delete_cluster(
        &mut self,
        place: &Place,
        ask: &DeleteDbCluster,
    ) -> Result<ClusterResponse, ApiError> {
        let found = Arc::clone(self.cluster(place, &ask.name)?);
        self.check_deletable(place, &found)?;
        match (ask.skip_final_snapshot, &ask.final_snapshot) {
            (true, Some(_)) => {
                return Err(invalid_combination(
                    "FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot",
                ));
            }
            (false, None) => {
                return Err(invalid_combination(
                    "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
                ));
            }
            (true, None) => self.send_cluster(&found.arn, "deleting", Step::Gone),
            (false, Some(id)) => {
                self.take_final_of_cluster(&found, id)?;
                if let Some(cluster) = self.change_cluster(&found.arn) {
                    "deleting".clone_into(&mut cluster.status);
                }
            }
        }
        self.cluster(place, &ask.name).cloned().map(ClusterResponse::Cluster)
    }

    fn check_deletable(&self, place: &Place, cluster: &ClusterRecord) -> Result<(), ApiError> {
        if cluster.options.deletion_protection == Some(true) {
            return Err(invalid_combination(
                "Cannot delete protected Cluster, please disable deletion protection and try again.",
            ));
        }
        if let Some(global) = &cluster.global {
            let has_others = self.global(place, global).is_ok_and(|global| global.members.len() > 1);
            if has_others && !cluster.is_secondary {
                return Err(global_state(
                    "Unable to delete cluster that is a primary member of global cluster while there are other global \
                     cluster members",
                ));
            }
            return Err(cluster_state(
                "This cluster is a part of a global cluster, please remove it from globalcluster first",
            ));
        }
        if cluster.status != "available" {
            return Err(cluster_state(format!("DB cluster {} is {}.", cluster.arn.id.name, cluster.status)));
        }
        if self.members_of(cluster).any(|member| member.status.0 != "deleting") {
            return Err(cluster_state(
                "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
            ));
        }
        Ok(())
    }

    /// Removes a cluster that is being deleted, once its last member is gone and its final snapshot is complete.
    pub(in crate::world) fn remove_empty_cluster(&mut self, arn: &DatabaseArn) {
        let holdings = self.holdings_mut(&Place::of_instance(arn));
        let is_done = |cluster: &Arc<ClusterRecord>| {
            cluster.status == "deleting" && cluster.next.is_none() && cluster.members.is_empty()
        };
        let is_being_taken = holdings.cluster_snapshots.values().any(|snapshot| snapshot.is_last_of(arn));
        if holdings.clusters.get(&arn.id.name).is_some_and(is_done) && !is_being_taken {
            holdings.clusters.remove(&arn.id.name);
        }
    }
}
