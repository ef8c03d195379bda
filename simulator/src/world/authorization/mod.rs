//! The permissions that AWS checks before it answers a request: each action, its resource, and the condition keys.
//!
//! Actions, kinds of resources and dependent actions are those of the service authorization reference. Where it leaves
//! a question open, the rule has a comment, marked *unverified* if no other page of AWS settles the question. Policies
//! decide whether a caller has a permission. The world does not know them.

mod asked;
mod clusters;
mod ec2;
mod events;
mod instances;
mod keys;
mod objects;
mod snapshots;

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::model::tags::Tags;

pub use self::asked::Permission;

pub(crate) use self::keys::via;

use self::asked::Asked;
use crate::world::World;
use crate::world::api::request::{Caller, Request};
use crate::world::place::Place;

impl World {
    /// The permissions that a caller needs for a request, in the state before it.
    pub(crate) fn permissions(&self, caller: &Caller, region: &Region, request: &Request) -> Vec<Permission> {
        let place = Place::new(&caller.account, region);
        let mut asked = Asked { world: self, place, tags: Tags::new(), permissions: Vec::new() };
        asked.request(request);
        asked.permissions
    }
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
            Request::StopDbInstance(name, snapshot) => self.stop_instance(name, snapshot.as_deref()),
            Request::StartDbInstance(name) => self.on("rds:StartDBInstance", self.arn("db", name)),
            Request::BlueGreen(ask) => self.blue_green(ask),
            Request::OptionGroup(ask) => self.option_groups(ask),
            Request::ParameterGroup(ask) => self.parameter_groups(ask),
            Request::SubnetGroup(ask) => self.subnet_groups(ask),
            Request::Ec2(ask) => self.ec2(ask),
            Request::DescribeDbEngineVersions(_) => self.on("rds:DescribeDBEngineVersions", "*".to_owned()),
            Request::DescribeOrderable(_) => {
                self.on("rds:DescribeOrderableDBInstanceOptions", "*".to_owned());
            }
            Request::ModifyDbSnapshot(ask) => self.modify_snapshot(ask),
            Request::Cache(ask) => self.cache(ask),
            Request::Cluster(ask) => self.cluster(ask),
            Request::Event(ask) => self.event(ask),
            Request::Kms(ask) => self.kms(ask),
            Request::CreateDbSnapshot(ask) => self.create_snapshot(ask),
            Request::DescribeDbSnapshots(ask) => self.describe_snapshots(ask),
            Request::CopyDbSnapshot(ask) => self.copy_snapshot(ask),
            Request::DeleteDbSnapshot(id) => self.on("rds:DeleteDBSnapshot", self.arn("snapshot", id)),
            Request::DescribeDbSnapshotAttributes(id) => {
                self.on("rds:DescribeDBSnapshotAttributes", self.arn("snapshot", id));
            }
            // No condition key contains the other account, or whether the request shares the snapshot or ends the sharing.
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
}
