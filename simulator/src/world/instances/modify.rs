//! `ModifyDBInstance`: changes an instance at once. A rename without `ApplyImmediately` never happens.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::DatabaseName;

use super::record::{InstanceOptions, InstanceRecord, Shape, Transition};
use super::{mirroring, storage, valid};
use crate::world::World;
use crate::world::api::error::{ApiError, instance_state, invalid_combination};
use crate::world::api::request::ModifyDbInstance;
use crate::world::api::response::Response;
use crate::world::engine_versions::catalogue::find;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn modify_instance(
        &mut self,
        place: &Place,
        ask: ModifyDbInstance,
    ) -> Result<Response, ApiError> {
        let found = Arc::clone(self.instance(place, &ask.name)?);
        let (shape, options) = self.changed(place, &found, &ask)?;
        let new_name = self.new_name(place, &ask)?;
        self.link_option_group(place, &options);
        let instance = self.change_instance(&found.arn);
        let takes_a_while = instance.is_some_and(|instance| change(instance, shape, options));
        match new_name {
            Some(name) => self.begin_rename(&found.arn, name),
            None if takes_a_while => self.begin_modifying(&found.arn),
            None => {}
        }
        self.instance(place, &ask.name).cloned().map(Response::Instance)
    }

    /// The instance as it is to be, if AWS accepts that.
    fn changed(
        &self,
        place: &Place,
        found: &InstanceRecord,
        ask: &ModifyDbInstance,
    ) -> Result<(Shape, InstanceOptions), ApiError> {
        check_modifiable(found, ask)?;
        let shape = changed_shape(found, ask)?;
        let after = storage::over(ask.options.clone(), found.options.clone());
        if changes_storage(ask) {
            storage::check_given_together(&found.options, &ask.options, ask.allocated_storage)?;
            storage::check(&shape, &after, self.now)?;
            self.check_storage_quota(place, found.shape.allocated_storage, &shape, &after)?;
        }
        storage::check_port(&shape.engine, ask.options.port)?;
        mirroring::check(&shape.engine, &after)?;
        // An instance whose version or class AWS no longer offers can be changed otherwise.
        if ask.class.is_some() || shape.engine_version != found.shape.engine_version {
            self.check_orderable(place, &shape, &after)?;
        }
        self.check_changed_groups(place, &ask.options, &after, &shape)?;
        self.check_new_option_group(place, found, ask.options.option_group.as_deref())?;
        Ok((shape, after))
    }

    fn new_name(&self, place: &Place, ask: &ModifyDbInstance) -> Result<Option<DatabaseName>, ApiError> {
        let asked = ask.new_name.as_ref().filter(|_| ask.apply_immediately);
        asked.map(|name| self.unused_instance(place, name).map(|arn| arn.id.name)).transpose()
    }

    fn begin_modifying(&mut self, arn: &DatabaseArn) {
        if let Some(instance) = self.instance_mut(&Place::of_instance(arn), &arn.id.name) {
            instance.status = InstanceStatus("modifying".to_owned());
        }
        self.schedule(arn, "modify", Transition::Available);
    }
}

fn check_modifiable(found: &InstanceRecord, ask: &ModifyDbInstance) -> Result<(), ApiError> {
    if !found.status.accepts_snapshot() {
        let status = &found.status.0;
        return Err(instance_state(format!("Database instance is not in available state: {status}")));
    }
    if let Some(size) = ask.allocated_storage
        && size < found.shape.allocated_storage
    {
        let (engine, storage) = (&found.shape.engine.0, valid::storage_type(&found.options));
        return Err(invalid_combination(format!(
            "Invalid storage size for engine name {engine} and storage type {storage}: {size}"
        )));
    }
    valid::check_retention(&ask.options)
}

/// Version, class and size as they are to be.
fn changed_shape(found: &InstanceRecord, ask: &ModifyDbInstance) -> Result<Shape, ApiError> {
    let before = found.shape.as_ref();
    let version = ask.engine_version.as_ref().unwrap_or(&before.engine_version);
    if *version != before.engine_version {
        check_upgrade(&before.engine.0, &before.engine_version, version)?;
    }
    Ok(Shape {
        engine_version: version.clone(),
        class: ask.class.as_ref().unwrap_or(&before.class).clone(),
        allocated_storage: storage::changed_size(before, ask.allocated_storage),
        ..before.clone()
    })
}

fn changes_storage(ask: &ModifyDbInstance) -> bool {
    let InstanceOptions { storage_type, iops, storage_throughput, .. } = &ask.options;
    ask.allocated_storage.is_some()
        || storage_type.is_some()
        || iops.is_some()
        || storage_throughput.is_some()
}

/// An instance is upgraded only to a listed target of its version. The text is recorded:
/// ministryofjustice/cloud-platform-environments pull request 8659.
fn check_upgrade(engine: &str, before: &str, version: &str) -> Result<(), ApiError> {
    match find(engine, before) {
        Some(found) if !found.targets.contains(&version) => {
            Err(invalid_combination(format!("Cannot upgrade {engine} from {before} to {version}")))
        }
        _ => Ok(()),
    }
}

/// Applies the requested changes; true if they take a while.
fn change(instance: &mut InstanceRecord, shape: Shape, after: InstanceOptions) -> bool {
    let changes_shape = shape != *instance.shape;
    instance.shape = Arc::new(shape);
    let before = std::mem::replace(&mut instance.options, after);
    // These change in place; everything else takes a while.
    let in_place = InstanceOptions {
        deletion_protection: instance.options.deletion_protection,
        copy_tags_to_snapshot: instance.options.copy_tags_to_snapshot,
        auto_minor_version_upgrade: instance.options.auto_minor_version_upgrade,
        ..before
    };
    changes_shape || instance.options != in_place
}
