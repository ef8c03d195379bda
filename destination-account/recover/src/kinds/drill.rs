//! `RestoreDrill`: a database is restored under a temporary name, the recovery time is measured, and the instance is deleted.
//!
//! A drill changes only instances with the tags and the name that a drill of this database gives. No instance of people or of
//! other resources has both.

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::{Value, json};

use super::restoring::{Options, is_deleting, outcome, until_deletable};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::Wanted;
use crate::progress::Outcome;
use crate::readiness::{Demand, Room};
use crate::{identity, names, tagging};

const DATABASE: &str = "DBInstanceIdentifier";
/// The tag of a drill.
const MORE_TAGS: usize = 1;

/// A database whose restore is tried out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RestoreDrill {
    instance: DatabaseName,
    wanted: Wanted,
    options: Options,
}

impl Kind for RestoreDrill {
    const NAME: &'static str = "RestoreDrill";

    /// Four hours for the restore, and one for the deletion.
    const LIMIT_MINUTES: u64 = 300;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let names = [DATABASE, "SourceDBInstanceIdentifier"];
        let database = fields.required_instance(&names);
        let options = Options::read(fields, &["DBInstanceClass", "rds_instance_type"], MORE_TAGS);
        let wanted = Wanted::read(fields, &names, database)?;
        let instance = names::drill(&wanted.database, &setting.resource).ok()?;
        Some(Self { instance, wanted, options })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone()), Need::Snapshots]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        match self.found(facts, setting) {
            Some(found) if !self.is_of_drill(found) => vec![(DATABASE, not_ours(found))],
            Some(found) if !identity::is_old(found, setting) => vec![],
            _ => self.wanted.problem(facts).map(|why| (DATABASE, why)).into_iter().collect(),
        }
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        let is_its = |found: &DbInstance| self.is_of_drill(found) && !identity::is_old(found, setting);
        if self.found(facts, setting).is_some_and(is_its) {
            return Vec::new();
        }
        let snapshot = self.wanted.choose(facts).ok();
        vec![self.options.demand(snapshot.as_ref(), setting, Room::PASSING, false)]
    }

    /// The instance that another drill left before the first look. An instance that another execution is only just restoring
    /// from the same point is shared instead.
    fn mark(&self, facts: &Facts, setting: &Setting) -> Value {
        let found = self.found(facts, setting).filter(|found| self.is_of_drill(found));
        let is_shared = |found: &&DbInstance| {
            let from = found.tags.get(tagging::RESTORED_FROM);
            let is_chosen = self
                .wanted
                .choose(facts)
                .is_ok_and(|point| from.is_some_and(|arn| point.arn.is_written(arn)));
            tagging::are_ours(&found.tags, setting) || is_chosen && found.status == "creating"
        };
        let left = found.filter(|found| !is_shared(found));
        json!({"left": left.map(|found| &found.resource_id)})
    }

    /// Marks the instance as up. Afterwards it is only deleted, and never restored a second time.
    fn came_up(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Value> {
        let is_its = |found: &&DbInstance| self.is_of_drill(found) && !is_left(found, mark, setting);
        let found = self.found(facts, setting).filter(is_its)?;
        let is_new = !was_up(mark) && self.options.complete(found, setting) == Next::Done;
        is_new.then(|| json!({"up": true}))
    }

    fn outcome(&self, facts: &Facts, setting: &Setting) -> Option<Outcome> {
        let found = self.found(facts, setting)?;
        Some(Outcome { endpoint: None, ..outcome(found) })
    }

    /// Whatever the drill restored is deleted, however it ended.
    fn remove(&self, facts: &Facts, setting: &Setting) -> Option<Next> {
        let found = self.found(facts, setting).filter(|found| self.is_of_drill(found))?;
        Some(delete(found, setting))
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        match self.found(facts, setting) {
            Some(found) if !self.is_of_drill(found) => Next::Failed(not_ours(found)),
            Some(found) if was_up(mark) || is_left(found, mark, setting) => delete(found, setting),
            Some(found) => self.options.complete(found, setting),
            None if was_up(mark) => Next::Done,
            None => match self.left_behind(facts, setting) {
                Some(found) => delete(found, setting),
                None => self.restore(facts, setting),
            },
        }
    }
}

impl RestoreDrill {
    /// The instance of the drill. Version 0.1.0 named it after the execution, and one may be under way during the update.
    fn found<'a>(&self, facts: &'a Facts, setting: &Setting) -> Option<&'a DbInstance> {
        let earlier = || names::drill(&self.wanted.database, &setting.recovery.id).ok();
        facts.instance(&self.instance).or_else(|| facts.instance(&earlier()?))
    }

    /// True if a drill of this database restored the instance: its tags state this, and its name follows from them. The
    /// name came from the execution in version 0.1.0, and comes from the resource since.
    fn is_of_drill(&self, found: &DbInstance) -> bool {
        let is_named = |key: &str| {
            let name = found.tags.get(key).map(|text| names::drill(&self.wanted.database, text));
            name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id.name))
        };
        tagging::has(found, tagging::DRILL, self.wanted.database.as_str())
            && (is_named(tagging::RESOURCE) || is_named(tagging::RECOVERY))
    }

    /// An instance that an earlier drill of this database left behind.
    fn left_behind<'a>(&self, facts: &'a Facts, setting: &Setting) -> Option<&'a DbInstance> {
        let mut all = facts.instances.get(&setting.region)?.iter();
        all.find(|found| self.is_of_drill(found) && identity::is_old(found, setting) && !is_deleting(found))
    }

    fn restore(&self, facts: &Facts, setting: &Setting) -> Next {
        match self.wanted.choose(facts) {
            Ok(snapshot) => {
                let tag = (tagging::DRILL, self.wanted.database.as_str());
                Next::Ask {
                    region: setting.region.clone(),
                    change: self.options.restore(&self.instance, &snapshot, setting, tags::of([tag])),
                    then: format!("restoring '{}' from {}", self.instance, snapshot.arn.id),
                }
            }
            Err(why) => Next::Failed(why),
        }
    }
}

/// True if the instance is not that of this drill: it was there before, or its drill began too long ago.
fn is_left(found: &DbInstance, mark: &Value, setting: &Setting) -> bool {
    mark["left"].as_str() == Some(&found.resource_id) || identity::is_old(found, setting)
}

fn was_up(mark: &Value) -> bool {
    mark["up"] == true
}

/// The next step of deleting a drill's instance. Its data came from a snapshot, so it needs no final snapshot.
fn delete(found: &DbInstance, setting: &Setting) -> Next {
    let (instance, region) = (found.arn.id.name.clone(), setting.region.clone());
    if let Some(wait) = until_deletable(found) {
        return wait;
    }
    let then = format!("deleting '{instance}'");
    let change = if found.deletion_protection {
        Change::ProtectInstance { instance, protected: false }
    } else {
        Change::DeleteInstance { instance, final_snapshot: None, keeps_automated_backups: false }
    };
    Next::Ask { region, change, then }
}

fn not_ours(found: &DbInstance) -> String {
    let name = &found.arn.id.name;
    format!(
        "there is an instance '{name}' that this drill did not restore and does not change; rename or delete it"
    )
}

#[cfg(test)]
mod tests;
