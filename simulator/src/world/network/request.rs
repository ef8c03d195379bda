//! The requests of EC2, with types for their parameters, and the answers.

use pilot_light_domain::model::tags::Tags;

use super::record::{SecurityGroupRecord, SubnetRecord, VpcRecord};
use crate::world::api::paging::Filter;

/// A request of EC2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ec2Request {
    /// `CreateVpc`.
    CreateVpc(CreateVpc),
    /// `CreateSubnet`.
    CreateSubnet(CreateSubnet),
    /// `CreateSecurityGroup`.
    CreateSecurityGroup(CreateSecurityGroup),
    /// `DescribeVpcs`.
    DescribeVpcs(DescribeEc2),
    /// `DescribeSubnets`.
    DescribeSubnets(DescribeEc2),
    /// `DescribeSecurityGroups`.
    DescribeSecurityGroups(DescribeEc2),
    /// `DeleteVpc`, by id.
    DeleteVpc(String),
    /// `DeleteSubnet`, by id.
    DeleteSubnet(String),
    /// `DeleteSecurityGroup`, by id.
    DeleteSecurityGroup(String),
}

/// A VPC to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateVpc {
    /// `CidrBlock`.
    pub cidr: String,
    /// The tags of `TagSpecifications`.
    pub tags: Tags,
}

/// A subnet to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateSubnet {
    /// `VpcId`.
    pub vpc: String,
    /// `CidrBlock`.
    pub cidr: String,
    /// `AvailabilityZone`; absent means the first one of the Region.
    pub zone: Option<String>,
    /// The tags of `TagSpecifications`.
    pub tags: Tags,
}

/// A security group to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateSecurityGroup {
    /// `GroupName`.
    pub name: String,
    /// `GroupDescription`.
    pub description: String,
    /// `VpcId`; absent means the default VPC.
    pub vpc: Option<String>,
    /// The tags of `TagSpecifications`.
    pub tags: Tags,
}

/// Things to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeEc2 {
    /// `VpcIds`, `SubnetIds` or `GroupIds`; empty means all.
    pub ids: Vec<String>,
    /// `Filters`.
    pub filters: Vec<Filter>,
    /// `MaxResults`, 5 to 1,000; absent means all.
    pub most: Option<usize>,
    /// `NextToken` of the previous page.
    pub token: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ec2Listing<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// `NextToken`; absent on the last page.
    pub token: Option<String>,
}

/// An answer of EC2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ec2Response {
    /// A VPC that was created.
    Vpc(VpcRecord),
    /// A subnet that was created.
    Subnet(SubnetRecord),
    /// A security group that was created.
    SecurityGroup(SecurityGroupRecord),
    /// A page of VPCs.
    Vpcs(Ec2Listing<VpcRecord>),
    /// A page of subnets.
    Subnets(Ec2Listing<SubnetRecord>),
    /// A page of security groups.
    SecurityGroups(Ec2Listing<SecurityGroupRecord>),
}

impl Ec2Request {
    /// The API action.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::CreateVpc(_) => "CreateVpc",
            Self::CreateSubnet(_) => "CreateSubnet",
            Self::CreateSecurityGroup(_) => "CreateSecurityGroup",
            Self::DescribeVpcs(_) => "DescribeVpcs",
            Self::DescribeSubnets(_) => "DescribeSubnets",
            Self::DescribeSecurityGroups(_) => "DescribeSecurityGroups",
            Self::DeleteVpc(_) => "DeleteVpc",
            Self::DeleteSubnet(_) => "DeleteSubnet",
            Self::DeleteSecurityGroup(_) => "DeleteSecurityGroup",
        }
    }
}
