//! The place of an instance in the network: its subnet group, and the VPC, zones and security groups that follow from it.

use std::sync::Arc;

use super::record::Network;
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, refused};
use crate::world::instances::record::{InstanceOptions, InstanceRecord};
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;
use crate::world::subnet_groups::{DEFAULT, SubnetGroupRecord};

/// The network that an instance is in, as its description shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    /// Its subnet group; absent where it no longer exists.
    pub(crate) group: Option<Arc<SubnetGroupRecord>>,
    /// `VpcId`.
    pub(crate) vpc: String,
    /// `VpcSecurityGroupId` of each group.
    pub(crate) security_groups: Vec<String>,
}

impl World {
    /// Checks the network of a new instance: its subnet group, with two zones for Multi-AZ, and security groups of its VPC.
    pub(in crate::world) fn check_network(
        &self,
        place: &Place,
        options: &InstanceOptions,
    ) -> Result<(), ApiError> {
        let groups = (options.subnet_group.as_deref(), options.security_groups.as_deref());
        self.check_network_groups(place, groups, options.multi_az == Some(true))
    }

    /// Checks a subnet group, with two zones if `needs_two_zones`, and security groups of its VPC.
    pub(in crate::world) fn check_network_groups(
        &self,
        place: &Place,
        (subnet_group, security_groups): (Option<&str>, Option<&[String]>),
        needs_two_zones: bool,
    ) -> Result<(), ApiError> {
        let group = match subnet_group {
            Some(name) => self.subnet_group(place, name)?,
            None => self.subnet_group(place, DEFAULT).map_err(|_| no_default_subnet())?,
        };
        let network = self.network(place);
        check_zones(&network, &group, needs_two_zones)?;
        check_security_groups(&network, &group.vpc, security_groups.unwrap_or_default())
    }

    /// The network of an instance or a snapshot with these options.
    pub(crate) fn placement(&self, place: &Place, options: &InstanceOptions) -> Placement {
        let group = self.subnet_group(place, options.subnet_group.as_deref().unwrap_or(DEFAULT)).ok();
        let network = self.network(place);
        let default = || network.default_vpc().map(|vpc| vpc.id.clone());
        let vpc = group.as_ref().map(|group| group.vpc.clone()).or_else(default).unwrap_or_default();
        let standard = || network.default_group(&vpc).map(|group| group.id.clone()).into_iter().collect();
        let security_groups = options.security_groups.clone().unwrap_or_else(standard);
        Placement { group, vpc, security_groups }
    }

    /// The network of an instance.
    pub(crate) fn placement_of(&self, record: &InstanceRecord) -> Placement {
        self.placement(&Place::of_instance(&record.arn), &record.options)
    }

    /// `VpcId` of a snapshot: the VPC of its instance.
    pub(crate) fn vpc_of(&self, record: &SnapshotRecord) -> String {
        self.placement(&Place::of_snapshot(&record.arn), &record.options).vpc
    }
}

fn check_zones(network: &Network, group: &SubnetGroupRecord, needs_two: bool) -> Result<(), ApiError> {
    let zones = network.zones_of(group.subnets.iter().map(|(subnet, _)| subnet));
    if zones.is_empty() {
        return Err(refused(
            "InvalidSubnet",
            format!("No subnet of the DB subnet group {} exists any more.", group.name),
        ));
    }
    if needs_two && zones.len() < 2 {
        return Err(too_few_zones(zones));
    }
    Ok(())
}

/// Refuses security groups that do not exist in this account and Region, or are in another VPC.
fn check_security_groups(network: &Network, vpc: &str, groups: &[String]) -> Result<(), ApiError> {
    for id in groups {
        let Some(group) = network.security_groups.get(id) else {
            return Err(invalid_value(format!("Invalid security group , groupId= {id}, groupName=.")));
        };
        // The text is recorded: terraform-aws-modules/terraform-aws-rds issue 451.
        if group.vpc != vpc {
            return Err(invalid_combination(format!(
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in {vpc} and the EC2 \
                 security group is in {}",
                group.vpc
            )));
        }
    }
    Ok(())
}

pub(in crate::world) fn too_few_zones<'a>(zones: impl IntoIterator<Item = &'a str>) -> ApiError {
    let zones: Vec<&str> = zones.into_iter().collect();
    refused(
        "DBSubnetGroupDoesNotCoverEnoughAZs",
        format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {}. Add \
             subnets to cover at least 2 AZs.",
            zones.join(", ")
        ),
    )
}

/// The text is recorded: hashicorp/terraform issue 3699.
fn no_default_subnet() -> ApiError {
    refused(
        "InvalidSubnet",
        "No default subnet detected in VPC. Please contact AWS Support to recreate default Subnets.",
    )
}
