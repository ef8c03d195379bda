//! What AWS asks IAM before it answers a request: every action, on every resource, with what conditions can look at.
//!
//! Actions, kinds of resources and dependent actions are those of the service authorization reference; what it leaves
//! open is said beside each rule, and marked *unverified* where no other page of AWS settles it. Whether anybody may do
//! it is for policies to say, which the world does not know.

mod clusters;
mod instances;
mod keys;
mod snapshots;

use std::collections::BTreeMap;

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::model::tags::Tags;
use serde::Serialize;

pub(crate) use self::keys::via;

use super::World;
use super::place::Place;
use super::request::{Caller, Request};

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

impl World {
    /// What a caller must be allowed for a request, as things stand before it.
    pub(crate) fn permissions(&self, caller: &Caller, region: &Region, request: &Request) -> Vec<Permission> {
        let place = Place::new(&caller.account, region);
        let mut asked = Asked { world: self, place, tags: Tags::new(), permissions: Vec::new() };
        asked.request(request);
        asked.permissions
    }
}

/// What has been asked so far for one request.
struct Asked<'a> {
    world: &'a World,
    place: Place,
    /// The tags in the request, which every action of it sees.
    tags: Tags,
    permissions: Vec<Permission>,
}

impl Asked<'_> {
    fn request(&mut self, request: &Request) {
        match request {
            Request::CreateDbInstance(ask) => self.create_instance(ask),
            Request::DescribeDbInstances(ask) => {
                self.on("rds:DescribeDBInstances", self.named_or_all("db", ask.name.as_deref()));
            }
            Request::ModifyDbInstance(ask) => self.modify_instance(ask),
            Request::DeleteDbInstance(ask) => self.delete_instance(ask),
            Request::RestoreDbInstanceFromDbSnapshot(ask) => self.restore_instance(ask),
            Request::CreateDbInstanceReadReplica(ask) => self.create_replica(ask),
            Request::PromoteReadReplica(name, _) => self.on("rds:PromoteReadReplica", self.arn("db", name)),
            Request::Cache(ask) => self.cache(ask),
            Request::Cluster(ask) => self.cluster(ask),
            Request::CreateDbSnapshot(ask) => self.create_snapshot(ask),
            Request::DescribeDbSnapshots(ask) => self.describe_snapshots(ask),
            Request::CopyDbSnapshot(ask) => self.copy_snapshot(ask),
            Request::DeleteDbSnapshot(id) => self.on("rds:DeleteDBSnapshot", self.arn("snapshot", id)),
            Request::DescribeDbSnapshotAttributes(id) => {
                self.on("rds:DescribeDBSnapshotAttributes", self.arn("snapshot", id));
            }
            // No condition key tells whom it is shared with, or whether it is shared or taken back.
            Request::ModifyDbSnapshotAttribute(ask) => {
                self.on("rds:ModifyDBSnapshotAttribute", self.arn("snapshot", &ask.id));
            }
            Request::AddTagsToResource(arn, tags) => {
                self.tags.clone_from(tags);
                self.on("rds:AddTagsToResource", arn.clone());
            }
            Request::RemoveTagsFromResource(arn, _) => {
                self.on("rds:RemoveTagsFromResource", arn.clone());
            }
            Request::ListTagsForResource(arn) => self.on("rds:ListTagsForResource", arn.clone()),
            Request::DescribeAccountAttributes => {
                self.on("rds:DescribeAccountAttributes", "*".to_owned());
            }
            Request::DescribeKey(key) => self.key_itself("kms:DescribeKey", key),
            Request::EnableKey(key) => self.key_itself("kms:EnableKey", key),
            Request::DisableKey(key) => self.key_itself("kms:DisableKey", key),
        }
    }

    /// An action on a resource, with the tags of both.
    fn on(&mut self, action: &'static str, resource: String) {
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
    fn with(&mut self, action: &'static str, resource: String, context: &[(&str, &str)]) {
        let context = context.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.permissions.push(Permission { action, resource, context });
    }

    /// Tags in a request that creates something are asked for as a dependent action.
    fn tagged(&mut self, resource: &str, tags: &Tags) {
        if !tags.is_empty() {
            self.on("rds:AddTagsToResource", resource.to_owned());
        }
    }

    /// AWS names snapshots and instances for it, and not which of the two ends is asked for: *unverified*, so both.
    fn across(&mut self, source: &str, target: &str) {
        for resource in [source, target] {
            self.on("rds:CrossRegionCommunication", resource.to_owned());
        }
    }

    /// The ARN of something of RDS in this account and Region, where it does not go by its ARN already.
    fn arn(&self, kind: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let Place { account, region } = &self.place;
        format!("arn:{}:rds:{region}:{account}:{kind}:{name}", region.partition())
    }

    /// Of a listing, AWS asks for any resource of the caller's: nobody else's are named by it.
    fn named_or_all(&self, kind: &str, name: Option<&str>) -> String {
        self.arn(kind, name.unwrap_or("*"))
    }

    /// Global clusters and global datastores are in no one Region.
    fn global_arn(&self, service: &str, kind: &str, id: &str) -> String {
        let Place { account, region } = &self.place;
        format!("arn:{}:{service}::{account}:{kind}:{id}", region.partition())
    }

    /// The tags of what is there, of the caller's own.
    fn tags_of(&self, arn: &str) -> Option<&Tags> {
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
