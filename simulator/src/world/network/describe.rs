//! `DescribeVpcs`, `DescribeSubnets` and `DescribeSecurityGroups`, with ids, filters and pages.

use pilot_light_domain::model::tags::Tags;

use super::record::{Network, SecurityGroupRecord, SubnetRecord, VpcRecord};
use super::request::{DescribeEc2, Ec2Listing};
use super::{no_security_group, no_subnet, no_vpc};
use crate::world::api::error::{ApiError, invalid_value, refused};
use crate::world::api::paging::Filter;

/// A thing with an identifier and tags, and the values of its filters.
trait Described: Clone {
    fn id(&self) -> &str;
    fn tags(&self) -> &Tags;
    /// The value that a filter compares; absent for a filter that this kind does not have.
    fn value(&self, filter: &str) -> Option<String>;
}

pub(super) fn vpcs(network: &Network, ask: &DescribeEc2) -> Result<Ec2Listing<VpcRecord>, ApiError> {
    listed(network.vpcs.values(), ask, no_vpc)
}

pub(super) fn subnets(network: &Network, ask: &DescribeEc2) -> Result<Ec2Listing<SubnetRecord>, ApiError> {
    listed(network.subnets.values(), ask, no_subnet)
}

pub(super) fn security_groups(
    network: &Network,
    ask: &DescribeEc2,
) -> Result<Ec2Listing<SecurityGroupRecord>, ApiError> {
    listed(network.security_groups.values(), ask, no_security_group)
}

fn listed<'a, T: Described + 'a>(
    all: impl Iterator<Item = &'a T> + Clone,
    ask: &DescribeEc2,
    unknown: fn(&str) -> ApiError,
) -> Result<Ec2Listing<T>, ApiError> {
    if let Some(most) = ask.most.filter(|most| !(5..=1000).contains(most)) {
        return Err(invalid_value(format!("Value ( {most} ) for parameter maxResults is invalid.")));
    }
    if ask.most.is_some() && !ask.ids.is_empty() {
        return Err(refused(
            "InvalidParameterCombination",
            "The parameter MaxResults cannot be used with the parameter that names ids",
        ));
    }
    if let Some(id) = ask.ids.iter().find(|id| !all.clone().any(|one| one.id() == id.as_str())) {
        return Err(unknown(id));
    }
    let mut found = Vec::new();
    for one in all.filter(|one| ask.ids.is_empty() || ask.ids.iter().any(|id| id == one.id())) {
        if is_behind(one, ask) && admitted(one, &ask.filters)? {
            found.push(one.clone());
        }
    }
    Ok(page(found, ask.most))
}

fn is_behind(one: &impl Described, ask: &DescribeEc2) -> bool {
    ask.token.as_deref().is_none_or(|token| one.id() > token)
}

fn page<T: Described>(mut found: Vec<T>, most: Option<usize>) -> Ec2Listing<T> {
    let is_longer = most.is_some_and(|most| found.len() > most);
    found.truncate(most.unwrap_or(usize::MAX));
    let token = found.last().filter(|_| is_longer).map(|last| last.id().to_owned());
    Ec2Listing { items: found, token }
}

fn admitted(one: &impl Described, filters: &[Filter]) -> Result<bool, ApiError> {
    for filter in filters {
        let is_wanted = |value: &str| filter.values.iter().any(|wanted| wanted == value);
        let is_admitted = if let Some(key) = filter.name.strip_prefix("tag:") {
            one.tags().get(key).is_some_and(is_wanted)
        } else if filter.name == "tag-key" {
            one.tags().iter().any(|(key, _)| is_wanted(key))
        } else {
            let unknown = || invalid_value(format!("The filter '{}' is invalid", filter.name));
            is_wanted(&one.value(&filter.name).ok_or_else(unknown)?)
        };
        if !is_admitted {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Described for VpcRecord {
    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn value(&self, filter: &str) -> Option<String> {
        match filter {
            "vpc-id" => Some(self.id.clone()),
            "is-default" | "isDefault" => Some(self.is_default.to_string()),
            "state" => Some("available".to_owned()),
            _ => None,
        }
    }
}

impl Described for SubnetRecord {
    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn value(&self, filter: &str) -> Option<String> {
        match filter {
            "subnet-id" => Some(self.id.clone()),
            "vpc-id" => Some(self.vpc.clone()),
            "availability-zone" | "availabilityZone" => Some(self.zone.clone()),
            "default-for-az" | "defaultForAz" => Some(self.is_default.to_string()),
            "state" => Some("available".to_owned()),
            _ => None,
        }
    }
}

impl Described for SecurityGroupRecord {
    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn value(&self, filter: &str) -> Option<String> {
        match filter {
            "group-id" => Some(self.id.clone()),
            "group-name" => Some(self.name.clone()),
            "vpc-id" => Some(self.vpc.clone()),
            "description" => Some(self.description.clone()),
            _ => None,
        }
    }
}
