//! `CreateVpc`, `CreateSubnet` and `CreateSecurityGroup`. Blocks of addresses are not compared with each other.

use super::record::{SecurityGroupRecord, SubnetRecord, VpcRecord};
use super::request::{CreateSecurityGroup, CreateSubnet, CreateVpc};
use super::{no_vpc, record};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_value, refused};
use crate::world::orderable::zones;
use crate::world::place::Place;

impl World {
    pub(super) fn create_vpc(&mut self, place: &Place, ask: CreateVpc) -> VpcRecord {
        let CreateVpc { cidr, tags } = ask;
        self.network_mut(place).enter_vpc(place, |id| VpcRecord { id, cidr, is_default: false, tags })
    }

    pub(super) fn create_subnet(
        &mut self,
        place: &Place,
        ask: CreateSubnet,
    ) -> Result<SubnetRecord, ApiError> {
        let CreateSubnet { vpc, cidr, zone, tags } = ask;
        let [first, second, third] = zones(&place.region);
        let zone = zone.unwrap_or_else(|| first.clone());
        if ![first, second, third].contains(&zone) {
            return Err(invalid_value(format!("Value ({zone}) for parameter availabilityZone is invalid.")));
        }
        if !self.network(place).vpcs.contains_key(&vpc) {
            return Err(no_vpc(&vpc));
        }
        let network = self.network_mut(place);
        let id = network.new_id(place, "subnet");
        let subnet = SubnetRecord { id: id.clone(), vpc, zone, cidr, is_default: false, tags };
        network.subnets.insert(id, subnet.clone());
        Ok(subnet)
    }

    pub(super) fn create_security_group(
        &mut self,
        place: &Place,
        ask: CreateSecurityGroup,
    ) -> Result<SecurityGroupRecord, ApiError> {
        let CreateSecurityGroup { name, description, vpc, tags } = ask;
        let network = self.network(place);
        let vpc = match (vpc, network.default_vpc()) {
            (Some(vpc), _) if network.vpcs.contains_key(&vpc) => vpc,
            (Some(vpc), _) => return Err(no_vpc(&vpc)),
            (None, Some(default)) => default.id.clone(),
            (None, None) => {
                return Err(refused("VPCIdNotSpecified", "No default VPC for this user"));
            }
        };
        if name == record::DEFAULT {
            return Err(invalid_value("Cannot use reserved security group name: default"));
        }
        if network.security_groups.values().any(|group| group.vpc == vpc && group.name == name) {
            return Err(refused(
                "InvalidGroup.Duplicate",
                format!("The security group '{name}' already exists for VPC '{vpc}'"),
            ));
        }
        let network = self.network_mut(place);
        let id = network.new_id(place, "sg");
        let group = SecurityGroupRecord { id: id.clone(), vpc, name, description, tags };
        network.security_groups.insert(id, group.clone());
        Ok(group)
    }
}
