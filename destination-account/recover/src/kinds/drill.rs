//! `RestoreDrill`: a database is restored under a name of its own, its time is taken, and it is deleted again.
//!
//! Touched is only what carries the tags and the name that a drill of this database gave: nothing that people or
//! other resources made can.

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::{Value, json};

use super::restoring::{Options, is_deleting, until_deletable, until_usable};
use super::{Kind, Next};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::Wanted;
use crate::registry::instance_in;
use crate::{names, tagging};

const DATABASE: &str = "DBInstanceIdentifier";

/// After how long a drill's instance counts as left behind, in hours: longer than any drill may take.
const LEFT_BEHIND_HOURS: i64 = 8;

/// A database to try out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RestoreDrill {
    instance: DatabaseName,
    wanted: Wanted,
    options: Options,
}

impl Kind for RestoreDrill {
    const NAME: &'static str = "RestoreDrill";

    /// Four hours for the restore, and one to delete.
    const POLLS: u32 = 1200;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let database = fields.required_instance(&[DATABASE, "SourceDBInstanceIdentifier"]);
        let options = Options::read(fields, &["DBInstanceClass", "rds_instance_type"]);
        let wanted = Wanted::read(fields, database)?;
        let instance = names::drill(&wanted.database, &setting.execution).ok()?;
        Some(Self { instance, wanted, options })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone()), Need::Snapshots]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        match facts.instance(&self.instance) {
            Some(found) if self.is_ours(found, setting) => vec![],
            Some(found) => vec![(DATABASE, not_ours(found))],
            None => self.wanted.choose(facts).err().map(|why| (DATABASE, why)).into_iter().collect(),
        }
    }

    /// Once it was up it is only deleted: an instance that is gone then is not restored once more.
    fn came_up(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Value> {
        let found = facts.instance(&self.instance).filter(|found| self.is_ours(found, setting))?;
        let is_new = !was_up(mark) && until_usable(found) == Next::Done;
        is_new.then(|| json!({"up": true}))
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        match facts.instance(&self.instance) {
            Some(found) if !self.is_ours(found, setting) => Next::Failed(not_ours(found)),
            Some(found) if was_up(mark) => delete(found, setting),
            Some(found) => until_usable(found),
            None if was_up(mark) => Next::Done,
            None => match self.left_behind(facts, setting) {
                Some(found) => delete(found, setting),
                None => self.restore(facts, setting),
            },
        }
    }
}

impl RestoreDrill {
    /// True if this execution restored it.
    fn is_ours(&self, found: &DbInstance, setting: &Setting) -> bool {
        self.is_of_drill(found) && tagging::has(found, tagging::RECOVERY, &setting.execution)
    }

    /// True if some drill of this database restored it: its tags say so, and its name follows from them.
    fn is_of_drill(&self, found: &DbInstance) -> bool {
        let named = |execution: &str| names::drill(&self.wanted.database, execution);
        let name = found.tags.get(tagging::RECOVERY).map(named);
        tagging::has(found, tagging::DRILL, self.wanted.database.as_str())
            && name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id.name))
    }

    /// What an earlier drill of this database left behind.
    fn left_behind<'a>(&self, facts: &'a Facts, setting: &Setting) -> Option<&'a DbInstance> {
        let hours = chrono::TimeDelta::hours(LEFT_BEHIND_HOURS);
        let is_old = |found: &DbInstance| found.created_at.is_some_and(|made| made + hours < setting.started);
        let mut all = facts.instances.get(&setting.region)?.iter();
        all.find(|found| self.is_of_drill(found) && is_old(found) && !is_deleting(found))
    }

    fn restore(&self, facts: &Facts, setting: &Setting) -> Next {
        match self.wanted.choose(facts) {
            Ok(snapshot) => {
                let tag = (tagging::DRILL, self.wanted.database.as_str());
                Next::Ask {
                    region: setting.region.clone(),
                    change: self.options.restore(&self.instance, &snapshot, setting, tags::of([tag])),
                    then: format!("'{}' is restored from {}", self.instance, snapshot.arn.id),
                }
            }
            Err(why) => Next::Failed(why),
        }
    }
}

fn was_up(mark: &Value) -> bool {
    mark["up"] == true
}

/// The next change on the way to deleting what a drill restored. Its data is that of a snapshot, so it leaves none.
fn delete(found: &DbInstance, setting: &Setting) -> Next {
    let (instance, region) = (found.arn.id.name.clone(), setting.region.clone());
    if let Some(wait) = until_deletable(found) {
        return wait;
    }
    let then = format!("'{instance}' is deleted");
    let change = if found.deletion_protection {
        Change::ProtectInstance { instance, protected: false }
    } else {
        Change::DeleteInstance { instance, final_snapshot: None }
    };
    Next::Ask { region, change, then }
}

fn not_ours(found: &DbInstance) -> String {
    format!("an instance '{}' is there that this drill did not restore; it is left alone", found.arn.id.name)
}

#[cfg(test)]
mod tests;
