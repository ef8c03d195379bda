//! DB subnet groups: created, listed, deleted.
//!
//! Every place with a default VPC has a group `default` with the subnets of that VPC, as an account has after its first
//! instance. A group keeps the subnets with which it was created, also when they are deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::model::tags::Tags;
use serde::{Deserialize, Serialize};

use crate::world::World;
use crate::world::api::error::{ApiError, invalid_value, not_found, refused};
use crate::world::api::names;
use crate::world::api::paging::{Listing, Page, page_by_name};
use crate::world::api::response::{OneOrPage, Response};
use crate::world::network::placement::too_few_zones;
use crate::world::place::Place;

/// Subnet groups that an account may have in a Region (service quota L-48C6BF61).
pub(in crate::world) const QUOTA: usize = 50;
/// Subnets that a group may have (service quota for subnets per DB subnet group).
const MAX_SUBNETS: usize = 20;
/// The group of the default VPC.
pub(in crate::world) const DEFAULT: &str = "default";

/// A request about DB subnet groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubnetGroupRequest {
    /// `CreateDBSubnetGroup`.
    Create(CreateSubnetGroup),
    /// `DescribeDBSubnetGroups`: a name, and the page.
    Describe(Option<String>, Page),
    /// `DeleteDBSubnetGroup`, by name.
    Delete(String),
}

/// A subnet group to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateSubnetGroup {
    /// `DBSubnetGroupName`.
    pub name: String,
    /// `DBSubnetGroupDescription`.
    pub description: String,
    /// `SubnetIds`.
    pub subnets: Vec<String>,
    /// `Tags`.
    pub tags: Tags,
}

/// A DB subnet group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubnetGroupRecord {
    /// `DBSubnetGroupArn`.
    pub arn: String,
    /// `DBSubnetGroupName`.
    pub name: String,
    /// `DBSubnetGroupDescription`.
    pub description: String,
    /// `VpcId`.
    pub vpc: String,
    /// Its subnets, each with its zone.
    pub subnets: Vec<(String, String)>,
    /// Its tags.
    pub tags: Tags,
}

impl World {
    pub(in crate::world) fn answer_subnet_group(
        &mut self,
        place: &Place,
        request: SubnetGroupRequest,
    ) -> Result<Response, ApiError> {
        match request {
            SubnetGroupRequest::Create(ask) => {
                let group = self.create_subnet_group(place, ask)?;
                Ok(Response::SubnetGroup(OneOrPage::One(group)))
            }
            SubnetGroupRequest::Describe(name, ask) => {
                let page = self.describe_subnet_groups(place, name.as_deref(), &ask)?;
                Ok(Response::SubnetGroup(OneOrPage::Page(page)))
            }
            SubnetGroupRequest::Delete(name) => {
                self.delete_subnet_group(place, &name).map(|()| Response::Done)
            }
        }
    }

    fn create_subnet_group(
        &mut self,
        place: &Place,
        ask: CreateSubnetGroup,
    ) -> Result<Arc<SubnetGroupRecord>, ApiError> {
        let name = names::subnet_group_name(&ask.name)?;
        names::check_tags(&ask.tags)?;
        check_number(&ask.subnets)?;
        let (vpc, subnets) = self.existing_subnets(place, &ask.subnets)?;
        let groups = &mut self.holdings_mut(place).subnet_groups;
        if name == DEFAULT || groups.contains_key(&name) {
            return Err(refused(
                "DBSubnetGroupAlreadyExists",
                format!("The DB subnet group '{name}' already exists."),
            ));
        }
        if groups.len() >= QUOTA {
            return Err(refused(
                "DBSubnetGroupQuotaExceeded",
                format!("Cannot create more than {QUOTA} DB subnet groups"),
            ));
        }
        let group =
            SubnetGroupRecord { tags: ask.tags, ..record(place, &name, ask.description, vpc, subnets) };
        let group = Arc::new(group);
        groups.insert(name, Arc::clone(&group));
        Ok(group)
    }

    fn describe_subnet_groups(
        &self,
        place: &Place,
        name: Option<&str>,
        ask: &Page,
    ) -> Result<Listing<Arc<SubnetGroupRecord>>, ApiError> {
        let all = page_by_name(ask, &self.all_subnet_groups(place))?;
        name.map_or(Ok(all), |name| self.subnet_group(place, name).map(|group| Listing::whole([group])))
    }

