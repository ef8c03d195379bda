//! `UnPlannedFailoverAurora`: a secondary cluster takes over though its primary cannot be asked, so that what was
//! not replicated yet is lost.
//!
//! The type's own name asks for detaching it. With `AllowDataLoss` the global cluster stays together and fails over.
//! Whether the cluster still follows decides: a check that sees the state of before cannot pass.

use pilot_light_domain::recovery::{Change, DbCluster, GlobalCluster};
use serde_json::Value;

use super::aurora::{AVAILABLE, GLOBAL, Obstacle, Target, ask, is_here, membership, wait};
use super::{Kind, Next};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;

/// A cluster of this Region that takes over by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnPlannedFailoverAurora {
    target: Target,
    way: Way,
}

/// How it takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Out of its global cluster, to stand alone.
    Detach,
    /// As the writer of its global cluster.
    FailOver,
}

/// How the cluster stands now.
enum Standing<'a> {
    /// Alone, or as the writer: it takes writes.
    Leads(&'a DbCluster),
    /// It follows the writer of this global cluster.
    Follows(&'a DbCluster, &'a GlobalCluster),
}

impl Kind for UnPlannedFailoverAurora {
    const NAME: &'static str = "UnPlannedFailoverAurora";
    /// An hour: a promotion takes minutes.
    const POLLS: u32 = 240;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let target = Target::read(fields, setting);
        let given = fields.required("ClusterRegion");
        let here = given.and_then(|_| is_here(fields, "ClusterRegion", setting));
        let way = if fields.boolean("AllowDataLoss") == Some(true) { Way::FailOver } else { Way::Detach };
        here?.then_some(Self { target: target?, way })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        self.target.needs(setting)
    }

    fn acts_on(&self, _: &Setting) -> Vec<String> {
        self.target.acts_on()
    }

    fn obstacles(&self, facts: &Facts, _: &Setting) -> Vec<Obstacle> {
        match self.look(facts) {
            Ok(Standing::Leads(cluster) | Standing::Follows(cluster, _)) => {
                self.target.headless(cluster).into_iter().collect()
            }
            Err(obstacle) => vec![obstacle],
        }
    }

    fn next(&self, facts: &Facts, _: &Value, _: &Setting) -> Next {
        match self.look(facts) {
            Err((_, what)) => Next::Failed(what),
            Ok(Standing::Leads(cluster) | Standing::Follows(cluster, _)) if cluster.status != AVAILABLE => {
                wait("cluster", cluster.arn.id.name.as_str(), &cluster.status)
            }
            Ok(Standing::Leads(_)) => Next::Done,
            Ok(Standing::Follows(_, global)) if is_moving(global) => {
                wait("global cluster", &global.id, &global.status)
            }
            Ok(Standing::Follows(..)) => self.take_over(),
        }
    }
}

/// True while the global cluster changes its writer: whoever asked for it is waited for.
fn is_moving(global: &GlobalCluster) -> bool {
    ["failing-over", "switching-over"].contains(&global.status.as_str())
}

impl UnPlannedFailoverAurora {
    fn look<'a>(&self, facts: &'a Facts) -> Result<Standing<'a>, Obstacle> {
        let Target { global: id, cluster: target } = &self.target;
        let cluster = self.target.cluster(facts)?;
        match membership(facts, target) {
            None => Ok(Standing::Leads(cluster)),
            Some((global, _)) if global.id != *id => Err((
                GLOBAL,
                format!("'{target}' is a member of global cluster '{}', not of '{id}'", global.id),
            )),
            Some((_, true)) => Ok(Standing::Leads(cluster)),
            Some((global, false)) => Ok(Standing::Follows(cluster, global)),
        }
    }

    /// What the way asks for; only ever of a cluster of this Region that follows.
    fn take_over(&self) -> Next {
        let Target { global, cluster } = self.target.clone();
        let (region, name) = (cluster.id.region.clone(), cluster.id.name.clone());
        let then = format!("cluster '{name}' to take over from global cluster '{global}'");
        let change = match self.way {
            Way::Detach => Change::RemoveFromGlobalCluster { id: global, cluster },
            Way::FailOver => Change::FailoverGlobalCluster { id: global, target: cluster },
        };
        ask(&region, change, then)
    }
}

#[cfg(test)]
mod tests;
