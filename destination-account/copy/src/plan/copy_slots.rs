//! The turns of the candidates: copy slots, the snapshot quota and keys.
//!
//! AWS takes 20 copies in progress to one Region per account (5 of clusters); one more fails. The database
//! whose newest point is oldest goes first. A database without any point goes before all others. Databases whose copy
//! failed go behind all others, except one at a time, and leave some of the places free for them. If AWS does not delete
//! the failed copies, they take only places in the quota that no other database needs. A database without any point leaves one
//! place in the quota to each of those that have some: many databases that live for hours must not stop the others.

use std::collections::BTreeMap;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::DatabaseKind;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::copy_slots;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Skip, SkipReason};

use super::requests::{Requests, key, region};
use super::ways::{Candidate, Next};
use super::{Copy, Facts, Lane, line, skip};

/// The turns of all candidates.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The copies that start, in the order of need.
    pub(super) starts: Vec<Copy>,
    /// The copies that start if AWS refuses others.
    pub(super) line: Vec<Copy>,
    /// One of the line that shows whether AWS copies in one step: see [`CopyPlan::probe`](super::CopyPlan::probe).
    pub(super) probe: Option<Copy>,
    /// The copies that take the place of another one, by its snapshot, if AWS refuses that.
    pub(super) instead: BTreeMap<SnapshotArn, Copy>,
    /// The candidates that do not start, each with its reason.
    pub(super) skips: Vec<Skip>,
    /// True if the quota leaves no place for a copy that waits.
    pub(super) is_quota_full: bool,
}

/// Gives every candidate its turn.
///
/// # Errors
/// `Internal` if a copy cannot be given a name.
pub(super) fn assign(
    next: &[Next<'_>],
    facts: &Facts,
    policy: &DestinationPolicy,
    now: Instant,
) -> Result<Turns, WorkerError> {
    let mut lanes = lanes(next, facts, policy, now);
    let candidates = in_order(next, &lanes, policy);
    let mut requests = Requests::new(next, facts, policy);
    let mut waiting: BTreeMap<Lane, Vec<&Candidate<'_>>> = BTreeMap::new();
    let mut turns = Turns::default();
    let mut for_new = ForNew::of(next, facts);
    let mut with_instead = Vec::new();
    let mut chosen = Vec::new();
    for candidate in candidates {
        match with_key(candidate, policy) {
            Some(next) if next.source.snapshot.arn == candidate.source.snapshot.arn => chosen.push(next),
            other => {
                turns.skips.push(skip(&candidate.source.snapshot.arn, SkipReason::NoKey));
                chosen.extend(other);
            }
        }
    }
    for candidate in &chosen {
        let lane = lane(candidate, policy);
        let turn = match (for_new.refusal(candidate), lanes.get_mut(&lane)) {
            (Some(reason), _) => Turn::Never(reason),
            (None, Some(places)) => places.turn(candidate),
            (None, None) => Turn::Never(SkipReason::NoFreeSlot),
        };
        match turn {
            Turn::Now => {
                for_new.take(candidate);
                turns.starts.push(requests.make(candidate)?);
                with_instead.push(candidate);
                continue;
            }
            Turn::Next(_) => waiting.entry(lane).or_default().push(candidate),
            Turn::Never(_) => {}
        }
        if let Turn::Next(reason) | Turn::Never(reason) = turn {
            turns.is_quota_full |= matches!(reason, SkipReason::QuotaFull | SkipReason::QuotaKeptFree(_));
            turns.skips.push(skip(&candidate.source.snapshot.arn, reason));
        }
    }
    let line: Vec<_> = waiting.values().flat_map(|waiting| line::of(waiting, now)).collect();
    for candidate in &line {
        turns.line.push(requests.make(candidate)?);
    }
    turns.probe = line::probe(&line).and_then(|place| turns.line.get(place).cloned());
    with_instead.extend(line);
    for candidate in with_instead {
        let alternative = candidate.alternative().and_then(|other| with_key(other, policy));
        if let Some(alternative) = alternative {
            turns.instead.insert(candidate.source.snapshot.arn.clone(), requests.make(&alternative)?);
        }
    }
    Ok(turns)
}

/// The candidate, or its alternative, if a key is configured for it or it needs none.
fn with_key<'a>(candidate: Candidate<'a>, policy: &DestinationPolicy) -> Option<Candidate<'a>> {
    let has_key = |candidate: &Candidate<'_>| {
        candidate.source.snapshot.kms_key.is_none() || key(candidate, policy).is_some()
    };
    if has_key(&candidate) { Some(candidate) } else { candidate.alternative().filter(has_key) }
}

/// All candidates in the order of their turns.
///
/// If no failed copy is being made again in a lane, the neediest one goes first. Without it, a database whose copy failed
/// once would wait without end wherever others always wait.
fn in_order<'a>(
    next: &[Next<'a>],
    lanes: &BTreeMap<Lane, Places>,
    policy: &DestinationPolicy,
) -> Vec<Candidate<'a>> {
    let mut candidates: Vec<_> = next.iter().flat_map(|next| next.candidates.iter().copied()).collect();
    candidates.sort_by(|a, b| {
        let by_failure = a.is_retry.cmp(&b.is_retry);
        let by_need = by_failure.then_with(|| a.protected_until.cmp(&b.protected_until));
        by_need.then_with(|| a.source.database().cmp(&b.source.database())).then(a.hop.cmp(&b.hop))
    });
    for (this, places) in lanes.iter().filter(|(_, places)| places.admits_one_retry()) {
        let is_next = |candidate: &Candidate<'_>| {
            candidate.is_retry && lane(candidate, policy) == *this && places.may_lose_one_to(candidate)
        };
        if let Some(first) = candidates.iter().position(is_next) {
            candidates[..=first].rotate_right(1);
        }
    }
    candidates
}

