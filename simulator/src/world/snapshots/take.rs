//! `CreateDBSnapshot`, and the snapshots that AWS takes at a creation or deletion of an instance.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::SnapshotId;
use pilot_light_domain::model::naming;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags::Tags;

use super::record::{Descriptions, SnapshotOrigin, SnapshotRecord, Work};
use crate::world::World;
use crate::world::api::error::{ApiError, instance_state, invalid_value, refused};
use crate::world::api::names;
use crate::world::api::request::CreateDbSnapshot;
use crate::world::api::response::Response;
use crate::world::instances::record::InstanceRecord;
use crate::world::place::Place;
use crate::world::time::draw::hash;
use crate::world::time::event::Event;

impl World {
    pub(in crate::world) fn create_snapshot(
        &mut self,
        place: &Place,
        ask: CreateDbSnapshot,
    ) -> Result<Response, ApiError> {
        let arn = self.unused_snapshot(place, "DBSnapshotIdentifier", &ask.id)?;
        names::check_tags(ask.tags.as_ref().unwrap_or(&Tags::new()))?;
        let instance = Arc::clone(self.instance(place, &ask.database)?);
        if instance.cluster.is_some() {
            return Err(invalid_value(
                "The specified instance is a member of a cluster and a snapshot cannot be created directly. Please \
                 use the CreateDBClusterSnapshot API instead.",
            ));
        }
        check_accepts_snapshot(&instance)?;
        check_is_no_sql_server_replica(&instance)?;
        self.check_snapshot_quota(place)?;
        let tags = ask.tags.unwrap_or_else(|| inherited_tags(&instance));
        let record = self.take(arn, &instance, SnapshotOrigin::Manual, tags);
        self.show_backing_up(&instance);
        Ok(Response::Snapshot(self.view(&record, place)))
    }

    /// Takes the final snapshot of an instance that is being deleted.
    pub(in crate::world) fn take_final(
        &mut self,
        place: &Place,
        of: &DatabaseArn,
        id: &str,
    ) -> Result<(), ApiError> {
        let arn = self.unused_snapshot(place, "FinalDBSnapshotIdentifier", id)?;
        let instance = Arc::clone(self.instance(place, of.id.name.as_str())?);
        check_accepts_snapshot(&instance)?;
        self.check_snapshot_quota(place)?;
        self.take(arn, &instance, SnapshotOrigin::Manual, inherited_tags(&instance));
        Ok(())
    }

    /// Takes the automated snapshot that AWS takes of a new instance with backups. The daily ones are left out.
    pub(in crate::world) fn take_automated(&mut self, place: &Place, of: &DatabaseArn) {
        let name = format!("rds:{}-{}", of.id.name, naming::timestamp(self.now));
        let (Ok(id), Ok(instance)) = (SnapshotId::new(&name), self.instance(place, of.id.name.as_str()))
        else {
            return;
        };
        let instance = Arc::clone(instance);
        self.take(place.snapshot_arn(id), &instance, SnapshotOrigin::Automated, inherited_tags(&instance));
        self.show_backing_up(&instance);
    }

    /// The ARN of a new snapshot, if its identifier can be used.
    pub(in crate::world) fn unused_snapshot(
        &self,
        place: &Place,
        parameter: &str,
        id: &str,
    ) -> Result<SnapshotArn, ApiError> {
        let id = names::snapshot_id(parameter, id)?;
        let Some(holdings) = self.places.get(place) else { return Ok(place.snapshot_arn(id)) };
        if holdings.snapshots.contains_key(&id) {
            return Err(refused(
                "DBSnapshotAlreadyExists",
                format!(
                    "Cannot create the snapshot because a snapshot with the identifier {id} already exists."
                ),
            ));
        }
        Ok(match holdings.snapshots.values().next() {
            Some(other) => other.arn.neighbour(id),
            None => place.snapshot_arn(id),
        })
    }

    /// Checks the quota. Snapshots in every status count, also failed ones.
    pub(in crate::world) fn check_snapshot_quota(&self, place: &Place) -> Result<(), ApiError> {
        let quota = self.settings.quota;
        let used = self.places.get(place).map_or(0, |holdings| holdings.manual_snapshots);
        if used < quota as usize {
            return Ok(());
        }
        Err(refused("SnapshotQuotaExceeded", format!("Cannot create more than {quota} manual snapshots")))
    }

    fn take(
        &mut self,
        arn: SnapshotArn,
        instance: &InstanceRecord,
        origin: SnapshotOrigin,
        tags: Tags,
    ) -> Arc<SnapshotRecord> {
        let from = self.now;
        let parts = ["snapshot", &arn.to_string()];
        let until = from + self.settings.snapshot_seconds.draw(self.settings.seed, &parts);
        self.agenda.insert((until, Event::SnapshotComplete(arn.clone())));
        self.doom_snapshot(&arn);
        self.hide_new(&arn, &tags);
        self.insert_snapshot(SnapshotRecord {
            origin,
            database: instance.arn.id.name.clone(),
            shape: Arc::clone(&instance.shape),
            options: Arc::new(instance.options.clone()),
            instance_created_at: instance.created_at,
            status: SnapshotStatus::Creating,
            created_at: None,
            original_created_at: None,
            database_time: from,
            last_transaction: self.shows_database_time(&arn).then_some(from),
            copied_from: None,
            source_region: arn.region.clone(),
            kms_key: instance.kms_key.clone(),
            option_group: self.own_option_group(instance),
            tags,
            shared_with: BTreeSet::new(),
            is_public: false,
            work: Work::Taking { from, until, instance: instance.arn.clone() },
            descriptions: Descriptions::default(),
            arn,
        })
    }

    /// Draws whether AWS gives `SnapshotDatabaseTime` for a snapshot and its copies.
    fn shows_database_time(&self, arn: &SnapshotArn) -> bool {
        let drawn = hash(self.settings.seed, &["database time", &arn.to_string()]) % 100;
        drawn < u64::from(self.settings.database_time_percent)
    }

    fn show_backing_up(&mut self, instance: &InstanceRecord) {
        let place = Place::of_instance(&instance.arn);
        if let Some(record) = self.instance_mut(&place, &instance.arn.id.name) {
            let before = std::mem::replace(&mut record.status, InstanceStatus("backing-up".to_owned()));
            record.before_snapshot = Some(before);
        }
    }
}

fn check_accepts_snapshot(instance: &InstanceRecord) -> Result<(), ApiError> {
    if instance.status.accepts_snapshot() {
        return Ok(());
    }
    let InstanceRecord { arn, status, .. } = instance;
    Err(instance_state(format!("Instance {} is not in available state: {}.", arn.id.name, status.0)))
}

/// "Manual snapshots of read replicas" are not supported for SQL Server ("Read replica limitations with SQL Server"). The
/// code is *unverified*: of the codes in the API model of `CreateDBSnapshot` it is the only one that fits.
fn check_is_no_sql_server_replica(instance: &InstanceRecord) -> Result<(), ApiError> {
    if instance.replica_of.is_none() || !instance.shape.engine.0.starts_with("sqlserver") {
        return Ok(());
    }
    let name = &instance.arn.id.name;
    Err(instance_state(format!("Manual snapshots of the SQL Server read replica {name} are not supported.")))
}

fn inherited_tags(instance: &InstanceRecord) -> Tags {
    if instance.options.copy_tags_to_snapshot == Some(true) { instance.tags.clone() } else { Tags::new() }
}
