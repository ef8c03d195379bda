//! `ModifyDBCluster`: changes protection and backups, at once.

use super::request::{ClusterResponse, ModifyDbCluster};
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_state};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn modify_cluster(
        &mut self,
        place: &Place,
        ask: &ModifyDbCluster,
    ) -> Result<ClusterResponse, ApiError> {
        let found = self.cluster(place, &ask.name)?;
        if found.status != "available" {
            return Err(cluster_state(format!("DB cluster {} is {}.", ask.name, found.status)));
        }
        let arn = found.arn.clone();
        if let Some(cluster) = self.change_cluster(&arn) {
            let options = &mut cluster.options;
            options.deletion_protection = ask.deletion_protection.or(options.deletion_protection);
            options.backup_retention_days = ask.backup_retention_days.or(options.backup_retention_days);
            options.copy_tags_to_snapshot = ask.copy_tags_to_snapshot.or(options.copy_tags_to_snapshot);
        }
        self.cluster(place, &ask.name).cloned().map(ClusterResponse::Cluster)
    }
}
