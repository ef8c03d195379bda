//! The plan of the snapshots to take: the databases that are due, and the names and tags of their snapshots.
//!
//! A database is due if no snapshot of it was begun in the current interval. Failed snapshots, snapshots of others and
//! those of an earlier instance of its name do not count. Snapshots that the older tool took do. The start of an interval is defined in
//! [`due`](pilot_light_domain::rules::due).

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::gateway::CreateSnapshot;
use pilot_light_domain::aws::metrics::quota_used;
use pilot_light_domain::model::database::Database;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::snapshot::{Phase, Snapshot, SnapshotStatus};
use pilot_light_domain::model::{naming, tags};
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::rules::due::interval_start;
use pilot_light_domain::rules::replicas::Replicas;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Action, Plan, SkipClass, SkipReason};

/// The facts that the plan is made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// All DB instances of the Region.
    pub databases: Vec<Database>,
    /// The instances that cannot be read.
    pub odd_databases: Vec<OddRecord>,
    /// All manual snapshots of the account there.
    pub snapshots: Vec<Arc<Snapshot>>,
    /// The manual snapshots that cannot be read.
    pub odd_snapshots: Vec<OddRecord>,
    /// The number of manual snapshots that the Region may hold.
    pub quota: u32,
}

/// A snapshot to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// The database.
    pub database: DatabaseId,
    /// The request to RDS.
    pub create: CreateSnapshot,
    /// The time of the newest snapshot so far, if one exists.
    pub newest: Option<Instant>,
}

impl Action for Take {
    fn verb(&self) -> &'static str {
        "take"
    }

    fn subject(&self) -> String {
        self.database.to_string()
    }

    fn detail(&self) -> String {
        let newest = self.newest.map_or_else(|| "none".to_owned(), |time| time.to_rfc3339());
        format!("as {}, newest so far: {newest}", self.create.id)
    }
}

/// Plans the snapshots that are due. The database whose newest snapshot is oldest comes first.
///
/// # Errors
/// `InvalidConfiguration` if no database is selected, because a pattern that matches nothing protects nothing.
pub fn plan(facts: &Facts, policy: &SourcePolicy, now: Instant) -> Result<Plan<Take>, WorkerError> {
    let of_each = ours_by_database(&facts.snapshots, now);
    let interval = interval_start(now, policy.interval);
    let mut plan = Plan::default();
    for snapshot in &facts.snapshots {
        if let Some(reason) = SkipReason::of_anomaly(snapshot, now).filter(|_| snapshot.is_taken_by_us()) {
            plan.skip(&snapshot.arn, reason);
        }
    }
    plan.skips.extend(policy.unknown.notes());
    let replicas = Replicas::among(&facts.databases, &policy.selection);
    plan.skip_odd(&facts.odd_snapshots, OddRecord::is_taken_by_us);
    plan.skip_odd(&facts.odd_databases, |odd| policy.selection.may_select(odd));
    let mut known = 0;
    let mut selected = facts.odd_databases.iter().filter(|odd| policy.selection.may_select(odd)).count();
    for database in &facts.databases {
        let id = &database.arn.id;
        if let Err(reason) = policy.selection.of_instance(database) {
            // A selected instance that cannot be protected is reported as such.
            selected += usize::from(reason.class() == SkipClass::Blocked);
            plan.skip(id, reason);
            continue;
        }
        selected += 1;
        let ours = of_each.get(&id.name).map_or(&[][..], Vec::as_slice);
        known += usize::from(!ours.is_empty());
        let name = Name { database: &id.name, interval };
        let odd = name.is_used_by_odd(&facts.odd_snapshots).then_some(SkipReason::NotDue);
        let needless = replicas.reason_to_skip(database, !ours.is_empty());
        match odd.or(needless).or_else(|| not_due(database, ours, interval, now)) {
            Some(reason) => plan.skip(id, reason),
            None => plan.actions.push(take(database, ours, name, (facts, policy))?),
        }
    }
    if selected == 0 {
        return Err(nothing_selected(facts, policy));
    }
    plan.actions.sort_by(|a, b| a.newest.cmp(&b.newest).then_with(|| a.database.cmp(&b.database)));
    plan.skips.sort();
    keep_within_quota(&mut plan, facts, known, &policy.region);
    Ok(plan)
}

