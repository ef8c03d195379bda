//! Snapshots of clusters. The world takes only final snapshots, at the deletion of a cluster.

use std::sync::Arc;

use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::SnapshotId;
use pilot_light_domain::model::tags::Tags;

use super::record::{ClusterRecord, ClusterSnapshotRecord};
use crate::world::World;
use crate::world::api::error::{ApiError, refused};
use crate::world::api::names;
use crate::world::place::Place;
use crate::world::time::event::Event;

impl World {
    /// Takes the final snapshot of a cluster that is being deleted.
    pub(in crate::world) fn take_final_of_cluster(
        &mut self,
        cluster: &Arc<ClusterRecord>,
        id: &str,
    ) -> Result<(), ApiError> {
        let place = Place::of_instance(&cluster.arn);
        let id = self.unused_cluster_snapshot(&place, id)?;
        let arn = place.cluster_snapshot_arn(id.clone());
        let parts = ["snapshot", &arn.to_string()];
        let lasts = self.settings.snapshot_seconds.draw(self.settings.seed, &parts);
        // The cluster is described in its earlier state until then.
        let until = self.now + lasts.max(self.lag());
        self.agenda.insert((until, Event::ClusterSnapshotComplete(arn.clone())));
        let record = ClusterSnapshotRecord {
            arn,
            of: Arc::clone(cluster),
            status: "creating".to_owned(),
            created_at: None,
            tags: inherited_tags(cluster),
        };
        self.holdings_mut(&place).cluster_snapshots.insert(id, Arc::new(record));
        Ok(())
    }

    fn unused_cluster_snapshot(&self, place: &Place, id: &str) -> Result<SnapshotId, ApiError> {
        let id = names::snapshot_id("FinalDBSnapshotIdentifier", id)?;
        let Some(holdings) = self.places.get(place) else { return Ok(id) };
        if holdings.cluster_snapshots.contains_key(&id) {
            let message =
                format!("Cannot create the cluster snapshot because one called {id} already exists.");
            return Err(refused("DBClusterSnapshotAlreadyExistsFault", message));
        }
        let quota = self.settings.quota;
        if holdings.cluster_snapshots.len() >= quota as usize {
            let message = format!("Cannot create more than {quota} manual cluster snapshots");
            return Err(refused("SnapshotQuotaExceeded", message));
        }
        Ok(id)
    }

    pub(in crate::world) fn complete_cluster_snapshot(&mut self, arn: &SnapshotArn) {
        let now = self.now;
        let snapshots = &mut self.holdings_mut(&Place::of_snapshot(arn)).cluster_snapshots;
        let Some(snapshot) = snapshots.get_mut(&arn.id).map(Arc::make_mut) else { return };
        "available".clone_into(&mut snapshot.status);
        snapshot.created_at = Some(now);
        let cluster = snapshot.of.arn.clone();
        self.remove_empty_cluster(&cluster);
    }
}

/// The tags that a snapshot inherits from its cluster.
pub(in crate::world) fn inherited_tags(cluster: &ClusterRecord) -> Tags {
    if cluster.options.copy_tags_to_snapshot == Some(true) { cluster.tags.clone() } else { Tags::new() }
}
