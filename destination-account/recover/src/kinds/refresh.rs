//! `RefreshFromSnapshot`: a new instance y, restored from the newest usable snapshot of x, replaces the old y.
//!
//! The old y is not changed before such a snapshot is known. `Swap` restores under another name, swaps the names, and
//! deletes the old y. `Replace` deletes the old y first. The progress is read from names and tags, so an interrupted refresh
//! continues at any point. Only an instance that people tagged as refreshable is replaced. The final snapshots of the old
//! instances are left to `finals`.

mod finals;
mod mode;

use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::tags::{Tags, YES};
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::{Value, json};

use self::mode::Mode;
use super::restoring::{
    Options, is_broken, is_deleting, keep_and_delete, keeps, outcome, point_of, until_settled, until_usable,
};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::{Wanted, protected_names};
use crate::progress::Outcome;
use crate::readiness::{Demand, Room};
use crate::{identity, names, tagging};

const X: &str = "originDB";
const Y: &str = "newDB";

/// An instance y to replace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RefreshFromSnapshot {
    y: DatabaseName,
    x: Wanted,
    mode: Mode,
    options: Options,
}

impl Kind for RefreshFromSnapshot {
    const NAME: &'static str = "RefreshFromSnapshot";

    /// Six hours: a restore, and a final snapshot.
    const POLLS: u32 = 1440;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let x = fields.required_instance(&[X, "SourceDBInstanceIdentifier"]);
        let y = fields.required_instance(&[Y, "DBInstanceIdentifier"]);
        if x.is_some() && x == y {
            let said = "is the same as originDB; a refresh never replaces the database it restores; give another name";
            fields.problem(Y, said);
        }
        let region = fields.parsed::<Region>("targetRegion").filter(|region| *region != setting.region);
        if let Some(region) = region {
            let said =
                format!("is {region}, but this recovery runs in {}; start it in {region}", setting.region);
            fields.problem("targetRegion", said);
        }
        cross_region(fields);
        let mode = fields.parsed("Mode").unwrap_or(Mode::Swap);
        let options = Options::read_lasting(fields, &["newDBClass", "DBInstanceClass"]);
        Some(Self { x: Wanted::read(fields, x)?, y: y?, mode, options })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone()), Need::Snapshots]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.y)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        let mark = self.mark(facts, setting);
        if self.newcomer(facts, &mark, setting).is_some() {
            return vec![];
        }
        let old = facts.instance(&self.y).filter(|old| !is_deleting(old));
        let other = || self.under_way(facts, &mark, setting);
        let guard = self.name_guard(facts).or_else(other).or_else(|| old.and_then(guard)).map(|why| (Y, why));
        let source = self.x.choose(facts).err().map(|why| (X, why));
        guard.into_iter().chain(source).collect()
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        if self.newcomer(facts, &self.mark(facts, setting), setting).is_some() {
            return Vec::new();
        }
        let room = match (self.mode, facts.instance(&self.y)) {
            (_, None) => Room::NEW,
            (Mode::Swap, Some(_)) => Room::PASSING,
            (Mode::Replace, Some(_)) => Room::NONE,
        };
        let snapshot = self.x.choose(facts).ok();
        vec![self.options.demand(snapshot.as_ref(), setting, room, false)]
    }

    /// The y before, and the point of x. A refresh that another execution began at the same time is recognised by them.
    fn mark(&self, facts: &Facts, _setting: &Setting) -> Value {
        let point = self.x.choose(facts).ok().map(|snapshot| snapshot.arn.to_string());
        json!({"before": facts.instance(&self.y).map(|y| &y.resource_id), "point": point})
    }

    fn outcome(&self, facts: &Facts, _setting: &Setting) -> Option<Outcome> {
        facts.instance(&self.y).map(outcome)
    }

    /// Marks the new y as up once it is usable under its name while work remains, such as deleting the old y.
    fn came_up(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Value> {
        let new = self.newcomer(facts, mark, setting).filter(|new| new.arn.id.name == self.y)?;
        let is_new = mark["up"] != true && until_usable(new) == Next::Done;
        let is_tidy = matches!(self.tidy(new, facts, setting), Next::Done | Next::Tidy(_));
        let mut mark = mark.clone();
        (is_new && !is_tidy).then(|| {
            mark["up"] = json!(true);
            mark
        })
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        if let Some(why) = self.name_guard(facts).or_else(|| self.under_way(facts, mark, setting)) {
            return Next::Failed(why);
        }
        let old = facts.instance(&self.y);
        match self.newcomer(facts, mark, setting) {
            Some(new) if new.arn.id.name == self.y => self.tidy(new, facts, setting),
            Some(new) => self.take_over(new, old, setting),
            None => self.begin(old, facts, setting),
        }
    }
}

