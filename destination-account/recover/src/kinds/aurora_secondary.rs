//! `CreateAuroraSecondaryDBCluster`: after a failover, the cluster that was the primary here is replaced by a new
//! secondary of the new primary.
//!
//! It goes on from whatever the facts show. What must not be replaced is in `guards`, the parameters in `parameters`.

mod guards;
mod parameters;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{
    Change, CreateClusterInstance, CreateSecondaryCluster, DbCluster, DbInstance, GlobalCluster,
};
use serde_json::Value;

use super::aurora::{AVAILABLE, CLUSTER, GLOBAL, Obstacle, acted_on, ask, membership, stuck, wait};
use super::{Kind, Next};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::{names, tagging};

/// A secondary cluster with one instance, in this Region, of a primary in another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateAuroraSecondaryDBCluster {
    /// The cluster of this Region, old and new: both have one name.
    here: DatabaseArn,
    /// The new primary, in another Region.
    primary: DatabaseArn,
    cluster: CreateSecondaryCluster,
    instance: CreateClusterInstance,
}

/// What the cluster of this Region is now.
enum Standing<'a> {
    /// There is none.
    Gone,
    /// It is being deleted.
    Leaving(&'a DbCluster),
    /// It follows the new primary.
    Follows(&'a DbCluster),
    /// It was just created, and its membership does not show yet.
    Coming(&'a DbCluster),
    /// It is the one that is to be replaced.
    Old(&'a DbCluster),
}

impl Kind for CreateAuroraSecondaryDBCluster {
    const NAME: &'static str = "CreateAuroraSecondaryDBCluster";
    /// Four hours: a final snapshot, then all of the storage once over.
    const POLLS: u32 = 960;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        parameters::read(fields, setting)
    }

    fn needs(&self, _: &Setting) -> Vec<Need> {
        let (here, there) = (&self.here.id.region, &self.primary.id.region);
        vec![
            Need::Instances(here.clone()),
            Need::Clusters(here.clone()),
            Need::Clusters(there.clone()),
            Need::GlobalClusters(here.clone()),
        ]
    }

    fn acts_on(&self, _: &Setting) -> Vec<String> {
        let instance = format!("db/{}/{}", self.here.id.region, self.instance.instance);
        vec![format!("global/{}", self.cluster.global), acted_on(&self.here), instance]
    }

    fn obstacles(&self, facts: &Facts, _: &Setting) -> Vec<Obstacle> {
        self.refusal(facts).into_iter().collect()
    }

    fn next(&self, facts: &Facts, _: &Value, _: &Setting) -> Next {
        if let Some((_, what)) = self.refusal(facts) {
            return Next::Failed(what);
        }
        match self.standing(facts) {
            Standing::Leaving(cluster) | Standing::Coming(cluster) => wait_for(cluster),
            Standing::Follows(cluster) => self.equip(cluster, facts),
            Standing::Old(_) | Standing::Gone if !self.is_primary_up(facts) => self.wait_for_primary(facts),
            Standing::Old(cluster) => self.clear(cluster, facts),
            Standing::Gone => self.build(facts),
        }
    }
}

fn wait_for(cluster: &DbCluster) -> Next {
    wait("cluster", cluster.arn.id.name.as_str(), &cluster.status)
}

impl CreateAuroraSecondaryDBCluster {
    fn standing<'a>(&self, facts: &'a Facts) -> Standing<'a> {
        let Some(cluster) = facts.cluster(&self.here) else { return Standing::Gone };
        let execution = self.cluster.tags.get(tagging::RECOVERY);
        match cluster.status.as_str() {
            "deleting" => Standing::Leaving(cluster),
            _ if self.follows(facts) => Standing::Follows(cluster),
            "creating" => Standing::Coming(cluster),
            _ if cluster.tags.get(tagging::RECOVERY) == execution => Standing::Coming(cluster),
            _ => Standing::Old(cluster),
        }
    }

    /// True if the cluster here is a secondary of the new primary, in the global cluster that is asked for.
    fn follows(&self, facts: &Facts) -> bool {
        let Some(global) = self.global(facts) else { return false };
        let is_secondary = global.member(&self.here).is_some_and(|member| !member.is_writer);
        is_secondary && global.writer() == Some(&self.primary)
    }

    fn global<'a>(&self, facts: &'a Facts) -> Option<&'a GlobalCluster> {
        facts.global_cluster(&self.cluster.global)
    }

    fn is_primary_up(&self, facts: &Facts) -> bool {
        facts.cluster(&self.primary).is_some_and(|primary| primary.status == AVAILABLE)
    }

    fn wait_for_primary(&self, facts: &Facts) -> Next {
        let status = facts.cluster(&self.primary).map_or("not there", |primary| primary.status.as_str());
        wait("the new primary", &self.primary.to_string(), status)
    }

    fn region(&self) -> &Region {
        &self.here.id.region
    }

    /// Removes the old primary, step by step: nothing of it goes without the final snapshot of the cluster.
    fn clear(&self, old: &DbCluster, facts: &Facts) -> Next {
        let cluster = old.arn.id.name.clone();
        if old.status != AVAILABLE {
            return wait_for(old);
        }
        if old.deletion_protection {
            let then = format!("the deletion protection of the old cluster '{cluster}' to be lifted");
            return ask(self.region(), Change::ProtectCluster { cluster, protected: false }, then);
        }
        match membership(facts, &old.arn) {
            // Who leads does not show: this may be the moment between two states.
            Some((global, false)) => wait("global cluster", &global.id, &global.status),
            Some((global, true)) if global.status != AVAILABLE => {
                wait("global cluster", &global.id, &global.status)
            }
            Some((global, true)) => {
                let then = format!("the old cluster '{cluster}' to leave global cluster '{}'", global.id);
                let change =
                    Change::RemoveFromGlobalCluster { id: global.id.clone(), cluster: old.arn.clone() };
                ask(self.region(), change, then)
            }
            None => self.delete(old, facts),
        }
    }

    /// First its instances, which have no snapshots of their own, then itself.
    fn delete(&self, old: &DbCluster, facts: &Facts) -> Next {
        let name = &old.arn.id.name;
        let instances: Vec<&DbInstance> = instances_of(old, facts).collect();
        let staying = instances.iter().filter(|instance| instance.status != "deleting");
        if let Some(staying) = staying.min_by_key(|instance| &instance.arn) {
            let instance = staying.arn.id.name.clone();
            let then = format!("instance '{instance}' of the old cluster '{name}' to be deleted");
            return ask(self.region(), Change::DeleteInstance { instance, final_snapshot: None }, then);
        }
        if !instances.is_empty() || !old.members.is_empty() {
            return Next::Wait(format!("the instances of the old cluster '{name}' are being deleted"));
        }
        match names::final_snapshot(name, &old.resource_id) {
            Err(error) => Next::Failed(error.to_string()),
            Ok(final_snapshot) => {
                let then =
                    format!("the old cluster '{name}' to be deleted, with final snapshot '{final_snapshot}'");
                ask(self.region(), Change::DeleteCluster { cluster: name.clone(), final_snapshot }, then)
            }
        }
    }

    /// The global cluster around the new primary where there is none, then the secondary in it.
    fn build(&self, facts: &Facts) -> Next {
        let id = self.cluster.global.clone();
        match self.global(facts) {
            None => {
                let then = format!("global cluster '{id}' to be created around '{}'", self.primary);
                let change = Change::CreateGlobalCluster { id, primary: self.primary.clone() };
                ask(&self.primary.id.region, change, then)
            }
            Some(global) if global.status != AVAILABLE => wait("global cluster", &id, &global.status),
            Some(global) if global.members.is_empty() => {
                let then = format!("the empty global cluster '{id}' to be deleted");
                ask(self.region(), Change::DeleteGlobalCluster(id), then)
            }
            // A second one in this Region would be refused for good.
            Some(global) if global.writer() == Some(&self.primary) && global.member(&self.here).is_none() => {
                let then = format!("cluster '{}' to be created", self.cluster.cluster);
                ask(self.region(), Change::CreateSecondaryCluster(Box::new(self.cluster.clone())), then)
            }
            Some(_) => Next::Wait(format!("global cluster '{id}' still shows its members of before")),
        }
    }

    /// The instance of the new secondary.
    fn equip(&self, cluster: &DbCluster, facts: &Facts) -> Next {
        let name = &self.instance.instance;
        match facts.instance(name) {
            _ if cluster.status != AVAILABLE => wait_for(cluster),
            None => {
                let then = format!("instance '{name}' to be created");
                ask(self.region(), Change::CreateClusterInstance(Box::new(self.instance.clone())), then)
            }
            Some(instance) if InstanceStatus(instance.status.clone()).is_usable() => Next::Done,
            Some(instance) if instance.status == "deleting" => wait("instance", name.as_str(), "deleting"),
            Some(instance) => stuck("instance", name.as_str(), &instance.status)
                .map_or_else(|| wait("instance", name.as_str(), &instance.status), Next::Failed),
        }
    }
}

/// The instances of a cluster of this Region, as the list of instances tells.
fn instances_of<'a>(cluster: &'a DbCluster, facts: &'a Facts) -> impl Iterator<Item = &'a DbInstance> {
    let all = facts.instances.get(&facts.region).into_iter().flatten();
    all.filter(|instance| instance.cluster.as_ref() == Some(&cluster.arn.id.name))
}

#[cfg(test)]
mod tests;
