//! The comparison of a history after an upgrade with the rules and the records of the earlier version.
//!
//! Each finding is one sentence that begins with the broken promise.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use pilot_light_domain::aws::metrics::MetricName;

use crate::forms::forms;
use crate::frozen::{BETWEEN, DESTINATION, Frozen, SOURCE, database_of};
use crate::installation::{Event, History, What};
use crate::point::Point;
use crate::rules::{Points, Retention, is_ours, origin, reason_to_keep};

/// The databases that 0.1.0 protects.
const PROTECTED: [&str; 3] = ["billing", "orders", "plain"];

/// Databases that 0.1.0 left unprotected without a word, and that are blocked now: the member of a cluster.
const NEWLY_BLOCKED: [&str; 1] = ["aurora"];

/// The time by which a recovery point may be older than the oldest that 0.1.0 recorded. The recorded ages are those of
/// 12 hours.
const AGE_TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// The threshold of the alarm on the quota, in percent.
const QUOTA_THRESHOLD: f64 = 80.0;

/// All differences. There are none after a correct upgrade.
pub(crate) fn findings(frozen: &Frozen, history: &History) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(deletions(frozen, history));
    found.extend(repetitions(frozen, history));
    found.extend(selections(frozen, history));
    found.extend(runs(frozen, history));
    found.extend(metrics(history));
    found.extend(ages(frozen, history));
    found.extend(differing_forms(frozen, history));
    found.extend(untouched(frozen, history));
    found
}

/// Snapshots that were deleted although 0.1.0 would have kept them.
fn deletions(frozen: &Frozen, history: &History) -> Vec<String> {
    let mut all = frozen.points();
    let mut found = Vec::new();
    for Event { at, what, point } in &history.events {
        if *what == What::Gone {
            let worker = if point.place() == SOURCE { "source-delete" } else { "destination-delete" };
            let retention = Retention::of(&frozen.parameters(worker));
            if let Some(reason) = reason_to_keep(&all[&point.arn], &all, retention, *at) {
                found.push(format!("deleted too early: {} at {at}: {reason}", point.arn));
            }
            all.remove(&point.arn);
        } else {
            all.insert(point.arn.clone(), point.clone());
        }
    }
    for place in [SOURCE, DESTINATION] {
        let gone = |event: &&Event| event.what == What::Gone && event.point.place() == place;
        if history.events.iter().filter(gone).count() == 0 {
            found.push(format!("deleted nothing in {place:?}"));
        }
    }
    found
}

/// Snapshots taken twice for one interval, and snapshots copied twice to one place.
fn repetitions(frozen: &Frozen, history: &History) -> Vec<String> {
    let key = |point: &Point| match point.place() {
        SOURCE => format!("taken twice: {} of {:?}", point.database, point.tag("CreatedOn")),
        (_, region) => format!("copied twice: {} to {region}", origin(point)),
    };
    // The older tool took its own snapshots beside those of 0.1.0.
    let mut seen: BTreeSet<String> =
        frozen.points().values().filter(|point| is_ours(point)).map(key).collect();
    let mut found = Vec::new();
    for event in &history.events {
        if matches!(event.what, What::Taken | What::Copied) && !seen.insert(key(&event.point)) {
            found.push(key(&event.point));
        }
        if event.what == What::Ended && event.point.status == "failed" {
            seen.remove(&key(&event.point));
        }
    }
    found
}

/// Snapshots of databases that 0.1.0 left alone.
fn selections(frozen: &Frozen, history: &History) -> Vec<String> {
    let is_taken = |point: &&Point| point.place() == SOURCE && point.tag("CreatedOn").is_some();
    let before = frozen.points();
    let known: BTreeSet<_> = before.values().filter(is_taken).map(|point| &point.database).collect();
    let taken = history.events.iter().filter(|event| event.what == What::Taken);
    let new: BTreeSet<_> =
        taken.map(|event| &event.point.database).filter(|name| !known.contains(name)).collect();
    new.into_iter().map(|database| format!("not left alone: {database}")).collect()
}

/// Runs that failed, and databases that are blocked and were not blocked before.
fn runs(frozen: &Frozen, history: &History) -> Vec<String> {
    let mut found = BTreeSet::new();
    for run in &history.runs {
        let report = match &run.outcome {
            Ok(report) => report,
            Err(error) => {
                found.insert(format!("failed run: {}: {error}", run.worker));
                continue;
            }
        };
        if let Some(failure) = report.failures.first() {
            found.insert(format!("failed run: {}: {failure:?}", run.worker));
        }
        let before = frozen.blocked(run.worker);
        for entry in &report.blockers {
            let database = database_of(&entry.subject);
            if !before.contains(&database) && !NEWLY_BLOCKED.contains(&database.as_str()) {
                found.insert(format!("blocked: {database} by {}: {}", run.worker, entry.detail));
            }
        }
    }
    found.into_iter().collect()
}

