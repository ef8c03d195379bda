//! `RestoreDrill`: a database is restored under a temporary name, the recovery time is measured, and the instance is deleted.
//!
//! A drill changes only instances with the tags and the name that a drill of this database gives. No instance of people or of
//! other resources has both. Of two drills that need the same name at the same time, one waits until the other has ended.

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::{Value, json};

use super::restoring::{
    Options, holds, is_deleting, may_wait_for_standby, outcome, point_of, until_deletable,
};
use super::{Kind, Next, abandoned, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::Wanted;
use crate::progress::Outcome;
use crate::readiness::{Demand, Removal, Room, When};
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
        // The tag that shows the resource has only the characters that AWS allows.
        let instance = names::drill(&wanted.database, &tagging::value(&setting.resource)).ok()?;
        Some(Self { instance, wanted, options })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone()), Need::Snapshots]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        let mark = self.mark(facts, setting);
        match self.found(facts, setting) {
            Some(found) if !self.is_of_drill(found) => vec![(DATABASE, not_ours(found))],
            Some(found) if self.is_its(found, facts, (&mark, setting)) => vec![],
            _ => self.wanted.problem(facts).map(|why| (DATABASE, why)).into_iter().collect(),
        }
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        let mark = self.mark(facts, setting);
        if self.found(facts, setting).is_some_and(|found| self.is_its(found, facts, (&mark, setting))) {
            return Vec::new();
        }
        let snapshot = self.wanted.choose(facts).ok();
        vec![self.options.demand(snapshot.as_ref(), setting, Room::Passing, false)]
    }

    /// Its own instance, or those of other drills that have to be gone first.
    fn removals(&self, facts: &Facts, setting: &Setting) -> Vec<Removal> {
        let mark = self.mark(facts, setting);
        let found = self.found(facts, setting).filter(|found| self.is_of_drill(found));
        if let Some(found) = found.filter(|found| self.is_its(found, facts, (&mark, setting))) {
            return vec![Removal::of(found, When::Later)];
        }
        let left = self.left_behind(facts, setting);
        let left = left.filter(|left| found.is_none_or(|found| found.arn != left.arn));
        found.into_iter().chain(left).map(|found| Removal::of(found, When::First)).collect()
    }

    /// The point of this drill, and the instance that another drill left before the first look. An instance that another
    /// execution of the same manifest is only just restoring from the same point is shared instead.
    fn mark(&self, facts: &Facts, setting: &Setting) -> Value {
        let point = self.wanted.choose(facts).ok().map(|point| point.arn.to_string());
        let mark = json!({"point": point});
        let is_shared = |found: &DbInstance| {
            let is_new = tagging::are_ours(&found.tags, setting) || found.status == "creating";
            is_new && self.is_its(found, facts, (&mark, setting))
        };
        let left = self.found(facts, setting).filter(|found| !is_shared(found));
        json!({"left": left.map(|found| &found.resource_id), "point": point})
    }

    /// Notes since when the finished instance of another drill is there. A drill that is under way deletes it within minutes.
    fn sees(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Value> {
        let is_of_another = |found: &&DbInstance| {
            mark.get("up").is_none()
                && self.is_of_drill(found)
                && !self.is_its(found, facts, (mark, setting))
                && !may_wait_for_standby(found)
        };
        abandoned::sees(self.found(facts, setting).filter(is_of_another), mark, facts.now)
    }

    /// Notes the instance that is up. Afterwards this very instance is only deleted, and none is restored a second time.
    fn came_up(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Value> {
        let is_its = |found: &&DbInstance| self.is_its(found, facts, (mark, setting));
        let found = self.found(facts, setting).filter(is_its)?;
        let is_new = mark.get("up").is_none() && self.options.complete(found, facts, setting) == Next::Done;
        is_new.then(|| json!({"up": found.resource_id}))
    }

    fn outcome(&self, facts: &Facts, setting: &Setting) -> Option<Outcome> {
        let found = self.found(facts, setting)?;
        Some(Outcome { endpoint: None, ..outcome(found) })
    }

    /// Whatever the drill restored is deleted, however it ended. What another drill restored stays.
    fn remove(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Next> {
        let its = match mark.get("up") {
            Some(up) => self.was_up(up, facts, setting),
            None => self.found(facts, setting).filter(|found| self.is_its(found, facts, (mark, setting))),
        };
        its.map(|found| delete(found, setting))
    }

    fn removes(&self) -> bool {
        true
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        if let Some(up) = mark.get("up") {
            return self.end(up, facts, setting);
        }
        match self.found(facts, setting) {
            Some(found) if !self.is_of_drill(found) => Next::Failed(not_ours(found)),
            Some(found) if self.is_its(found, facts, (mark, setting)) => {
                self.options.complete(found, facts, setting)
            }
            Some(found) => self.until_other_has_ended(found, facts, (mark, setting)),
            None => match self.left_behind(facts, setting).next() {
                Some(found) => delete(found, setting),
                None => self.restore(facts, setting),
            },
        }
    }
}

impl RestoreDrill {
    /// The instance with the name of the drill. Version 0.1.0 named it after the execution, and one may be under way during the
    /// update.
    fn found<'a>(&self, facts: &'a Facts, setting: &Setting) -> Option<&'a DbInstance> {
        let earlier = names::drill(&self.wanted.database, &setting.recovery.id).ok();
        let of_0_1_0 = earlier.and_then(|name| facts.instance(&name));
        let of_0_1_0 = of_0_1_0.filter(|found| tagging::are_ours(&found.tags, setting));
        of_0_1_0.or_else(|| facts.instance(&self.instance))
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

    /// True if the instance is that of this drill: this recovery restored it, or another execution of the same manifest did at
    /// the same time from the same point.
    fn is_its(&self, found: &DbInstance, facts: &Facts, (mark, setting): (&Value, &Setting)) -> bool {
        let from = found.tags.get(tagging::RESTORED_FROM);
        let is_noted = from.is_some() && from == mark["point"].as_str();
        let is_chosen = || self.wanted.choose(facts).is_ok_and(|point| holds(found, &point));
        let is_shared = || {
            let is_same = found.tags.has(tagging::MANIFEST, &setting.recovery.manifest);
            is_same && !identity::is_old(found, facts.now) && (is_noted || is_chosen())
        };
        let is_left = mark["left"].as_str() == Some(&found.resource_id);
        self.is_of_drill(found) && !is_left && (tagging::are_ours(&found.tags, setting) || is_shared())
    }

    /// The instances that earlier drills of this database left behind.
    fn left_behind<'a>(&self, facts: &'a Facts, setting: &Setting) -> impl Iterator<Item = &'a DbInstance> {
        let all = facts.instances.get(&setting.region).into_iter().flatten();
        let is_left = |found: &DbInstance| identity::is_old(found, facts.now) && !is_deleting(found);
        all.filter(move |found| self.is_of_drill(found) && is_left(found))
    }

    /// The next step while another drill has the name: it waits for the end of that drill, or deletes what it left behind.
    fn until_other_has_ended(
        &self,
        found: &DbInstance,
        facts: &Facts,
        (mark, setting): (&Value, &Setting),
    ) -> Next {
        let is_over = identity::is_over(found, facts.now) || abandoned::is_abandoned(found, mark);
        if is_over && abandoned::is_ready(found) {
            return delete(found, setting);
        }
        if is_deleting(found) {
            return Next::Wait(format!("another drill is deleting '{}'", found.arn.id.name));
        }
        let began = tagging::started(&found.tags).or(found.created_at);
        let since = began.map_or_else(String::new, |began| format!(" since {}", tagging::time(began)));
        Next::Wait(format!(
            "another drill of '{}' is under way{since}, restored from {}; this one begins when '{name}' is gone; delete it if that drill was stopped",
            self.wanted.database,
            point_of(found, facts),
            name = found.arn.id.name
        ))
    }

    /// The instance that was up, from the note on it: its resource id. Version 0.1.0 noted only that it was up.
    fn was_up<'a>(&self, up: &Value, facts: &'a Facts, setting: &Setting) -> Option<&'a DbInstance> {
        let found = match up.as_str() {
            Some(id) => facts.instances.get(&setting.region)?.iter().find(|found| found.resource_id == id)?,
            None => self.found(facts, setting).filter(|found| tagging::are_ours(&found.tags, setting))?,
        };
        self.is_of_drill(found).then_some(found)
    }

    /// The last steps: the instance that was up is deleted. Another one of that name belongs to somebody else.
    fn end(&self, up: &Value, facts: &Facts, setting: &Setting) -> Next {
        match (self.was_up(up, facts, setting), self.found(facts, setting)) {
            (Some(found), _) => delete(found, setting),
            (None, None) => Next::Done,
            (None, Some(other)) => Next::UpBut(format!(
                "there is another instance '{}' by now, which this drill did not restore and does not change",
                other.arn.id.name
            )),
        }
    }

    fn restore(&self, facts: &Facts, setting: &Setting) -> Next {
        match self.wanted.choose(facts) {
            Ok(snapshot) => {
                let tag = (tagging::DRILL, self.wanted.database.as_str());
                Next::Ask {
                    region: setting.region.clone(),
                    change: self.options.restore(&self.instance, &snapshot, setting, tags::of([tag])),
                    then: format!(
                        "restoring '{}' from {}{}",
                        self.instance,
                        snapshot.arn.id,
                        self.wanted.remark(&snapshot, facts)
                    ),
                }
            }
            Err(why) => Next::Failed(why),
        }
    }
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