    /// A subnet group of this place, by its name; also the default one.
    pub(in crate::world) fn subnet_group(
        &self,
        place: &Place,
        name: &str,
    ) -> Result<Arc<SubnetGroupRecord>, ApiError> {
        self.all_subnet_groups(place).remove(&name.to_ascii_lowercase()).ok_or_else(|| unknown(name))
    }

    fn all_subnet_groups(&self, place: &Place) -> BTreeMap<String, Arc<SubnetGroupRecord>> {
        let default = self.default_subnet_group(place).map(|group| (DEFAULT.to_owned(), Arc::new(group)));
        let mut all: BTreeMap<_, _> = default.into_iter().collect();
        let own = self.places.get(place).into_iter().flat_map(|holdings| &holdings.subnet_groups);
        all.extend(own.map(|(name, group)| (name.clone(), Arc::clone(group))));
        all
    }

    fn default_subnet_group(&self, place: &Place) -> Option<SubnetGroupRecord> {
        let network = self.network(place);
        let vpc = network.default_vpc()?.id.clone();
        let subnets = network.subnets_of(&vpc).into_iter();
        let subnets: Vec<_> = subnets.map(|subnet| (subnet.id.clone(), subnet.zone.clone())).collect();
        if subnets.is_empty() {
            return None;
        }
        Some(record(place, DEFAULT, DEFAULT.to_owned(), vpc, subnets))
    }

    /// The VPC of these subnets, and each subnet with its zone. They must exist, in one VPC and in two zones.
    fn existing_subnets(
        &self,
        place: &Place,
        ids: &[String],
    ) -> Result<(String, Vec<(String, String)>), ApiError> {
        let network = self.network(place);
        let unknown: Vec<&str> =
            ids.iter().filter(|id| !network.subnets.contains_key(*id)).map(String::as_str).collect();
        // The text is recorded: brianz/serverless-design-patterns issue 16.
        if !unknown.is_empty() {
            return Err(invalid_value(format!(
                "Some input subnets in :[{}] are invalid.",
                unknown.join(", ")
            )));
        }
        let subnets = ids.iter().filter_map(|id| network.subnets.get(id));
        let vpcs: BTreeSet<&String> = subnets.clone().map(|subnet| &subnet.vpc).collect();
        let [vpc] = vpcs.into_iter().collect::<Vec<_>>()[..] else {
            return Err(refused("InvalidSubnet", "The subnets are not all in a common VPC."));
        };
        let zones = network.zones_of(ids);
        if zones.len() < 2 {
            return Err(too_few_zones(zones));
        }
        Ok((vpc.clone(), subnets.map(|subnet| (subnet.id.clone(), subnet.zone.clone())).collect()))
    }

    fn delete_subnet_group(&mut self, place: &Place, name: &str) -> Result<(), ApiError> {
        let lower = name.to_ascii_lowercase();
        let holdings = self.holdings_mut(place);
        let mut instances = holdings.instances.values();
        let uses_it = instances.any(|found| found.options.subnet_group.as_deref() == Some(&lower));
        if lower == DEFAULT || uses_it {
            return Err(refused(
                "InvalidDBSubnetGroupStateFault",
                format!("Cannot delete the subnet group '{lower}' because it is in use."),
            ));
        }
        holdings.subnet_groups.remove(&lower).map(|_| ()).ok_or_else(|| unknown(name))
    }
}

fn check_number(subnets: &[String]) -> Result<(), ApiError> {
    let distinct: BTreeSet<&String> = subnets.iter().collect();
    if distinct.len() == subnets.len() && subnets.len() <= MAX_SUBNETS {
        return Ok(());
    }
    Err(invalid_value(format!("SubnetIds must contain at most {MAX_SUBNETS} subnets, each of them once.")))
}

fn record(
    place: &Place,
    name: &str,
    description: String,
    vpc: String,
    subnets: Vec<(String, String)>,
) -> SubnetGroupRecord {
    let Place { account, region } = place;
    SubnetGroupRecord {
        arn: format!("arn:{}:rds:{region}:{account}:subgrp:{name}", region.partition()),
        name: name.to_owned(),
        description,
        vpc,
        subnets,
        tags: Tags::new(),
    }
}

fn unknown(name: &str) -> ApiError {
    not_found("DBSubnetGroupNotFoundFault", format!("DB subnet group '{name}' does not exist."))
}

impl SubnetGroupRequest {
    /// The API action.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateDBSubnetGroup",
            Self::Describe(..) => "DescribeDBSubnetGroups",
            Self::Delete(_) => "DeleteDBSubnetGroup",
        }
    }
}
