//! A rename by `ModifyDBInstance`: the instance is `renaming` under its old name for a while, then reboots under its new one.
//!
//! It stays the same instance (`DbiResourceId`), with its tags and automated snapshots; manual snapshots keep the old
//! name.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::DatabaseName;

use super::record::Transition;
use crate::world::World;
use crate::world::place::Place;
use crate::world::time::journal::Happening;
use crate::world::time::lag::Before;

impl World {
    /// Begins a rename. From now on the new name is in use.
    pub(in crate::world) fn begin_rename(&mut self, arn: &DatabaseArn, name: DatabaseName) {
        if let Some(instance) = self.instance_mut(&Place::of_instance(arn), &arn.id.name) {
            instance.status = InstanceStatus("renaming".to_owned());
            instance.new_name = Some(name);
        }
        self.schedule(arn, "rename", Transition::Renamed);
    }

    pub(in crate::world) fn finish_rename(&mut self, arn: &DatabaseArn) {
        let place = Place::of_instance(arn);
        let instances = &mut self.holdings_mut(&place).instances;
        let Some(mut record) = instances.remove(&arn.id.name) else { return };
        let renamed = Arc::make_mut(&mut record);
        renamed.before = Before::default();
        renamed.status = InstanceStatus("rebooting".to_owned());
        // A fault may have created an instance of that name.
        let name = renamed.new_name.take().filter(|name| !instances.contains_key(name));
        renamed.arn = place.instance_arn(name.unwrap_or_else(|| arn.id.name.clone()));
        instances.insert(renamed.arn.id.name.clone(), Arc::clone(&record));
        self.rename_relations(&record, arn);
        self.rename_member(&record, &arn.id.name);
        self.enter(|_| Some(Happening::DatabaseRenamed(Arc::clone(&record))));
        self.schedule(&record.arn, "reboot", Transition::Rebooted);
    }
}
