//! The check of a whole manifest before anything is changed: the databases that it will create against the lists of AWS.
//!
//! It is a pure function of the demands and the facts. A list that could not be read gives a finding that nothing could be
//! examined. Such a finding never prevents a recovery.

mod demand;
mod finding;
mod groups;
mod lists;
mod members;
mod network;
mod offers;
mod quotas;
mod removal;
mod storage;

pub(crate) use self::demand::{
    Class, Data, Demand, KeyUse, Member, Network, Room, Storage, is_identified, of_snapshot,
};
pub(crate) use self::finding::{Finding, Level, Notes, notes};
pub(crate) use self::lists::{missing, unread};
pub(crate) use self::removal::{Removal, Removed, When};
pub(crate) use self::storage::{ALL_IOPS, PORTS};

use std::collections::BTreeSet;

use pilot_light_domain::recovery::Found;

use crate::facts::Facts;

/// The names of parameters, the current one first.
pub(crate) type Names = &'static [&'static str];

/// `DBInstanceClass` in every kind.
const CLASS: Names = &["DBInstanceClass", "rds_instance_type", "newDBClass"];
const SUBNET_GROUP: Names = &["DBSubnetGroupName", "DBSubnetGroup", "rds_subnet_group"];
const SECURITY_GROUPS: Names = &["VpcSecurityGroupIds", "DBSecurityGroup"];
const PARAMETER_GROUP: Names = &["DBParameterGroupName"];
const OPTION_GROUP: Names = &["OptionGroupName"];
const MULTI_AZ: Names = &["MultiAZ"];
const STORAGE_TYPE: Names = &["StorageType"];
const IOPS: Names = &["Iops"];
const PORT: Names = &["Port"];
const KEY: Names = &["KmsKeyId"];
const VERSION: Names = &["EngineVersion"];
const MONITORING_ROLE: Names = &["MonitoringRoleArn"];
/// The parameters whose absence means a default of AWS, which the check examines.
pub(crate) const DEFAULTED: &[Names] =
    &[CLASS, SUBNET_GROUP, SECURITY_GROUPS, PARAMETER_GROUP, OPTION_GROUP, MULTI_AZ, STORAGE_TYPE, IOPS, KEY];

/// A demand with its place in the manifest.
#[derive(Debug, Clone)]
pub(crate) struct Placed<'a> {
    /// The index of the resource in the progress.
    pub(crate) index: usize,
    /// The place of the resource in words.
    pub(crate) place: &'a str,
    /// The name of the resource.
    pub(crate) resource: &'a str,
    /// The number of its layer.
    pub(crate) layer: u32,
    /// The names of the parameters that the manifest gives.
    pub(crate) given: &'a [String],
    /// The names of the parameters that could not be read.
    pub(crate) unread: &'a BTreeSet<String>,
    pub(crate) demand: Demand,
}

/// Everything that would go wrong, or could not be examined, if these databases were created and deleted now.
pub(crate) fn readiness(demands: &[Placed<'_>], removed: &[Removed], facts: &Facts) -> Vec<Finding> {
    let shared = lists::Shared::of(demands);
    let mut findings = Vec::new();
    for placed in demands {
        let mut check = Check { placed, facts, findings: Vec::new() };
        network::check(&mut check, &shared);
        offers::check(&mut check);
        members::check(&mut check);
        groups::check(&mut check);
        storage::check_port(&mut check);
        check.unread(&shared);
        findings.extend(check.findings);
    }
    findings.extend(quotas::check(demands, removed, facts));
    findings
}

/// The check of one demand.
struct Check<'a> {
    placed: &'a Placed<'a>,
    facts: &'a Facts,
    findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    fn demand(&self) -> &'a Demand {
        &self.placed.demand
    }

    /// Adds a finding about the parameter with one of these names.
    /// A parameter that could not be read has its problem already.
    fn add(&mut self, level: Level, names: Names, what: impl Into<String>) {
        if names.iter().any(|name| self.placed.unread.contains(*name)) {
            return;
        }
        let is_given = |name: &&&str| self.placed.given.iter().any(|given| given == *name);
        let name = names.iter().find(is_given).or(names.first());
        self.findings.push(Finding {
            level,
            index: Some(self.placed.index),
            place: self.placed.place.to_owned(),
            resource: self.placed.resource.to_owned(),
            parameter: name.map(ToString::to_string),
            what: what.into(),
        });
    }

    /// The answer to a lookup in the Region of the demand.
    fn found(&self, lookup: pilot_light_domain::recovery::Lookup) -> Option<&'a Found> {
        self.facts.found(&self.placed.demand.region, lookup)
    }

    /// A finding for each list of the demand that could not be read.
    fn unread(&mut self, shared: &lists::Shared) {
        for need in lists::needs_of(self.demand(), shared, self.facts) {
            if let Some(why) = self.facts.unread.get(&need) {
                self.add(Level::Unknown, &[], format!("cannot examine {need}: {why}"));
            }
        }
    }
}

/// Some of many names in words.
fn some_of(names: &[&str]) -> String {
    const MOST: usize = 8;
    match names {
        [] => "none".to_owned(),
        _ if names.len() > MOST => format!("{} and {} more", names[..MOST].join(", "), names.len() - MOST),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests;
