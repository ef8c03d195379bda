//! Mishaps inside AWS, by rule: hidden snapshots and tags, snapshots and copies that fail or hang, and outages.
//!
//! Every draw depends on its subject and its instant, never on the order of requests. The caller sets the rules.
//! The actions of other parties are in `strangers`.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::model::tags::Tags;

use super::impositions::Impositions;
use crate::world::World;
use crate::world::api::error::{ApiError, unavailable};
use crate::world::place::Place;
use crate::world::time::draw::{SecondsRange, fraction};
use crate::world::time::event::Event;
use crate::world::time::journal::Happening;

/// The chances of mishaps, and their end.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Seed of their draws.
    pub seed: u64,
    /// The instant from which nothing goes wrong. Mishaps in progress end by then.
    pub end: Instant,
    /// The rate and the duration of each. An absent one never happens.
    pub chances: BTreeMap<Mishap, Chance>,
}

/// The rate and the duration of a mishap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The share of occasions on which it happens, 0 to 1.
    pub rate: f64,
    /// Its duration, if it has one.
    pub lasts: SecondsRange,
}

/// A mishap of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mishap {
    /// A snapshot that is new, or newly shared, is not listed for a while.
    HiddenSnapshot,
    /// New tags of a snapshot are not shown for a while.
    HiddenTags,
    /// Taking a snapshot fails when it would have been complete.
    FailedSnapshot,
    /// A copy fails when it would have been complete.
    FailedCopy,
    /// A copy stays in progress for much longer, and then fails.
    HungCopy,
}

/// An outage: every call there is answered with `ServiceUnavailable`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outage {
    /// An account, in all Regions.
    Account(AccountId),
    /// A Region, for all accounts.
    Region(Region),
}

/// The mishaps in progress.
#[derive(Debug, Default)]
pub(crate) struct Mishaps {
    rules: Option<Rules>,
    counts: BTreeMap<Mishap, u64>,
    /// Snapshots that accounts do not see until then.
    unseen: BTreeMap<SnapshotArn, BTreeMap<AccountId, Instant>>,
    /// The tags with which a snapshot is described until then.
    old_tags: BTreeMap<SnapshotArn, (Instant, Tags)>,
    /// Snapshots and copies that will fail instead of being complete.
    doomed: BTreeSet<SnapshotArn>,
    /// The number of outages in progress for each.
    outages: BTreeMap<Outage, u32>,
    /// The impositions of people on resources and actions.
    pub(super) impositions: Impositions,
}

impl Mishap {
    fn name(self) -> &'static str {
        match self {
            Self::HiddenSnapshot => "hidden snapshot",
            Self::HiddenTags => "hidden tags",
            Self::FailedSnapshot => "failed snapshot",
            Self::FailedCopy => "failed copy",
            Self::HungCopy => "hung copy",
        }
    }
}

impl Mishaps {
    /// Draws whether the mishap happens to `whom` now. If so, it counts the mishap and returns its end.
    fn strike(&mut self, mishap: Mishap, whom: &[&str], now: Instant) -> Option<Instant> {
        let rules = self.rules.as_ref().filter(|rules| now < rules.end)?;
        let chance = rules.chances.get(&mishap).filter(|chance| chance.rate > 0.0)?;
        let now_text = now.to_rfc3339();
        let parts: Vec<&str> =
            [mishap.name(), now_text.as_str()].into_iter().chain(whom.iter().copied()).collect();
        if fraction(rules.seed, &parts) >= chance.rate {
            return None;
        }
        let lasts: Vec<&str> = parts.into_iter().chain(["lasts"]).collect();
        *self.counts.entry(mishap).or_default() += 1;
        Some((now + chance.lasts.draw(rules.seed, &lasts)).min(rules.end))
    }

    /// Forgets a snapshot that was removed.
    pub(crate) fn forget(&mut self, arn: &SnapshotArn) {
        self.unseen.remove(arn);
        self.old_tags.remove(arn);
        self.doomed.remove(arn);
    }

    /// True, once, if a snapshot is due to fail.
    pub(crate) fn take_doom(&mut self, arn: &SnapshotArn) -> bool {
        self.doomed.remove(arn)
    }
}

impl World {
    /// Sets the chances of mishaps from now on. Mishaps in progress continue.
    pub fn set_rules(&mut self, rules: Rules) {
        self.mishaps.rules = Some(rules);
    }

    /// The number of times that each mishap happened.
    #[must_use]
    pub fn mishaps(&self) -> &BTreeMap<Mishap, u64> {
        &self.mishaps.counts
    }

    /// The number of mishaps and outages in progress.
    #[must_use]
    pub fn mishaps_under_way(&self) -> usize {
        let Mishaps { unseen, old_tags, doomed, outages, .. } = &self.mishaps;
        unseen.len() + old_tags.len() + doomed.len() + outages.len()
    }

    /// Begins an outage of an account or a Region. Copies and snapshots in progress continue.
    pub fn begin_outage(&mut self, outage: Outage) {
        if self.mishaps.outages.is_empty() {
            self.enter(|_| Some(Happening::OutageBegan));
        }
        *self.mishaps.outages.entry(outage).or_default() += 1;
    }

