//! The invariant that the published age of the oldest database neither hides a breach of the RPO nor raises a false
//! alarm.
//!
//! The destination knows the databases of its copies, and those whose snapshots it is offered. It cannot know a database
//! that was never offered. `first_copy_made` finds such a database nevertheless.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::{Metric, MetricName};

use super::ledger::Ledger;
use super::runs::Run;
use super::terms::Terms;
use crate::measure::protection::{Protections, ResourceId};

/// The time by which a published age may be too low or too high.
const TOLERANCE: TimeDelta = TimeDelta::minutes(4);

/// The alarm on the age is raised this long before the target: it leaves room for the duration of one snapshot.
const SNAPSHOT_ROOM: TimeDelta = TimeDelta::minutes(4);

/// The databases whose snapshots the destination sees, each with the time of its oldest data there.
pub(crate) type Offered = BTreeMap<ResourceId, Instant>;

/// A metric at the time at which it was published.
pub(super) struct Published<'a> {
    pub(super) metric: &'a Metric,
    /// The run that published it.
    pub(super) run: Option<&'a Run>,
    pub(super) at: Instant,
}

/// The real state that metrics are compared with.
pub(super) struct Reality<'a> {
    pub(super) terms: &'a Terms,
    pub(super) ledger: &'a Ledger,
    pub(super) protections: &'a Protections,
}

/// The offers at the last publication.
#[derive(Debug, Default)]
pub(super) struct MetricTruthful {
    offered: Offered,
}

impl MetricTruthful {
    /// Returns the violation of a published metric, if any. `offered` looks at the offers in the world.
    pub(super) fn check(
        &mut self,
        reality: &Reality<'_>,
        published: &Published<'_>,
        offered: impl FnOnce() -> Offered,
    ) -> Option<String> {
        let Published { metric, run, at } = *published;
        if metric.name != MetricName::OldestRecoveryPointAge {
            return None;
        }
        let known = self.oldest_known(reality, offered).map(|until| at - until);
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds, as they were published")]
        let stated = TimeDelta::seconds(metric.value as i64);
        let (allowed, rpo) = (reality.terms.ages, reality.terms.rpo);
        // A run publishes the state that it read, by its clock at the beginning. Copies may have arrived since then.
        let since_begin = run.map_or(TimeDelta::zero(), |run| at - run.began);
        let too_young = TOLERANCE + (allowed.snapshot - SNAPSHOT_ROOM).max(TimeDelta::zero());
        let is_silent = stated <= rpo - SNAPSHOT_ROOM;
        let hides = |actual: &TimeDelta| *actual - since_begin > rpo + too_young && is_silent;
        if let Some(actual) = known.filter(hides) {
            return Some(text(metric, stated, actual, "no alarm would fire"));
        }
        let actual = reality.oldest_age(at)?;
        let most = run.and_then(|run| run.oldest).map_or(actual, |oldest| oldest.max(actual));
        let is_false = at > allowed.holds_from && stated > most + TOLERANCE;
        is_false.then(|| text(metric, stated, actual, "a false alarm would fire"))
    }

    /// The time of the oldest protection that the destination must know about.
    fn oldest_known(&mut self, reality: &Reality<'_>, offered: impl FnOnce() -> Offered) -> Option<Instant> {
        let without = reality.without_copies();
        let before = std::mem::take(&mut self.offered);
        if !without.is_empty() {
            self.offered = offered();
        }
        // A run may not have seen an offer that is new since the last publication.
        let known = self.offered.iter().filter(|(id, _)| without.contains(id) && before.contains_key(*id));
        known.map(|(_, oldest)| *oldest).chain(reality.oldest_data().into_iter().max()).min()
    }
}

impl Reality<'_> {
    /// The age of the oldest database, with those that the destination cannot know.
    pub(super) fn oldest_age(&self, now: Instant) -> Option<TimeDelta> {
        let unknown = self.protections.oldest().map(|oldest| oldest.protected_until());
        self.oldest_data().into_iter().chain(unknown).min().map(|oldest| now - oldest)
    }

    /// The instant at which the data of the newest usable copy was frozen, of the oldest database among those with a copy. A renamed
    /// database counts under the name that its copies show, and then under the name that a newer snapshot shows. A run may know
    /// either, and with it another database of that name.
    fn oldest_data(&self) -> Vec<Instant> {
        let (usable, complete) = (self.ledger.usable(), self.ledger.complete());
        let oldest = |names| usable.newest_of_all(names).values().map(|newest| newest.data).min();
        [usable, complete].into_iter().filter_map(oldest).collect()
    }

    /// The databases of which neither they nor an earlier one of their name have a copy.
    fn without_copies(&self) -> Vec<&ResourceId> {
        let account = &self.terms.homes.source.account;
        let is_without = |name| self.ledger.newest_usable(&(account.clone(), name), None).is_none();
        let all = self.protections.all().filter(|(_, protection)| !protection.is_copied());
        all.filter(|(_, protection)| is_without(protection.name.clone())).map(|(id, _)| id).collect()
    }
}

fn text(metric: &Metric, stated: TimeDelta, actual: TimeDelta, consequence: &str) -> String {
    let (stated, actual) = (stated.num_minutes(), actual.num_minutes());
    let name = metric.name.as_str();
    format!("{name} was published as {stated} min, but it is {actual} min: {consequence}")
}
