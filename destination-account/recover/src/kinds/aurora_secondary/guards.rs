//! What keeps an old primary from being replaced: the last look before anything is deleted, from the facts alone.
//!
//! The same look is taken by `validate` and before every step.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::recovery::{DbCluster, GlobalCluster};

use super::{CLUSTER, CreateAuroraSecondaryDBCluster, GLOBAL, Obstacle, Standing, membership, stuck};
use crate::facts::Facts;

const SOURCE: &str = "SourceDBClusterIdentifier";

impl CreateAuroraSecondaryDBCluster {
    /// Why nothing may be done, if there is a reason.
    pub(super) fn refusal(&self, facts: &Facts) -> Option<Obstacle> {
        let standing = self.standing(facts);
        let about_cluster = match standing {
            Standing::Follows(cluster) | Standing::Coming(cluster) => self.broken(cluster),
            Standing::Gone | Standing::Leaving(_) => {
                self.refuse_primary(facts).or_else(|| self.refuse_global(facts))
            }
            Standing::Old(old) => self
                .refuse_primary(facts)
                .or_else(|| self.refuse_global(facts))
                .or_else(|| self.refuse_old(old, facts))
                .or_else(|| self.broken(old)),
        };
        self.refuse_region(facts).or(about_cluster).or_else(|| self.refuse_instance(facts))
    }

    /// Only a cluster of this Region is replaced, and only by a secondary of another one.
    fn refuse_region(&self, facts: &Facts) -> Option<Obstacle> {
        let (here, there) = (&self.here.id.region, &self.primary.id.region);
        if *here != facts.region {
            return Some((
                CLUSTER,
                format!("'{}' is in {here}, and this runs in {}", self.here, facts.region),
            ));
        }
        let what =
            || format!("the new primary '{}' is in this Region; it must be in another one", self.primary);
        (there == here).then(|| ("SourceRegion", what()))
    }

    fn broken(&self, cluster: &DbCluster) -> Option<Obstacle> {
        stuck("cluster", cluster.arn.id.name.as_str(), &cluster.status).map(|what| (CLUSTER, what))
    }

    /// The data must live on in the new primary, which stands alone or leads the global cluster.
    fn refuse_primary(&self, facts: &Facts) -> Option<Obstacle> {
        let Self { primary, .. } = self;
        let Some(found) = facts.cluster(primary) else {
            return Some((
                SOURCE,
                format!("there is no cluster '{primary}': nothing would be left of the data"),
            ));
        };
        if let Some(what) = stuck("the new primary", primary.id.name.as_str(), &found.status) {
            return Some((SOURCE, what));
        }
        if found.engine.0 != self.cluster.engine {
            return Some((
                "Engine",
                format!("is {}, but '{primary}' is {}", self.cluster.engine, found.engine.0),
            ));
        }
        match membership(facts, primary) {
            Some((global, _)) if global.id != self.cluster.global => {
                let what = format!("'{primary}' is in global cluster '{}': name that one", global.id);
                Some((GLOBAL, what))
            }
            Some((GlobalCluster { id, .. }, false)) if !self.is_without_writer(facts) => {
                let what =
                    format!("'{primary}' is not the writer of global cluster '{id}': fail over to it first");
                Some((SOURCE, what))
            }
            _ => None,
        }
    }

    fn is_without_writer(&self, facts: &Facts) -> bool {
        self.global(facts).is_none_or(|global| global.writer().is_none())
    }

    /// The global cluster is led by the new primary, or only the old one is left in it and it can be deleted.
    fn refuse_global(&self, facts: &Facts) -> Option<Obstacle> {
        let global = self.global(facts)?;
        let id = &global.id;
        match global.writer() {
            Some(writer) if *writer == self.primary => self.refuse_second(global),
            Some(writer) if *writer != self.here => Some((
                GLOBAL,
                format!("global cluster '{id}' is led by '{writer}', not by '{}'", self.primary),
            )),
            None if !global.members.is_empty() => None,
            _ if global.deletion_protection => Some((GLOBAL, lift_protection(id))),
            _ => None,
        }
    }

    /// AWS takes one secondary a Region.
    fn refuse_second(&self, global: &GlobalCluster) -> Option<Obstacle> {
        let is_beside = |arn: &DatabaseArn| arn.id.region == self.here.id.region && *arn != self.here;
        let beside = global.members.iter().find(|member| is_beside(&member.cluster))?;
        Some((
            GLOBAL,
            format!("global cluster '{}' has '{}' in this Region already", global.id, beside.cluster),
        ))
    }

    /// The old primary leads nothing but itself. One that stands alone beside a global cluster of the new primary is
    /// most likely the live one: the manifest was started in the wrong Region, where source and target are swapped.
    fn refuse_old(&self, old: &DbCluster, facts: &Facts) -> Option<Obstacle> {
        let name = &old.arn;
        let what = match membership(facts, name) {
            Some((global, true)) if global.members.len() > 1 => {
                format!(
                    "'{name}' leads global cluster '{}' with other members: remove those first",
                    global.id
                )
            }
            Some((global, false)) if global.writer().is_some() => {
                format!("'{name}' follows another cluster in '{}': it is no old primary", global.id)
            }
            None if self.global(facts).and_then(GlobalCluster::writer) == Some(&self.primary) => format!(
                "'{name}' stands alone and may be the live one, while '{}' leads global cluster '{}': if it is the old \
                 one, delete it with a final snapshot yourself, then start again; if not, start this in the other Region",
                self.primary, self.cluster.global
            ),
            _ => return None,
        };
        Some((CLUSTER, what))
    }

    /// The new instance's name is free, or belongs to this cluster.
    fn refuse_instance(&self, facts: &Facts) -> Option<Obstacle> {
        let name = &self.instance.instance;
        let found = facts.instance(name)?;
        let what = || format!("instance '{name}' exists and is no member of cluster '{}'", self.here.id.name);
        (found.cluster.as_ref() != Some(&self.here.id.name)).then(|| ("DBInstanceIdentifier", what()))
    }
}

fn lift_protection(id: &str) -> String {
    format!(
        "global cluster '{id}' must be made anew and is protected from deletion: \
         aws rds modify-global-cluster --global-cluster-identifier {id} --no-deletion-protection"
    )
}
