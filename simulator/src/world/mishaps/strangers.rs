//! Actions of other parties in the same world: their snapshots, the copy slots and quotas that they use, deleted databases.
//!
//! Nothing here checks AWS's rules. The caller chooses the instant of each action.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::database::{Engine, InstanceStatus};
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags::Tags;

use crate::world::World;
use crate::world::instances::record::{InstanceOptions, InstanceRecord, Shape, Transition, default_version};
use crate::world::place::Place;
use crate::world::snapshots::record::{Descriptions, SnapshotOrigin, SnapshotRecord, Work};
use crate::world::time::draw::hash;
use crate::world::time::event::Event;

/// A complete manual snapshot of another party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrangersSnapshot {
    /// Owner, Region and identifier.
    pub arn: SnapshotArn,
    /// The database that it names.
    pub database: DatabaseName,
    /// The instant at which it was taken.
    pub taken: Instant,
    /// The key it is encrypted with.
    pub kms_key: Option<KmsKeyArn>,
    /// Its tags.
    pub tags: Tags,
    /// The accounts it is shared with.
    pub shared_with: BTreeSet<AccountId>,
}

impl World {
    /// Enters another party's snapshot; false if the identifier is in use.
    pub fn impose_snapshot(&mut self, snapshot: StrangersSnapshot) -> bool {
        if self.snapshot(&snapshot.arn).is_some() {
            return false;
        }
        let shared_with = snapshot.shared_with.clone();
        let arn = snapshot.arn.clone();
        self.insert_snapshot(record_of(snapshot));
        self.set_sharing(&arn, shared_with, false);
        true
    }

    /// Fills the quota of manual snapshots with another party's, named `prefix-N`; returns their number.
    pub fn fill_quota(&mut self, account: &AccountId, region: &Region, prefix: &str) -> usize {
        let place = Place::new(account, region);
        let used = self.places.get(&place).map_or(0, |holdings| holdings.manual_snapshots);
        let free = (self.settings.quota as usize).saturating_sub(used);
        let now = self.now;
        let snapshots = (0..free).filter_map(|n| plain_snapshot(&place, prefix, n, now));
        snapshots
            .collect::<Vec<_>>()
            .into_iter()
            .filter(|snapshot| self.impose_snapshot(snapshot.clone()))
            .count()
    }

    /// Takes all free copy slots with another party's copies, named `prefix-N`, which are complete at `until`; returns
    /// their number. They count for the quota, too, but are not limited by it.
    pub fn take_copy_slots(
        &mut self,
        account: &AccountId,
        region: &Region,
        prefix: &str,
        until: Instant,
    ) -> usize {
        let place = Place::new(account, region);
        let free = (self.settings.copy_slots as usize).saturating_sub(self.copies.in_progress(&place));
        let mut taken = 0;
        for n in 0..free {
            let Some(snapshot) = plain_snapshot(&place, prefix, n, self.now) else { break };
            if self.snapshot(&snapshot.arn).is_some() {
                continue;
            }
            taken += 1;
            self.enter_strangers_copy(record_of(snapshot), until);
        }
        taken
    }

    fn enter_strangers_copy(&mut self, mut record: SnapshotRecord, until: Instant) {
        let arn = record.arn.clone();
        let from = Place::new(&arn.account, &arn.region).snapshot_arn(arn.id.clone());
        record.status = SnapshotStatus::Copying;
        record.created_at = None;
        record.original_created_at = None;
        record.work = Work::Copying { from: self.now, until };
        // Each has a source database of its own, so that none waits. Their sources cannot be removed.
        self.copies.enter(arn.clone(), from, &record.shape.resource_id);
        self.insert_snapshot(record);
        self.agenda.insert((until, Event::SnapshotComplete(arn)));
    }

    /// Removes all manual snapshots named `prefix-…` there; returns their number.
    pub fn remove_snapshots(&mut self, account: &AccountId, region: &Region, prefix: &str) -> usize {
        let named = format!("{prefix}-");
        self.remove_manual_snapshots(&Place::new(account, region), |id| id.as_str().starts_with(&named))
    }

    /// Removes everything that an account owns in a Region, as an attacker with its credentials could; returns the number
    /// of snapshots. The instances can be brought back.
    pub fn delete_everything(&mut self, account: &AccountId, region: &Region) -> usize {
        let place = Place::new(account, region);
        let Some(holdings) = self.places.get(&place) else { return 0 };
        let instances: Vec<DatabaseArn> =
            holdings.instances.values().map(|found| found.arn.clone()).collect();
        for arn in instances {
            self.take_instance_away(&arn);
        }
        self.remove_manual_snapshots(&place, |_| true)
    }

    fn remove_manual_snapshots(&mut self, place: &Place, is_meant: impl Fn(&SnapshotId) -> bool) -> usize {
        let Some(holdings) = self.places.get(place) else { return 0 };
        let manual = holdings.snapshots.values().filter(|record| record.is_manual());
        let meant: Vec<SnapshotArn> =
            manual.filter(|record| is_meant(&record.arn.id)).map(|record| record.arn.clone()).collect();
        for arn in &meant {
            self.remove_snapshot(arn);
        }
        meant.len()
    }

