//! Groups that manifests name: a subnet group and security groups in the default VPC, and a parameter group.

use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_simulator::in_process::Simulation;
use pilot_light_simulator::world::{
    CreateParameterGroup, CreateSecurityGroup, CreateSubnetGroup, DescribeEc2, Ec2Request, Ec2Response,
    ParameterGroupRequest, Request, Response, SubnetGroupRequest,
};

/// An account in a Region where groups are created.
#[derive(Debug)]
pub struct Groups<'a> {
    /// The simulated AWS.
    pub simulation: &'a Simulation,
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

impl Groups<'_> {
    /// Creates a DB subnet group with every subnet of the default VPC.
    pub fn subnet_group(&self, name: &str) {
        let Ec2Response::Subnets(found) = self.ec2(Ec2Request::DescribeSubnets(DescribeEc2::default()))
        else {
            panic!("no subnets")
        };
        let subnets = found.items.into_iter().map(|subnet| subnet.id).collect();
        let group = CreateSubnetGroup { name: name.to_owned(), subnets, ..Default::default() };
        self.request(Request::SubnetGroup(Box::new(SubnetGroupRequest::Create(group))));
    }

    /// Creates a DB parameter group.
    pub fn parameter_group(&self, name: &str, family: &str) {
        let (name, family) = (name.to_owned(), family.to_owned());
        let group = CreateParameterGroup { name, family, ..Default::default() };
        self.request(Request::ParameterGroup(Box::new(ParameterGroupRequest::Create(group))));
    }

    /// Creates a security group in the default VPC, and returns its id.
    #[must_use]
    pub fn security_group(&self, name: &str) -> String {
        let group = CreateSecurityGroup { name: name.to_owned(), ..Default::default() };
        match self.ec2(Ec2Request::CreateSecurityGroup(group)) {
            Ec2Response::SecurityGroup(group) => group.id,
            other => panic!("{other:?}"),
        }
    }

    fn ec2(&self, request: Ec2Request) -> Ec2Response {
        match self.request(Request::Ec2(Box::new(request))) {
            Response::Ec2(answer) => *answer,
            other => panic!("{other:?}"),
        }
    }

    fn request(&self, request: Request) -> Response {
        self.simulation.request(&self.account, &self.region, request).unwrap()
    }
}
