//! What happened, in order, for those who watch the world from outside: to snapshots, and to whole Regions.
//!
//! Kept on demand, and taken by whoever asked for it. It judges nothing.

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::AccountId;

use crate::world::World;
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEvent {
    /// When.
    pub at: Instant,
    /// Whose request did it; nobody's where it came by itself, or from someone outside the API.
    pub by: Option<AccountId>,
    /// What.
    pub what: Happening,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A snapshot was begun, or came from elsewhere complete; a copy reads from another.
    Begun(Arc<SnapshotRecord>, Option<SnapshotArn>),
    /// What was being done for a snapshot ended; its status says how.
    Ended(Arc<SnapshotRecord>),
    /// A snapshot is gone. These copies were still reading from it.
    Gone(Arc<SnapshotRecord>, Vec<SnapshotArn>),
    /// AWS refused a request with this error code.
    Refused(&'static str),
    /// A Region or an account is out; none was before.
    OutageBegan,
    /// No Region and no account is out any more.
    OutageEnded,
}

/// The events since they were last taken; none are kept before somebody asks for them.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    events: Option<Vec<JournalEvent>>,
    /// Whose request is being answered.
    pub(in crate::world) acting: Option<AccountId>,
}

impl World {
    /// Keeps a journal from now on.
    pub fn keep_journal(&mut self) {
        self.journal.events.get_or_insert_default();
    }

    /// What happened since this was last asked.
    pub fn take_journal(&mut self) -> Vec<JournalEvent> {
        self.journal.events.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// True if `account` has snapshots of its own in this Region that a list does not show it yet.
    #[must_use]
    pub fn hides_any(&self, account: &AccountId, region: &pilot_light_domain::model::ids::Region) -> bool {
        self.is_any_unseen(&Place::new(account, region))
    }

    pub(in crate::world) fn enter(&mut self, what: impl FnOnce(&Self) -> Option<Happening>) {
        if self.journal.events.is_none() {
            return;
        }
        let Some(what) = what(self) else { return };
        let event = JournalEvent { at: self.now, by: self.journal.acting.clone(), what };
        self.journal.events.get_or_insert_default().push(event);
    }

    pub(in crate::world) fn enter_ended(&mut self, arn: &SnapshotArn) {
        self.enter(|world| world.snapshot(arn).cloned().map(Happening::Ended));
    }
}
