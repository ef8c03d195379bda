//! `RefreshFromSnapshot`: y is replaced by a new y, restored from the newest usable snapshot of x.
//!
//! Nothing happens to y before such a snapshot is known. `Swap` restores under another name, swaps the names, and
//! deletes the old y; `Replace` deletes first. Where it stands is read from names and tags, so a refresh that was
//! cut anywhere goes on. Replaced is only what people tagged as refreshable. What is kept of the old y is in `finals`.

mod finals;
mod mode;

use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::tags::{Tags, YES};
use pilot_light_domain::recovery::{Change, DbInstance};
use serde_json::{Value, json};

use self::mode::Mode;
use super::restoring::{
    Options, is_broken, is_deleting, keep_and_delete, keeps, until_settled, until_usable,
};
use super::{Kind, Next};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::{Wanted, protected_names};
use crate::registry::instance_in;
use crate::{names, tagging};

const X: &str = "originDB";
const Y: &str = "newDB";

/// A y to replace.
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
            fields.fault(Y, "is the same as originDB; a refresh never replaces the database it restores");
        }
        let region = fields.parsed::<Region>("targetRegion").filter(|region| *region != setting.region);
        if let Some(region) = region {
            let said = format!("is {region}, and this runs in {}; start it there", setting.region);
            fields.fault("targetRegion", said);
        }
        // Where the snapshots of x come from is found out.
        fields.boolean("crossRegion");
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
        if self.newcomer(facts, &self.mark(facts, setting), setting).is_some() {
            return vec![];
        }
        let old = facts.instance(&self.y).filter(|old| !is_deleting(old));
        let guard = self.name_guard(facts).or_else(|| old.and_then(guard)).map(|why| (Y, why));
        let source = self.x.choose(facts).err().map(|why| (X, why));
        guard.into_iter().chain(source).collect()
    }

    /// A new y that an earlier execution restored from what still is the newest snapshot is taken over.
    fn mark(&self, facts: &Facts, _setting: &Setting) -> Value {
        let newest = self.x.choose(facts).ok().map(|snapshot| snapshot.arn.to_string());
        let is_newest = |found: &&DbInstance| {
            newest.as_ref().is_some_and(|arn| tagging::has(found, tagging::RESTORED_FROM, arn))
        };
        let mut ready = self.instances(facts).filter(|found| self.is_waiting(found) && !is_deleting(found));
        json!({"adopted": ready.find(is_newest).map(|found| &found.resource_id)})
    }

    /// The new y is up under its name, and the old one is not gone yet.
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
        if let Some(why) = self.name_guard(facts) {
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

    /// The new y of this execution, under whichever name: the one that has taken over, if there is any.
    fn newcomer<'a>(&self, facts: &'a Facts, mark: &Value, setting: &Setting) -> Option<&'a DbInstance> {
        let is_new = |found: &&DbInstance| {
            let is_adopted = mark["adopted"].as_str() == Some(&found.resource_id);
            tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
                && (is_adopted || tagging::has(found, tagging::RECOVERY, &setting.execution))
        };
        let all = self.instances(facts).filter(is_new);
        all.max_by_key(|found| (found.arn.id.name == self.y, !is_deleting(found), &found.resource_id))
    }

    /// True if some refresh of y restored it, and it has not taken over.
    fn is_waiting(&self, found: &DbInstance) -> bool {
        let name = found.tags.get(tagging::RECOVERY).map(|execution| names::refresh_new(&self.y, execution));
        tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
            && name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id.name))
    }

    /// True if it was y, and a refresh took its name away.
    fn was_y(&self, found: &DbInstance) -> bool {
        let name = names::refresh_old(&self.y, &found.resource_id);
        name.as_ref() == Ok(&found.arn.id.name) && tagging::has(found, tagging::REFRESHABLE, YES)
    }

    /// What this refresh or an earlier one has left to delete. What cannot be kept in a final snapshot stays.
    fn left<'a>(&self, facts: &'a Facts, new: &DbInstance) -> Option<&'a DbInstance> {
        let is_left = |found: &&DbInstance| {
            found.arn != new.arn && (self.was_y(found) || self.is_waiting(found)) && keeps(found).is_none()
        };
        self.instances(facts).find(is_left)
    }

    /// A name that a database has of which copies are kept is needed for its own recovery.
    fn name_guard(&self, facts: &Facts) -> Option<String> {
        let y = &self.y;
        protected_names(facts).contains(y).then(|| {
            format!(
                "copies are kept of a database '{y}', whose name a refresh must not take; give another newDB"
            )
        })
    }

    /// There is no new y: a snapshot of x is found first, and the old y is not touched before.
    fn begin(&self, old: Option<&DbInstance>, facts: &Facts, setting: &Setting) -> Next {
        let snapshot = match self.x.choose(facts) {
            Ok(snapshot) => snapshot,
            Err(why) => return Next::Failed(why),
        };
        let name = match (old, self.mode) {
            (None, _) => Ok(self.y.clone()),
            (Some(old), _) if is_deleting(old) => {
                return Next::Wait(format!("'{}' is being deleted", self.y));
            }
            (Some(old), mode) => match (guard(old), mode) {
                (Some(why), _) => return Next::Failed(why),
                (None, Mode::Replace) => return self.keep_and_delete(old, setting),
                (None, Mode::Swap) => names::refresh_new(&self.y, &setting.execution),
            },
        };
        let name = match name {
            Ok(name) => name,
            Err(error) => return Next::Failed(error.to_string()),
        };
        let tags = [(tagging::REFRESHABLE, YES), (tagging::REFRESH_OF, self.y.as_str())];
        let tags: Tags = tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Next::Ask {
            region: setting.region.clone(),
            change: self.options.restore(&name, &snapshot, setting, tags),
            then: format!("'{name}' is restored from {}", snapshot.arn.id),
        }
    }

    /// The new y waits under another name: the old one makes way once it is up.
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

    /// The new y has its name: what is left is deleted, with a final snapshot, of which the newest stays.
    fn tidy(&self, new: &DbInstance, facts: &Facts, setting: &Setting) -> Next {
        match (until_usable(new), self.left(facts, new)) {
            (Next::Done, Some(left)) => self.keep_and_delete(left, setting),
            (Next::Done, None) => finals::tidy(&self.y, facts),
            (next, _) => next,
        }
    }

    fn keep_and_delete(&self, old: &DbInstance, setting: &Setting) -> Next {
        keep_and_delete(old, names::refreshed(&self.y, &old.resource_id), setting)
    }
}

/// Why y must not be replaced.
fn guard(old: &DbInstance) -> Option<String> {
    let name = &old.arn.id.name;
    if !tagging::has(old, tagging::REFRESHABLE, YES) {
        let said = "so it is left alone; tag it if it may be replaced";
        return Some(format!("'{name}' has no tag {}={YES}, {said}", tagging::REFRESHABLE));
    }
    if old.status == "stopped" {
        return Some(format!("'{name}' is stopped, and cannot be renamed or kept; start it first"));
    }
    if is_broken(old) {
        return Some(format!("'{name}' is {}, so that it cannot be kept; see to it by hand", old.status));
    }
    keeps(old)
}

fn rename(found: &DbInstance, to: DatabaseName, setting: &Setting) -> Next {
    let from = found.arn.id.name.clone();
    let then = format!("'{from}' is renamed to '{to}'");
    Next::Ask { region: setting.region.clone(), change: Change::RenameInstance { from, to }, then }
}

#[cfg(test)]
mod tests;