    /// Puts an available instance into a status that does not accept snapshots; false if it is not available.
    pub fn occupy_instance(&mut self, arn: &DatabaseArn, status: &str) -> bool {
        let found = self.instance_mut(&Place::of_instance(arn), &arn.id.name);
        let Some(instance) = found.filter(|instance| instance.status.0 == "available") else { return false };
        instance.status = InstanceStatus(status.to_owned());
        true
    }

    /// Makes an instance available again if it is still in `status`; false if it is not.
    pub fn release_occupied_instance(&mut self, arn: &DatabaseArn, status: &str) -> bool {
        let found = self.instance_mut(&Place::of_instance(arn), &arn.id.name);
        let Some(instance) = found.filter(|instance| instance.status.0 == status) else { return false };
        instance.status = InstanceStatus("available".to_owned());
        true
    }

    /// Deletes an instance, whatever its state; false if there is none. A snapshot being taken of it fails.
    pub fn take_instance_away(&mut self, arn: &DatabaseArn) -> bool {
        let place = Place::of_instance(arn);
        let Ok(record) = self.instance(&place, arn.id.name.as_str()).cloned() else { return false };
        let being_taken: Vec<SnapshotArn> = self
            .places
            .get(&place)
            .into_iter()
            .flat_map(|holdings| holdings.snapshots.values())
            .filter(|found| matches!(&found.work, Work::Taking { instance, .. } if instance == arn))
            .map(|found| found.arn.clone())
            .collect();
        for snapshot in being_taken {
            self.fail(&snapshot);
        }
        if let Some((at, _)) = record.next {
            self.agenda.remove(&(at, Event::InstanceReached(arn.clone())));
        }
        self.remove_instance(arn);
        self.taken_away.insert(arn.clone(), record);
        true
    }

    /// Creates an instance that was taken away again under its name; false if there is none, or the name is in use.
    pub fn bring_instance_back(&mut self, arn: &DatabaseArn) -> bool {
        let Some(gone) = self.taken_away.remove(arn) else { return false };
        let place = Place::of_instance(arn);
        if self.instance(&place, arn.id.name.as_str()).is_ok() {
            return false;
        }
        let shape = Shape { resource_id: self.resource_id(arn), ..Shape::clone(&gone.shape) };
        let tags = gone.tags.clone();
        let record =
            InstanceRecord::new(arn, Arc::new(shape), gone.kms_key.clone(), tags, gone.options.clone());
        self.holdings_mut(&place).instances.insert(arn.id.name.clone(), Arc::new(record));
        self.schedule(arn, "create", Transition::Available);
        true
    }

    /// Brings back every instance of an account in a Region that was taken away; returns their number.
    pub fn bring_instances_back(&mut self, account: &AccountId, region: &Region) -> usize {
        let is_there = |arn: &&DatabaseArn| arn.id.account == *account && arn.id.region == *region;
        let gone: Vec<DatabaseArn> = self.taken_away.keys().filter(is_there).cloned().collect();
        gone.iter().filter(|arn| self.bring_instance_back(arn)).count()
    }
}

/// Another party's snapshot of its own database.
fn plain_snapshot(place: &Place, prefix: &str, n: usize, taken: Instant) -> Option<StrangersSnapshot> {
    let id = SnapshotId::new(&format!("{prefix}-{n}")).ok()?;
    let database = DatabaseName::new("somebody-elses").ok()?;
    let (tags, shared_with) = (Tags::new(), BTreeSet::new());
    Some(StrangersSnapshot { arn: place.snapshot_arn(id), database, taken, kms_key: None, tags, shared_with })
}

fn record_of(snapshot: StrangersSnapshot) -> SnapshotRecord {
    let StrangersSnapshot { arn, database, taken, kms_key, tags, .. } = snapshot;
    let engine = Engine("postgres".into());
    let shape = Shape {
        resource_id: format!("db-{:016X}", hash(3, &[&arn.to_string()])),
        engine_version: default_version(&engine).to_owned(),
        engine,
        class: "db.t3.medium".to_owned(),
        allocated_storage: 20,
        master_username: "admin".to_owned(),
    };
    SnapshotRecord {
        origin: SnapshotOrigin::Manual,
        database,
        shape: Arc::new(shape),
        options: Arc::new(InstanceOptions::default()),
        instance_created_at: Some(taken),
        status: SnapshotStatus::Available,
        created_at: Some(taken),
        original_created_at: Some(taken),
        database_time: taken,
        last_transaction: None,
        copied_from: None,
        source_region: arn.region.clone(),
        kms_key,
        option_group: None,
        tags,
        shared_with: BTreeSet::new(),
        is_public: false,
        work: Work::Nothing,
        descriptions: Descriptions::default(),
        arn,
    }
}
