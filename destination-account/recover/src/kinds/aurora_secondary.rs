//! `CreateAuroraSecondaryDBCluster`: after a failover, a new secondary of the new primary replaces the old primary cluster of
//! this Region.
//!
//! The steps continue from whatever the facts show. The reasons to change nothing are left to `guards` and `likeness`, the
//! parameters to `parameters`, the state of the old cluster to `state`, and the check of the new one to `demand`.

mod demand;
mod guards;
mod likeness;
mod parameters;
mod state;

use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::recovery::{Change, DbCluster, DbInstance};
use serde_json::Value;

pub(crate) use self::state::CreateAuroraSecondaryDBCluster;
use self::state::State;
use super::aurora::{AVAILABLE, Obstacle, acted_on, ask, instances_of, membership, outcome, stuck, wait};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::names;
use crate::progress::Outcome;
use crate::readiness::{Demand, Removal};

impl Kind for CreateAuroraSecondaryDBCluster {
    const NAME: &'static str = "CreateAuroraSecondaryDBCluster";
    /// Four hours: a final snapshot, then one copy of the whole storage.
    const LIMIT_MINUTES: u64 = 240;

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
        let instance = instance_in(&self.here.id.region, &self.instance.instance);
        vec![format!("global/{}", self.cluster.global), acted_on(&self.here), instance]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<Obstacle> {
        self.refusals(facts, setting)
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        match self.state(facts) {
            State::Follows(_) | State::Coming(_) if facts.instance(&self.instance.instance).is_some() => {
                Vec::new()
            }
            state => vec![self.demand(&state, facts, setting)],
        }
    }

    fn removals(&self, facts: &Facts, _: &Setting) -> Vec<Removal> {
        self.removed(facts)
    }

    fn deletes(&self, facts: &Facts, _setting: &Setting) -> Option<String> {
        let State::Old(old) = self.state(facts) else { return None };
        let name = &old.arn.id.name;
        let last = names::final_snapshot(name, &old.resource_id).ok()?;
        Some(format!("the cluster '{name}' and its instances, with the final snapshot '{last}'"))
    }

    fn outcome(&self, facts: &Facts, _: &Setting) -> Option<Outcome> {
        facts.cluster(&self.here).map(outcome)
    }

    fn next(&self, facts: &Facts, _: &Value, _: &Setting) -> Next {
        if let Some((_, what)) = self.refusal(facts) {
            return Next::Failed(what);
        }
        match self.state(facts) {
            State::Leaving(cluster) | State::Coming(cluster) => wait_for(cluster),
            State::Follows(cluster) => self.equip(cluster, facts),
            State::Old(_) | State::Gone if !self.is_primary_up(facts) => self.wait_for_primary(facts),
            State::Old(cluster) => self.clear(cluster, facts),
            State::Gone => self.build(facts),
        }
    }
}

fn wait_for(cluster: &DbCluster) -> Next {
    wait("cluster", cluster.arn.id.name.as_str(), &cluster.status)
}

impl CreateAuroraSecondaryDBCluster {
    fn is_primary_up(&self, facts: &Facts) -> bool {
        facts.cluster(&self.primary).is_some_and(|primary| primary.status == AVAILABLE)
    }

    fn wait_for_primary(&self, facts: &Facts) -> Next {
        let status = facts.cluster(&self.primary).map_or("missing", |primary| primary.status.as_str());
        wait("the new primary", &self.primary.to_string(), status)
    }

    fn region(&self) -> &Region {
        &self.here.id.region
    }