/// Values beyond the thresholds of the alarms on failures and on the quota.
fn metrics(history: &History) -> Vec<String> {
    let is_beyond = |name, value| match name {
        MetricName::Failed => value > 0.0,
        MetricName::SnapshotQuotaUsed => value > QUOTA_THRESHOLD,
        _ => false,
    };
    let beyond = history.metrics.iter().find(|metric| is_beyond(metric.name, metric.value));
    beyond.map(|metric| format!("alarm: {} is {}", metric.name.as_str(), metric.value)).into_iter().collect()
}

/// Protected databases whose newest copy became older than it did before the upgrade.
fn ages(frozen: &Frozen, history: &History) -> Vec<String> {
    let before: Vec<Point> = frozen.points().into_values().collect();
    let mut found = Vec::new();
    for database in PROTECTED {
        let is_copy = |point: &&Point| {
            point.place() == DESTINATION && point.database == database && point.is_usable() && is_ours(point)
        };
        // The newest data before the upgrade, then each arrival.
        let newest = before.iter().filter(is_copy).filter_map(|point| point.data).max().unwrap();
        let ended = history.events.iter().filter(|event| event.what == What::Ended && is_copy(&&event.point));
        let arrivals = ended.filter_map(|event| Some((event.at, event.point.data?)));
        let end = history.events.last().map(|event| (event.at, event.at));
        let worst = worst_age(newest, arrivals.chain(end));
        let allowed = recorded_age(before.iter().filter(is_copy)) + AGE_TOLERANCE;
        if worst > allowed {
            let (worst, allowed) = (worst.num_minutes(), allowed.num_minutes());
            found.push(format!(
                "alarm: the newest copy of {database} became {worst} min old, allowed {allowed}"
            ));
        }
    }
    found
}

/// The worst age just before each arrival of newer data.
fn worst_age(
    mut newest: DateTime<Utc>,
    arrivals: impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)>,
) -> TimeDelta {
    let mut worst = TimeDelta::zero();
    for (at, data) in arrivals {
        worst = worst.max(at - newest);
        newest = newest.max(data);
    }
    worst
}

/// The worst age between two copies that 0.1.0 made, by their times.
fn recorded_age<'a>(copies: impl Iterator<Item = &'a Point>) -> TimeDelta {
    let made = copies.filter(|point| point.tag("SourceSnapshotArn").is_some());
    let mut arrivals: Vec<_> = made.filter_map(|point| Some((point.created?, point.data?))).collect();
    arrivals.sort_unstable();
    // KeepDaily keeps single copies of earlier days, between which nothing is known.
    let last = arrivals.last().map(|(at, _)| *at).unwrap() - TimeDelta::hours(11);
    let recent: Vec<_> = arrivals.into_iter().filter(|(at, _)| *at > last).collect();
    worst_age(recent[0].1, recent[1..].iter().copied())
}

/// Forms of snapshots that 0.1.0 does not know. It must understand them if it is launched again.
fn differing_forms(frozen: &Frozen, history: &History) -> Vec<String> {
    let known = forms(frozen.points().values());
    let after = history.events.iter().filter(|event| event.what != What::Gone).map(|event| &event.point);
    let mut found = Vec::new();
    for (place, forms) in forms(after.chain(&history.end)) {
        let unknown =
            forms.into_iter().filter(|form| !known.get(&place).is_some_and(|all| all.contains(form)));
        found.extend(unknown.map(|form| format!("form unknown to 0.1.0, in {place}: {form}")));
    }
    let is_new = |event: &&Event| matches!(event.what, What::Taken | What::Copied);
    for event in history.events.iter().filter(is_new).filter(|event| !is_ours(&event.point)) {
        found.push(format!("not recognised by 0.1.0: {}", event.point.arn));
    }
    found
}

/// Snapshots of other owners that were changed or are gone.
fn untouched(frozen: &Frozen, history: &History) -> Vec<String> {
    let end: Points = history.end.iter().map(|point| (point.arn.clone(), point.clone())).collect();
    let others = frozen.points().into_values().filter(|point| !is_ours(point));
    let changed = others.filter(|point| end.get(&point.arn) != Some(point));
    changed.map(|point| format!("not ours and changed: {}", point.arn)).collect()
}

/// The number of events of each kind in each place, for the proof that a history contains something.
pub(crate) fn counts(history: &History) -> BTreeMap<(What, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for event in &history.events {
        let place = match event.point.place() {
            SOURCE => "source",
            BETWEEN => "between",
            _ => "destination",
        };
        *counts.entry((event.what, place)).or_default() += 1;
    }
    counts
}
