//! Changes that the owner of the databases makes to them while the workers run.
//!
//! A change is left out if the instance is busy. The caller chooses the instant of each change.

use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::model::arn::DatabaseArn;

use crate::world::World;
use crate::world::blue_green::switchover::OLD;
use crate::world::instances::record::{InstanceRecord, Shape};
use crate::world::place::Place;
use crate::world::time::journal::Happening;
use crate::world::time::lag::Before;

/// The time before a switchover at which AWS creates the green instance.
const PREPARED: TimeDelta = TimeDelta::minutes(30);

impl World {
    /// Begins to rename an available instance; false if it is not available, or the new name is in use.
    pub fn rename_database(&mut self, from: &DatabaseArn, to: &DatabaseArn) -> bool {
        let is_free = self.instance(&Place::of_instance(to), to.id.name.as_str()).is_err();
        let can_change = is_free && self.is_available(from);
        if can_change {
            self.begin_rename(from, to.id.name.clone());
        }
        can_change
    }

    /// Switches an available instance over; false if it is not available. Another instance takes over its name, its tags and its
    /// settings. The earlier one gets a name that ends with `-old1`.
    ///
    /// Unlike a deployment of `blue_green`, this one is not visible before its switchover.
    pub fn switch_database_over(&mut self, arn: &DatabaseArn) -> bool {
        if !self.is_available(arn) {
            return false;
        }
        let place = Place::of_instance(arn);
        let old = place.instance_arn(self.old_name(&place, arn));
        let (resource_id, created_at) = (self.resource_id(arn), Some(self.now - PREPARED));
        let instances = &mut self.holdings_mut(&place).instances;
        let Some(mut blue) = instances.remove(&arn.id.name) else { return false };
        let shape = Arc::new(Shape { resource_id, ..Shape::clone(&blue.shape) });
        let new =
            InstanceRecord::new(arn, shape, blue.kms_key.clone(), blue.tags.clone(), blue.options.clone());
        let green = Arc::new(InstanceRecord { status: blue.status.clone(), created_at, ..new });
        let renamed = Arc::make_mut(&mut blue);
        renamed.arn = old.clone();
        renamed.before = Before::default();
        instances.insert(old.id.name, Arc::clone(&blue));
        instances.insert(arn.id.name.clone(), Arc::clone(&green));
        self.rename_relations(&blue, arn);
        self.enter(|_| Some(Happening::DatabaseRenamed(blue)));
        self.enter(|_| Some(Happening::DatabaseReady(green)));
        true
    }

    /// Deletes the instances whose name the present one took over; returns their number. They do not come back.
    pub fn delete_switched_over(&mut self, arn: &DatabaseArn) -> usize {
        let place = Place::of_instance(arn);
        let begin = format!("{}{OLD}", arn.id.name);
        let is_old = |other: &DatabaseArn| {
            Place::of_instance(other) == place && other.id.name.as_str().starts_with(&begin)
        };
        self.taken_away.retain(|other, _| !is_old(other));
        let instances = self.places.get(&place).into_iter().flat_map(|holdings| holdings.instances.values());
        let old: Vec<_> = instances.map(|found| found.arn.clone()).filter(is_old).collect();
        for other in &old {
            self.take_instance_away(other);
            self.taken_away.remove(other);
        }
        old.len()
    }

    fn is_available(&self, arn: &DatabaseArn) -> bool {
        let found = self.instance(&Place::of_instance(arn), arn.id.name.as_str());
        found.is_ok_and(|instance| instance.status.0 == "available" && instance.next.is_none())
    }
}
