//! The permissions for EC2's VPCs, subnets and security groups.
//!
//! Lists need a permission for no resource, so that a policy must name `*`.

use pilot_light_domain::model::tags::Tags;

use super::asked::Asked;
use crate::world::network::Ec2Request;

impl Asked<'_> {
    pub(super) fn ec2(&mut self, request: &Ec2Request) {
        match request {
            Ec2Request::DescribeVpcs(_) => self.on("ec2:DescribeVpcs", "*".to_owned()),
            Ec2Request::DescribeSubnets(_) => self.on("ec2:DescribeSubnets", "*".to_owned()),
            Ec2Request::DescribeSecurityGroups(_) => {
                self.on("ec2:DescribeSecurityGroups", "*".to_owned());
            }
            Ec2Request::CreateVpc(ask) => {
                self.create_in_ec2("ec2:CreateVpc", self.ec2_arn("vpc", "*"), &ask.tags);
            }
            Ec2Request::CreateSubnet(ask) => {
                self.create_in_ec2("ec2:CreateSubnet", self.ec2_arn("subnet", "*"), &ask.tags);
                self.on("ec2:CreateSubnet", self.ec2_arn("vpc", &ask.vpc));
            }
            Ec2Request::CreateSecurityGroup(ask) => {
                let group = self.ec2_arn("security-group", "*");
                self.create_in_ec2("ec2:CreateSecurityGroup", group, &ask.tags);
                let vpc = ask.vpc.as_deref().unwrap_or("*");
                self.on("ec2:CreateSecurityGroup", self.ec2_arn("vpc", vpc));
            }
            Ec2Request::DeleteVpc(id) => self.on("ec2:DeleteVpc", self.ec2_arn("vpc", id)),
            Ec2Request::DeleteSubnet(id) => self.on("ec2:DeleteSubnet", self.ec2_arn("subnet", id)),
            Ec2Request::DeleteSecurityGroup(id) => {
                self.on("ec2:DeleteSecurityGroup", self.ec2_arn("security-group", id));
            }
        }
    }

    fn create_in_ec2(&mut self, action: &'static str, resource: String, tags: &Tags) {
        self.tags.clone_from(tags);
        self.on(action, resource.clone());
        if !tags.is_empty() {
            self.on("ec2:CreateTags", resource);
        }
    }

    fn ec2_arn(&self, kind: &str, id: &str) -> String {
        let place = &self.place;
        format!("arn:{}:ec2:{}:{}:{kind}/{id}", place.region.partition(), place.region, place.account)
    }
}
