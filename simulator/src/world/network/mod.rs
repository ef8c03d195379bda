//! The part of EC2 on which databases depend: VPCs, subnets and security groups of a place.
//!
//! A new account has a default VPC in each Region, with a subnet in each of three zones and a security group `default`,
//! as on AWS. Identifiers differ from place to place. Nothing is routed, and no rule of a security group has an effect.

mod create;
mod delete;
mod describe;
pub(super) mod placement;
pub(super) mod record;
pub(super) mod request;

use std::sync::Arc;

pub use self::record::{SecurityGroupRecord, SubnetRecord, VpcRecord};
pub use self::request::{
    CreateSecurityGroup, CreateSubnet, CreateVpc, DescribeEc2, Ec2Listing, Ec2Request, Ec2Response,
};

use self::record::Network;
use crate::world::World;
use crate::world::api::error::{ApiError, refused};
use crate::world::api::response::Response;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn answer_ec2(
        &mut self,
        place: &Place,
        request: Ec2Request,
    ) -> Result<Response, ApiError> {
        let answer = match request {
            Ec2Request::CreateVpc(ask) => Ec2Response::Vpc(self.create_vpc(place, ask)),
            Ec2Request::CreateSubnet(ask) => Ec2Response::Subnet(self.create_subnet(place, ask)?),
            Ec2Request::CreateSecurityGroup(ask) => {
                Ec2Response::SecurityGroup(self.create_security_group(place, ask)?)
            }
            Ec2Request::DescribeVpcs(ask) => Ec2Response::Vpcs(describe::vpcs(&self.network(place), &ask)?),
            Ec2Request::DescribeSubnets(ask) => {
                Ec2Response::Subnets(describe::subnets(&self.network(place), &ask)?)
            }
            Ec2Request::DescribeSecurityGroups(ask) => {
                Ec2Response::SecurityGroups(describe::security_groups(&self.network(place), &ask)?)
            }
            Ec2Request::DeleteVpc(id) => return self.delete_vpc(place, &id).map(|()| Response::Done),
            Ec2Request::DeleteSubnet(id) => return self.delete_subnet(place, &id).map(|()| Response::Done),
            Ec2Request::DeleteSecurityGroup(id) => {
                return self.delete_security_group(place, &id).map(|()| Response::Done);
            }
        };
        Ok(Response::Ec2(Box::new(answer)))
    }

    /// The network of a place: the one of a new account until somebody changes it.
    pub(in crate::world) fn network(&self, place: &Place) -> Arc<Network> {
        let own = self.places.get(place).and_then(|holdings| holdings.network.clone());
        own.unwrap_or_else(|| Arc::new(Network::of_new_account(place)))
    }

    fn network_mut(&mut self, place: &Place) -> &mut Network {
        let network = self.network(place);
        Arc::make_mut(self.holdings_mut(place).network.insert(network))
    }
}

/// The codes and texts are those of EC2's error codes page.
fn no_vpc(id: &str) -> ApiError {
    refused("InvalidVpcID.NotFound", format!("The vpc ID '{id}' does not exist"))
}

fn no_subnet(id: &str) -> ApiError {
    refused("InvalidSubnetID.NotFound", format!("The subnet ID '{id}' does not exist"))
}

fn no_security_group(id: &str) -> ApiError {
    refused("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}
