//! The guards of `CreateAuroraSecondaryDBCluster`: the reasons not to replace an old primary, from the facts alone.
//!
//! The same check runs in `validate` and before every step. The steps themselves are left to the parent module.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{DbCluster, GlobalCluster};

use super::super::aurora::{AVAILABLE, CLUSTER, GLOBAL, Obstacle, membership, stuck};
use super::super::difference::Differences;
use super::super::takeover;
use super::parameters::{CLASS, ENGINE, INSTANCE, NAME, SOURCE, SOURCE_REGION};
use super::state::{CreateAuroraSecondaryDBCluster, State};
use crate::facts::{Facts, Setting};
use crate::tagging;

impl CreateAuroraSecondaryDBCluster {
    /// The reason to change nothing, if there is one.
    pub(super) fn refusal(&self, facts: &Facts) -> Option<Obstacle> {
        self.refuse_clusters(facts)
            .or_else(|| self.difference(facts, Some(&self.instance.class)))
            .or_else(|| self.refuse_engine(facts))
            .or_else(|| self.unlike_primary(facts).into_iter().next())
            .or_else(|| self.refuse_instance(facts))
    }

    /// Every reason to change nothing that does not follow from a parameter that cannot be read.
    pub(super) fn refusals(&self, facts: &Facts, setting: &Setting) -> Vec<Obstacle> {
        let clusters = if setting.knows(&[CLUSTER, NAME, GLOBAL, SOURCE, SOURCE_REGION]) {
            let class = Some(&self.instance.class).filter(|_| setting.knows(&[CLASS]));
            self.refuse_clusters(facts).or_else(|| self.difference(facts, class))
        } else {
            // A primary that is lost is a reason in every state.
            self.refuse_lost_primary(facts).filter(|_| setting.knows(&[SOURCE, SOURCE_REGION]))
        };
        let (engine, unlike) = if setting.knows(&[SOURCE, SOURCE_REGION]) {
            (self.refuse_engine(facts), self.unlike_primary(facts))
        } else {
            (None, Vec::new())
        };
        let instance = self.refuse_instance(facts).filter(|_| setting.knows(&[CLUSTER, NAME]));
        clusters.into_iter().chain(engine).chain(unlike).chain(instance).collect()
    }

    fn refuse_clusters(&self, facts: &Facts) -> Option<Obstacle> {
        let about_cluster = match self.state(facts) {
            State::Follows(cluster) | State::Coming(cluster) => self.broken(cluster),
            State::Gone | State::Leaving(_) => {
                self.refuse_primary(facts).or_else(|| self.refuse_global(facts))
            }
            State::Old(old) => self
                .refuse_primary(facts)
                .or_else(|| self.refuse_global(facts))
                .or_else(|| self.refuse_old(old, facts))
                .or_else(|| self.broken(old)),
        };
        self.refuse_region(facts).or(about_cluster)
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
        (there == here).then(|| (SOURCE_REGION, what()))
    }

    fn broken(&self, cluster: &DbCluster) -> Option<Obstacle> {
        stuck("cluster", cluster.arn.id.name.as_str(), &cluster.status).map(|what| (CLUSTER, what))
    }

    /// A secondary that another recovery or a person created must be as requested. `class` is the class, if it is known.
    fn difference(&self, facts: &Facts, class: Option<&String>) -> Option<Obstacle> {
        let State::Follows(found) = self.state(facts) else { return None };
        let Self { cluster, instance, primary, .. } = self;
        if found.status != AVAILABLE {
            return None;
        }
        // Of two recoveries, one may create the cluster and the other one its instance.
        let is_by_another = |tags: &Tags| tags.get(tagging::RECOVERY) != cluster.tags.get(tagging::RECOVERY);
        let member = facts.instance(&instance.instance).filter(|member| is_by_another(&member.tags));
        let port = cluster.port.filter(|_| is_by_another(&found.tags));
        let differs = Differences::default()
            .compare("the class", member.map(|member| &member.class), class)
            .compare("the port", found.endpoint.as_ref().map(|endpoint| endpoint.port), port);
        let name = &found.arn.id.name;
        let what = format!(
            "'{name}' already follows {primary}, with {}; correct the manifest, or delete that cluster",
            differs.in_words()?
        );
        Some((CLUSTER, what))
    }

    /// The new primary must hold the data.
    fn refuse_lost_primary(&self, facts: &Facts) -> Option<Obstacle> {
        let Self { primary, .. } = self;
        let Some(found) = facts.cluster(primary) else {
            let danger = match self.state(facts) {
                State::Old(_) => ", so the old cluster may hold the only data",
                _ => "",
            };
            return Some((
                SOURCE,
                format!("there is no cluster '{primary}'{danger}; correct the identifier"),
            ));
        };
        stuck("the new primary", primary.id.name.as_str(), &found.status).map(|what| (SOURCE, what))
    }

    /// The new secondary needs the engine of its primary.
    fn refuse_engine(&self, facts: &Facts) -> Option<Obstacle> {
        if let State::Follows(_) | State::Coming(_) = self.state(facts) {
            return None;
        }
        let other = &facts.cluster(&self.primary)?.engine.0;
        let (primary, engine) = (&self.primary, &self.cluster.engine);
        let what = || format!("is {engine}, but the engine of '{primary}' is {other}; write {other}");
        (other.as_str() != engine.as_str()).then(|| (ENGINE, what()))
    }

    /// The new primary is in no global cluster, or it is the writer of the right one.
    fn refuse_primary(&self, facts: &Facts) -> Option<Obstacle> {
        if let Some(lost) = self.refuse_lost_primary(facts) {
            return Some(lost);
        }
        let Self { primary, .. } = self;
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
        (found.cluster.as_ref() != Some(&self.here.id.name)).then(|| (INSTANCE, what()))
    }
}

fn lift_protection(id: &str) -> String {
    format!(
        "global cluster '{id}' must be created anew but is protected from deletion; lift the protection first: \
         aws rds modify-global-cluster --global-cluster-identifier {id} --no-deletion-protection"
    )
}
