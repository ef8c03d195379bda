//! Which databases are due for a snapshot, and what it is called.
//!
//! A slot is filled by any snapshot of ours that has not failed, the old tool's included.

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::gateway::CreateSnapshot;
use pilot_light_domain::aws::metrics::quota_used;
use pilot_light_domain::model::database::Database;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::{naming, tags};
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::rules::due::interval_start;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Action, Plan, SkipReason};

/// What the plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// All DB instances of the Region.
    pub databases: Vec<Database>,
    /// All manual snapshots of the account there.
    pub snapshots: Vec<Arc<Snapshot>>,
    /// How many manual snapshots there may be.
    pub quota: u32,
}

/// A snapshot to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// Of which database.
    pub database: DatabaseId,
    /// What to ask of RDS.
    pub create: CreateSnapshot,
    /// The newest snapshot so far, if there is any.
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

/// Plans the snapshots that are due, the longest unprotected database first.
///
/// # Errors
/// `InvalidConfiguration` if no database is selected: a pattern that matches nothing protects nothing.
pub fn plan(facts: &Facts, policy: &SourcePolicy, now: Instant) -> Result<Plan<Take>, WorkerError> {
    let of_each = ours_by_database(&facts.snapshots);
    let interval = interval_start(now, policy.interval);
    let mut plan = Plan::default();
    let mut selected = 0_usize;
    for database in &facts.databases {
        let id = &database.arn.id;
        if let Err(reason) = policy.selection.of_instance(database) {
            plan.skip(id, reason);
            continue;
        }
        selected += 1;
        let ours = of_each.get(&id.name).map_or(&[][..], Vec::as_slice);
        match not_due(database, ours, interval) {
            Some(reason) => plan.skip(id, reason),
            None => plan.actions.push(take(database, ours, interval, &facts.snapshots)?),
        }
    }
    if selected == 0 {
        return Err(nothing_selected(facts, policy));
    }
    plan.actions.sort_by(|a, b| a.newest.cmp(&b.newest).then_with(|| a.database.cmp(&b.database)));
    plan.skips.sort();
    keep_within_quota(&mut plan, facts, &policy.region);
    Ok(plan)
}

fn ours_by_database(snapshots: &[Arc<Snapshot>]) -> BTreeMap<&DatabaseName, Vec<&Snapshot>> {
    let mut of_each: BTreeMap<_, Vec<&Snapshot>> = BTreeMap::new();
    // A re-encrypted twin is a copy: it fills no slot, and making it keeps no snapshot from being taken.
    let is_twin = |snapshot: &Snapshot| snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN);
    let is_lost =
        |status: &SnapshotStatus| matches!(status, SnapshotStatus::Failed | SnapshotStatus::Deleting);
    let good = |snapshot: &&Arc<Snapshot>| {
        snapshot.is_taken_by_us() && !is_twin(snapshot) && !is_lost(&snapshot.status)
    };
    for neighbours in snapshots.chunk_by(|a, b| a.database == b.database) {
        let ours = neighbours.iter().filter(good).map(Arc::as_ref);
        of_each.entry(&neighbours[0].database).or_default().extend(ours);
    }
    of_each
}

fn not_due(database: &Database, ours: &[&Snapshot], interval: Instant) -> Option<SkipReason> {
    if ours.iter().any(|snapshot| snapshot.taken_at().is_none()) {
        return Some(SkipReason::SnapshotInProgress);
    }
    // A snapshot of an instance that was deleted does not count for the one created again under its name.
    let is_of_this_instance = |snapshot: &Snapshot| snapshot.taken_at() >= database.created_at;
    // None was begun after it was complete, so the tags of those complete before need not be read.
    let mut complete_since = ours.iter().filter(|snapshot| snapshot.taken_at() >= Some(interval));
    if complete_since.any(|snapshot| begun_at(snapshot) >= Some(interval) && is_of_this_instance(snapshot)) {
        return Some(SkipReason::NotDue);
    }
    match &database.status {
        status if status.accepts_snapshot() => None,
        status if status.is_broken() => Some(SkipReason::InstanceBroken(status.0.clone())),
        status => Some(SkipReason::InstanceBusy(status.0.clone())),
    }
}

/// When a snapshot was begun. AWS tells when it was complete, which may be a slot later, and the time of the
/// last transaction, which on an idle or lagging database may be any number of slots before; our tag tells
/// the rest. A tag from after the end cannot be true, and would keep the database from being due.
fn begun_at(snapshot: &Snapshot) -> Option<Instant> {
    let complete = snapshot.taken_at();
    let tagged = snapshot.tags.get(tags::CREATED_ON).and_then(naming::parse_timestamp);
    tagged.filter(|begun| Some(*begun) <= complete).or(complete)
}

