//! `RefreshFromSnapshot`: a new instance y, restored from the newest usable snapshot of x, replaces the old y.
//!
//! The old y is not changed before such a snapshot is known. `Swap` restores under another name, swaps the names, and
//! deletes the old y. `Replace` deletes the old y first. The progress is read from names and tags, so an interrupted refresh
//! continues at any point. Only an instance that people tagged as refreshable is replaced. The final snapshots of the old
//! instances are left to `finals`.

mod finals;
mod instances;
mod mode;

use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::tags::{Tags, YES};
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::{Value, json};

use self::mode::Mode;
use super::restoring::{
    Options, is_deleting, keep_and_delete, keeps, may_wait_for_standby, outcome, until_settled, until_usable,
};
use super::{Kind, Next, abandoned, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::{Wanted, protected_names};
use crate::progress::Outcome;
use crate::readiness::{Demand, Removal, Room, When};
use crate::{names, tagging};

const X: &str = "originDB";
const Y: &str = "newDB";
/// The most tags of a refresh: `PilotLightRefreshable`, `PilotLightRefreshOf` and `PilotLightReplaces`.
const MORE_TAGS: usize = 3;

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
    const LIMIT_MINUTES: u64 = 360;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let names_of_x = [X, "SourceDBInstanceIdentifier"];
        let x = fields.required_instance(&names_of_x);
        let y = fields.new_instance(&[Y, "DBInstanceIdentifier"]);
        if x.is_some() && x == y {
            let said = "is the same as originDB; a refresh never replaces the database it restores; give another name";
            fields.problem(Y, said);
        }
        let elsewhere = fields.parsed::<Region>("targetRegion").filter(|region| *region != setting.region);
        if let Some(region) = &elsewhere {
            let said =
                format!("is {region}, but this recovery runs in {}; start it in {region}", setting.region);
            fields.problem("targetRegion", said);
        }
        cross_region(fields);
        let mode = fields.parsed("Mode").unwrap_or(Mode::Swap);
        let options = Options::read_lasting(fields, &["newDBClass", "DBInstanceClass"], MORE_TAGS);
        let x = Wanted::read(fields, &names_of_x, x)?;
        let y = y.or_else(|| fields.stand_in(Y))?;
        // Nothing of this Region is examined for another one.
        elsewhere.is_none().then_some(Self { x, y, mode, options })
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
        let other = || self.under_way(facts, &mark, setting).filter(|_| self.x.is_known);
        let guard = self.name_guard(facts).or_else(other).or_else(|| old.and_then(guard)).map(|why| (Y, why));
        let guard = guard.filter(|_| setting.knows(&[Y, "DBInstanceIdentifier"]));
        let source = self.x.problem(facts).map(|why| (X, why));
        guard.into_iter().chain(source).collect()
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        if self.newcomer(facts, &self.mark(facts, setting), setting).is_some() {
            return Vec::new();
        }
        let snapshot = self.x.choose(facts).ok();
        vec![self.options.demand(snapshot.as_ref(), setting, Room::Lasting, false)]
    }

    /// The old y, and what earlier refreshes left.
    fn removals(&self, facts: &Facts, setting: &Setting) -> Vec<Removal> {
        let new = self.newcomer(facts, &self.mark(facts, setting), setting);
        let old = facts.instance(&self.y).filter(|y| new.is_none_or(|new| new.arn != y.arn));
        let is_first = |old: &DbInstance| new.is_none() && (self.mode == Mode::Replace || is_deleting(old));
        let old = old.map(|old| Removal::of(old, if is_first(old) { When::First } else { When::Later }));
        // The new y takes the name of one that an earlier refresh restored and left.
        let when =
            |left: &DbInstance| if self.has_name_of_new(left, facts) { When::First } else { When::Later };
        let left = self.left(facts, setting).filter_map(|(left, keeps)| keeps.is_none().then_some(left));
        let left = left.filter(|left| new.is_none_or(|new| new.arn != left.arn));
        old.into_iter().chain(left.map(|left| Removal::of(left, when(left)))).collect()
    }

    fn deletes(&self, facts: &Facts, setting: &Setting) -> Option<String> {
        let is_begun = self.newcomer(facts, &self.mark(facts, setting), setting).is_some();
        let old = facts.instance(&self.y).filter(|_| !is_begun)?;
        Some(format!("the old '{}', with a final snapshot", old.arn.id.name))
    }

    /// The y before, and the point of x. A refresh that another execution began at the same time is recognised by them.
    fn mark(&self, facts: &Facts, _setting: &Setting) -> Value {
        let point = self.x.choose(facts).ok().map(|snapshot| snapshot.arn.to_string());
        json!({"before": facts.instance(&self.y).map(|y| &y.resource_id), "point": point})
    }

    fn outcome(&self, facts: &Facts, _setting: &Setting) -> Option<Outcome> {
        facts.instance(&self.y).map(outcome)
    }

    /// Notes since when the y of another refresh is ready.
    fn sees(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Value> {
        let is_other = mark.get("up").is_none() && self.newcomer(facts, mark, setting).is_none();
        let other = self.ending(facts, setting).filter(|_| is_other);
        let other = other.filter(|y| !may_wait_for_standby(y));
        abandoned::sees(other, mark, facts.now)
    }

    /// Notes the new y once it is usable under its name while work remains, such as deleting the old y. Afterwards none is
    /// restored a second time.
    fn came_up(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<Value> {
        let new = self.newcomer(facts, mark, setting).filter(|new| new.arn.id.name == self.y)?;
        let is_new = mark.get("up").is_none() && until_usable(new) == Next::Done;
        let is_tidy = matches!(self.tidy(new, facts, setting), Next::Done | Next::UpBut(_));
        let mut mark = mark.clone();
        (is_new && !is_tidy).then(|| {
            mark["up"] = json!(new.resource_id);
            mark
        })
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        // Version 0.1.0 noted only that it was up.
        if let Some(up) = mark["up"].as_str() {
            return self.end(up, facts, setting);
        }
        if let Some(why) = self.under_way(facts, mark, setting) {
            return Next::Failed(why);
        }
        let old = facts.instance(&self.y);
        match self.newcomer(facts, mark, setting) {
            Some(new) if new.arn.id.name == self.y => self.tidy(new, facts, setting),
            Some(new) => self.take_over(new, old, setting),
            None => self.begin(old, facts, (mark, setting)),
        }
    }
}

impl RefreshFromSnapshot {
    /// The reason not to use the name of y: a database with copies here needs its name for its own recovery.
    fn name_guard(&self, facts: &Facts) -> Option<String> {
        let y = &self.y;
        protected_names(facts).contains(y).then(|| {
            format!("there are copies of a database '{y}', so a refresh must not take its name; give another newDB")
        })
    }

    /// The first step without a new y: it chooses a snapshot of x before it changes the old y.
    fn begin(&self, old: Option<&DbInstance>, facts: &Facts, (mark, setting): (&Value, &Setting)) -> Next {
        // Once the old y is gone, only the new one helps, whoever gives its name to a database with copies.
        let is_untouched = old.is_some_and(|old| !is_deleting(old)) || !mark["before"].is_string();
        if let Some(why) = self.name_guard(facts).filter(|_| is_untouched) {
            return Next::Failed(why);
        }
        if let Some(why) = old.and_then(|old| self.stranger(old, mark.get("before"))) {
            return Next::Failed(why);
        }
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
                (None, _) if let Some(wait) = self.until_other_has_ended(facts, mark, setting) => {
                    return wait;
                }
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
            then: format!("restoring '{name}' from {}{}", snapshot.arn.id, self.x.remark(&snapshot, facts)),
        }
    }

    /// The new y has another name. Once it is up, the old y gives up its name, and the new y takes it.
    fn take_over(&self, new: &DbInstance, old: Option<&DbInstance>, setting: &Setting) -> Next {
        let name = &new.arn.id.name;
        if self.was_y(new) {
            let said = "and is not renamed again; start the manifest again to replace that one";
            return Next::Failed(format!("another refresh has replaced '{}', now '{name}', {said}", self.y));
        }
        let replaces = new.tags.get(tagging::REPLACES).map(Value::from);
        if let Some(why) = old.and_then(|old| self.stranger(old, replaces.as_ref())) {
            return Next::Failed(format!("{why}, and delete '{name}' first"));
        }
        match (until_settled(new), old) {
            (Next::Done, None) => rename(new, self.y.clone(), setting),
            (Next::Done, Some(old)) => self.make_way(old, setting),
            (other, _) => other,
        }
    }

    /// The reason not to replace a y that is not the one that this refresh noted at its beginning.
    fn stranger(&self, old: &DbInstance, expected: Option<&Value>) -> Option<String> {
        let is_other = expected.is_some_and(|expected| expected.as_str() != Some(&old.resource_id));
        is_other.then(|| {
            format!(
                "'{}' is another instance than at the beginning of this refresh, and is not changed; to replace it, start the manifest again",
                self.y
            )
        })
    }

    /// The last steps: the new y was up, from the note on it. If it has given up its name since, a later refresh has replaced it.
    fn end(&self, up: &str, facts: &Facts, setting: &Setting) -> Next {
        let new = self.instances(facts).find(|found| found.resource_id == up);
        match new.filter(|new| new.arn.id.name == self.y) {
            Some(new) => self.tidy(new, facts, setting),
            None => {
                Next::UpBut(format!("something else has replaced, renamed or deleted '{}' since", self.y))
            }
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
    /// but the newest. The new y is up whether or not it succeeds.
    fn tidy(&self, new: &DbInstance, facts: &Facts, setting: &Setting) -> Next {
        let all = || self.left(facts, setting).filter(|(left, _)| left.arn != new.arn);
        let mut goes =
            all().filter(|(left, keeps)| keeps.is_none() && !setting.lacks.contains(&beside(left)));
        match (self.options.complete(new, facts, setting), goes.next()) {
            // The new y is usable meanwhile.
            (Next::Done | Next::Adjusting { .. }, Some((left, _))) => self.delete_beside(left, setting),
            (Next::Done, None) => {
                let stay = all().filter_map(|(left, keeps)| Some(format!("{}: {}", beside(left), keeps?)));
                let stay = Vec::from_iter(stay);
                let but = (!stay.is_empty()).then(|| stay.join("; "));
                finals::tidy(&self.y, but, facts, setting)
            }
            (next, _) => next,
        }
    }

    /// The next step of deleting an instance that remains beside the new y.
    fn delete_beside(&self, left: &DbInstance, setting: &Setting) -> Next {
        let without = beside(left);
        match self.keep_and_delete(left, setting) {
            Next::Ask { region, change, then } => Next::Adjust { region, first: None, change, then, without },
            Next::Wait(what) => Next::Adjusting { what, without },
            other => other,
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
    keeps(old)
}

/// The new y with an instance that remains, which is the old y or one of an earlier refresh.
fn beside(left: &DbInstance) -> String {
    format!("'{}', which it replaces, is still there", left.arn.id.name)
}

fn rename(found: &DbInstance, to: DatabaseName, setting: &Setting) -> Next {
    let from = found.arn.id.name.clone();
    let then = format!("renaming '{from}' to '{to}'");
    Next::Ask { region: setting.region.clone(), change: Change::RenameInstance { from, to }, then }
}

#[cfg(test)]
mod tests;
