//! Direct changes of the world, outside the API: keys, statuses, tags and times.
//!
//! Fault injection uses these functions. They do not check AWS's rules.

use std::collections::BTreeSet;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags::Tags;

use crate::world::World;
use crate::world::keys::record::KeyState;
use crate::world::place::Place;
use crate::world::time::event::Event;

impl World {
    /// Registers a customer's key, or replaces the accounts that may use it besides its owner.
    pub fn register_key(&mut self, arn: KmsKeyArn, users: BTreeSet<AccountId>) {
        self.keys.register(arn, users, self.now);
    }

    /// Enables, disables or deletes a key; false if there is none.
    pub fn set_key_state(&mut self, arn: &KmsKeyArn, state: KeyState) -> bool {
        self.keys.set_state(arn, state)
    }

    /// Puts an instance into a status and cancels its next transition; false if there is no such instance.
    pub fn impose_instance_status(&mut self, arn: &DatabaseArn, status: &str) -> bool {
        let Some(instance) = self.instance_mut(&Place::of_instance(arn), &arn.id.name) else { return false };
        instance.status = InstanceStatus(status.to_owned());
        instance.new_name = None;
        if let Some((at, _)) = instance.next.take() {
            self.agenda.remove(&(at, Event::InstanceReached(arn.clone())));
        }
        true
    }

    /// Puts a snapshot into a status and ends the work on it; false if there is no such snapshot.
    pub fn impose_snapshot_status(&mut self, arn: &SnapshotArn, status: &str) -> bool {
        self.stop_work(arn);
        self.snapshot_mut(arn).map(|record| record.status = SnapshotStatus::from(status.to_owned())).is_some()
    }

    /// Makes a snapshot or copy in progress fail; false if there is no such snapshot.
    pub fn fail_snapshot(&mut self, arn: &SnapshotArn) -> bool {
        self.fail(arn);
        self.snapshot(arn).is_some()
    }

    /// Gives a snapshot tags that no caller could give it, such as those of `aws:`; false if there is none.
    pub fn impose_snapshot_tags(&mut self, arn: &SnapshotArn, tags: Tags) -> bool {
        self.snapshot_mut(arn).map(|record| record.tags = tags).is_some()
    }

    /// Moves the times of a complete snapshot, as if it had been taken then; false if there is none.
    pub fn impose_snapshot_time(&mut self, arn: &SnapshotArn, taken: Instant) -> bool {
        let Some(record) = self.snapshot_mut(arn).filter(|record| record.created_at.is_some()) else {
            return false;
        };
        record.created_at = Some(taken);
        record.original_created_at = Some(taken);
        record.database_time = taken;
        record.last_transaction = record.last_transaction.map(|_| taken);
        true
    }

    /// Sets the time of the last transaction that AWS gives for a snapshot; false if there is no such snapshot. On an
    /// idle database it is much earlier than the snapshot.
    pub fn impose_last_transaction(&mut self, arn: &SnapshotArn, at: Option<Instant>) -> bool {
        self.snapshot_mut(arn).map(|record| record.last_transaction = at).is_some()
    }
}
