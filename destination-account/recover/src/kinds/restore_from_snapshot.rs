//! `RestoreFromSnapshot`: a database is restored from its newest usable recovery point, as a new instance.
//!
//! An instance of that name that this resource did not restore is never changed. The choice of the snapshot is left to
//! `points`.

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::DbInstance;
use serde_json::Value;

use super::restoring::{Options, until_usable};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::Wanted;
use crate::tagging;

const INSTANCE: &str = "DBInstanceIdentifier";
const SOURCE: &str = "SourceDBInstanceIdentifier";

/// A database to restore.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RestoreFromSnapshot {
    instance: DatabaseName,
    wanted: Wanted,
    options: Options,
}

impl Kind for RestoreFromSnapshot {
    const NAME: &'static str = "RestoreFromSnapshot";

    /// Four hours, which is one hour more than the RTO. After that a person must investigate.
    const POLLS: u32 = 960;

    fn read(fields: &mut Fields, _setting: &Setting) -> Option<Self> {
        let instance = fields.instance(INSTANCE);
        let source = fields.instance(SOURCE);
        if fields.text(INSTANCE).or_else(|| fields.text(SOURCE)).is_none() {
            fields.missing(
                &[INSTANCE, SOURCE],
                "is missing; give the name of the new instance, which is also the database unless SourceDBInstanceIdentifier is given",
            );
        }
        let options = Options::read_lasting(fields, &["DBInstanceClass", "rds_instance_type"]);
        let wanted = Wanted::read(fields, source.clone().or_else(|| instance.clone()));
        Some(Self { instance: instance.or(source)?, wanted: wanted?, options })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone()), Need::Snapshots]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        match facts.instance(&self.instance) {
            Some(found) if is_ours(found, setting) => vec![],
            Some(found) => vec![(INSTANCE, not_ours(found))],
            None => self.wanted.choose(facts).err().map(|why| (SOURCE, why)).into_iter().collect(),
        }
    }

    fn next(&self, facts: &Facts, _mark: &Value, setting: &Setting) -> Next {
        match facts.instance(&self.instance) {
            Some(found) if is_ours(found, setting) => until_usable(found),
            Some(found) => Next::Failed(not_ours(found)),
            None => self.restore(facts, setting),
        }
    }
}

impl RestoreFromSnapshot {
    fn restore(&self, facts: &Facts, setting: &Setting) -> Next {
        match self.wanted.choose(facts) {
            Ok(snapshot) => Next::Ask {
                region: setting.region.clone(),
                change: self.options.restore(&self.instance, &snapshot, setting, Tags::new()),
                then: format!("restoring '{}' from {}", self.instance, snapshot.arn.id),
            },
            Err(why) => Next::Failed(why),
        }
    }
}

/// True if this resource restored the instance, in this execution or an earlier one.
fn is_ours(instance: &DbInstance, setting: &Setting) -> bool {
    instance.tags.contains_key(tagging::RESTORED_FROM)
        && tagging::has(instance, tagging::RESOURCE, &setting.resource)
}

fn not_ours(instance: &DbInstance) -> String {
    let name = &instance.arn.id.name;
    format!(
        "there is an instance '{name}' that this resource did not restore and does not change; give another DBInstanceIdentifier"
    )
}

#[cfg(test)]
mod tests;
