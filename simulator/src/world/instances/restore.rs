//! `RestoreDBInstanceFromDBSnapshot`: creates an instance from a snapshot.

use std::sync::Arc;

use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::create::NewInstance;
use super::record::{InstanceOptions, InstanceRecord, Shape};
use super::{mirroring, storage};
use crate::world::World;
use crate::world::api::error::{
    ApiError, invalid_combination, key_not_accessible, snapshot_not_found, snapshot_state,
};
use crate::world::api::names;
use crate::world::api::request::RestoreDbInstance;
use crate::world::api::response::Response;
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;

impl World {
    pub(in crate::world) fn restore_instance(
        &mut self,
        place: &Place,
        ask: RestoreDbInstance,
    ) -> Result<Response, ApiError> {
        let arn = self.unused_instance(place, &ask.name)?;
        names::check_tags(&ask.tags)?;
        let snapshot = self.restorable(place, &ask.snapshot)?;
        let shape = Shape {
            resource_id: self.resource_id(&arn),
            class: ask.class.unwrap_or_else(|| snapshot.shape.class.clone()),
            allocated_storage: storage::restored_size(&snapshot.shape, ask.allocated_storage)?,
            ..Shape::clone(&snapshot.shape)
        };
        let mut options = storage::over(ask.options, kept_options(&snapshot.options));
        mirroring::check_restore(&shape.engine, &options)?;
        options.option_group =
            self.restored_option_group(place, &snapshot, options.option_group.as_deref())?;
        self.check_new(place, &options, &shape)?;
        let record = InstanceRecord::new(&arn, Arc::new(shape), snapshot.kms_key.clone(), ask.tags, options);
        self.publish_restore(place, &snapshot.arn);
        Ok(self.insert_instance(place, NewInstance { arn, record }))
    }

    /// A snapshot of this Region that the caller may restore from now.
    pub(in crate::world) fn restorable(
        &self,
        place: &Place,
        text: &str,
    ) -> Result<Arc<SnapshotRecord>, ApiError> {
        let snapshot = match text.parse() {
            Ok(arn) => self
                .snapshot(&arn)
                .filter(|found| arn.region == place.region && found.is_visible_to(&place.account))
                .ok_or_else(|| snapshot_not_found(text))?,
            Err(_) => self.own_snapshot(place, text)?,
        };
        if snapshot.status != SnapshotStatus::Available {
            return Err(snapshot_state(format!(
                "The snapshot {text} is not available: {}.",
                snapshot.status
            )));
        }
        if let Some(key) = &snapshot.kms_key {
            if snapshot.arn.account != place.account {
                return Err(invalid_combination(
                    "Cannot restore from a shared, encrypted snapshot: copy it into your account first.",
                ));
            }
            if !self.keys.can_use(&place.account, key) {
                return Err(key_not_accessible("source snapshot", &key.to_string()));
            }
        }
        Ok(Arc::clone(snapshot))
    }
}

/// The options that a restored instance takes from the snapshot. Groups, Multi-AZ and protection have AWS's defaults.
fn kept_options(before: &InstanceOptions) -> InstanceOptions {
    InstanceOptions {
        port: before.port,
        license_model: before.license_model.clone(),
        storage_type: before.storage_type.clone(),
        iops: before.iops,
        storage_throughput: before.storage_throughput,
        backup_retention_days: before.backup_retention_days,
        ..InstanceOptions::default()
    }
}