fn ours_by_database(snapshots: &[Arc<Snapshot>], now: Instant) -> BTreeMap<&DatabaseName, Vec<&Snapshot>> {
    let mut of_each: BTreeMap<_, Vec<&Snapshot>> = BTreeMap::new();
    // A re-encrypted twin is a copy. It does not count for an interval, and a twin in progress delays no snapshot.
    let is_twin = |snapshot: &Snapshot| snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN);
    let is_lost = |status: &SnapshotStatus| matches!(status.phase(), Phase::Lost | Phase::Deleting);
    let good = |snapshot: &&Arc<Snapshot>| {
        // A stuck snapshot is reported. It must not keep the next ones from being taken.
        snapshot.is_taken_by_us()
            && !is_twin(snapshot)
            && !is_lost(&snapshot.status)
            && !snapshot.is_stuck(now)
    };
    for neighbours in snapshots.chunk_by(|a, b| a.database == b.database) {
        let ours = neighbours.iter().filter(good).map(Arc::as_ref);
        of_each.entry(&neighbours[0].database).or_default().extend(ours);
    }
    of_each
}

fn not_due(database: &Database, ours: &[&Snapshot], interval: Instant, now: Instant) -> Option<SkipReason> {
    if ours.iter().any(|snapshot| snapshot.status.in_progress() && may_be_of(snapshot, database)) {
        return Some(SkipReason::SnapshotInProgress);
    }
    // A snapshot is begun before it is complete. Those complete before the interval were begun before it, and their
    // tags need not be read.
    let mut complete_since =
        ours.iter().filter(|snapshot| snapshot.taken_at().is_none_or(|taken| taken >= interval));
    if complete_since
        .any(|snapshot| begun_at(snapshot, now) >= Some(interval) && may_be_of(snapshot, database))
    {
        return Some(SkipReason::NotDue);
    }
    match &database.status {
        status if status.accepts_snapshot() => None,
        status if status.is_broken() => Some(SkipReason::InstanceBroken(status.0.clone())),
        status => Some(SkipReason::InstanceBusy(status.0.clone())),
    }
}

/// True unless the snapshot is surely of another instance that had this name before: one that was deleted, renamed or switched
/// over. AWS creates the green instance of a blue/green deployment long before it takes over the name, so the time alone does
/// not show it. A snapshot without an id and a time may be of either.
fn may_be_of(snapshot: &Snapshot, database: &Database) -> bool {
    let is_of_another = match (&snapshot.resource_id, &database.resource_id) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    !is_of_another && snapshot.taken_at().is_none_or(|taken| Some(taken) >= database.created_at)
}

/// The time at which a snapshot was begun, from our tag.
///
/// AWS gives two other times. The time of completion may be in a later interval. The time of the last transaction may
/// be many intervals earlier if the database is idle or lags. A tag later than the completion cannot be true and would
/// keep the database from being due, so the time of completion is used instead.
/// If AWS gives no time at all, a tag in the future counts for nothing.
fn begun_at(snapshot: &Snapshot, now: Instant) -> Option<Instant> {
    let complete = snapshot.taken_at();
    let tagged = snapshot.tags.get(tags::CREATED_ON).and_then(naming::parse_timestamp);
    tagged.filter(|begun| *begun <= complete.unwrap_or(now)).or(complete)
}

/// The name of a database's snapshot in an interval. It has the start of the interval, not the minute. A second attempt
/// after a lost answer then finds the snapshot of the first under the same name.
#[derive(Clone, Copy)]
struct Name<'a> {
    database: &'a DatabaseName,
    interval: Instant,
}

