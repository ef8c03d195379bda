//! `PlannedFailoverAurora`: another cluster of a global cluster becomes its writer, and no data is lost.
//!
//! The writer decides. A check that still sees the old state requests the switchover again, and AWS refuses it while the
//! switchover is in progress. No check can therefore succeed too early.

use pilot_light_domain::Instant;
use pilot_light_domain::recovery::{Change, DbCluster, GlobalCluster};
use serde_json::Value;

use super::aurora::{AVAILABLE, CLUSTER, GLOBAL, Obstacle, Target, outcome, stuck, until_served, wait};
use super::{Kind, Next, takeover};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;

/// A switchover to a cluster of this Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedFailoverAurora {
    target: Target,
}

/// The global cluster and its member that takes over. `is_writer` is true if the member is the writer already.
struct View<'a> {
    global: &'a GlobalCluster,
    cluster: &'a DbCluster,
    is_writer: bool,
}

impl Kind for PlannedFailoverAurora {
    const NAME: &'static str = "PlannedFailoverAurora";
    /// One hour: AWS waits until everything is replicated, which takes minutes.
    const LIMIT_MINUTES: u64 = 60;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        Target::read(fields, setting).map(|target| Self { target })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        self.target.needs(setting)
    }

    fn acts_on(&self, _: &Setting) -> Vec<String> {
        self.target.acts_on()
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<Obstacle> {
        // The cluster and the global cluster are examined apart, then the one in the other.
        let cluster = self.target.cluster(facts);
        let (cluster, global) = match (cluster, self.global(facts)) {
            (Ok(cluster), Ok(_)) if setting.knows(&[CLUSTER, GLOBAL]) => {
                let member = self.look(facts, &self.mark(facts, setting));
                return member.err().into_iter().chain(self.target.unusable(cluster, facts)).collect();
            }
            (Ok(cluster), global) => (self.target.unusable(cluster, facts), global.err()),
            (Err(obstacle), global) => (vec![obstacle], global.err()),
        };
        cluster.into_iter().chain(global).collect()
    }

    fn mark(&self, facts: &Facts, setting: &Setting) -> Value {
        self.target.mark(facts, setting)
    }

    fn sees(&self, facts: &Facts, mark: &Value, _: &Setting) -> Option<Value> {
        takeover::sees(mark, self.look(facts, mark).is_ok_and(|view| view.is_writer))
    }

    fn outcome(&self, facts: &Facts, _: &Setting) -> Option<Outcome> {
        self.target.cluster(facts).ok().map(outcome)
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        match self.look(facts, mark) {
            Err((_, what)) => Next::Failed(what),
            Ok(View { global, .. }) if global.status != AVAILABLE => {
                wait("global cluster", &global.id, &global.status)
            }
            Ok(View { cluster, .. }) if cluster.status != AVAILABLE => {
                wait("cluster", cluster.arn.id.name.as_str(), &cluster.status)
            }
            Ok(View { cluster, is_writer, .. }) => match (until_served(cluster, facts), is_writer) {
                (Some(waits), _) => waits,
                (None, true) => Next::Done,
                (None, false) => takeover::lost(mark, cluster.arn.id.name.as_str())
                    .unwrap_or_else(|| self.switch_over(cluster, (facts.now, setting))),
            },
        }
    }
}

impl PlannedFailoverAurora {
    fn look<'a>(&self, facts: &'a Facts, mark: &Value) -> Result<View<'a>, Obstacle> {
        let Target { global: id, cluster: target } = &self.target;
        let cluster = self.target.cluster(facts)?;
        let global = self.global(facts)?;
        let member = global.member(target).ok_or_else(|| (CLUSTER, self.no_member(global)))?;
        if member.is_writer && !takeover::followed(mark) {
            let what = format!("'{target}' is the writer of global cluster '{id}' already");
            return Err((CLUSTER, takeover::never_followed(&what)));
        }
        Ok(View { global, cluster, is_writer: member.is_writer })
    }

    /// The global cluster, if it exists in a state in which another cluster can take over.
    fn global<'a>(&self, facts: &'a Facts) -> Result<&'a GlobalCluster, Obstacle> {
        let id = &self.target.global;
        let missing =
            || (GLOBAL, format!("there is no global cluster '{id}' in this account; correct the identifier"));
        let global = facts.global_cluster(id).ok_or_else(missing)?;
        match stuck("global cluster", id, &global.status) {
            Some(what) => Err((GLOBAL, what)),
            None => Ok(global),
        }
    }

    fn no_member(&self, global: &GlobalCluster) -> String {
        let members: Vec<String> = global.members.iter().map(|member| member.cluster.to_string()).collect();
        let Target { global, cluster } = &self.target;
        let members = members.join(", ");
        format!("'{cluster}' is not a member of global cluster '{global}'; its members are {members}")
    }

    fn switch_over(&self, found: &DbCluster, (now, setting): (Instant, &Setting)) -> Next {
        let Target { global, cluster } = &self.target;
        let then = format!("switching over global cluster '{global}' to '{}'", cluster.id.name);
        let change = Change::SwitchoverGlobalCluster { id: global.clone(), target: cluster.clone() };
        takeover::take_over(&found.arn, change, then, (now, setting))
    }
}

#[cfg(test)]
mod tests;
