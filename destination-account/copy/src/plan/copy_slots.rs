//! The candidates that may start now: copy slots, the snapshot quota, keys and names.
//!
//! AWS takes 20 copies in progress to one Region per account (5 of clusters); one more fails. The database
//! whose newest point is oldest goes first. A database without any point goes before all others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::{DatabaseKind, Region, SnapshotId};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::naming;
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::SkipReason;

use super::ways::{Candidate, Next};
use super::{Copy, Facts, Hop, Part, skip};

/// The copies to start, in the order of need. Every candidate that cannot start has its reason among the skips.
///
/// # Errors
/// `Internal` if a copy cannot be given a name.
pub(super) fn assign(
    next: &[Next<'_>],
    facts: &Facts,
    policy: &DestinationPolicy,
) -> Result<Part, WorkerError> {
    let mut candidates: Vec<_> = next.iter().flat_map(|next| next.candidates.iter().copied()).collect();
    candidates.sort_by(|a, b| {
        let by_need = a.protected_until.cmp(&b.protected_until);
        by_need.then_with(|| a.source.database().cmp(&b.source.database())).then(a.hop.cmp(&b.hop))
    });
    let mut free = Free::of(facts, policy);
    let mut part = Part::default();
    for candidate in &candidates {
        match free.take(candidate, policy) {
            Ok(()) => {
                let target = free.name(candidate, policy)?;
                part.actions.push(make(candidate, target, policy));
            }
            Err(reason) => part.skips.push(skip(&candidate.source.snapshot.arn, reason)),
        }
    }
    Ok(part)
}

fn make(candidate: &Candidate<'_>, target: SnapshotId, policy: &DestinationPolicy) -> Copy {
    let option_group = policy.option_groups.of(&candidate.source.snapshot.database);
    let copy = CopySnapshot {
        source: candidate.source.snapshot.arn.clone(),
        target,
        kms_key: key(candidate, policy).cloned(),
        option_group: option_group.filter(|_| candidate.hop != Hop::First).cloned(),
        tags: tags_of(candidate, policy),
    };
    let region = region(candidate, policy).clone();
    Copy::Make { database: candidate.source.database(), hop: candidate.hop, region, copy }
}

/// The Region that gets the copy.
fn region<'a>(candidate: &Candidate<'_>, policy: &'a DestinationPolicy) -> &'a Region {
    if candidate.hop == Hop::First { &policy.sources.region } else { &policy.region }
}

/// The key for the copy, if one is configured.
fn key<'a>(candidate: &Candidate<'_>, policy: &'a DestinationPolicy) -> Option<&'a KmsKeyArn> {
    let keys = if candidate.hop == Hop::First { &policy.source_keys } else { &policy.keys };
    keys.of(&candidate.source.snapshot.database)
}

fn tags_of(candidate: &Candidate<'_>, policy: &DestinationPolicy) -> Tags {
    let origin = &candidate.source.origin;
    let mut tags = tags::of([
        (tags::COPIED_BY, tags::TOOL),
        (tags::SOURCE_SNAPSHOT_ARN, &origin.to_string()),
        (tags::SOURCE_ACCOUNT, origin.account.as_str()),
    ]);
    if let Some(time) = candidate.source.snapshot.taken_at() {
        tags.insert(tags::DATABASE_TIME, time.to_rfc3339());
    }
    if candidate.hop == Hop::First {
        tags.insert(tags::INTERMEDIATE_FOR, policy.region.to_string());
    }
    if !policy.cross_account {
        tags.insert(tags::CREATED_BY, tags::TOOL);
    }
    tags
}

/// The copy slots and the quota that are still free, and the names that are still unused.
struct Free<'a> {
    facts: &'a Facts,
    slots: BTreeMap<(Region, DatabaseKind), usize>,
    /// Of the destination Region, the only one whose quota is read.
    quota: usize,
    named: BTreeSet<(Region, SnapshotId)>,
}

