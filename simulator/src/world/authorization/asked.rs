//! The permissions that one request needs, as they are collected.
//!
//! The other files of this directory contain the rules for each action.

use std::collections::BTreeMap;

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::tags::Tags;
use serde::Serialize;

use crate::world::World;
use crate::world::place::Place;

/// One permission that a caller needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Permission {
    /// The action, with its service: `rds:CopyDBSnapshot`.
    pub action: &'static str,
    /// The ARN, with a star for "any" in a listing; `*` where AWS defines no resource.
    pub resource: String,
    /// Condition keys and their values.
    pub context: BTreeMap<String, String>,
}

/// The permissions of one request, as far as they are collected.
pub(super) struct Asked<'a> {
    pub(super) world: &'a World,
    pub(super) place: Place,
    /// The tags in the request, which every action of it sees.
    pub(super) tags: Tags,
    pub(super) permissions: Vec<Permission>,
}

impl Asked<'_> {
    /// Adds an action on a resource, with the tags of the request and of the resource.
    pub(super) fn on(&mut self, action: &'static str, resource: String) {
        let request =
            self.tags.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), value.to_owned()));
        let mut context: BTreeMap<_, _> = request.collect();
        if let Some(tags) = self.tags_of(&resource) {
            context
                .extend(tags.iter().map(|(key, value)| (format!("aws:ResourceTag/{key}"), value.to_owned())));
        }
        self.permissions.push(Permission { action, resource, context });
    }

    /// Adds an action whose conditions concern other values than tags.
    pub(super) fn with(&mut self, action: &'static str, resource: String, context: &[(&str, &str)]) {
        let context = context.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.permissions.push(Permission { action, resource, context });
    }

    /// Tags in a request that creates a resource need the permission of a dependent action.
    pub(super) fn tagged(&mut self, resource: &str, tags: &Tags) {
        if !tags.is_empty() {
            self.on("rds:AddTagsToResource", resource.to_owned());
        }
    }

    /// AWS names snapshots and instances for it, but not which of the two ends needs it. *Unverified*, so both do.
    pub(super) fn across(&mut self, source: &str, target: &str) {
        for resource in [source, target] {
            self.on("rds:CrossRegionCommunication", resource.to_owned());
        }
    }

    /// The ARN of an RDS resource in this account and Region, given by its name or its ARN.
    pub(super) fn arn(&self, kind: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        self.regional_arn("rds", kind, name)
    }

    /// The ARN of a resource of any service in this account and Region.
    pub(super) fn regional_arn(&self, service: &str, kind: &str, id: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:{}:{service}:{region}:{account}:{kind}:{id}", region.partition())
    }

    /// A listing needs permission for any resource of the caller's own account, and of no other account.
    pub(super) fn named_or_all(&self, kind: &str, name: Option<&str>) -> String {
        self.arn(kind, name.unwrap_or("*"))
    }

    /// The ARN of a global cluster or global datastore, which has no Region.
    pub(super) fn global_arn(&self, service: &str, kind: &str, id: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:{}:{service}::{account}:{kind}:{id}", region.partition())
    }

    /// The tags of an existing resource of the caller's own.
    pub(super) fn tags_of(&self, arn: &str) -> Option<&Tags> {
        let own = &self.place.account;
        if let Ok(arn) = arn.parse::<SnapshotArn>() {
            return self.world.snapshot(&arn).filter(|_| arn.account == *own).map(|found| &found.tags);
        }
        let arn = arn.parse::<DatabaseArn>().ok().filter(|arn| arn.id.account == *own)?;
        let holdings = self.world.places.get(&Place::of_instance(&arn))?;
        let instance = || holdings.instances.get(&arn.id.name).filter(|found| found.arn == arn);
        let cluster = || holdings.clusters.get(&arn.id.name).filter(|found| found.arn == arn);
        instance().map(|found| &found.tags).or_else(|| cluster().map(|found| &found.tags))
    }
}
