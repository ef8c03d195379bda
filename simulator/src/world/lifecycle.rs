//! Time passing: snapshots, copies and instances become what they were on their way to, at exact instants.

use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::World;
use super::cache::DatastoreKey;
use super::globals::GlobalKey;
use super::instance::Transition;
use super::journal::Happening;
use super::place::Place;
use super::snapshot::Work;

/// Something that happens by itself. The order settles what comes first at one instant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// A snapshot or copy is complete.
    SnapshotComplete(SnapshotArn),
    /// An instance reaches its next status.
    InstanceReached(DatabaseArn),
    /// An account sees a snapshot that was hidden from it.
    SnapshotSeen(SnapshotArn, AccountId),
    /// A snapshot's new tags are told.
    TagsSeen(SnapshotArn),
    /// A cluster reaches its next status.
    ClusterReached(DatabaseArn),
    /// A cluster snapshot is complete.
    ClusterSnapshotComplete(SnapshotArn),
    /// A global cluster reaches its next status.
    GlobalReached(GlobalKey),
    /// A global datastore reaches its next status.
    DatastoreReached(DatastoreKey),
    /// A replication group is available.
    GroupReached(AccountId, Region, String),
    /// What is told of something is what it is again.
    Told,
}

impl World {
    /// Lets time pass up to and including `now`.
    pub fn advance(&mut self, now: Instant) {
        while self.agenda.first().is_some_and(|(at, _)| *at <= now) {
            let Some((at, event)) = self.agenda.pop_first() else { break };
            self.now = self.now.max(at);
            match event {
                Event::SnapshotComplete(arn) => self.complete_snapshot(&arn),
                Event::InstanceReached(arn) => self.reach_status(&arn),
                Event::SnapshotSeen(arn, account) => self.see_snapshot(&arn, &account),
                Event::TagsSeen(arn) => self.see_tags(&arn),
                Event::ClusterReached(arn) => self.reach_cluster(&arn),
                Event::ClusterSnapshotComplete(arn) => self.complete_cluster_snapshot(&arn),
                Event::GlobalReached(key) => self.reach_global(&key),
                Event::DatastoreReached(key) => self.reach_datastore(&key),
                Event::GroupReached(account, region, id) => self.reach_group(&account, &region, &id),
                Event::Told => {}
            }
        }
        self.now = self.now.max(now);
    }

    /// The instant of the next thing that happens by itself.
    #[must_use]
    pub fn next_event(&self) -> Option<Instant> {
        self.agenda.first().map(|(at, _)| *at)
    }

    fn complete_snapshot(&mut self, arn: &SnapshotArn) {
        let now = self.now;
        if self.mishaps.take_doom(arn) {
            return self.fail(arn);
        }
        let Some(snapshot) = self.snapshot_mut(arn) else { return };
        snapshot.status = SnapshotStatus::Available;
        snapshot.created_at = Some(now);
        match std::mem::replace(&mut snapshot.work, Work::Nothing) {
            Work::Taking { instance, .. } => {
                snapshot.original_created_at = Some(now);
                self.release_instance(&instance);
            }
            Work::Copying { .. } => self.complete_copy(arn),
            Work::Nothing | Work::Queued => {}
        }
        self.enter_ended(arn);
    }

    fn complete_copy(&mut self, arn: &SnapshotArn) {
        let source = self.copies.source_of(arn).and_then(|source| self.snapshot(source));
        let original = source.and_then(|source| source.original_created_at);
        if let Some(copy) = self.snapshot_mut(arn) {
            copy.original_created_at = original;
        }
        self.leave_queue(arn);
    }

    /// Ends whatever a snapshot is doing; its status is the caller's business.
    pub(super) fn stop_work(&mut self, arn: &SnapshotArn) {
        self.mishaps.take_doom(arn);
        let Some(snapshot) = self.snapshot_mut(arn) else { return };
        let work = std::mem::replace(&mut snapshot.work, Work::Nothing);
        if let Some(until) = work.until() {
            self.agenda.remove(&(until, Event::SnapshotComplete(arn.clone())));
        }
        match work {
            Work::Taking { instance, .. } => self.release_instance(&instance),
            Work::Copying { .. } | Work::Queued => self.leave_queue(arn),
            Work::Nothing => {}
        }
    }

    /// Ends what a snapshot is doing: it will never be usable.
    pub(super) fn fail(&mut self, arn: &SnapshotArn) {
        self.stop_work(arn);
        if let Some(snapshot) = self.snapshot_mut(arn) {
            snapshot.status = SnapshotStatus::Failed;
        }
        self.enter_ended(arn);
    }

