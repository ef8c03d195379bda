//! `PromoteRDSReadReplica`: a replica in this Region becomes an independent instance.

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::Value;

use super::restoring::{until_settled, until_usable};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;

const INSTANCE: &str = "RDSInstanceIdentifier";

/// A replica to promote.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PromoteRDSReadReplica {
    instance: DatabaseName,
}

impl Kind for PromoteRDSReadReplica {
    const NAME: &'static str = "PromoteRDSReadReplica";

    /// Two hours: the replica applies its lag, then a promotion takes minutes.
    const POLLS: u32 = 480;

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
        match self.next(facts, &Value::Null, setting) {
            Next::Failed(why) => vec![(INSTANCE, why)],
            _ => vec![],
        }
    }

    fn next(&self, facts: &Facts, _mark: &Value, setting: &Setting) -> Next {
        let Some(found) = facts.instance(&self.instance) else {
            let (name, region) = (&self.instance, &setting.region);
            return Next::Failed(format!(
                "there is no instance '{name}' in {region}; correct the identifier"
            ));
        };
        // While it still follows its source, no status means that it is done.
        if found.stands_alone() { until_usable(found) } else { self.promote(found, setting) }
    }
}

impl PromoteRDSReadReplica {
    fn promote(&self, found: &DbInstance, setting: &Setting) -> Next {
        let name = &self.instance;
        if let Some(cluster) = &found.cluster {
            return Next::Failed(format!(
                "'{name}' is a member of cluster '{cluster}', not a replica; use a resourceType for clusters"
            ));
        }
        let status = &found.status;
        match until_settled(found) {
            // AWS promotes no replica during a backup or before an earlier change is done.
            Next::Done => Next::Ask {
                region: setting.region.clone(),
                change: Change::PromoteReplica(name.clone()),
                then: format!("promoting '{name}'"),
            },
            Next::Failed(_) => Next::Failed(format!(
                "'{name}' is '{status}' and cannot be promoted; repair it: see its events"
            )),
            _ => Next::Wait(format!("'{name}' is '{status}' and cannot be promoted yet")),
        }
    }
}

#[cfg(test)]
mod tests;
