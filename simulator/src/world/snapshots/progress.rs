//! Snapshots and copies over time: they begin, become complete, fail, or are removed.
//!
//! The order of copies is kept in `copy_queue`.

use std::sync::Arc;

use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::record::Work;
use crate::world::World;
use crate::world::place::Place;
use crate::world::settings::{OriginalTime, Settings};
use crate::world::time::event::Event;
use crate::world::time::journal::Happening;

impl World {
    pub(in crate::world) fn complete_snapshot(&mut self, arn: &SnapshotArn) {
        let (now, original_time) = (self.now, self.settings.original_time);
        if self.mishaps.take_doom(arn) {
            return self.fail(arn);
        }
        let Some(snapshot) = self.snapshot_mut(arn) else { return };
        snapshot.status = SnapshotStatus::Available;
        snapshot.created_at = Some(now);
        match std::mem::replace(&mut snapshot.work, Work::Nothing) {
            Work::Taking { from, instance, .. } => {
                snapshot.original_created_at = Some(match original_time {
                    OriginalTime::Completion => now,
                    OriginalTime::Call => from,
                });
                self.release_instance(&instance);
            }
            Work::Copying { .. } => self.complete_copy(arn),
            Work::Nothing | Work::Queued => {}
        }
        self.enter_ended(arn);
    }

    pub(in crate::world) fn complete_copy(&mut self, arn: &SnapshotArn) {
        let source = self.copies.source_of(arn).and_then(|source| self.snapshot(source));
        let original = source.and_then(|source| source.original_created_at);
        if let Some(copy) = self.snapshot_mut(arn) {
            copy.original_created_at = original;
        }
        self.leave_queue(arn);
    }

    /// Ends the work on a snapshot. The caller sets its status.
    pub(in crate::world) fn stop_work(&mut self, arn: &SnapshotArn) {
        self.mishaps.take_doom(arn);
        let Some(snapshot) = self.snapshot_mut(arn) else { return };
        let work = std::mem::replace(&mut snapshot.work, Work::Nothing);
        if let Some(until) = work.until() {
            self.agenda.remove(&(until, Event::SnapshotComplete(arn.clone())));
        }
        match work {
            Work::Taking { instance, .. } => self.release_instance(&instance),
            Work::Copying { from, .. } => {
                self.agenda.remove(&(from, Event::CopyBegins(arn.clone())));
                self.leave_queue(arn);
            }
            Work::Queued => self.leave_queue(arn),
            Work::Nothing => {}
        }
    }

    /// Makes a snapshot fail: its work ends, and it will never be usable.
    pub(in crate::world) fn fail(&mut self, arn: &SnapshotArn) {
        self.stop_work(arn);
        if let Some(snapshot) = self.snapshot_mut(arn) {
            snapshot.status = SnapshotStatus::Failed;
        }
        self.enter_ended(arn);
    }

    pub(in crate::world) fn leave_queue(&mut self, copy: &SnapshotArn) {
        if let Some(next) = self.copies.leave(copy) {
            self.start_copy(&next);
        }
    }

    /// Starts a copy whose turn has come. A pending copy is shown as `copying` some time later.
    pub(in crate::world) fn start_copy(&mut self, arn: &SnapshotArn) {
        let (now, text) = (self.now, arn.to_string());
        let Settings { seed, copy_seconds, pending_seconds, .. } = self.settings;
        let until = now + copy_seconds.draw(seed, &["copy", &text]);
        let until = self.doom_copy(arn, until);
        let Some(snapshot) = self.snapshot_mut(arn) else { return };
        let is_pending = snapshot.status == SnapshotStatus::Pending;
        let begins = until.min(now + pending_seconds.draw(seed, &["pending", &text]));
        let from = if is_pending { begins } else { now };
        snapshot.work = Work::Copying { from, until };
        self.agenda.insert((until, Event::SnapshotComplete(arn.clone())));
        if is_pending {
            self.agenda.insert((from, Event::CopyBegins(arn.clone())));
        }
    }

    pub(in crate::world) fn show_copying(&mut self, arn: &SnapshotArn) {
        if let Some(snapshot) = self.snapshot_mut(arn) {
            snapshot.status = SnapshotStatus::Copying;
        }
    }

    /// Removes a snapshot from the world. Copies that read from it fail.
    pub(in crate::world) fn remove_snapshot(&mut self, arn: &SnapshotArn) {
        self.stop_work(arn);
        self.forget_sharing(arn);
        self.mishaps.forget(arn);
        let holdings = self.holdings_mut(&Place::of_snapshot(arn));
        let removed = holdings.snapshots.remove(&arn.id);
        if removed.as_ref().is_some_and(|removed| removed.is_manual()) {
            holdings.manual_snapshots -= 1;
        }
        let readers = self.copies.readers_of(arn);
        self.enter(|_| removed.map(|removed| Happening::Gone(removed, readers.clone())));
        for reader in readers {
            self.fail(&reader);
        }
    }

    /// Enters a new snapshot.
    pub(in crate::world) fn insert_snapshot(
        &mut self,
        record: super::SnapshotRecord,
    ) -> Arc<super::SnapshotRecord> {
        let holdings = self.holdings_mut(&Place::of_snapshot(&record.arn));
        if record.is_manual() {
            holdings.manual_snapshots += 1;
        }
        let record = Arc::new(record);
        holdings.snapshots.insert(record.arn.id.clone(), Arc::clone(&record));
        self.enter(|world| {
            Some(Happening::Begun(Arc::clone(&record), world.copies.source_of(&record.arn).cloned()))
        });
        record
    }
}
