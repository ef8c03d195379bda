//! Copy slots: the copies that AWS allows in progress at the same time, per account and Region of the copies.
//!
//! AWS refuses one copy more. The order in which copies get the free slots is left to the plans of the workers.

use std::sync::Arc;

use crate::Instant;
use crate::model::ids::DatabaseKind;
use crate::model::listing::OddRecord;
use crate::model::snapshot::{Snapshot, SnapshotStatus};
use crate::model::tags;

/// The number of copies of this kind that may start now. `snapshots` and `odd` are all manual snapshots of the account in
/// the Region of the copies; those in `odd` cannot be read.
#[must_use]
pub fn free(snapshots: &[Arc<Snapshot>], odd: &[OddRecord], kind: DatabaseKind, now: Instant) -> usize {
    let is_busy = |snapshot: &&Arc<Snapshot>| snapshot.kind() == kind && is_copying(snapshot);
    // No list contains snapshots of clusters.
    let may_be_busy = |record: &&OddRecord| kind == DatabaseKind::Instance && record.occupies_copy_slot(now);
    let busy = snapshots.iter().filter(is_busy).count() + odd.iter().filter(may_be_busy).count();
    limit(kind).saturating_sub(busy)
}

/// The number of copies that may be in progress to one destination Region per account.
#[must_use]
pub fn limit(kind: DatabaseKind) -> usize {
    match kind {
        DatabaseKind::Instance => 20,
        DatabaseKind::Cluster => 5,
    }
}

/// True for a copy in progress, whoever started it. RDS shows some as `creating`. AWS names the source of a copy only
/// across accounts or Regions. Our tag names it everywhere.
fn is_copying(snapshot: &Snapshot) -> bool {
    let is_tagged =
        || [tags::SOURCE_SNAPSHOT_ARN, tags::COPIED_BY].iter().any(|key| snapshot.tags.contains_key(key));
    let is_shown = matches!(snapshot.status, SnapshotStatus::Pending | SnapshotStatus::Copying);
    is_shown || (snapshot.status.in_progress() && (snapshot.copied_from.is_some() || is_tagged()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arn, at, snapshot};

    const NOW: &str = "2026-01-01T00:00:00Z";

    fn slots_with(change: fn(&mut Snapshot)) -> usize {
        let mut found = snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:a", "orders");
        change(&mut found);
        free(&[Arc::new(found)], &[], DatabaseKind::Instance, at(NOW))
    }

    #[test]
    fn every_copy_in_progress_occupies_a_slot_and_no_other_snapshot_does() {
        let creating = |found: &mut Snapshot| found.status = SnapshotStatus::Creating;
        assert_eq!(slots_with(|_| {}), 20);
        assert_eq!(slots_with(creating), 20, "a snapshot that is being taken is no copy");
        let copies: [fn(&mut Snapshot); 5] = [
            |found| found.status = SnapshotStatus::Pending,
            |found| found.status = SnapshotStatus::Copying,
            |found| found.copied_from = Some(arn("arn:aws:rds:us-west-2:111111111111:snapshot:a")),
            |found| found.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]),
            |found| found.tags = tags::of([(tags::CREATED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, "a")]),
        ];
        for (number, copy) in copies.into_iter().enumerate() {
            let mut found = snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:a", "orders");
            creating(&mut found);
            copy(&mut found);
            assert_eq!(
                free(&[Arc::new(found.clone())], &[], DatabaseKind::Instance, at(NOW)),
                19,
                "copy {number}"
            );
            assert_eq!(
                free(&[Arc::new(found.clone())], &[], DatabaseKind::Cluster, at(NOW)),
                5,
                "copy {number}"
            );
            found.status = SnapshotStatus::Available;
            assert_eq!(free(&[Arc::new(found)], &[], DatabaseKind::Instance, at(NOW)), 20, "copy {number}");
        }
    }
}
