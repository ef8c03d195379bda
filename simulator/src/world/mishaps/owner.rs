//! Changes that the owner of the databases makes to them while the workers run.
//!
//! A change is left out if the instance is busy. The caller chooses the instant of each change.

use pilot_light_domain::model::arn::DatabaseArn;

use crate::world::World;
use crate::world::place::Place;

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

    fn is_available(&self, arn: &DatabaseArn) -> bool {
        let found = self.instance(&Place::of_instance(arn), arn.id.name.as_str());
        found.is_ok_and(|instance| instance.status.0 == "available")
    }
}