impl RefreshFromSnapshot {
    fn instances<'a>(&self, facts: &'a Facts) -> impl Iterator<Item = &'a DbInstance> + use<'a> {
        facts.instances.get(&facts.region).into_iter().flatten()
    }

    /// The new y of this recovery, under any name. One that has taken over takes precedence.
    fn newcomer<'a>(&self, facts: &'a Facts, mark: &Value, setting: &Setting) -> Option<&'a DbInstance> {
        let is_new = |found: &&DbInstance| {
            let is_adopted = mark["adopted"].as_str() == Some(&found.resource_id);
            tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
                && (is_adopted
                    || tagging::are_ours(&found.tags, setting)
                    || self.is_shared(found, mark, facts))
        };
        let all = self.instances(facts).filter(is_new);
        all.max_by_key(|found| (found.arn.id.name == self.y, !is_deleting(found), &found.resource_id))
    }

    /// True for the new y of another execution from the same point: both bring up the same instance. A y that was there
    /// before is never the new one.
    fn is_shared(&self, found: &DbInstance, mark: &Value, facts: &Facts) -> bool {
        let from = found.tags.get(tagging::RESTORED_FROM);
        let is_chosen =
            || self.x.choose(facts).is_ok_and(|point| from.is_some_and(|arn| point.arn.is_written(arn)));
        let is_point = from.is_some() && (from == mark["point"].as_str() || is_chosen());
        let is_later =
            || mark.get("before").is_some_and(|before| before.as_str() != Some(&found.resource_id));
        is_point && if found.arn.id.name == self.y { is_later() } else { self.is_waiting(found) }
    }

    /// The reason to leave y alone: another refresh of it, from another point, is under way.
    fn under_way(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<String> {
        if self.newcomer(facts, mark, setting).is_some() {
            return None;
        }
        let has_left = || self.instances(facts).any(|found| self.was_y(found));
        let is_unfinished = |found: &DbInstance| {
            let is_new_y = found.arn.id.name == self.y && (found.status == "creating" || has_left());
            self.is_waiting(found) || is_new_y
        };
        let other = self.instances(facts).find(|found| {
            tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
                && !identity::is_old(found, setting)
                && is_unfinished(found)
        })?;
        let began = tagging::started(&other.tags).or(other.created_at);
        let since = began.map_or_else(String::new, |began| format!(" since {}", tagging::time(began)));
        Some(format!(
            "another refresh of '{}' is under way{since}, restored from {}; start this one when that one has ended, or delete '{}' if it was abandoned",
            self.y,
            point_of(other, facts),
            other.arn.id.name
        ))
    }

    /// True if any refresh of y restored the instance, and it has not taken over. Its name came from the execution in version
    /// 0.1.0, and comes from the replaced instance since.
    fn is_waiting(&self, found: &DbInstance) -> bool {
        let is_named = |key: &str| {
            let name = found.tags.get(key).map(|of| names::refresh_new(&self.y, of));
            name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id.name))
        };
        tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
            && (is_named(tagging::REPLACES) || is_named(tagging::RECOVERY))
    }

    /// True if the instance was y until a refresh renamed it.
    fn was_y(&self, found: &DbInstance) -> bool {
        let name = names::refresh_old(&self.y, &found.resource_id);
        name.as_ref() == Ok(&found.arn.id.name) && tagging::has(found, tagging::REFRESHABLE, YES)
    }

    /// An instance that this refresh or an earlier one has left to delete. One without a possible final snapshot stays.
    fn left<'a>(&self, facts: &'a Facts, new: &DbInstance) -> Option<&'a DbInstance> {
        let is_left = |found: &&DbInstance| {
            found.arn != new.arn && (self.was_y(found) || self.is_waiting(found)) && keeps(found).is_none()
        };
        self.instances(facts).find(is_left)
    }

    /// The reason not to use the name of y: a database with copies here needs its name for its own recovery.
    fn name_guard(&self, facts: &Facts) -> Option<String> {
        let y = &self.y;
        protected_names(facts).contains(y).then(|| {
            format!("there are copies of a database '{y}', so a refresh must not take its name; give another newDB")
        })
    }

    /// The first step without a new y: it chooses a snapshot of x before it changes the old y.
    fn begin(&self, old: Option<&DbInstance>, facts: &Facts, setting: &Setting) -> Next {
        let snapshot = match self.x.choose(facts) {
            Ok(snapshot) => snapshot,
            Err(why) => return Next::Failed(why),
        };
        let tags = [(tagging::REFRESHABLE, YES), (tagging::REFRESH_OF, self.y.as_str())];
        let mut tags: Tags =
            tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let name = match (old, self.mode) {
            (None, _) => Ok(self.y.clone()),
            (Some(old), _) if is_deleting(old) => {
                return Next::Wait(format!("deleting '{}'", self.y));
            }
            (Some(old), mode) => match (guard(old), mode) {
                (Some(why), _) => return Next::Failed(why),
                (None, Mode::Replace) => return self.keep_and_delete(old, setting),
                (None, Mode::Swap) => {
                    tags.insert(tagging::REPLACES, old.resource_id.clone());
                    names::refresh_new(&self.y, &old.resource_id)
                }
            },
        };
        let name = match name {
            Ok(name) => name,
            Err(error) => return Next::Failed(error.to_string()),
        };
        // An earlier refresh restored it from another point, and was abandoned.
        if let Some(stale) = facts.instance(&name).filter(|found| self.is_waiting(found)) {
            return self.keep_and_delete(stale, setting);
        }
        Next::Ask {
            region: setting.region.clone(),
            change: self.options.restore(&name, &snapshot, setting, tags),
            then: format!("restoring '{name}' from {}", snapshot.arn.id),
        }
    }

    /// The new y has another name. Once it is up, the old y gives up its name, and the new y takes it.
    fn take_over(&self, new: &DbInstance, old: Option<&DbInstance>, setting: &Setting) -> Next {
        match (until_settled(new), old) {
            (Next::Done, None) => rename(new, self.y.clone(), setting),
            (Next::Done, Some(old)) => self.make_way(old, setting),
            (other, _) => other,
        }
    }

    fn make_way(&self, old: &DbInstance, setting: &Setting) -> Next {
        if let Some(why) = guard(old) {
            return Next::Failed(why);
        }
        match (until_settled(old), names::refresh_old(&self.y, &old.resource_id)) {
            (Next::Done, Ok(name)) => rename(old, name, setting),
            (Next::Done, Err(error)) => Next::Failed(error.to_string()),
            (other, _) => other,
        }
    }

    /// The new y has its name. This step deletes the remaining instances, each with a final snapshot, then all final snapshots
    /// but the newest.
    fn tidy(&self, new: &DbInstance, facts: &Facts, setting: &Setting) -> Next {
        match (self.options.complete(new, setting), self.left(facts, new)) {
            (Next::Done, Some(left)) => self.keep_and_delete(left, setting),
            (Next::Done, None) => finals::tidy(&self.y, facts),
            (next, _) => next,
        }
    }

    fn keep_and_delete(&self, old: &DbInstance, setting: &Setting) -> Next {
        keep_and_delete(old, names::refreshed(&self.y, &old.resource_id), false, setting)
    }
}

