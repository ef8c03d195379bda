//! DB snapshots: one file for each API action, the record, the queue of copies, and progress over time.
//!
//! This file finds a snapshot, to read or to change. Snapshots of clusters are in `clusters`.

mod copy;
pub(super) mod copy_queue;
mod custom;
mod delete;
mod describe;
pub(super) mod modify;
mod progress;
pub(super) mod record;
mod share;
mod take;

use std::sync::Arc;

use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::SnapshotId;

use self::record::{SnapshotRecord, SnapshotView};
use crate::world::World;
use crate::world::api::error::{ApiError, snapshot_not_found};
use crate::world::place::Place;

impl World {
    /// An own snapshot by its identifier in this place.
    pub(in crate::world) fn own_snapshot(
        &self,
        place: &Place,
        id: &str,
    ) -> Result<&Arc<SnapshotRecord>, ApiError> {
        SnapshotId::new(&id.to_ascii_lowercase())
            .ok()
            .and_then(|id| self.places.get(place)?.snapshots.get(&id))
            .ok_or_else(|| snapshot_not_found(id))
    }

    pub(in crate::world) fn snapshot(&self, arn: &SnapshotArn) -> Option<&Arc<SnapshotRecord>> {
        self.places.get(&Place::of_snapshot(arn))?.snapshots.get(&arn.id).filter(|found| found.arn == *arn)
    }

    pub(in crate::world) fn snapshot_mut(&mut self, arn: &SnapshotArn) -> Option<&mut SnapshotRecord> {
        let holdings = self.places.get_mut(&Place::of_snapshot(arn))?;
        holdings.snapshots.get_mut(&arn.id).map(SnapshotRecord::to_change).filter(|found| found.arn == *arn)
    }

    pub(in crate::world) fn view(&self, record: &Arc<SnapshotRecord>, place: &Place) -> SnapshotView {
        let mut view = SnapshotView::new(Arc::clone(record), &place.account, self.now);
        if let Some(tags) = self.old_tags(&record.arn) {
            SnapshotRecord::to_change(&mut view.record).tags = tags.clone();
        }
        view
    }
}
