//! The permissions that one request needs, as they are collected.
//!
//! Which actions need them is in the other files of this room.

use std::collections::BTreeMap;

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::tags::Tags;
use serde::Serialize;

use crate::world::World;
use crate::world::place::Place;

/// One thing that a caller must be allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Permission {
    /// The action, with its service: `rds:CopyDBSnapshot`.
    pub action: &'static str,
    /// The ARN, with a star for "any" in a listing; `*` where AWS defines no resource.
    pub resource: String,
    /// Condition keys and their values.
    pub context: BTreeMap<String, String>,
}

/// What has been asked so far for one request.
pub(super) struct Asked<'a> {
    pub(super) world: &'a World,
    pub(super) place: Place,
    /// The tags in the request, which every action of it sees.
    pub(super) tags: Tags,
    pub(super) permissions: Vec<Permission>,
}

impl Asked<'_> {
    /// An action on a resource, with the tags of both.
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

    /// An action of which conditions look at other things than tags.
    pub(super) fn with(&mut self, action: &'static str, resource: String, context: &[(&str, &str)]) {
        let context = context.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.permissions.push(Permission { action, resource, context });
    }

    /// Tags in a request that creates something are asked for as a dependent action.
    pub(super) fn tagged(&mut self, resource: &str, tags: &Tags) {
        if !tags.is_empty() {
            self.on("rds:AddTagsToResource", resource.to_owned());
        }
    }

    /// AWS names snapshots and instances for it, and not which of the two ends is asked for: *unverified*, so both.
    pub(super) fn across(&mut self, source: &str, target: &str) {
        for resource in [source, target] {
            self.on("rds:CrossRegionCommunication", resource.to_owned());
        }
    }

    /// The ARN of something of RDS in this account and Region, where it does not go by its ARN already.
    pub(super) fn arn(&self, kind: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let Place { account, region } = &self.place;
        format!("arn:{}:rds:{region}:{account}:{kind}:{name}", region.partition())
    }

    /// Of a listing, AWS asks for any resource of the caller's: nobody else's are named by it.
    pub(super) fn named_or_all(&self, kind: &str, name: Option<&str>) -> String {
        self.arn(kind, name.unwrap_or("*"))
    }

    /// Global clusters and global datastores are in no one Region.
    pub(super) fn global_arn(&self, service: &str, kind: &str, id: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:{}:{service}::{account}:{kind}:{id}", region.partition())
    }

    /// The tags of what is there, of the caller's own.
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
