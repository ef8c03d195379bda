//! An action: one event that an account caused, with the state of the world before it.
//!
//! The invariants that judge single actions are functions of this type. They are in files of their own.

use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_simulator::world::{Happening, SnapshotRecord};

use super::held::Held;
use super::ledger::Ledger;
use super::terms::Terms;

/// An action to be judged.
pub(super) struct Action<'a> {
    pub(super) terms: &'a Terms,
    /// The state before the action.
    pub(super) ledger: &'a Ledger,
    pub(super) event: &'a Happening,
}

impl Action<'_> {
    /// The snapshot that this action deletes.
    pub(super) fn deleted(&self) -> Option<&SnapshotRecord> {
        match self.event {
            Happening::Gone(record, _) => Some(record),
            _ => None,
        }
    }

    /// The copies that were still reading from the deleted snapshot.
    pub(super) fn readers_of_deleted(&self) -> &[SnapshotArn] {
        match self.event {
            Happening::Gone(_, readers) => readers,
            _ => &[],
        }
    }

    /// The copy in the destination account that this action begins, with the snapshot that it reads from.
    pub(super) fn begun_copy(&self) -> Option<(&SnapshotRecord, &SnapshotArn)> {
        match self.event {
            Happening::Begun(record, Some(source))
                if record.arn.account == self.terms.homes.destination.account =>
            {
                Some((record, source))
            }
            _ => None,
        }
    }

    /// The entry of a snapshot in the ledger.
    pub(super) fn held(&self, record: &SnapshotRecord) -> Option<&Held> {
        self.ledger.get(&record.arn)
    }
}
