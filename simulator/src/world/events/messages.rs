//! The numbers, categories and texts of the events in the life of a snapshot.
//!
//! They are those of "Amazon RDS event categories and event messages" in the user guide. The deletion is the exception:
//! AWS sends "Deleted manual snapshot", where the guide says "Deleted user snapshot". The name in the text of a copy is
//! that of its source. A snapshot or copy that fails, and a sharing, have no event.

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::DatabaseKind;
use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::Copy;
use super::record::RdsEvent;
use crate::world::place::Place;
use crate::world::snapshots::record::{SnapshotOrigin, SnapshotRecord};

/// A snapshot begins, or appears complete.
pub(super) fn begun(record: &SnapshotRecord, source: Option<&SnapshotArn>, now: Instant) -> Vec<RdsEvent> {
    if let Some(source) = source {
        let (id, direction) = of_copy(record, source, ("RDS-EVENT-0059", "RDS-EVENT-0196"));
        return vec![of_snapshot(
            record,
            (id, "notification"),
            format!("Started copy of snapshot {} {direction}.", source.id),
            now,
        )];
    }
    if record.status == SnapshotStatus::Available {
        return vec![created(record, now)];
    }
    let (id, text) = match record.origin {
        SnapshotOrigin::Manual => ("RDS-EVENT-0040", "Creating manual snapshot"),
        SnapshotOrigin::Automated => ("RDS-EVENT-0090", "Creating automated snapshot"),
    };
    vec![
        of_instance(record, "RDS-EVENT-0001", "Backing up DB instance", now),
        of_snapshot(record, (id, "creation"), text.to_owned(), now),
    ]
}

/// The work on a snapshot ends. A failure has no event.
pub(super) fn ended(record: &SnapshotRecord, copy: Option<Copy>, now: Instant) -> Vec<RdsEvent> {
    if record.status != SnapshotStatus::Available {
        return Vec::new();
    }
    let Some(Copy { source, begun }) = copy else {
        let finished = of_instance(record, "RDS-EVENT-0002", "Finished DB Instance backup", now);
        return vec![created(record, now), finished];
    };
    let (id, direction) = of_copy(record, &source, ("RDS-EVENT-0060", "RDS-EVENT-0197"));
    let minutes = (now - begun).num_minutes().max(1);
    let text = if source.region == record.arn.region {
        format!("Finished copy of snapshot {} {direction}.", source.id)
    } else {
        format!("Finished copy of snapshot {} {direction} in {minutes} minutes.", source.id)
    };
    vec![of_snapshot(record, (id, "notification"), text, now)]
}

/// A snapshot is removed. AWS describes no event for the removal of an automated one.
pub(super) fn gone(record: &SnapshotRecord, copy: Option<Copy>, now: Instant) -> Vec<RdsEvent> {
    if let Some(Copy { source, .. }) = copy {
        let (id, direction) = of_copy(record, &source, ("RDS-EVENT-0061", "RDS-EVENT-0190"));
        let text = format!("Canceled snapshot copy request of {} {direction}.", source.id);
        return vec![of_snapshot(record, (id, "notification"), text, now)];
    }
    if record.origin == SnapshotOrigin::Automated {
        return Vec::new();
    }
    vec![of_snapshot(record, ("RDS-EVENT-0041", "deletion"), "Deleted manual snapshot".to_owned(), now)]
}

/// An instance is restored from a snapshot.
pub(super) fn restored(snapshot: &SnapshotArn, now: Instant) -> RdsEvent {
    let text = format!("Restored from snapshot {}.", snapshot.id);
    snapshot_event(snapshot, ("RDS-EVENT-0043", "restoration"), text, now)
}

fn created(record: &SnapshotRecord, now: Instant) -> RdsEvent {
    let (id, text) = match record.origin {
        SnapshotOrigin::Manual => ("RDS-EVENT-0042", "Manual snapshot created"),
        SnapshotOrigin::Automated => ("RDS-EVENT-0091", "Automated snapshot created"),
    };
    of_snapshot(record, (id, "creation"), text.to_owned(), now)
}

/// The number of a copy's event, across Regions or within one, and the end of its text.
fn of_copy(
    record: &SnapshotRecord,
    source: &SnapshotArn,
    (across, within): (&'static str, &'static str),
) -> (&'static str, String) {
    if source.region == record.arn.region {
        (within, format!("in region {}", source.region))
    } else {
        (across, format!("from region {}", source.region))
    }
}

fn of_snapshot(
    record: &SnapshotRecord,
    kind: (&'static str, &'static str),
    text: String,
    now: Instant,
) -> RdsEvent {
    snapshot_event(&record.arn, kind, text, now)
}

fn snapshot_event(
    arn: &SnapshotArn,
    (id, category): (&'static str, &'static str),
    message: String,
    at: Instant,
) -> RdsEvent {
    let source_type = match arn.kind {
        DatabaseKind::Cluster => "db-cluster-snapshot",
        DatabaseKind::Instance => "db-snapshot",
    };
    RdsEvent { id, at, source_type, source: arn.id.to_string(), arn: arn.to_string(), category, message }
}

fn of_instance(record: &SnapshotRecord, id: &'static str, text: &str, at: Instant) -> RdsEvent {
    let arn = Place::of_snapshot(&record.arn).instance_arn(record.database.clone());
    RdsEvent {
        id,
        at,
        source_type: "db-instance",
        source: record.database.to_string(),
        arn: arn.to_string(),
        category: "backup",
        message: text.to_owned(),
    }
}
