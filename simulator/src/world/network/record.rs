//! The network of a place: VPCs, subnets and security groups by their identifiers.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::model::tags::Tags;
use serde::{Deserialize, Serialize};

use crate::world::orderable::zones;
use crate::world::place::Place;
use crate::world::time::draw::hash;

/// The addresses of a subnet that AWS keeps for itself.
const RESERVED_ADDRESSES: u32 = 5;
/// The name of the security group that every VPC has.
pub(super) const DEFAULT: &str = "default";

/// The VPCs of a place, and everything in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    pub(crate) vpcs: BTreeMap<String, VpcRecord>,
    pub(crate) subnets: BTreeMap<String, SubnetRecord>,
    pub(crate) security_groups: BTreeMap<String, SecurityGroupRecord>,
    /// The number of things that were ever made here, for their identifiers.
    made: u64,
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcRecord {
    /// `VpcId`.
    pub id: String,
    /// `CidrBlock`.
    pub cidr: String,
    /// `IsDefault`.
    pub is_default: bool,
    /// Its tags.
    pub tags: Tags,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubnetRecord {
    /// `SubnetId`.
    pub id: String,
    /// `VpcId`.
    pub vpc: String,
    /// `AvailabilityZone`.
    pub zone: String,
    /// `CidrBlock`.
    pub cidr: String,
    /// `DefaultForAz`.
    pub is_default: bool,
    /// Its tags.
    pub tags: Tags,
}

/// A security group, without its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRecord {
    /// `GroupId`.
    pub id: String,
    /// `VpcId`.
    pub vpc: String,
    /// `GroupName`.
    pub name: String,
    /// `Description`.
    pub description: String,
    /// Its tags.
    pub tags: Tags,
}

impl SubnetRecord {
    /// `AvailableIpAddressCount`. Databases take no addresses here.
    #[must_use]
    pub fn free_addresses(&self) -> u32 {
        let length = self.cidr.rsplit('/').next().and_then(|bits| bits.parse::<u32>().ok()).unwrap_or(24);
        2_u32.saturating_pow(32_u32.saturating_sub(length)).saturating_sub(RESERVED_ADDRESSES)
    }
}

impl Network {
    /// The default VPC that a new account has in a Region.
    pub(super) fn of_new_account(place: &Place) -> Self {
        let mut network = Self::default();
        let (cidr, tags) = ("172.31.0.0/16".to_owned(), Tags::new());
        let vpc = network.enter_vpc(place, |id| VpcRecord { id, cidr, is_default: true, tags });
        for (number, zone) in zones(&place.region).into_iter().enumerate() {
            let id = network.new_id(place, "subnet");
            let subnet = SubnetRecord {
                id: id.clone(),
                vpc: vpc.id.clone(),
                zone,
                cidr: format!("172.31.{}.0/20", number * 16),
                is_default: true,
                tags: Tags::new(),
            };
            network.subnets.insert(id, subnet);
        }
        network
    }

    /// Enters a VPC with its security group `default`.
    pub(super) fn enter_vpc(&mut self, place: &Place, vpc: impl FnOnce(String) -> VpcRecord) -> VpcRecord {
        let vpc = vpc(self.new_id(place, "vpc"));
        let id = self.new_id(place, "sg");
        let group = SecurityGroupRecord {
            id: id.clone(),
            vpc: vpc.id.clone(),
            name: DEFAULT.to_owned(),
            description: "default VPC security group".to_owned(),
            tags: Tags::new(),
        };
        self.security_groups.insert(id, group);
        self.vpcs.insert(vpc.id.clone(), vpc.clone());
        vpc
    }

    pub(crate) fn default_vpc(&self) -> Option<&VpcRecord> {
        self.vpcs.values().find(|vpc| vpc.is_default)
    }

    /// The security group `default` of a VPC.
    pub(crate) fn default_group(&self, vpc: &str) -> Option<&SecurityGroupRecord> {
        self.security_groups.values().find(|group| group.vpc == vpc && group.name == DEFAULT)
    }

    /// The subnets of a VPC, in the order of their zones.
    pub(crate) fn subnets_of(&self, vpc: &str) -> Vec<&SubnetRecord> {
        let mut found: Vec<&SubnetRecord> =
            self.subnets.values().filter(|subnet| subnet.vpc == vpc).collect();
        found.sort_by(|one, other| (&one.zone, &one.id).cmp(&(&other.zone, &other.id)));
        found
    }

    /// The zones of those of these subnets that still exist.
    pub(crate) fn zones_of<'a>(&'a self, subnets: impl IntoIterator<Item = &'a String>) -> BTreeSet<&'a str> {
        subnets.into_iter().filter_map(|id| self.subnets.get(id)).map(|found| found.zone.as_str()).collect()
    }

    /// A new identifier, as in `subnet-0123456789abcdef0`. It differs from place to place.
    pub(super) fn new_id(&mut self, place: &Place, kind: &str) -> String {
        self.made += 1;
        let parts = [place.account.as_str(), place.region.as_str(), kind];
        let (high, low) = (hash(self.made, &parts), hash(self.made, &[kind, parts[1], parts[0]]));
        format!("{kind}-0{high:012x}{:04x}", low & 0xffff).chars().take(kind.len() + 18).collect()
    }
}