fn take(
    database: &Database,
    ours: &[&Snapshot],
    interval: Instant,
    all: &[Arc<Snapshot>],
) -> Result<Take, WorkerError> {
    let id = database.arn.id.clone();
    // Named by the slot and not by the minute: a second try after a lost answer then meets its own name.
    let is_taken = |name: &SnapshotId| all.iter().any(|snapshot| snapshot.arn.id == *name);
    let snapshot = naming::of_snapshot(&id.name, interval, is_taken)
        .map_err(|error| WorkerError::Internal(format!("{id} cannot be given a snapshot name: {error}")))?;
    let tags = tags::of([
        (tags::CREATED_BY, tags::TOOL),
        (tags::CREATED_ON, &naming::timestamp(interval)),
        (tags::SHARE_AND_COPY, tags::YES),
    ]);
    let newest = ours.iter().filter_map(|snapshot| snapshot.taken_at()).max();
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

fn keep_within_quota(plan: &mut Plan<Take>, facts: &Facts, region: &Region) {
    let quota = usize::try_from(facts.quota).unwrap_or(usize::MAX);
    let free = quota.saturating_sub(facts.snapshots.len());
    for late in plan.actions.split_off(plan.actions.len().min(free)) {
        plan.skip(&late.database, SkipReason::QuotaFull);
    }
    plan.metrics.push(quota_used(facts.snapshots.len(), facts.quota, region));
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::cloud::Parameters;
    use pilot_light_domain::testing::{at, context, database, snapshot};
    use proptest::prelude::*;

    use super::*;

    const NOW: &str = "2026-03-29T01:42:00Z";

    fn policy(pairs: &[(&str, &str)]) -> SourcePolicy {
        let given = [("DestinationAccount", "222222222222")];
        let parameters: Parameters = given
            .iter()
            .chain(pairs)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        SourcePolicy::parse(&parameters, &context("111111111111", "us-east-1", NOW)).unwrap()
    }

    fn ours(database: &str, name: &str, time: Option<&str>, status: &str) -> Snapshot {
        let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), database);
        taken.tags = tags::of([(tags::CREATED_BY, tags::TOOL)]);
        taken.original_created_at = time.map(at);
        taken.status = status.to_owned().into();
        taken
    }

    fn facts(snapshots: Vec<Snapshot>) -> Facts {
        let snapshots = snapshots.into_iter().map(Arc::new).collect();
        Facts { databases: vec![database("orders")], snapshots, quota: 100 }
    }

    fn outcome(snapshots: Vec<Snapshot>) -> Result<String, SkipReason> {
        let plan = plan(&facts(snapshots), &policy(&[]), at(NOW)).unwrap();
        match (plan.actions.as_slice(), plan.skips.as_slice()) {
            ([take], []) => Ok(take.create.id.to_string()),
            ([], [skip]) => Err(skip.reason.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_slot_without_a_good_snapshot_is_due() {
        let due = Ok("orders-2026-03-29-01-30".to_owned());
        assert_eq!(outcome(vec![]), due);
        assert_eq!(outcome(vec![ours("orders", "a", Some("2026-03-29T01:29:59Z"), "available")]), due);
        assert_eq!(outcome(vec![ours("billing", "a", Some("2026-03-29T01:35:00Z"), "available")]), due);
        assert_eq!(outcome(vec![ours("orders", "a", Some("2026-03-29T01:35:00Z"), "failed")]), due);
    }

    #[test]
    fn a_filled_slot_is_not_due() {
        let at = |time| outcome(vec![ours("orders", "a", time, "available")]);
        assert_eq!(at(Some("2026-03-29T01:30:00Z")), Err(SkipReason::NotDue));
        assert_eq!(outcome(vec![ours("orders", "a", None, "creating")]), Err(SkipReason::SnapshotInProgress));
    }

    #[test]
    fn a_snapshot_fills_the_slot_it_was_begun_in_however_long_it_took_and_however_idle_the_database() {
        let with = |created_on: &str, complete: &str, database_time: &str| {
            let mut snapshot = ours("orders", "a", Some(complete), "available");
            snapshot.tags.insert(tags::CREATED_ON, created_on);
            snapshot.database_time = Some(at(database_time));
            outcome(vec![snapshot])
        };
        let due = Ok("orders-2026-03-29-01-30".to_owned());
        assert_eq!(with("2026-03-29-01-00", "2026-03-29T01:33:00Z", "2026-03-29T01:29:00Z"), due);
        assert_eq!(
            with("2026-03-29-01-30", "2026-03-29T01:33:00Z", "2026-03-01T00:00:00Z"),
            Err(SkipReason::NotDue)
        );
        // A tag that says the future does not keep the database unprotected.
        assert_eq!(with("2027-03-29-01-30", "2026-03-29T01:03:00Z", "2026-03-29T01:00:00Z"), due);
    }

    #[test]
    fn an_instance_created_within_the_slot_is_taken_once() {
        let mut snapshot =
            ours("orders", "orders-2026-03-29-01-30", Some("2026-03-29T01:41:00Z"), "available");
        snapshot.tags.insert(tags::CREATED_ON, "2026-03-29-01-30");
        let mut facts = facts(vec![snapshot]);
        facts.databases[0].created_at = Some(at("2026-03-29T01:40:00Z"));
        assert_eq!(plan(&facts, &policy(&[]), at(NOW)).unwrap().skips[0].reason, SkipReason::NotDue);
    }

    #[test]
    fn a_failed_snapshot_does_not_block_its_name() {
        let failed = ours("orders", "orders-2026-03-29-01-30", Some("2026-03-29T01:31:00Z"), "failed");
        assert_eq!(outcome(vec![failed]), Ok("orders-2026-03-29-01-30-2".to_owned()));
    }

    #[test]
    fn a_foreign_snapshot_and_a_copy_of_ours_fill_no_slot() {
        let mut foreign = ours("orders", "a", Some("2026-03-29T01:35:00Z"), "available");
        foreign.tags.clear();
        let mut copy = ours("orders", "b", Some("2026-03-29T01:35:00Z"), "available");
        copy.tags.insert(tags::COPIED_BY, tags::TOOL);
        assert!(outcome(vec![foreign, copy]).is_ok());
    }

    #[test]
    fn a_re_encryption_in_progress_holds_no_snapshot_up() {
        let mut twin = ours("orders", "orders-2026-03-29-01-00-shared", None, "creating");
        twin.tags.insert(tags::SOURCE_SNAPSHOT_ARN, "arn:…");
        assert!(outcome(vec![twin]).is_ok());
    }

    #[test]
    fn an_instance_created_again_under_its_name_is_due_at_once() {
        let mut facts = facts(vec![ours("orders", "a", Some("2026-03-29T01:31:00Z"), "available")]);
        facts.databases[0].created_at = Some(at("2026-03-29T01:40:00Z"));
        assert_eq!(plan(&facts, &policy(&[]), at(NOW)).unwrap().actions.len(), 1);
    }

    #[test]
    fn an_instance_that_takes_no_snapshot_now_waits() {
        let mut facts = facts(vec![]);
        facts.databases[0].status.0 = "modifying".to_owned();
        let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
        assert_eq!(plan.skips[0].reason, SkipReason::InstanceBusy("modifying".to_owned()));
    }

    #[test]
    fn an_instance_that_must_be_mended_first_is_blocked() {
        for status in ["storage-full", "inaccessible-encryption-credentials", "incompatible-network"] {
            let mut facts = facts(vec![]);
            facts.databases[0].status.0 = status.to_owned();
            let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
            assert_eq!(plan.skips[0].reason, SkipReason::InstanceBroken(status.to_owned()));
        }
    }

    #[test]
    fn selecting_nothing_is_an_error_that_names_the_pattern() {
        let error = plan(&facts(vec![]), &policy(&[("InstanceNamePattern", "^prod")]), at(NOW)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "InstanceNamePattern '^prod' selects none of the 1 DB instances in us-east-1, so nothing is protected"
        );
    }

    #[test]
    fn the_longest_unprotected_come_first_and_the_quota_is_kept() {
        let mut facts = facts(vec![
            ours("a", "a-1", Some("2026-03-29T00:40:00Z"), "available"),
            ours("b", "b-1", Some("2026-03-29T00:10:00Z"), "available"),
        ]);
        facts.databases = ["a", "b", "c"].map(database).to_vec();
        facts.quota = 4;
        let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
        let names: Vec<_> = plan.actions.iter().map(|take| take.database.name.as_str()).collect();
        assert_eq!(names, ["c", "b"]);
        assert_eq!(plan.skips[0].reason, SkipReason::QuotaFull);
        assert_eq!(plan.metrics, [quota_used(facts.snapshots.len(), 4, &policy(&[]).region)]);
    }

    proptest! {
        #[test]
        fn the_plan_does_not_depend_on_the_order_of_the_facts(
            minutes in proptest::collection::vec(0_i64..240, 0..12),
            seed in any::<prop::sample::Index>(),
        ) {
            let names = ["a", "b", "c", "d"];
            let snapshots: Vec<_> = minutes.iter().enumerate().map(|(n, minute)| {
                let time = (at(NOW) - chrono::TimeDelta::minutes(*minute)).to_rfc3339();
                Arc::new(ours(names[n % 4], &format!("s-{n}"), Some(&time), "available"))
            }).collect();
            let facts = Facts { databases: names.map(database).to_vec(), snapshots, quota: 100 };
            let mut turned = facts.clone();
            turned.databases.rotate_left(seed.index(4));
            turned.snapshots.reverse();
            let now = at(NOW);
            let made = plan(&facts, &policy(&[]), now).unwrap();
            prop_assert_eq!(&made, &plan(&turned, &policy(&[]), now).unwrap());
            prop_assert_eq!(made.actions.len() + made.skips.len(), 4);

            // Planning again after a full apply finds nothing to do.
            let mut after = facts;
            for take in &made.actions {
                let mut taken = ours(take.create.database.as_str(), take.create.id.as_str(), Some(NOW), "available");
                taken.tags = take.create.tags.clone();
                after.snapshots.push(Arc::new(taken));
            }
            prop_assert!(plan(&after, &policy(&[]), now).unwrap().actions.is_empty());
        }
    }
}
