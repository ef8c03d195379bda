//! Snapshots of clusters. Only those that a deletion leaves behind are taken here.

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::ids::SnapshotId;
use pilot_light_domain::model::tags::Tags;

use super::ClusterRecord;
use super::create::inherited_tags;
use crate::world::error::{ApiError, refused};
use crate::world::lifecycle::Event;
use crate::world::place::Place;
use crate::world::{World, names};

/// A manual DB cluster snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSnapshotRecord {
    /// Owner, Region and identifier.
    pub arn: SnapshotArn,
    /// The cluster as it was.
    pub of: Arc<ClusterRecord>,
    /// Its state, as AWS spells it.
    pub status: String,
    /// When it was complete; absent until then.
    pub created_at: Option<Instant>,
    /// Its tags.
    pub tags: Tags,
}

impl ClusterSnapshotRecord {
    /// The key it is encrypted with: its cluster's.
    #[must_use]
    pub fn kms_key(&self) -> Option<&KmsKeyArn> {
        self.of.kms_key.as_ref()
    }

    /// True while it is being taken of a cluster that goes once it is complete.
    pub(super) fn is_last_of(&self, cluster: &DatabaseArn) -> bool {
        self.status == "creating" && self.of.arn == *cluster
    }
}

impl World {
    /// The snapshot that the deletion of a cluster leaves behind.
    pub(super) fn take_final_of_cluster(
        &mut self,
        cluster: &Arc<ClusterRecord>,
        id: &str,
    ) -> Result<(), ApiError> {
        let place = Place::of_instance(&cluster.arn);
        let id = self.unused_cluster_snapshot(&place, id)?;
        let arn = place.cluster_snapshot_arn(id.clone());
        let parts = ["snapshot", &arn.to_string()];
        let lasts = self.settings.snapshot_seconds.draw(self.settings.seed, &parts);
        // The cluster is told as it was until then.
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