impl Name<'_> {
    /// The name, where `is_taken` is false for it.
    fn unless(self, is_taken: impl Fn(&SnapshotId) -> bool) -> Result<SnapshotId, WorkerError> {
        naming::of_snapshot(self.database, self.interval, is_taken).map_err(|error| {
            WorkerError::Internal(format!("{} cannot be given a snapshot name: {error}", self.database))
        })
    }

    /// True if one of our own snapshots that cannot be read was begun for this interval. It is blocked, and a further
    /// snapshot in each run would fill the quota.
    fn is_used_by_odd(self, odd: &[OddRecord]) -> bool {
        let begun = |record: &OddRecord| record.tags.get(tags::CREATED_ON).and_then(naming::parse_timestamp);
        let ours = odd.iter().filter(|record| record.is_taken_by_us());
        let mut ours = ours.filter(|record| begun(record) >= Some(self.interval));
        ours.any(|record| match &record.database {
            Some(database) => database == self.database,
            None => self.unless(|_| false).is_ok_and(|name| record.has_id(&name)),
        })
    }
}

fn take(
    database: &Database,
    ours: &[&Snapshot],
    name: Name<'_>,
    (facts, policy): (&Facts, &SourcePolicy),
) -> Result<Take, WorkerError> {
    let id = database.arn.id.clone();
    let snapshot = name.unless(|name| {
        facts.snapshots.iter().any(|snapshot| snapshot.arn.id == *name)
            || facts.odd_snapshots.iter().any(|odd| odd.has_id(name))
    })?;
    let tags = tags::of([
        (tags::CREATED_BY, tags::TOOL),
        (tags::CREATED_ON, &naming::timestamp(name.interval)),
        (tags::SHARE_AND_COPY, tags::YES),
        (tags::RETENTION, &policy.retention.to_string()),
    ]);
    let tags = tags::beside_those_of_user(tags, &database.tags);
    let own = ours.iter().filter(|snapshot| may_be_of(snapshot, database));
    let newest = own.filter_map(|snapshot| snapshot.taken_at()).max();
    let create = CreateSnapshot { database: id.name.clone(), id: snapshot, tags };
    Ok(Take { database: id, create, newest })
}

fn nothing_selected(facts: &Facts, policy: &SourcePolicy) -> WorkerError {
    let pattern = &policy.selection.pattern;
    let tagged = if policy.selection.tagged_only { " and TaggedInstance" } else { "" };
    WorkerError::InvalidConfiguration(format!(
        "InstanceNamePattern '{pattern}'{tagged} selects none of the {} DB instances in {}, so nothing is protected",
        facts.databases.len(),
        policy.region
    ))
}

/// Keeps the plan within the quota. A database without any snapshot leaves one place to each of the `known` ones that have some:
/// many databases that live for hours must not stop the others.
fn keep_within_quota(plan: &mut Plan<Take>, facts: &Facts, known: usize, region: &Region) {
    let quota = usize::try_from(facts.quota).unwrap_or(usize::MAX);
    let used = facts.snapshots.len() + facts.odd_snapshots.len();
    let free = quota.saturating_sub(used);
    let kept = known.min(free);
    let mut for_new = free - kept;
    let mut left_out = Vec::new();
    plan.actions.retain(|take| {
        if take.newest.is_some() || kept == 0 {
            return true;
        }
        let has_place = for_new > 0;
        for_new = for_new.saturating_sub(1);
        left_out.extend((!has_place).then(|| take.database.clone()));
        has_place
    });
    for database in &left_out {
        plan.skip(database, SkipReason::QuotaKeptFree(kept));
    }
    plan.keep_within(free, &SkipReason::QuotaFull);
    plan.metrics.push(quota_used(used, facts.quota, region));
}

#[cfg(test)]
mod tests;
