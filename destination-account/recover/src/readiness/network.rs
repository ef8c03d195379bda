//! The network of a new database: its subnet group, the zones of that group, and the security groups in its VPC.

use pilot_light_domain::recovery::{Found, Lookup, SecurityGroup, SubnetGroup};

use super::demand::GroupName;
use super::lists::Shared;
use super::{Check, Level, MULTI_AZ, SECURITY_GROUPS, SUBNET_GROUP, some_of};
use crate::problems::counted;

/// The group that AWS uses if the request names none.
const DEFAULT: &str = "default";

pub(super) fn check(check: &mut Check<'_>, shared: &Shared) {
    let group = chosen(check);
    match (group, groups(check)) {
        (Some(group), _) => check_group(check, group),
        (None, Some(groups)) => missing_group(check, groups),
        (None, None) => {}
    }
    security_groups(check, shared, group);
    if check.demand().multi_az.is_none() && check.demand().serves {
        let said = "is not given, so the database comes up in one Availability Zone; write true or false";
        check.add(Level::Degrades, MULTI_AZ, said);
    }
}

/// The subnet group of the demand, if the Region has it.
pub(super) fn chosen<'a>(check: &Check<'a>) -> Option<&'a SubnetGroup> {
    let name = match &check.demand().network.subnet_group {
        GroupName::Given(name) => name,
        GroupName::Default => DEFAULT,
        GroupName::Unread => return None,
    };
    groups(check)?.iter().find(|group| group.name.eq_ignore_ascii_case(name))
}

fn groups<'a>(check: &Check<'a>) -> Option<&'a [SubnetGroup]> {
    match check.found(Lookup::SubnetGroups)? {
        Found::SubnetGroups(groups) => Some(groups),
        _ => None,
    }
}

/// Reports a subnet group that does not exist.
fn missing_group(check: &mut Check<'_>, groups: &[SubnetGroup]) {
    let region = &check.demand().region;
    match &check.demand().network.subnet_group {
        GroupName::Given(name) => {
            let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
            let said = format!("is {name}; {region} has no such DB subnet group; it has {}", some_of(&names));
            check.add(Level::Blocking, SUBNET_GROUP, said);
        }
        GroupName::Unread => {}
        GroupName::Default => {
            let said = format!(
                "is not given, and {region} has no DB subnet group 'default'; without a default VPC, AWS refuses the request"
            );
            check.add(Level::Unknown, SUBNET_GROUP, said);
        }
    }
}

fn check_group(check: &mut Check<'_>, group: &SubnetGroup) {
    let name = &group.name;
    if group.status != "Complete" || group.zones.is_empty() {
        let status = &group.status;
        let said = format!(
            "is {name}, which is '{status}' with subnets in {}; repair it",
            counted(group.zones.len(), "zone")
        );
        check.add(Level::Blocking, SUBNET_GROUP, said);
    } else if check.demand().multi_az == Some(true) && group.zones.len() < 2 {
        let zones = group.zones.join(", ");
        let said = format!(
            "is true, but the DB subnet group '{name}' is in {zones} only; give a group with subnets in two zones"
        );
        check.add(Level::Blocking, MULTI_AZ, said);
    }
}

fn security_groups(check: &mut Check<'_>, shared: &Shared, group: Option<&SubnetGroup>) {
    let Some(Found::SecurityGroups(all)) = check.found(shared.security_groups()) else { return };
    for id in &check.demand().network.security_groups {
        let what = match all.iter().find(|found| found.id == *id) {
            None => Some(format!("is {id}; {} has no such security group", check.demand().region)),
            Some(found) => group.and_then(|group| other_vpc(found, group)),
        };
        if let Some(what) = what {
            check.add(Level::Blocking, SECURITY_GROUPS, what);
        }
    }
}

/// The difference between the VPCs of a security group and of the subnet group, if there is one.
fn other_vpc(found: &SecurityGroup, group: &SubnetGroup) -> Option<String> {
    let vpc = group.vpc.as_ref().filter(|vpc| **vpc != found.vpc)?;
    Some(format!(
        "is {} of {}, but the DB subnet group '{}' is in {vpc}; give a security group of {vpc}",
        found.id, found.vpc, group.name
    ))
}
