//! `DeleteOptionGroup`: deletes a group that neither an instance nor a snapshot has.

use super::is_default;
use crate::world::World;
use crate::world::api::error::{ApiError, option_group_state};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn delete_option_group(
        &mut self,
        place: &Place,
        name: &str,
    ) -> Result<(), ApiError> {
        let name = self.option_group(place, name)?.name.clone();
        if is_default(&name) {
            return Err(option_group_state(format!("The default option group {name} cannot be deleted.")));
        }
        if self.uses_option_group(place, &name) || self.remembers_option_group(place, &name) {
            return Err(option_group_state(format!(
                "The option group '{name}' cannot be deleted because it is in use."
            )));
        }
        self.holdings_mut(place).option_groups.remove(&name);
        Ok(())
    }

    /// True if an instance of this place has the group.
    pub(in crate::world) fn uses_option_group(&self, place: &Place, name: &str) -> bool {
        let instances = self.places.get(place).into_iter().flat_map(|holdings| holdings.instances.values());
        let mut groups = instances.filter_map(|instance| instance.options.option_group.as_deref());
        groups.any(|group| group.eq_ignore_ascii_case(name))
    }

    fn remembers_option_group(&self, place: &Place, name: &str) -> bool {
        let snapshots = self.places.get(place).into_iter().flat_map(|holdings| holdings.snapshots.values());
        let mut groups = snapshots.filter_map(|snapshot| snapshot.option_group.as_deref());
        groups.any(|group| group.name == name)
    }
}
