//! The numbers, categories and texts of the events in the life of a snapshot.
//!
//! They are those of "Amazon RDS event categories and event messages" in the user guide. The deletion is the exception:
//! AWS sends "Deleted manual snapshot", where the guide says "Deleted user snapshot". The name in the text of a copy is
//! that of its source. A snapshot or copy that fails, and a sharing, have no event.

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{DatabaseKind, DatabaseName};
use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::Copy;
use super::record::RdsEvent;
use crate::world::place::Place;
use crate::world::snapshots::record::{SnapshotOrigin, SnapshotRecord};

/// An event without its texts. Months of virtual time have hundreds of thousands of events, and few of them are described.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: Instant,
    /// The snapshot that it is about.
    snapshot: SnapshotArn,
    what: What,
}

/// The events in the life of a snapshot.
#[derive(Debug)]
enum What {
    Creating(SnapshotOrigin),
    Created(SnapshotOrigin),
    Deleted,
    Restored,
    /// The backup of this instance begins.
    BackingUp(DatabaseName),
    BackedUp(DatabaseName),
    /// The copy of this source begins.
    CopyStarted(SnapshotArn),
    CopyFinished {
        source: SnapshotArn,
        minutes: i64,
    },
    CopyCanceled(SnapshotArn),
}

/// A snapshot begins, or appears complete.
pub(super) fn begun(record: &SnapshotRecord, source: Option<&SnapshotArn>, now: Instant) -> Vec<Entry> {
    let entry = |what| Entry::new(record, what, now);
    if let Some(source) = source {
        return vec![entry(What::CopyStarted(source.clone()))];
    }
    if record.status == SnapshotStatus::Available {
        return vec![entry(What::Created(record.origin))];
    }
    vec![entry(What::BackingUp(record.database.clone())), entry(What::Creating(record.origin))]
}

/// The work on a snapshot ends. A failure has no event.
pub(super) fn ended(record: &SnapshotRecord, copy: Option<Copy>, now: Instant) -> Vec<Entry> {
    let entry = |what| Entry::new(record, what, now);
    if record.status != SnapshotStatus::Available {
        return Vec::new();
    }
    let Some(Copy { source, begun }) = copy else {
        return vec![entry(What::Created(record.origin)), entry(What::BackedUp(record.database.clone()))];
    };
    let minutes = (now - begun).num_minutes().max(1);
    vec![entry(What::CopyFinished { source, minutes })]
}

/// A snapshot is removed. AWS describes no event for the removal of an automated one.
pub(super) fn gone(record: &SnapshotRecord, copy: Option<Copy>, now: Instant) -> Option<Entry> {
    let entry = |what| Some(Entry::new(record, what, now));
    match (copy, record.origin) {
        (Some(Copy { source, .. }), _) => entry(What::CopyCanceled(source)),
        (None, SnapshotOrigin::Automated) => None,
        (None, SnapshotOrigin::Manual) => entry(What::Deleted),
    }
}

/// An instance is restored from a snapshot.
pub(super) fn restored(snapshot: &SnapshotArn, now: Instant) -> Entry {
    Entry { at: now, snapshot: snapshot.clone(), what: What::Restored }
}

impl Entry {
    fn new(record: &SnapshotRecord, what: What, at: Instant) -> Self {
        Self { at, snapshot: record.arn.clone(), what }
    }

    /// The event with its texts.
    pub(super) fn described(&self) -> RdsEvent {
        use SnapshotOrigin::{Automated, Manual};
        match &self.what {
            What::Creating(Manual) => self.creation("RDS-EVENT-0040", "Creating manual snapshot"),
            What::Creating(Automated) => self.creation("RDS-EVENT-0090", "Creating automated snapshot"),
            What::Created(Manual) => self.creation("RDS-EVENT-0042", "Manual snapshot created"),
            What::Created(Automated) => self.creation("RDS-EVENT-0091", "Automated snapshot created"),
            What::Deleted => {
                self.of_snapshot(("RDS-EVENT-0041", "deletion"), "Deleted manual snapshot".to_owned())
            }
            What::Restored => {
                let text = format!("Restored from snapshot {}.", self.snapshot.id);
                self.of_snapshot(("RDS-EVENT-0043", "restoration"), text)
            }
            What::BackingUp(database) => {
                self.of_instance(database, "RDS-EVENT-0001", "Backing up DB instance")
            }
            What::BackedUp(database) => {
                self.of_instance(database, "RDS-EVENT-0002", "Finished DB Instance backup")
            }
            What::CopyStarted(source) => {
                let text = format!("Started copy of snapshot {} {}.", source.id, self.direction(source));
                self.of_copy(source, ("RDS-EVENT-0059", "RDS-EVENT-0196"), text)
            }
            What::CopyFinished { source, minutes } => {
                let duration =
                    if self.is_within(source) { String::new() } else { format!(" in {minutes} minutes") };
                let direction = self.direction(source);
                let text = format!("Finished copy of snapshot {} {direction}{duration}.", source.id);
                self.of_copy(source, ("RDS-EVENT-0060", "RDS-EVENT-0197"), text)
            }
            What::CopyCanceled(source) => {
                let direction = self.direction(source);
                let text = format!("Canceled snapshot copy request of {} {direction}.", source.id);
                self.of_copy(source, ("RDS-EVENT-0061", "RDS-EVENT-0190"), text)
            }
        }
    }

    fn is_within(&self, source: &SnapshotArn) -> bool {
        source.region == self.snapshot.region
    }

    fn direction(&self, source: &SnapshotArn) -> String {
        let word = if self.is_within(source) { "in" } else { "from" };
        format!("{word} region {}", source.region)
    }

    /// The event of a copy, which has one number across Regions and another within one.
    fn of_copy(
        &self,
        source: &SnapshotArn,
        (across, within): (&'static str, &'static str),
        text: String,
    ) -> RdsEvent {
        let id = if self.is_within(source) { within } else { across };
        self.of_snapshot((id, "notification"), text)
    }

    fn creation(&self, id: &'static str, text: &str) -> RdsEvent {
        self.of_snapshot((id, "creation"), text.to_owned())
    }

    fn of_snapshot(&self, (id, category): (&'static str, &'static str), message: String) -> RdsEvent {
        let arn = &self.snapshot;
        let source_type = match arn.kind {
            DatabaseKind::Cluster => "db-cluster-snapshot",
            DatabaseKind::Instance => "db-snapshot",
        };
        let (source, arn) = (arn.id.to_string(), arn.to_string());
        RdsEvent { id, at: self.at, source_type, source, arn, category, message }
    }

    fn of_instance(&self, database: &DatabaseName, id: &'static str, text: &str) -> RdsEvent {
        let arn = Place::of_snapshot(&self.snapshot).instance_arn(database.clone());
        RdsEvent {
            id,
            at: self.at,
            source_type: "db-instance",
            source: database.to_string(),
            arn: arn.to_string(),
            category: "backup",
            message: text.to_owned(),
        }
    }
}
