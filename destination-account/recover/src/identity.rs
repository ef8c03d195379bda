//! The identity of a recovery. Executions of one manifest share it while something of the recovery is unfinished.
//!
//! The identity is kept in the tags of everything that the recovery makes. An execution that finds these tags continues the
//! recovery, and its time counts from the first start. At its end, a recovery is closed by a further tag. It is never continued
//! then, whatever happens to its databases: what it restored may be older than what the next recovery must restore.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, DbInstance};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::facts::Facts;
use crate::imports::Imports;
use crate::manifest::Layer;
use crate::names;
use crate::registry::Purpose;
use crate::request::Execution;
use crate::tagging;

/// The longest time of a resource of a drill or a refresh: six hours, and one for the removal of what a failed one left.
const LONGEST_RESOURCE: TimeDelta = TimeDelta::hours(7);

/// The identity of a recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// The name of the execution that began it.
    pub id: String,
    /// The time at which that execution began.
    pub started: Instant,
    /// A hash of the manifest.
    #[serde(default)]
    pub manifest: String,
}

impl Recovery {
    /// The recovery that an execution begins.
    pub(crate) fn of(execution: &Execution, manifest: String) -> Self {
        Self { id: execution.name().to_owned(), started: execution.started, manifest }
    }
}

/// A hash of a manifest: its purpose, and its layers with the values that references have now. A reference without a value counts
/// as it is written.
pub(crate) fn hash(purpose: Purpose, layers: &[Layer], imports: &Imports) -> String {
    let mut layers = layers.to_vec();
    let resources = layers.iter_mut().flat_map(|layer| &mut layer.resources);
    for value in resources.flat_map(|resource| resource.parameters.values_mut()) {
        if let Some(Ok(resolved)) = value.as_str().map(|text| imports.resolve(text)) {
            *value = Value::String(resolved);
        }
    }
    let text = serde_json::to_string(&layers).unwrap_or_default();
    let halves = [purpose.as_str(), "again"].map(|salt| names::short_hash(&format!("{salt} {text}")));
    format!("{:08x}{:08x}", halves[0], halves[1])
}

/// The time within which a recovery is continued, counted from its start.
///
/// No drill or refresh may take 8 hours. A day later, its schedule starts the next one.
pub(crate) fn lasts(purpose: Purpose) -> TimeDelta {
    match purpose {
        Purpose::Failover | Purpose::Failback => TimeDelta::hours(24),
        Purpose::Drill => TimeDelta::hours(8),
    }
}

/// The recovery that an execution may continue: the one of the same manifest that started last, according to the tags in
/// the worker's Region.
///
/// Version 0.1.0 tagged neither the manifest nor the start. Its resources are recognised by the names of the manifest's
/// resources, and their creation counts as the start.
pub(crate) fn earlier(
    facts: &Facts,
    begun: &Recovery,
    layers: &[Layer],
    purpose: Purpose,
) -> Option<Recovery> {
    let recovery = |found: Made<'_>| {
        let started = tagging::started(found.tags).or(found.created).unwrap_or(begun.started);
        Recovery { id: found.recovery.to_owned(), started, manifest: begun.manifest.clone() }
    };
    let ended = made(facts, &begun.manifest, layers).filter(Made::is_closed).map(recovery);
    let closed: BTreeSet<(String, Instant)> = ended.map(|found| (found.id, found.started)).collect();
    let all = made(facts, &begun.manifest, layers).map(recovery);
    let recent =
        all.filter(|found| found.started <= begun.started && begun.started - found.started < lasts(purpose));
    let open = recent.filter(|found| !closed.contains(&(found.id.clone(), found.started)));
    open.max_by_key(|found| (found.started, found.id.clone()))
}

/// A database in the worker's Region that a recovery of a manifest made.
struct Made<'a> {
    arn: &'a DatabaseArn,
    tags: &'a Tags,
    created: Option<Instant>,
    /// The id of that recovery.
    recovery: &'a str,
}

impl Made<'_> {
    /// True if its recovery has ended. A takeover replaces the tags of an earlier recovery but for this one, so the time counts.
    fn is_closed(&self) -> bool {
        is_closed(self.tags)
    }
}

fn is_closed(tags: &Tags) -> bool {
    let at = |text: &str| text.parse::<Instant>().ok();
    tags.get(tagging::ENDED).is_some_and(|ended| at(ended) >= tagging::started(tags))
}

/// The databases that the recoveries of a manifest made.
fn made<'a>(facts: &'a Facts, manifest: &'a str, layers: &[Layer]) -> impl Iterator<Item = Made<'a>> {
    let names: BTreeSet<String> =
        layers.iter().flat_map(|layer| &layer.resources).map(|found| tagging::value(&found.name)).collect();
    databases(facts).filter_map(move |(arn, tags, created)| {
        let is_its = match tags.get(tagging::MANIFEST) {
            Some(found) => found == manifest,
            None => tags.get(tagging::RESOURCE).is_some_and(|name| names.contains(name)),
        };
        let recovery = tags.get(tagging::RECOVERY).filter(|_| is_its)?;
        Some(Made { arn, tags, created, recovery })
    })
}

