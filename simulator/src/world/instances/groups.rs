//! The checks that all new instances have in common, and those of groups: they must exist, fit the version, and be in one VPC.
//!
//! The network is in `network::placement`, option groups are in `option_groups::membership`.

use super::record::{InstanceOptions, Shape};
use super::storage;
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination};
use crate::world::engine_versions::catalogue::family;
use crate::world::place::Place;

impl World {
    /// Checks everything that all new instances have in common, whether created, restored or replicated.
    pub(in crate::world) fn check_new(
        &self,
        place: &Place,
        options: &InstanceOptions,
        shape: &Shape,
    ) -> Result<(), ApiError> {
        self.check_orderable(place, shape, options)?;
        storage::check(shape, options, self.now)?;
        storage::check_port(&shape.engine, options.port)?;
        self.check_new_groups(place, options, shape)?;
        self.check_instance_quota(place, shape, options)?;
        self.check_storage_quota(place, 0, shape, options)
    }

    fn check_new_groups(
        &self,
        place: &Place,
        options: &InstanceOptions,
        shape: &Shape,
    ) -> Result<(), ApiError> {
        self.check_network(place, options)?;
        self.check_parameter_group(place, options.parameter_group.as_deref(), shape)?;
        self.check_option_group(place, options.option_group.as_deref(), shape)?;
        self.check_option_group_vpc(place, options)
    }

    /// Checks the groups that a change names, beside those that the instance keeps.
    pub(in crate::world) fn check_changed_groups(
        &self,
        place: &Place,
        asked: &InstanceOptions,
        after: &InstanceOptions,
        shape: &Shape,
    ) -> Result<(), ApiError> {
        let moves = asked.subnet_group.is_some() || asked.security_groups.is_some();
        if moves || asked.multi_az == Some(true) {
            self.check_network(place, after)?;
        }
        self.check_parameter_group(place, asked.parameter_group.as_deref(), shape)?;
        if asked.subnet_group.is_some() || asked.option_group.is_some() {
            self.check_option_group_vpc(place, after)?;
        }
        Ok(())
    }

    /// The parameter group must exist, and be for the family of the version.
    fn check_parameter_group(
        &self,
        place: &Place,
        name: Option<&str>,
        shape: &Shape,
    ) -> Result<(), ApiError> {
        let Some(name) = name else { return Ok(()) };
        let group = self.parameter_group(place, name)?;
        let wanted = family(&shape.engine.0, &shape.engine_version);
        if group.family == wanted {
            return Ok(());
        }
        // The text is recorded: cloud-gov/aws-broker issue 291.
        Err(invalid_combination(format!(
            "The parameter group {name} with DBParameterGroupFamily {} can't be used for this instance. Use a parameter \
             group with DBParameterGroupFamily {wanted}.",
            group.family
        )))
    }
}
