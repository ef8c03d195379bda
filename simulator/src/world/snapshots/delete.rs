//! `DeleteDBSnapshot`: deletes a snapshot, or cancels a copy in progress.

use std::sync::Arc;

use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::record::{SnapshotRecord, Work};
use crate::world::World;
use crate::world::api::error::{ApiError, snapshot_state};
use crate::world::api::response::Response;
use crate::world::place::Place;

impl World {
    /// Deletes an available snapshot, or cancels a copy in progress. A setting decides on failed ones.
    pub(in crate::world) fn delete_snapshot(
        &mut self,
        place: &Place,
        id: &str,
    ) -> Result<Response, ApiError> {
        let record = Arc::clone(self.own_snapshot(place, id)?);
        if !record.is_manual() {
            return Err(snapshot_state(format!("Cannot delete the automated snapshot {id}.")));
        }
        let is_copy_in_progress = matches!(record.work, Work::Queued | Work::Copying { .. });
        let is_deletable = match record.status {
            SnapshotStatus::Available => true,
            SnapshotStatus::Failed => self.settings.failed_can_be_deleted,
            _ => is_copy_in_progress,
        };
        if !is_deletable {
            return Err(snapshot_state(format!(
                "Cannot delete the snapshot because it is not currently in the available state: {}.",
                record.status
            )));
        }
        let mut view = self.view(&record, place);
        self.remove_snapshot(&record.arn);
        let last = SnapshotRecord::to_change(&mut view.record);
        last.status = SnapshotStatus::Other("deleted".into());
        Ok(Response::SnapshotDeleted(view))
    }
}