/// The databases in the worker's Region, each with its tags and its creation.
fn databases(facts: &Facts) -> impl Iterator<Item = (&DatabaseArn, &Tags, Option<Instant>)> {
    let instances = facts.instances.get(&facts.region).into_iter().flatten();
    let clusters = facts.clusters.get(&facts.region).into_iter().flatten();
    let instances = instances.map(|found| (&found.arn, &found.tags, found.created_at));
    instances.chain(clusters.map(|found| (&found.arn, &found.tags, found.created_at)))
}

/// The changes that close the recoveries of a manifest, because everything of it is up: a tag on each database that they made. One
/// of these tags closes a recovery.
///
/// An earlier recovery may have been stopped just before its end. It is over too. A later one is still under way.
pub(crate) fn closing(facts: &Facts, recovery: &Recovery, layers: &[Layer]) -> Vec<Change> {
    // Tags have whole seconds.
    let is_later = |found: &Made<'_>| {
        tagging::started(found.tags).is_some_and(|at| at.timestamp() > recovery.started.timestamp())
    };
    let at = tagging::time(facts.now);
    let close = |found: Made<'_>| tagging::add(found.arn, found.recovery, (tagging::ENDED, &at));
    let open = made(facts, &recovery.manifest, layers).filter(|found| !found.is_closed());
    open.filter(|found| !is_later(found)).map(close).collect()
}

/// True if the drill or refresh that restored the instance cannot be under way any more: it began too long ago to be
/// continued, and the instance was created before the longest time that a resource takes. Later layers begin late.
pub(crate) fn is_old(found: &DbInstance, now: Instant) -> bool {
    let is_past = |at: Instant, after: TimeDelta| at + after <= now;
    let Some(began) = tagging::started(&found.tags).or(found.created_at) else { return false };
    is_past(began, lasts(Purpose::Drill))
        && found.created_at.is_none_or(|created| is_past(created, LONGEST_RESOURCE))
}

/// True if the drill or refresh that restored the instance is over: it has ended, or began too long ago.
pub(crate) fn is_over(found: &DbInstance, now: Instant) -> bool {
    is_closed(&found.tags) || is_old(found, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{HERE, facts_of, instance};

    /// An instance that the recovery `id` of the manifest `m` made.
    fn made_by(id: &str, started: &str, ended: Option<&str>) -> DbInstance {
        let mut found = instance(HERE, id);
        for (key, value) in [(tagging::RECOVERY, id), (tagging::STARTED, started), (tagging::MANIFEST, "m")] {
            found.tags.insert(key, value);
        }
        ended.into_iter().for_each(|at| drop(found.tags.insert(tagging::ENDED, at)));
        found
    }

    fn recovery(id: &str, started: &str) -> Recovery {
        Recovery { id: id.to_owned(), started: started.parse().unwrap(), manifest: "m".to_owned() }
    }

    #[test]
    fn a_database_that_took_over_keeps_the_end_of_an_earlier_recovery_which_closes_no_later_one() {
        let begun = recovery("third", "2026-01-01T14:00:00Z");
        for (ended, continued) in
            [(None, true), (Some("2026-01-01T11:00:00Z"), true), (Some("2026-01-01T13:00:00Z"), false)]
        {
            let there = facts_of([]).add_instance(made_by("second", "2026-01-01T12:00:00Z", ended));
            let found = earlier(&there, &begun, &[], Purpose::Failover);
            assert_eq!(found.is_some_and(|found| found.id == "second"), continued, "{ended:?}");
            assert_eq!(closing(&there, &begun, &[]).len(), usize::from(continued), "{ended:?}");
        }
    }

    #[test]
    fn a_recovery_closes_earlier_ones_and_no_later_one() {
        let there = facts_of([]).add_instance(made_by("second", "2026-01-01T12:00:00Z", None));
        let closes = |id: &str, started: &str| closing(&there, &recovery(id, started), &[]).len();
        assert_eq!(closes("third", "2026-01-01T12:00:01Z"), 1);
        assert_eq!(closes("second", "2026-01-01T12:00:00.7Z"), 1, "its own");
        assert_eq!(closes("first", "2026-01-01T11:59:59Z"), 0);
    }

    #[test]
    fn a_recovery_is_old_only_if_its_instance_could_not_be_of_a_late_layer() {
        let now = "2026-01-02T00:00:00Z".parse().unwrap();
        let is_old = |began: Option<&str>, created: Option<&str>| {
            let mut found = instance(HERE, "orders");
            found.created_at = created.map(|at| at.parse().unwrap());
            if let Some(began) = began {
                found.tags.insert(tagging::STARTED, began);
            }
            is_old(&found, now)
        };
        let (eight, seven, six) = ("2026-01-01T16:00:00Z", "2026-01-01T17:00:00Z", "2026-01-01T17:00:01Z");
        assert!(is_old(Some(eight), Some(seven)));
        assert!(!is_old(Some(eight), Some(six)), "a later layer restored it");
        assert!(!is_old(Some(seven), Some(eight)));
        assert!(is_old(Some(eight), None));
        assert!(is_old(None, Some(eight)));
        assert!(!is_old(None, Some(seven)));
        assert!(!is_old(None, None), "nobody knows");
    }
}