    fn leave_queue(&mut self, copy: &SnapshotArn) {
        if let Some(next) = self.copies.leave(copy) {
            self.start_copy(&next);
        }
    }

    /// A copy's turn has come.
    pub(super) fn start_copy(&mut self, arn: &SnapshotArn) {
        let from = self.now;
        let parts = ["copy", &arn.to_string()];
        let until = from + self.settings.copy_seconds.draw(self.settings.seed, &parts);
        let until = self.doom_copy(arn, until);
        if let Some(snapshot) = self.snapshot_mut(arn) {
            snapshot.work = Work::Copying { from, until };
            self.agenda.insert((until, Event::SnapshotComplete(arn.clone())));
        }
    }

    /// The snapshot that was being taken of an instance is done, failed or gone.
    fn release_instance(&mut self, arn: &DatabaseArn) {
        let place = Place::of_instance(arn);
        let Some(instance) = self.instance_mut(&place, &arn.id.name) else { return };
        let before = instance.before_snapshot.take();
        if instance.status.0 == "backing-up" {
            instance.status = before.unwrap_or_else(|| InstanceStatus("available".to_owned()));
        } else if instance.status.0 == "deleting" && instance.next.is_none() {
            self.remove_instance(arn);
        }
    }

    /// How long a change of a cluster or group takes; what was before it is told until then.
    pub(super) fn lasts(&self, why: &str, what: &str) -> TimeDelta {
        self.settings.instance_seconds.draw(self.settings.seed, &[why, what]).max(self.lag())
    }

    /// Plans the next status of an instance.
    pub(super) fn schedule(&mut self, arn: &DatabaseArn, why: &str, transition: Transition) {
        let parts = [why, &arn.to_string()];
        let lasts = self.settings.instance_seconds.draw(self.settings.seed, &parts);
        let lasts = match transition {
            Transition::Available => lasts,
            // What it was before is told until then.
            Transition::Gone => lasts.max(self.lag()),
            // A reboot is the other half.
            Transition::Promoted | Transition::Renamed => (lasts / 2).max(self.lag()),
            Transition::Rebooted => lasts / 2,
        };
        let at = self.now + lasts;
        let Some(instance) = self.instance_mut(&Place::of_instance(arn), &arn.id.name) else { return };
        let earlier = instance.next.replace((at, transition));
        if let Some((earlier, _)) = earlier {
            self.agenda.remove(&(earlier, Event::InstanceReached(arn.clone())));
        }
        self.agenda.insert((at, Event::InstanceReached(arn.clone())));
    }

    fn reach_status(&mut self, arn: &DatabaseArn) {
        let now = self.now;
        let place = Place::of_instance(arn);
        let Some(instance) = self.instance_mut(&place, &arn.id.name) else { return };
        match instance.next.take() {
            Some((_, Transition::Gone)) => self.remove_instance(arn),
            Some((_, Transition::Promoted)) => self.finish_promotion(arn),
            Some((_, Transition::Renamed)) => self.finish_rename(arn),
            Some((_, Transition::Available | Transition::Rebooted)) => {
                instance.status = InstanceStatus("available".to_owned());
                let is_new = instance.created_at.is_none();
                instance.created_at.get_or_insert(now);
                if is_new && instance.options.backup_retention_days.is_some_and(|days| days > 0) {
                    self.take_automated(&place, arn);
                }
            }
            None => {}
        }
    }

    pub(super) fn remove_instance(&mut self, arn: &DatabaseArn) {
        let place = Place::of_instance(arn);
        let holdings = self.holdings_mut(&place);
        let Some(gone) = holdings.instances.remove(&arn.id.name) else { return };
        let automated: Vec<SnapshotArn> = holdings
            .snapshots
            .values()
            .filter(|snapshot| snapshot.is_automated_of(&gone.shape.resource_id))
            .map(|snapshot| snapshot.arn.clone())
            .collect();
        for snapshot in automated {
            self.remove_snapshot(&snapshot);
        }
        self.forget_relations(&gone);
        self.leave_cluster(&gone);
    }

    /// Takes a snapshot out of the world; copies that read from it fail.
    pub(super) fn remove_snapshot(&mut self, arn: &SnapshotArn) {
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
    pub(super) fn insert_snapshot(&mut self, record: super::SnapshotRecord) -> Arc<super::SnapshotRecord> {
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
