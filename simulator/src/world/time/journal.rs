//! The journal of a world: events of databases, snapshots and outages, in order, for an observer outside the world.
//!
//! It is kept on request. It contains no judgement.

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::AccountId;

use crate::world::World;
use crate::world::api::request::Request;
use crate::world::instances::record::InstanceRecord;
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEvent {
    /// The instant.
    pub at: Instant,
    /// The account whose request caused it; absent if it happened without a request.
    pub by: Option<AccountId>,
    /// The event.
    pub what: Happening,
}

/// The events that a journal contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A snapshot began, or appeared complete. A copy is given with the snapshot that it reads from.
    Begun(Arc<SnapshotRecord>, Option<SnapshotArn>),
    /// The work on a snapshot ended. Its status contains the result.
    Ended(Arc<SnapshotRecord>),
    /// A snapshot was removed. These copies were still reading from it.
    Gone(Arc<SnapshotRecord>, Vec<SnapshotArn>),
    /// AWS refused a request with this error code. A refused copy is given with the snapshot that it should have read.
    Refused(&'static str, Option<SnapshotArn>),
    /// A database became available for the first time.
    DatabaseReady(Arc<InstanceRecord>),
    /// A database has another name from now on.
    DatabaseRenamed(Arc<InstanceRecord>),
    /// A database was removed.
    DatabaseGone(Arc<InstanceRecord>),
    /// The first outage of a Region or an account began.
    OutageBegan,
    /// The last outage of a Region or an account ended.
    OutageEnded,
}

/// The entries since they were last taken. None are kept before the first request.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    events: Option<Vec<JournalEvent>>,
    /// The account whose request is being answered.
    pub(in crate::world) acting: Option<AccountId>,
}

/// The snapshot that a request would copy.
pub(in crate::world) fn copied_by(request: &Request) -> Option<SnapshotArn> {
    match request {
        Request::CopyDbSnapshot(ask) => ask.source.parse().ok(),
        _ => None,
    }
}

impl World {
    /// Keeps a journal from now on.
    pub fn keep_journal(&mut self) {
        self.journal.events.get_or_insert_default();
    }

    /// The entries since they were last taken.
    pub fn take_journal(&mut self) -> Vec<JournalEvent> {
        self.journal.events.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// True if `account` has snapshots of its own in this Region that a list does not show it yet.
    #[must_use]
    pub fn hides_any(&self, account: &AccountId, region: &pilot_light_domain::model::ids::Region) -> bool {
        self.is_any_unseen(&Place::new(account, region))
    }

    pub(in crate::world) fn enter(&mut self, what: impl FnOnce(&Self) -> Option<Happening>) {
        let Some(what) = what(self) else { return };
        self.publish_happening(&what);
        let Some(events) = &mut self.journal.events else { return };
        let event = JournalEvent { at: self.now, by: self.journal.acting.clone(), what };
        events.push(event);
    }

    pub(in crate::world) fn enter_ended(&mut self, arn: &SnapshotArn) {
        self.enter(|world| world.snapshot(arn).cloned().map(Happening::Ended));
    }
}
