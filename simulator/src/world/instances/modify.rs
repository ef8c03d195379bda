//! `ModifyDBInstance`: changes an instance at once. A rename without `ApplyImmediately` never happens.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::DatabaseName;

use super::record::{InstanceOptions, InstanceRecord, Shape, Transition};
use super::valid;
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
        let found = self.instance(place, &ask.name)?;
        check_modifiable(found, &ask)?;
        let shape = changed_shape(found, &ask)?;
        let after = ask.options.clone().over(found.options.clone());
        if shape != *found.shape {
            self.check_orderable(place, &shape, &after)?;
        }
        self.check_changed_groups(place, &ask.options, &after, &shape)?;
        self.check_new_option_group(place, found, ask.options.option_group.as_deref())?;
        let arn = found.arn.clone();
        let new_name = self.new_name(place, &ask)?;
        let name = ask.name.clone();
        let takes_a_while = self.change_instance(&arn).is_some_and(|instance| change(instance, ask));
        self.link_option_group(place, &after);
        match new_name {
            Some(name) => self.begin_rename(&arn, name),
            None if takes_a_while => self.begin_modifying(&arn),
            None => {}
        }
        self.instance(place, &name).cloned().map(Response::Instance)
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

/// The instance as it is to be. Class and version are checked only if they change: an instance that AWS no longer offers can
/// be changed otherwise.
fn changed_shape(found: &InstanceRecord, ask: &ModifyDbInstance) -> Result<Shape, ApiError> {
    let before = found.shape.as_ref();
    let version = ask.engine_version.as_ref().unwrap_or(&before.engine_version);
    if *version != before.engine_version {
        check_upgrade(&before.engine.0, &before.engine_version, version)?;
    }
    Ok(Shape {
        engine_version: version.clone(),
        class: ask.class.as_ref().unwrap_or(&before.class).clone(),
        ..before.clone()
    })
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
fn change(instance: &mut InstanceRecord, ask: ModifyDbInstance) -> bool {
    let changes_shape =
        ask.class.is_some() || ask.engine_version.is_some() || ask.allocated_storage.is_some();
    let shape = Arc::make_mut(&mut instance.shape);
    shape.class = ask.class.unwrap_or_else(|| shape.class.clone());
    shape.engine_version = ask.engine_version.unwrap_or_else(|| shape.engine_version.clone());
    shape.allocated_storage = ask.allocated_storage.unwrap_or(shape.allocated_storage);
    let before = instance.options.clone();
    instance.options = ask.options.over(before.clone());
    // These change in place; everything else takes a while.
    let in_place = InstanceOptions {
        deletion_protection: instance.options.deletion_protection,
        copy_tags_to_snapshot: instance.options.copy_tags_to_snapshot,
        auto_minor_version_upgrade: instance.options.auto_minor_version_upgrade,
        ..before
    };
    changes_shape || instance.options != in_place
}