    /// The next step of removing the old primary. Its data is deleted only with a final snapshot of the cluster.
    fn clear(&self, old: &DbCluster, facts: &Facts) -> Next {
        let cluster = old.arn.id.name.clone();
        if old.status != AVAILABLE {
            return wait_for(old);
        }
        if old.deletion_protection {
            let then = format!("lifting the deletion protection of the old cluster '{cluster}'");
            return ask(self.region(), Change::ProtectCluster { cluster, protected: false }, then);
        }
        match membership(facts, &old.arn) {
            // AWS shows no writer. This may be the moment between two states.
            Some((global, false)) => wait("global cluster", &global.id, &global.status),
            Some((global, true)) if global.status != AVAILABLE => {
                wait("global cluster", &global.id, &global.status)
            }
            Some((global, true)) => {
                let then =
                    format!("removing the old cluster '{cluster}' from global cluster '{}'", global.id);
                let change =
                    Change::RemoveFromGlobalCluster { id: global.id.clone(), cluster: old.arn.clone() };
                ask(self.region(), change, then)
            }
            None => self.delete(old, facts),
        }
    }

    /// Deletes first the instances of the old cluster, which have no snapshots of their own, then the cluster.
    fn delete(&self, old: &DbCluster, facts: &Facts) -> Next {
        let name = &old.arn.id.name;
        let instances: Vec<&DbInstance> = instances_of(old, facts).collect();
        let staying = instances.iter().filter(|instance| instance.status != "deleting");
        if let Some(staying) = staying.min_by_key(|instance| &instance.arn) {
            let instance = staying.arn.id.name.clone();
            let then = format!("deleting instance '{instance}' of the old cluster '{name}'");
            return ask(self.region(), deletion(instance), then);
        }
        if !instances.is_empty() || !old.members.is_empty() {
            return Next::Wait(format!("the instances of the old cluster '{name}' are being deleted"));
        }
        match names::final_snapshot(name, &old.resource_id) {
            Err(error) => Next::Failed(error.to_string()),
            Ok(final_snapshot) => {
                let then =
                    format!("deleting the old cluster '{name}' with final snapshot '{final_snapshot}'");
                ask(self.region(), Change::DeleteCluster { cluster: name.clone(), final_snapshot }, then)
            }
        }
    }

    /// Creates the global cluster around the new primary if it does not exist, then the secondary in it.
    fn build(&self, facts: &Facts) -> Next {
        let id = self.cluster.global.clone();
        match self.global(facts) {
            None => {
                let then = format!("creating global cluster '{id}' around '{}'", self.primary);
                let change = Change::CreateGlobalCluster { id, primary: self.primary.clone() };
                ask(&self.primary.id.region, change, then)
            }
            Some(global) if global.status != AVAILABLE => wait("global cluster", &id, &global.status),
            Some(global) if global.members.is_empty() => {
                let then = format!("deleting the empty global cluster '{id}'");
                ask(self.region(), Change::DeleteGlobalCluster(id), then)
            }
            // AWS would permanently refuse a second secondary in this Region.
            Some(global) if global.writer() == Some(&self.primary) && global.member(&self.here).is_none() => {
                let then = format!("creating cluster '{}'", self.cluster.cluster);
                ask(self.region(), Change::CreateSecondaryCluster(Box::new(self.like_primary(facts))), then)
            }
            Some(_) => Next::Wait(format!("global cluster '{id}' still shows its earlier members")),
        }
    }

    /// Creates the instance of the new secondary.
    fn equip(&self, cluster: &DbCluster, facts: &Facts) -> Next {
        let name = &self.instance.instance;
        match facts.instance(name) {
            _ if cluster.status != AVAILABLE => wait_for(cluster),
            None => {
                let then = format!("creating instance '{name}'");
                ask(self.region(), Change::CreateClusterInstance(Box::new(self.instance.clone())), then)
            }
            Some(instance) if InstanceStatus(instance.status.clone()).is_usable() => Next::Done,
            Some(instance) if instance.status == "deleting" => wait("instance", name.as_str(), "deleting"),
            Some(instance) => stuck("instance", name.as_str(), &instance.status)
                .map_or_else(|| wait("instance", name.as_str(), &instance.status), Next::Failed),
        }
    }
}

/// The deletion of a member, whose data is in the final snapshot of its cluster.
fn deletion(instance: DatabaseName) -> Change {
    Change::DeleteInstance { instance, final_snapshot: None, keeps_automated_backups: true }
}

#[cfg(test)]
mod tests;