/// Checks `crossRegion`, which is not used: the snapshots themselves show where x is. Older tools give the Region of x, or
/// true or false.
fn cross_region(fields: &mut Fields) {
    const NAME: &str = "crossRegion";
    let is_region = fields.text(NAME).is_some_and(|text| text.parse::<Region>().is_ok());
    if !is_region {
        fields.boolean(NAME);
    }
}

/// The reason not to replace y, if there is one.
fn guard(old: &DbInstance) -> Option<String> {
    let name = &old.arn.id.name;
    if !tagging::has(old, tagging::REFRESHABLE, YES) {
        let said = "and is not changed; set the tag if a refresh may replace the instance";
        return Some(format!("'{name}' has no tag {}={YES} {said}", tagging::REFRESHABLE));
    }
    if old.status == "stopped" {
        return Some(format!(
            "'{name}' is 'stopped', so it can be neither renamed nor deleted; start it first"
        ));
    }
    if is_broken(old) {
        let said = "so no final snapshot is possible; repair or delete it yourself";
        return Some(format!("'{name}' is '{}', {said}", old.status));
    }
    keeps(old)
}

fn rename(found: &DbInstance, to: DatabaseName, setting: &Setting) -> Next {
    let from = found.arn.id.name.clone();
    let then = format!("renaming '{from}' to '{to}'");
    Next::Ask { region: setting.region.clone(), change: Change::RenameInstance { from, to }, then }
}

#[cfg(test)]
mod tests;
