//! The new secondary cluster and its instance as a demand, with everything that AWS must have for them.
//!
//! The conclusions are left to `readiness`.

use super::parameters::ENGINE;
use super::state::{CreateAuroraSecondaryDBCluster, State};
use crate::facts::{Facts, Setting};
use crate::readiness::{Class, Data, Demand, KeyUse, Member, Network, Removal, Room, When};

impl CreateAuroraSecondaryDBCluster {
    /// The demand. A cluster that exists already needs its instance only.
    pub(super) fn demand(&self, state: &State<'_>, facts: &Facts, setting: &Setting) -> Demand {
        let cluster = &self.cluster;
        let has_cluster = matches!(state, State::Follows(_) | State::Coming(_));
        let primary = facts.cluster(&self.primary);
        // A manifest with another engine or version than the primary's is refused for that reason.
        let given = Some(cluster.engine.clone()).filter(|_| setting.knows(&[ENGINE]));
        let engine = primary.map(|found| found.engine.0.to_string()).or(given);
        let version = primary.and_then(|found| found.engine_version.clone());
        let key = cluster.kms_key.iter().filter(|_| !has_cluster);
        Demand {
            region: self.here.id.region.clone(),
            origin: format!("the primary '{}'", self.primary.id.name),
            data: Data {
                engine,
                version: version.or_else(|| cluster.engine_version.clone()),
                ..Data::default()
            },
            class: Class::Given(vec![self.instance.class.clone()]),
            storage: None,
            network: Network {
                subnet_group: cluster.subnet_group.clone().into(),
                security_groups: cluster.security_groups.clone(),
            },
            parameter_group: None,
            option_group: None,
            // An Aurora cluster has its storage in several zones, whatever its instances have.
            multi_az: Some(false),
            port: cluster.port,
            keys: key.cloned().map(KeyUse::Given).collect(),
            monitoring_role: self.instance.monitoring_role.clone(),
            member: Some(if has_cluster { Member::OfCluster } else { Member::OfNewCluster }),
            room: Room::Lasting,
            serves: true,
        }
    }

    /// The instances of the old cluster, which are deleted first.
    pub(super) fn removed(&self, facts: &Facts) -> Vec<Removal> {
        let (State::Old(old) | State::Leaving(old)) = self.state(facts) else { return Vec::new() };
        let instances = facts.instances.get(&self.here.id.region).into_iter().flatten();
        let members = instances.filter(|found| found.cluster.as_ref() == Some(&old.arn.id.name));
        members.map(|found| Removal::of(found, When::First)).collect()
    }
}
