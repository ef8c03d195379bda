//! The guards of `CreateAuroraSecondaryDBCluster`: the reasons not to replace an old primary, from the facts alone.
//!
//! The same check runs in `validate` and before every step. The steps themselves are left to the parent module.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::recovery::{DbCluster, GlobalCluster};

use super::super::aurora::{AVAILABLE, CLUSTER, GLOBAL, Obstacle, membership, stuck};
use super::super::difference::Differences;
use super::super::takeover;
use super::state::{CreateAuroraSecondaryDBCluster, State};
use crate::facts::Facts;
use crate::tagging;

const SOURCE: &str = "SourceDBClusterIdentifier";

impl CreateAuroraSecondaryDBCluster {
    /// The reason to change nothing, if there is one.
    pub(super) fn refusal(&self, facts: &Facts) -> Option<Obstacle> {
        let about_cluster = match self.state(facts) {
            State::Follows(cluster) => self.broken(cluster).or_else(|| self.difference(cluster, facts)),
            State::Coming(cluster) => self.broken(cluster),
            State::Gone | State::Leaving(_) => {
                self.refuse_primary(facts).or_else(|| self.refuse_global(facts))
            }
            State::Old(old) => self
                .refuse_primary(facts)
                .or_else(|| self.refuse_global(facts))
                .or_else(|| self.refuse_old(old, facts))
                .or_else(|| self.broken(old)),
        };
        self.refuse_region(facts).or(about_cluster).or_else(|| self.refuse_instance(facts))
    }

    /// Only a cluster of this Region may be replaced, and only by a secondary of a primary in another Region.
    fn refuse_region(&self, facts: &Facts) -> Option<Obstacle> {
        let (here, there) = (&self.here.id.region, &self.primary.id.region);
        if *here != facts.region {
            return Some((
                CLUSTER,
                format!(
                    "'{}' is in {here}, but this recovery runs in {}; start it in {here}",
                    self.here, facts.region
                ),
            ));
        }
        let what = || {
            format!("the new primary '{}' is in this Region; give a cluster in another Region", self.primary)
        };
        (there == here).then(|| ("SourceRegion", what()))
    }

    fn broken(&self, cluster: &DbCluster) -> Option<Obstacle> {
        stuck("cluster", cluster.arn.id.name.as_str(), &cluster.status).map(|what| (CLUSTER, what))
    }

    /// A secondary that another recovery or a person created must be as requested.
    fn difference(&self, found: &DbCluster, facts: &Facts) -> Option<Obstacle> {
        let Self { cluster, instance, primary, .. } = self;
        let by_this = cluster.tags.get(tagging::RECOVERY);
        if found.tags.get(tagging::RECOVERY) == by_this || found.status != AVAILABLE {
            return None;
        }
        let member = facts.instance(&instance.instance);
        let member = member.filter(|member| member.tags.get(tagging::RECOVERY) != by_this);
        let differs = Differences::default()
            .compare("the class", member.map(|member| &member.class), Some(&instance.class))
            .compare("the port", found.endpoint.as_ref().map(|endpoint| endpoint.port), cluster.port)
            .compare("DeletionProtection", Some(found.deletion_protection), cluster.deletion_protection);
        let name = &found.arn.id.name;
        let what = format!(
            "'{name}' already follows {primary}, with {}; correct the manifest, or delete that cluster",
            differs.in_words()?
        );
        Some((CLUSTER, what))
    }

    /// The new primary must hold the data. It is in no global cluster, or it is the writer of the right one.
    fn refuse_primary(&self, facts: &Facts) -> Option<Obstacle> {
        let Self { primary, .. } = self;
        let Some(found) = facts.cluster(primary) else {
            return Some((
                SOURCE,
                format!(
                    "there is no cluster '{primary}', so the old cluster may hold the only data; correct the identifier"
                ),
            ));
        };
        if let Some(what) = stuck("the new primary", primary.id.name.as_str(), &found.status) {
            return Some((SOURCE, what));
        }
        if found.engine.0 != self.cluster.engine {
            return Some((
                "Engine",
                format!(
                    "is {}, but the engine of '{primary}' is {other}; write {other}",
                    self.cluster.engine,
                    other = found.engine.0
                ),
            ));
        }
        match membership(facts, primary) {
            Some((global, _)) if global.id != self.cluster.global => {
                let what = format!("'{primary}' is in global cluster '{id}'; write {id}", id = global.id);
                Some((GLOBAL, what))
            }
            Some((GlobalCluster { id, .. }, false)) if !self.is_without_writer(facts) => {
                let what =
                    format!("'{primary}' is not the writer of global cluster '{id}'; fail over to it first");
                Some((SOURCE, what))
            }
            _ => None,
        }
    }

