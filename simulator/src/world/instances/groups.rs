//! The parameter and subnet group that a request names: they must exist, and the parameter group must fit the version.
//!
//! Option groups are in `option_groups`. Restores and replicas do not check their groups yet.

use super::record::{InstanceOptions, Shape};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination};
use crate::world::engine_versions::catalogue::family;
use crate::world::place::Place;

impl World {
    /// Checks the groups of a new or changed instance.
    pub(in crate::world) fn check_groups(
        &self,
        place: &Place,
        options: &InstanceOptions,
        shape: &Shape,
    ) -> Result<(), ApiError> {
        if let Some(name) = &options.subnet_group {
            self.subnet_group(place, name)?;
        }
        let Some(name) = &options.parameter_group else { return Ok(()) };
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
