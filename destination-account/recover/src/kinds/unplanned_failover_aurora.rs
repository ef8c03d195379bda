//! `UnPlannedFailoverAurora`: a secondary cluster takes over without its primary. Data that was not replicated yet is lost.
//!
//! By default the cluster is detached from its global cluster. With `AllowDataLoss` the global cluster stays together and
//! fails over. A cluster that still follows a writer has not taken over, so no check mistakes the state before for success.

use pilot_light_domain::Instant;
use pilot_light_domain::recovery::{Change, DbCluster, GlobalCluster};
use serde_json::Value;

use super::aurora::{
    AVAILABLE, CLUSTER, GLOBAL, Obstacle, Target, is_here, membership, outcome, until_served, wait,
};
use super::{Kind, Next, takeover};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;

const REGION: &str = "ClusterRegion";

/// A cluster of this Region that takes over without its primary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnPlannedFailoverAurora {
    target: Target,
    way: Way,
}

/// The way in which the cluster takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It leaves its global cluster and becomes independent.
    Detach,
    /// It becomes the writer of its global cluster.
    FailOver,
}

/// The current role of the cluster.
enum Role<'a> {
    /// It accepts writes: it is in no global cluster, or the writer of one.
    Leads(&'a DbCluster),
    /// It follows the writer of this global cluster.
    Follows(&'a DbCluster, &'a GlobalCluster),
}

impl Kind for UnPlannedFailoverAurora {
    const NAME: &'static str = "UnPlannedFailoverAurora";
    /// One hour: a promotion takes minutes.
    const LIMIT_MINUTES: u64 = 60;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let target = Target::read(fields, setting);
        let given = fields.required(REGION);
        let here = given.and_then(|_| is_here(fields, REGION, setting));
        let way = if fields.boolean("AllowDataLoss") == Some(true) { Way::FailOver } else { Way::Detach };
        fields.or_examined(here, true)?.then_some(Self { target: target?, way })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        self.target.needs(setting)
    }

    fn acts_on(&self, _: &Setting) -> Vec<String> {
        self.target.acts_on()
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<Obstacle> {
        match self.look(facts, &self.mark(facts, setting)) {
            Ok(Role::Leads(cluster) | Role::Follows(cluster, _)) => self.target.unusable(cluster, facts),
            Err(obstacle) => vec![obstacle],
        }
    }

    fn mark(&self, facts: &Facts, setting: &Setting) -> Value {
        self.target.mark(facts, setting)
    }

    fn sees(&self, facts: &Facts, mark: &Value, _: &Setting) -> Option<Value> {
        takeover::sees(mark, matches!(self.look(facts, mark), Ok(Role::Leads(_))))
    }

    fn outcome(&self, facts: &Facts, _: &Setting) -> Option<Outcome> {
        self.target.cluster(facts).ok().map(outcome)
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        match self.look(facts, mark) {
            Err((_, what)) => Next::Failed(what),
            Ok(Role::Leads(cluster) | Role::Follows(cluster, _)) if cluster.status != AVAILABLE => {
                wait("cluster", cluster.arn.id.name.as_str(), &cluster.status)
            }
            Ok(Role::Leads(cluster)) => until_served(cluster, facts).unwrap_or(Next::Done),
            Ok(Role::Follows(_, global)) if is_moving(global) => {
                wait("global cluster", &global.id, &global.status)
            }
            Ok(Role::Follows(cluster, _)) => takeover::lost(mark, cluster.arn.id.name.as_str())
                .or_else(|| until_served(cluster, facts))
                .unwrap_or_else(|| self.take_over(cluster, (facts.now, setting))),
        }
    }
}

/// True while the global cluster changes its writer. The change is awaited, whoever requested it.
fn is_moving(global: &GlobalCluster) -> bool {
    ["failing-over", "switching-over"].contains(&global.status.as_str())
}

impl UnPlannedFailoverAurora {
    fn look<'a>(&self, facts: &'a Facts, mark: &Value) -> Result<Role<'a>, Obstacle> {
        let Target { global: id, cluster: target } = &self.target;
        let cluster = self.target.cluster(facts)?;
        let leads = |how: &str| match takeover::followed(mark) {
            true => Ok(Role::Leads(cluster)),
            false => Err((CLUSTER, takeover::never_followed(&format!("'{target}' {how}")))),
        };
        match membership(facts, target) {
            None => leads("is in no global cluster"),
            Some((global, _)) if global.id != *id => Err((
                GLOBAL,
                format!(
                    "'{target}' is a member of global cluster '{other}', not of '{id}'; write {other}",
                    other = global.id
                ),
            )),
            Some((_, true)) => leads(&format!("is the writer of global cluster '{id}' already")),
            Some((global, false)) => Ok(Role::Follows(cluster, global)),
        }
    }

    /// The change for the way of taking over. It is requested only for a cluster of this Region that follows a writer.
    fn take_over(&self, found: &DbCluster, (now, setting): (Instant, &Setting)) -> Next {
        let Target { global, cluster } = self.target.clone();
        let name = cluster.id.name.clone();
        let (change, then) = match self.way {
            Way::Detach => {
                let then = format!("detaching cluster '{name}' from global cluster '{global}'");
                (Change::RemoveFromGlobalCluster { id: global, cluster }, then)
            }
            Way::FailOver => {
                let then = format!("failing over global cluster '{global}' to cluster '{name}'");
                (Change::FailoverGlobalCluster { id: global, target: cluster }, then)
            }
        };
        takeover::take_over(&found.arn, change, then, (now, setting))
    }
}

#[cfg(test)]
mod tests;