    fn is_without_writer(&self, facts: &Facts) -> bool {
        self.global(facts).is_none_or(|global| global.writer().is_none())
    }

    /// The new primary must be the writer of the global cluster, or only the old primary is left in it and it can be deleted.
    fn refuse_global(&self, facts: &Facts) -> Option<Obstacle> {
        let global = self.global(facts)?;
        let id = &global.id;
        match global.writer() {
            Some(writer) if *writer == self.primary => self.refuse_second(global),
            Some(writer) if *writer != self.here => Some((
                GLOBAL,
                format!(
                    "the writer of global cluster '{id}' is '{writer}', not '{}'; correct the new primary",
                    self.primary
                ),
            )),
            None if !global.members.is_empty() => None,
            _ if global.deletion_protection => Some((GLOBAL, lift_protection(id))),
            _ => None,
        }
    }

    /// AWS allows one secondary per Region.
    fn refuse_second(&self, global: &GlobalCluster) -> Option<Obstacle> {
        let is_beside = |arn: &DatabaseArn| arn.id.region == self.here.id.region && *arn != self.here;
        let beside = global.members.iter().find(|member| is_beside(&member.cluster))?;
        Some((
            GLOBAL,
            format!(
                "global cluster '{}' already has the cluster '{}' in this Region; remove it first",
                global.id, beside.cluster
            ),
        ))
    }

    /// The old primary must have no other members. An old primary outside the global cluster of the new primary is most
    /// likely the live cluster: the manifest was started in the wrong Region, where source and target are swapped.
    fn refuse_old(&self, old: &DbCluster, facts: &Facts) -> Option<Obstacle> {
        let name = &old.arn;
        let what = match membership(facts, name) {
            Some((global, true)) if global.members.len() > 1 => {
                format!(
                    "'{name}' is the writer of global cluster '{}', which has other members; remove those first",
                    global.id
                )
            }
            Some((global, false)) if global.writer().is_some() => {
                format!(
                    "'{name}' follows another cluster in global cluster '{}', so it is not an old primary; correct the \
                     identifier",
                    global.id
                )
            }
            None if self.global(facts).and_then(GlobalCluster::writer) == Some(&self.primary) => format!(
                "'{name}' is in no global cluster and may be the live cluster, while '{}' is the writer of global cluster \
                 '{}'; if '{name}' is the old one, delete it with a final snapshot yourself, then start again; if it is \
                 live, start this manifest in the other Region",
                self.primary, self.cluster.global
            ),
            _ => {
                let primary = facts.cluster(&self.primary)?;
                takeover::is_live((&old.arn, &old.tags), (&primary.arn, &primary.tags))?
            }
        };
        Some((CLUSTER, what))
    }

    /// The name of the new instance must be free, or belong to a member of this cluster.
    fn refuse_instance(&self, facts: &Facts) -> Option<Obstacle> {
        let name = &self.instance.instance;
        let found = facts.instance(name)?;
        let what = || {
            let cluster = &self.here.id.name;
            format!("instance '{name}' exists but is not a member of cluster '{cluster}'; give another name")
        };
        (found.cluster.as_ref() != Some(&self.here.id.name)).then(|| ("DBInstanceIdentifier", what()))
    }
}

fn lift_protection(id: &str) -> String {
    format!(
        "global cluster '{id}' must be created anew but is protected from deletion; lift the protection first: \
         aws rds modify-global-cluster --global-cluster-identifier {id} --no-deletion-protection"
    )
}