    /// Ends one outage; false if there is no such outage.
    pub fn end_outage(&mut self, outage: &Outage) -> bool {
        let Some(under_way) = self.mishaps.outages.get_mut(outage) else { return false };
        *under_way -= 1;
        if *under_way == 0 {
            self.mishaps.outages.remove(outage);
        }
        if self.mishaps.outages.is_empty() {
            self.enter(|_| Some(Happening::OutageEnded));
        }
        true
    }

    /// Checks that AWS is in service there.
    ///
    /// # Errors
    /// `ServiceUnavailable` during an outage of the account or the Region.
    pub fn check_in_service(&self, account: &AccountId, region: &Region) -> Result<(), ApiError> {
        let out = |outage: &Outage| match outage {
            Outage::Account(id) => id == account,
            Outage::Region(name) => name == region,
        };
        if self.mishaps.outages.keys().any(out) { Err(unavailable()) } else { Ok(()) }
    }

    /// Draws whether a snapshot that is new to an account is hidden from it.
    pub(in crate::world) fn hide_snapshot(&mut self, arn: &SnapshotArn, from: &AccountId) {
        let whom = [arn.to_string(), from.to_string()];
        if let Some(until) = self.mishaps.strike(Mishap::HiddenSnapshot, &[&whom[0], &whom[1]], self.now) {
            self.mishaps.unseen.entry(arn.clone()).or_default().insert(from.clone(), until);
            self.agenda.insert((until, Event::SnapshotSeen(arn.clone(), from.clone())));
        }
    }

    /// Draws whether a new snapshot, or its tags, are hidden from its owner.
    pub(in crate::world) fn hide_new(&mut self, arn: &SnapshotArn, tags: &Tags) {
        self.hide_snapshot(arn, &arn.account);
        if !tags.is_empty() {
            self.hide_tags(arn, Tags::new());
        }
    }

    /// Draws whether a change of tags is hidden: if so, the snapshot is described with `old` until the mishap ends.
    pub(in crate::world) fn hide_tags(&mut self, arn: &SnapshotArn, old: Tags) {
        if let Some(until) = self.mishaps.strike(Mishap::HiddenTags, &[&arn.to_string()], self.now) {
            let described = self.mishaps.old_tags.remove(arn).map_or(old, |(_, older)| older);
            self.mishaps.old_tags.insert(arn.clone(), (until, described));
            self.agenda.insert((until, Event::TagsSeen(arn.clone())));
        }
    }

    /// Draws whether the snapshot that begins now will fail.
    pub(in crate::world) fn doom_snapshot(&mut self, arn: &SnapshotArn) {
        if self.mishaps.strike(Mishap::FailedSnapshot, &[&arn.to_string()], self.now).is_some() {
            self.mishaps.doomed.insert(arn.clone());
        }
    }

    /// Draws whether the copy that begins now will fail or hang. It returns the end, which is `until` unless the copy hangs.
    pub(in crate::world) fn doom_copy(&mut self, arn: &SnapshotArn, until: Instant) -> Instant {
        let whom = arn.to_string();
        if let Some(longer) = self.mishaps.strike(Mishap::HungCopy, &[&whom], self.now) {
            self.mishaps.doomed.insert(arn.clone());
            return longer.max(until);
        }
        if self.mishaps.strike(Mishap::FailedCopy, &[&whom], self.now).is_some() {
            self.mishaps.doomed.insert(arn.clone());
        }
        until
    }

    pub(in crate::world) fn is_seen(&self, arn: &SnapshotArn, by: &Place) -> bool {
        self.mishaps.unseen.get(arn).is_none_or(|accounts| !accounts.contains_key(&by.account))
    }

    /// True if a snapshot of a place, or its tags, are hidden from its own account.
    pub(in crate::world) fn is_any_unseen(&self, place: &Place) -> bool {
        let is_there = |arn: &SnapshotArn| arn.account == place.account && arn.region == place.region;
        self.mishaps.unseen.keys().chain(self.mishaps.old_tags.keys()).any(is_there)
    }

    /// The tags with which a snapshot is described, where they differ from its own.
    pub(in crate::world) fn old_tags(&self, arn: &SnapshotArn) -> Option<&Tags> {
        self.mishaps.old_tags.get(arn).map(|(_, tags)| tags)
    }

    pub(in crate::world) fn see_snapshot(&mut self, arn: &SnapshotArn, account: &AccountId) {
        let Some(accounts) = self.mishaps.unseen.get_mut(arn) else { return };
        // A later snapshot of the same identifier may be hidden for longer.
        if accounts.get(account).is_some_and(|until| *until <= self.now) {
            accounts.remove(account);
        }
        if accounts.is_empty() {
            self.mishaps.unseen.remove(arn);
        }
    }

    pub(in crate::world) fn see_tags(&mut self, arn: &SnapshotArn) {
        if self.mishaps.old_tags.get(arn).is_some_and(|(until, _)| *until <= self.now) {
            self.mishaps.old_tags.remove(arn);
        }
    }
}
