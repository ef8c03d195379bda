//! The instances of a refresh: the new y, those of other refreshes, and those that are left to delete.
//!
//! They are recognised by their tags, and by names that follow from these tags.

use pilot_light_domain::model::tags::YES;
use pilot_light_domain::recovery::DbInstance;
use serde_json::Value;

use super::{Mode, RefreshFromSnapshot};
use crate::facts::{Facts, Setting};
use crate::kinds::restoring::{holds, is_deleting, keeps, point_of, until_usable};
use crate::kinds::{Next, abandoned};
use crate::{identity, names, tagging};

impl RefreshFromSnapshot {
    pub(super) fn instances<'a>(&self, facts: &'a Facts) -> impl Iterator<Item = &'a DbInstance> + use<'a> {
        facts.instances.get(&facts.region).into_iter().flatten()
    }

    /// The new y of this recovery, under any name. One that has taken over takes precedence.
    pub(super) fn newcomer<'a>(
        &self,
        facts: &'a Facts,
        mark: &Value,
        setting: &Setting,
    ) -> Option<&'a DbInstance> {
        let is_new = |found: &&DbInstance| {
            let is_adopted = mark["adopted"].as_str() == Some(&found.resource_id);
            tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
                && (is_adopted
                    || tagging::are_ours(&found.tags, setting)
                    || self.is_shared(found, facts, (mark, setting)))
        };
        let all = self.instances(facts).filter(is_new);
        all.max_by_key(|found| (found.arn.id.name == self.y, !is_deleting(found), &found.resource_id))
    }

    /// True for the new y of another execution from the same point and with the same properties: both bring up the same
    /// instance. A y that was there before is never the new one.
    fn is_shared(&self, found: &DbInstance, facts: &Facts, (mark, setting): (&Value, &Setting)) -> bool {
        let from = found.tags.get(tagging::RESTORED_FROM);
        let is_chosen = || self.x.choose(facts).is_ok_and(|point| holds(found, &point));
        let is_point = from.is_some() && (from == mark["point"].as_str() || is_chosen());
        let is_later =
            || mark.get("before").is_some_and(|before| before.as_str() != Some(&found.resource_id));
        // While it is being created, AWS does not show what another manifest asked for. Version 0.1.0 wrote no tag.
        let is_alike = || match found.tags.get(tagging::MANIFEST) {
            Some(manifest) if *manifest == setting.recovery.manifest => true,
            Some(_) if until_usable(found) != Next::Done => false,
            _ => self.options.difference(found).is_none(),
        };
        is_point
            && is_alike()
            && if found.arn.id.name == self.y { is_later() } else { self.is_waiting(found) }
    }

    /// The reason to leave y alone: another refresh of it, from another point, is under way.
    pub(super) fn under_way(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Option<String> {
        if self.newcomer(facts, mark, setting).is_some() {
            return None;
        }
        let has_left = || self.instances(facts).any(|found| self.was_y(found) && keeps(found).is_none());
        let is_unfinished = |found: &DbInstance| {
            let is_new_y = found.arn.id.name == self.y && (found.status == "creating" || has_left());
            self.is_waiting(found) || is_new_y
        };
        let other = self
            .instances(facts)
            .find(|found| self.is_of_another(found, facts, setting) && is_unfinished(found))?;
        let name = &other.arn.id.name;
        // The new y is the only one with its name. Its own manifest ends what it began.
        let way_out = if *name == self.y {
            "or, if it was stopped, start its manifest again without --new".to_owned()
        } else {
            format!("or delete '{name}' if it was abandoned")
        };
        Some(format!("{}; start this one when that one has ended, {way_out}", self.other(other, facts)))
    }

    /// The y that another refresh has brought up without having ended. Nothing is left of the y before. Version 0.1.0 did not
    /// note its end.
    pub(super) fn ending<'a>(&self, facts: &'a Facts, setting: &Setting) -> Option<&'a DbInstance> {
        let y = facts.instance(&self.y)?;
        (self.is_of_another(y, facts, setting) && y.tags.contains_key(tagging::MANIFEST)).then_some(y)
    }

    /// The reason to wait: another refresh has brought y up. It ends, or it is abandoned.
    pub(super) fn until_other_has_ended(
        &self,
        facts: &Facts,
        mark: &Value,
        setting: &Setting,
    ) -> Option<Next> {
        let y = self.ending(facts, setting).filter(|y| !abandoned::is_abandoned(y, mark))?;
        Some(Next::Wait(format!("{}; this one begins when that one has ended", self.other(y, facts))))
    }

    /// True for an instance of another refresh of y that may be under way.
    fn is_of_another(&self, found: &DbInstance, facts: &Facts, setting: &Setting) -> bool {
        tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
            && !tagging::are_ours(&found.tags, setting)
            && !identity::is_over(found, facts.now)
    }

    /// Another refresh in words, from its instance.
    fn other(&self, other: &DbInstance, facts: &Facts) -> String {
        let began = tagging::started(&other.tags).or(other.created_at);
        let since = began.map_or_else(String::new, |began| format!(" since {}", tagging::time(began)));
        let point = point_of(other, facts);
        format!("another refresh of '{}' is under way{since}, restored from {point}", self.y)
    }

    /// True if any refresh of y restored the instance, and it has not taken over. Its name came from the execution in version
    /// 0.1.0, and comes from the replaced instance since.
    pub(super) fn is_waiting(&self, found: &DbInstance) -> bool {
        let is_named = |key: &str| {
            let name = found.tags.get(key).map(|of| names::refresh_new(&self.y, of));
            name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id.name))
        };
        tagging::has(found, tagging::REFRESH_OF, self.y.as_str())
            && (is_named(tagging::REPLACES) || is_named(tagging::RECOVERY))
    }

    /// True if the instance was y until a refresh renamed it.
    pub(super) fn was_y(&self, found: &DbInstance) -> bool {
        let name = names::refresh_old(&self.y, &found.resource_id);
        name.as_ref() == Ok(&found.arn.id.name) && tagging::has(found, tagging::REFRESHABLE, YES)
    }

    /// The instances that this refresh or earlier ones have left to delete, with the reasons why some of them stay. The new
    /// instance of another refresh that may be under way is none of them.
    pub(super) fn left<'a>(
        &self,
        facts: &'a Facts,
        setting: &Setting,
    ) -> impl Iterator<Item = (&'a DbInstance, Option<String>)> {
        let is_left_waiting =
            move |found: &DbInstance| self.is_waiting(found) && !self.is_of_another(found, facts, setting);
        let all = self.instances(facts).filter(move |found| self.was_y(found) || is_left_waiting(found));
        all.map(|found| (found, keeps(found)))
    }

    /// True if the instance has the name of the one that would replace y now, so that it has to go first.
    pub(super) fn has_name_of_new(&self, found: &DbInstance, facts: &Facts) -> bool {
        if self.mode == Mode::Replace {
            return false;
        }
        let name = facts.instance(&self.y).map(|y| names::refresh_new(&self.y, &y.resource_id));
        name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id.name))
    }
}
