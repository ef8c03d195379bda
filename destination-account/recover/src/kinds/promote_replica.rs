//! `PromoteRDSReadReplica`: a replica in this Region becomes an instance of its own.

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::Value;

use super::restoring::{until_settled, until_usable};
use super::{Kind, Next};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::registry::instance_in;

const INSTANCE: &str = "RDSInstanceIdentifier";

/// A replica to promote.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PromoteRDSReadReplica {
    instance: DatabaseName,
}

impl Kind for PromoteRDSReadReplica {
    const NAME: &'static str = "PromoteRDSReadReplica";

    /// Two hours: a promotion takes minutes, after the lag of the replica.
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
            return Next::Failed(format!("there is no instance '{}' in {}", self.instance, setting.region));
        };
        // While it still follows, nothing that its status says counts as done.
        if found.stands_alone() { until_usable(found) } else { self.promote(found, setting) }
    }
}

impl PromoteRDSReadReplica {
    fn promote(&self, found: &DbInstance, setting: &Setting) -> Next {
        let name = &self.instance;
        if let Some(cluster) = &found.cluster {
            return Next::Failed(format!(
                "'{name}' is a member of cluster '{cluster}', and no replica by itself"
            ));
        }
        let status = &found.status;
        match until_settled(found) {
            // Not while it is backing up, nor before an earlier change is done.
            Next::Done => Next::Ask {
                region: setting.region.clone(),
                change: Change::PromoteReplica(name.clone()),
                then: format!("'{name}' is being promoted"),
            },
            Next::Failed(_) => {
                Next::Failed(format!("'{name}' is {status}, and cannot be promoted; see its events"))
            }
            _ => Next::Wait(format!("'{name}' is {status}, before it can be promoted")),
        }
    }
}

#[cfg(test)]
mod tests;
