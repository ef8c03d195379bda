//! `PromoteRDSReadReplica`: a replica in this Region becomes an independent instance.

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::Value;

use super::restoring::{outcome, until_settled, until_usable};
use super::{Kind, Next, instance_in, takeover};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;

const INSTANCE: &str = "RDSInstanceIdentifier";

/// A replica to promote.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PromoteRDSReadReplica {
    instance: DatabaseName,
}

impl Kind for PromoteRDSReadReplica {
    const NAME: &'static str = "PromoteRDSReadReplica";

    /// Two hours: the replica applies its lag, then a promotion takes minutes.
    const LIMIT_MINUTES: u64 = 120;

    fn read(fields: &mut Fields, _setting: &Setting) -> Option<Self> {
        fields.unused(&["TargetClusterIdentifier"]);
        Some(Self { instance: fields.required_instance(&[INSTANCE])? })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone())]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        match self.next(facts, &self.mark(facts, setting), setting) {
            Next::Failed(why) => vec![(INSTANCE, why)],
            _ => vec![],
        }
    }

    /// True if it followed another instance at the first look, or a recent recovery promoted it.
    fn mark(&self, facts: &Facts, setting: &Setting) -> Value {
        let found = facts.instance(&self.instance);
        let follows = found.is_some_and(|found| !found.stands_alone());
        takeover::mark(follows, found.map(|found| &found.tags), setting)
    }

    fn sees(&self, facts: &Facts, mark: &Value, _: &Setting) -> Option<Value> {
        takeover::sees(mark, facts.instance(&self.instance).is_some_and(DbInstance::stands_alone))
    }

    fn outcome(&self, facts: &Facts, _setting: &Setting) -> Option<Outcome> {
        let found = facts.instance(&self.instance)?;
        Some(Outcome { took_over: takeover::promoted(&found.tags), ..outcome(found) })
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        let Some(found) = facts.instance(&self.instance) else {
            let (name, region) = (&self.instance, &setting.region);
            return Next::Failed(format!(
                "there is no instance '{name}' in {region}; correct the identifier"
            ));
        };
        // While it still follows its source, no status means that it is done.
        match (found.stands_alone(), takeover::followed(mark)) {
            (true, true) => until_usable(found),
            (true, false) => {
                let what = format!("'{}' in {} is not a replica", self.instance, setting.region);
                Next::Failed(takeover::never_followed(&what))
            }
            (false, _) => takeover::lost(mark, self.instance.as_str())
                .unwrap_or_else(|| self.promote(found, (facts.now, setting))),
        }
    }
}

impl PromoteRDSReadReplica {
    fn promote(&self, found: &DbInstance, (now, setting): (Instant, &Setting)) -> Next {
        let name = &self.instance;
        if let Some(cluster) = &found.cluster {
            return Next::Failed(format!(
                "'{name}' is a member of cluster '{cluster}', not a replica; use PlannedFailoverAurora or UnPlannedFailoverAurora for a cluster"
            ));
        }
        let status = &found.status;
        match until_settled(found) {
            // AWS promotes no replica during a backup or before an earlier change is done.
            Next::Done => {
                let (change, then) = (Change::PromoteReplica(name.clone()), format!("promoting '{name}'"));
                takeover::take_over(&found.arn, change, then, (now, setting))
            }
            Next::Failed(_) => Next::Failed(format!(
                "'{name}' is '{status}' and cannot be promoted; repair it: see its events"
            )),
            _ => Next::Wait(format!("'{name}' is '{status}' and cannot be promoted yet")),
        }
    }
}

#[cfg(test)]
mod tests;