fn lane(candidate: &Candidate<'_>, policy: &DestinationPolicy) -> Lane {
    (region(candidate, policy).clone(), candidate.source.snapshot.arn.kind)
}

/// The turn of one candidate.
#[derive(Debug, PartialEq)]
enum Turn {
    /// Its copy starts.
    Now,
    /// It starts if AWS refuses another copy. The reason to wait is the limit that is reached.
    Next(SkipReason),
    /// It does not start in this run.
    Never(SkipReason),
}

/// The free places of a lane.
#[derive(Debug)]
struct Places {
    slots: usize,
    /// Free places in the quota, where the quota is known: in the destination Region.
    quota: Option<usize>,
    /// The places that databases whose copy failed may take.
    retries: usize,
    /// The free places in the quota beside one for each other database.
    spare: Option<usize>,
    /// True while a copy of such a database is in progress.
    is_retrying: bool,
}

impl Places {
    /// True if one database whose copy failed may go first: none is on its way, and a place is left for the others.
    fn admits_one_retry(&self) -> bool {
        !self.is_retrying && self.slots.min(self.quota.unwrap_or(usize::MAX)) > 1
    }

    /// True unless a copy may take a place in the quota for good that another database needs: AWS does not delete the failed copies
    /// of this one.
    fn may_lose_one_to(&self, candidate: &Candidate<'_>) -> bool {
        !candidate.has_lasting_failures || self.spare != Some(0)
    }

    /// Takes a copy slot and a place in the quota, or nothing at all.
    fn turn(&mut self, candidate: &Candidate<'_>) -> Turn {
        let limit = if self.quota == Some(0) { SkipReason::QuotaFull } else { SkipReason::NoFreeSlot };
        if candidate.is_retry && self.retries == 0 {
            return Turn::Never(limit);
        }
        if !self.may_lose_one_to(candidate) {
            return Turn::Never(SkipReason::RetryLater);
        }
        let taken = usize::from(candidate.is_retry);
        self.retries -= taken;
        self.spare = self.spare.map(|spare| spare.saturating_sub(taken));
        if self.slots == 0 || self.quota == Some(0) {
            return Turn::Next(limit);
        }
        self.slots -= 1;
        self.quota = self.quota.map(|free| free - 1);
        Turn::Now
    }
}

/// The free places in the quota for databases without any point: those beside one for the next copy of each other database.
#[derive(Debug)]
struct ForNew {
    free: usize,
    kept: usize,
}

impl ForNew {
    fn of(next: &[Next<'_>], facts: &Facts) -> Self {
        let is_known =
            |next: &&Next<'_>| next.standing.is_active() && next.standing.protected_until().is_some();
        let free = free_in_quota(facts);
        let kept = next.iter().filter(is_known).count().min(free);
        Self { free: free - kept, kept }
    }

    /// The reason for which a database without any point gets no place. A full quota has a reason of its own.
    fn refusal(&self, candidate: &Candidate<'_>) -> Option<SkipReason> {
        let is_refused = candidate.protected_until.is_none() && self.free == 0 && self.kept > 0;
        is_refused.then_some(SkipReason::QuotaKeptFree(self.kept))
    }

    fn take(&mut self, candidate: &Candidate<'_>) {
        self.free = self.free.saturating_sub(usize::from(candidate.protected_until.is_none()));
    }
}

/// The free places in the quota of the destination Region.
fn free_in_quota(facts: &Facts) -> usize {
    let used = facts.here.len() + facts.odd.here.len();
    usize::try_from(facts.quota).unwrap_or(usize::MAX).saturating_sub(used)
}

fn lanes(
    next: &[Next<'_>],
    facts: &Facts,
    policy: &DestinationPolicy,
    now: Instant,
) -> BTreeMap<Lane, Places> {
    let healthy = next.iter().filter(|next| next.standing.is_active() && !next.standing.has_failed()).count();
    let mut lanes = BTreeMap::new();
    let lists = [
        (&policy.sources.region, &facts.between, &facts.odd.between),
        (&policy.region, &facts.here, &facts.odd.here),
    ];
    for (region, snapshots, odd) in lists {
        let is_home = *region == policy.region;
        let quota = is_home.then(|| free_in_quota(facts));
        for kind in [DatabaseKind::Instance, DatabaseKind::Cluster] {
            let (all, slots) = (copy_slots::limit(kind), copy_slots::free(snapshots, odd, kind, now));
            let retrying: usize = next.iter().map(|next| next.standing.retries_in(region, kind)).sum();
            let retries = without_reserve(all, healthy).saturating_sub(retrying);
            let retries = quota.map_or(retries, |free| retries.min(without_reserve(free, healthy)));
            let spare = quota.map(|free| free.saturating_sub(healthy));
            let places = Places { slots, quota, retries, spare, is_retrying: retrying > 0 };
            lanes.insert((region.clone(), kind), places);
        }
    }
    lanes
}

/// The places that databases whose copy failed may take: all but one for each other database, and at least half.
///
/// Without this reserve, copies that fail after a long time would occupy all places whenever no other database is due.
fn without_reserve(places: usize, healthy: usize) -> usize {
    places - healthy.min(places / 2)
}