impl<'a> Free<'a> {
    fn of(facts: &'a Facts, policy: &DestinationPolicy) -> Self {
        let mut slots = BTreeMap::new();
        let lists = [
            (&policy.sources.region, &facts.between, &facts.odd.between),
            (&policy.region, &facts.here, &facts.odd.here),
        ];
        for (region, snapshots, odd) in lists {
            for kind in [DatabaseKind::Instance, DatabaseKind::Cluster] {
                let is_busy = |snapshot: &&Arc<Snapshot>| snapshot.kind() == kind && is_copying(snapshot);
                let busy = snapshots.iter().filter(is_busy).count() + odd_copies(odd, kind);
                slots.insert((region.clone(), kind), copy_slots(kind).saturating_sub(busy));
            }
        }
        let used = facts.here.len() + facts.odd.here.len();
        let quota = usize::try_from(facts.quota).unwrap_or(usize::MAX).saturating_sub(used);
        Self { facts, slots, quota, named: BTreeSet::new() }
    }

    /// Takes a copy slot and a place in the quota, or nothing at all.
    fn take(&mut self, candidate: &Candidate<'_>, policy: &DestinationPolicy) -> Result<(), SkipReason> {
        let region = region(candidate, policy);
        let is_counted = *region == policy.region;
        if candidate.source.snapshot.kms_key.is_some() && key(candidate, policy).is_none() {
            return Err(SkipReason::NoKey);
        }
        if is_counted && self.quota == 0 {
            return Err(SkipReason::QuotaFull);
        }
        let kind = candidate.source.snapshot.arn.kind;
        let slots = self.slots.get_mut(&(region.clone(), kind)).filter(|free| **free > 0);
        *slots.ok_or(SkipReason::NoFreeSlot)? -= 1;
        self.quota -= usize::from(is_counted);
        Ok(())
    }

    /// A name that no snapshot and no other copy of this plan has in the Region.
    fn name(
        &mut self,
        candidate: &Candidate<'_>,
        policy: &DestinationPolicy,
    ) -> Result<SnapshotId, WorkerError> {
        let region = region(candidate, policy);
        let Facts { between, here, odd, .. } = self.facts;
        let is_taken = |name: &SnapshotId| {
            let is_there =
                |snapshot: &Arc<Snapshot>| snapshot.arn.region == *region && snapshot.arn.id == *name;
            let mut odd = odd.between.iter().chain(&odd.here);
            between.iter().chain(here).any(is_there)
                || odd.any(|record| record.has_id(name))
                || self.named.contains(&(region.clone(), name.clone()))
        };
        let origin = &candidate.source.origin;
        let name = naming::of_copy(&origin.id, origin.kind, is_taken)
            .map_err(|error| WorkerError::Internal(format!("no name for the copy of {origin}: {error}")))?;
        self.named.insert((region.clone(), name.clone()));
        Ok(name)
    }
}

/// The number of copies that may be in progress to one destination Region per account.
fn copy_slots(kind: DatabaseKind) -> usize {
    match kind {
        DatabaseKind::Instance => 20,
        DatabaseKind::Cluster => 5,
    }
}

/// The number of copies that may be in progress, among the records that cannot be read. DB snapshots only: no list
/// contains snapshots of clusters.
fn odd_copies(odd: &[OddRecord], kind: DatabaseKind) -> usize {
    let is_copy = |record: &&OddRecord| record.is_copied_by_us() || record.sources().next().is_some();
    let is_kind = kind == DatabaseKind::Instance;
    odd.iter().filter(|record| is_kind && is_copy(record) && record.may_be_in_progress()).count()
}

/// True for a copy in progress, whoever started it. RDS shows some as `creating`.
fn is_copying(snapshot: &Snapshot) -> bool {
    let is_copy = snapshot.copied_from.is_some() || snapshot.is_copied_by_us();
    let is_shown = matches!(snapshot.status, SnapshotStatus::Pending | SnapshotStatus::Copying);
    is_shown || (is_copy && snapshot.status.in_progress())
}
