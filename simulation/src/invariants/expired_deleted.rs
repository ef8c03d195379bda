//! The invariant that a successful run of a deleting worker leaves no recovery point whose retention is over.
//!
//! The file has its own rules of retention, because it checks those of the domain. A run that deleted as many as one run
//! may delete leaves the rest to the next one. `retention_met` checks the opposite: that nothing is deleted too early.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags;
use pilot_light_domain::run::worker_name::WorkerName;

use super::held::{Database, Held};
use super::ledger::Ledger;
use super::predecessor_kept;
use super::runs::Run;
use super::terms::{Keep, Terms};

/// The time by which a recovery point may outlive its retention: the error of a run's clock, and the run itself.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// The number of recovery points that one run may always delete. Beyond it, a run may leave the rest.
const CEILING: usize = 500;

/// Returns the violations after a successful run of `worker`.
pub(super) fn check(terms: &Terms, ledger: &Ledger, worker: WorkerName, run: &Run) -> Vec<String> {
    // A slow run may end long after it has read the clock and the lists.
    let now = run.began;
    let (source, destination) = (terms.source, terms.destination);
    if run.deleted >= CEILING {
        return Vec::new();
    }
    let overdue = match worker {
        WorkerName::SourceDelete if source.may_delete => {
            overdue(ledger, source, now, |held| is_taken(terms, held))
        }
        WorkerName::DestinationDelete if destination.may_delete => {
            overdue(ledger, destination, now, |held| ledger.is_copy(&held.record))
        }
        _ => return Vec::new(),
    };
    let worker = worker.as_str();
    let text = |arn| format!("{arn} still exists after a run of {worker}, although its retention is over");
    overdue.into_iter().map(text).collect()
}

/// True for a snapshot that `source-take` took.
fn is_taken(terms: &Terms, held: &Held) -> bool {
    let record = &held.record;
    record.arn.account == terms.homes.source.account
        && record.tags.has(tags::CREATED_BY, tags::TOOL)
        && !record.tags.has(tags::COPIED_BY, tags::TOOL)
}

/// The recovery points among those that `is_meant` selects that no reason keeps any longer.
fn overdue(ledger: &Ledger, keep: Keep, now: Instant, is_meant: impl Fn(&Held) -> bool) -> Vec<SnapshotArn> {
    let meant = ledger.all().filter(|held| is_meant(held));
    let points = by_database(meant.filter_map(|held| Some((held.usable_since()?, held))).collect());
    let is_overdue = |name: &DatabaseName, points: &[(Instant, &Held)], (taken, held): &(Instant, &Held)| {
        // The other questions are about all points of the database, and most points are young.
        if now - *taken <= keep.keep_for + TOLERANCE {
            return false;
        }
        // The run may have missed a recovery point that arrived while it was under way.
        let is_known = |held: &Held| held.record.created_at.is_some_and(|at| at < now - TOLERANCE);
        // A database that had another name until then pushes out no copy of the earlier one, nor do its copies under that name.
        let is_of_same = |other: &Held| other.record.shape.resource_id == held.record.shape.resource_id;
        let own = points.iter().filter(|(_, other)| is_of_same(other));
        let end = own.map(|(other, _)| *other).max();
        let counts = |(other, point): &&(Instant, &Held)| {
            is_of_same(point) || (point.record.database == *name && Some(*other) > end)
        };
        let known = points.iter().filter(counts).filter(|(_, held)| is_known(held)).map(|(taken, _)| *taken);
        !is_kept(&known.collect::<Vec<_>>(), *taken, keep)
            && !predecessor_kept::may_stay(held, (name, points), keep, now)
            && !ledger.is_read(&held.record.arn)
    };
    let of_each = |((_, name), points): (&Database, &Vec<(Instant, &Held)>)| {
        let overdue = points.iter().filter(|point| is_overdue(name, points, point));
        overdue.map(|(_, held)| held.record.arn.clone()).collect::<Vec<_>>()
    };
    points.iter().flat_map(of_each).collect()
}

/// The points of each database, under the name that the newest point of each instance shows.
fn by_database(mut points: Vec<(Instant, &Held)>) -> BTreeMap<Database, Vec<(Instant, &Held)>> {
    points.sort_unstable_by_key(|(taken, held)| (*taken, &held.record.arn));
    let names: BTreeMap<_, _> =
        points.iter().map(|(_, held)| (held.instance(), &held.record.database)).collect();
    let mut databases: BTreeMap<Database, Vec<(Instant, &Held)>> = BTreeMap::new();
    for (taken, held) in points {
        let instance = held.instance();
        let name = names.get(&instance).copied().unwrap_or(&held.record.database);
        databases.entry((instance.0, name.clone())).or_default().push((taken, held));
    }
    databases
}

/// True if a point is among the newest `keep_last`, or the newest of one of the newest `keep_daily` days.
fn is_kept(points: &[Instant], taken: Instant, keep: Keep) -> bool {
    let newer = || points.iter().copied().filter(|other| *other > taken);
    let newer_days: BTreeSet<_> = newer().map(|other| other.date_naive()).collect();
    let is_newest_of_day = !newer_days.contains(&taken.date_naive());
    newer().count() < keep.keep_last.max(1) || (is_newest_of_day && newer_days.len() < keep.keep_daily)
}
