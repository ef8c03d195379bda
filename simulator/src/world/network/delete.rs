//! `DeleteVpc`, `DeleteSubnet` and `DeleteSecurityGroup`.
//!
//! A subnet group does not keep its subnets: AWS lists a deleted one in the group for ever. A security group of an instance
//! stays.

use super::{no_security_group, no_subnet, no_vpc, record};
use crate::world::World;
use crate::world::api::error::{ApiError, refused};
use crate::world::place::Place;

impl World {
    /// Deletes an empty VPC with its security group `default`.
    pub(super) fn delete_vpc(&mut self, place: &Place, id: &str) -> Result<(), ApiError> {
        let network = self.network(place);
        if !network.vpcs.contains_key(id) {
            return Err(no_vpc(id));
        }
        let mut groups = network.security_groups.values();
        let has_groups = groups.any(|group| group.vpc == id && group.name != record::DEFAULT);
        if has_groups || network.subnets.values().any(|subnet| subnet.vpc == id) {
            return Err(has_dependencies("vpc", id));
        }
        let network = self.network_mut(place);
        network.vpcs.remove(id);
        network.security_groups.retain(|_, group| group.vpc != id);
        Ok(())
    }

    pub(super) fn delete_subnet(&mut self, place: &Place, id: &str) -> Result<(), ApiError> {
        if !self.network(place).subnets.contains_key(id) {
            return Err(no_subnet(id));
        }
        self.network_mut(place).subnets.remove(id);
        Ok(())
    }

    pub(super) fn delete_security_group(&mut self, place: &Place, id: &str) -> Result<(), ApiError> {
        let network = self.network(place);
        let group = network.security_groups.get(id).ok_or_else(|| no_security_group(id))?;
        if group.name == record::DEFAULT {
            return Err(refused(
                "CannotDelete",
                format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
            ));
        }
        let mut instances = self.places.get(place).into_iter().flat_map(|held| held.instances.values());
        if instances.any(|one| one.options.security_groups.iter().flatten().any(|group| group == id)) {
            return Err(refused("DependencyViolation", format!("resource {id} has a dependent object")));
        }
        self.network_mut(place).security_groups.remove(id);
        Ok(())
    }
}

fn has_dependencies(kind: &str, id: &str) -> ApiError {
    refused("DependencyViolation", format!("The {kind} '{id}' has dependencies and cannot be deleted."))
}
