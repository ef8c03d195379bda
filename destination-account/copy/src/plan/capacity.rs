//! Who may go now: copy slots, the snapshot quota, keys and names.
//!
//! AWS takes 20 copies in progress to one Region per account (5 of clusters); one more fails. The database
//! whose newest point is oldest goes first, one without any before all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::ids::{DatabaseKind, Region, SnapshotId};
use pilot_light_domain::model::naming;
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Plan, SkipReason};

use super::ways::Wish;
use super::{Copy, Facts, Hop};

/// Turns wishes into actions as far as there is room; the rest waits.
pub(super) fn assign(
    mut wishes: Vec<Wish<'_>>,
    facts: &Facts,
    policy: &DestinationPolicy,
    plan: &mut Plan<Copy>,
) -> Result<(), WorkerError> {
    wishes.sort_by(|a, b| {
        let by_need = a.protected_until.cmp(&b.protected_until);
        by_need.then_with(|| a.source.database().cmp(&b.source.database())).then(a.hop.cmp(&b.hop))
    });
    let mut rooms = Rooms::of(facts, policy);
    for wish in wishes {
        let arn = &wish.source.snapshot.arn;
        let region = if wish.hop == Hop::First { &policy.sources.region } else { &policy.region };
        let keys = if wish.hop == Hop::First { &policy.source_keys } else { &policy.keys };
        let key = keys.of(&wish.source.snapshot.database);
        if wish.source.snapshot.kms_key.is_some() && key.is_none() {
            plan.skip(arn, SkipReason::NoKey);
        } else if let Err(reason) = rooms.take(region, arn.kind) {
            plan.skip(arn, reason);
        } else {
            let target = rooms.name(region, &wish)?;
            let option_group = policy.option_groups.of(&wish.source.snapshot.database);
            let copy = CopySnapshot {
                source: arn.clone(),
                target,
                kms_key: key.cloned(),
                option_group: option_group.filter(|_| wish.hop != Hop::First).cloned(),
                tags: tags_of(&wish, policy),
            };
            let (database, region) = (wish.source.database(), region.clone());
            plan.actions.push(Copy::Make { database, hop: wish.hop, region, copy });
        }
    }
    Ok(())
}

fn tags_of(wish: &Wish<'_>, policy: &DestinationPolicy) -> Tags {
    let origin = &wish.source.origin;
    let mut tags = tags::of([
        (tags::COPIED_BY, tags::TOOL),
        (tags::SOURCE_SNAPSHOT_ARN, &origin.to_string()),
        (tags::SOURCE_ACCOUNT, origin.account.as_str()),
    ]);
    if let Some(time) = wish.source.snapshot.data_time() {
        tags.insert(tags::DATABASE_TIME, time.to_rfc3339());
    }
    if wish.hop == Hop::First {
        tags.insert(tags::INTERMEDIATE_FOR, policy.region.to_string());
    }
    if !policy.cross_account {
        tags.insert(tags::CREATED_BY, tags::TOOL);
    }
    tags
}

/// What room is left in each Region.
struct Rooms<'a> {
    facts: &'a Facts,
    slots: BTreeMap<(Region, DatabaseKind), usize>,
    quota: BTreeMap<Region, usize>,
    named: BTreeSet<(Region, SnapshotId)>,
}

impl<'a> Rooms<'a> {
    fn of(facts: &'a Facts, policy: &DestinationPolicy) -> Self {
        let (named, quota) = (BTreeSet::new(), BTreeMap::new());
        let mut rooms = Self { facts, slots: BTreeMap::new(), quota, named };
        for (region, snapshots) in [(&policy.sources.region, &facts.between), (&policy.region, &facts.here)] {
            for kind in [DatabaseKind::Instance, DatabaseKind::Cluster] {
                let busy = snapshots
                    .iter()
                    .filter(|snapshot| snapshot.kind() == kind && is_copying(snapshot))
                    .count();
                rooms.slots.insert((region.clone(), kind), slots(kind).saturating_sub(busy));
            }
        }
        let quota = usize::try_from(facts.quota).unwrap_or(usize::MAX);
        rooms.quota.insert(policy.region.clone(), quota.saturating_sub(facts.here.len()));
        rooms
    }

    fn take(&mut self, region: &Region, kind: DatabaseKind) -> Result<(), SkipReason> {
        let mut any = usize::MAX;
        let quota = self.quota.get_mut(region).unwrap_or(&mut any);
        if *quota == 0 {
            return Err(SkipReason::QuotaFull);
        }
        let slots = self.slots.get_mut(&(region.clone(), kind)).filter(|free| **free > 0);
        *slots.ok_or(SkipReason::NoFreeSlot)? -= 1;
        *quota -= 1;
        Ok(())
    }

    fn name(&mut self, region: &Region, wish: &Wish<'_>) -> Result<SnapshotId, WorkerError> {
        let Facts { between, here, .. } = self.facts;
        let is_taken = |name: &SnapshotId| {
            let is_there =
                |snapshot: &Arc<Snapshot>| snapshot.arn.region == *region && snapshot.arn.id == *name;
            between.iter().chain(here).any(is_there) || self.named.contains(&(region.clone(), name.clone()))
        };
        let origin = &wish.source.origin;
        let name = naming::of_copy(&origin.id, origin.kind, is_taken)
            .map_err(|error| WorkerError::Internal(format!("no name for the copy of {origin}: {error}")))?;
        self.named.insert((region.clone(), name.clone()));
        Ok(name)
    }
}

/// Copies in progress to one destination Region per account.
fn slots(kind: DatabaseKind) -> usize {
    match kind {
        DatabaseKind::Instance => 20,
        DatabaseKind::Cluster => 5,
    }
}

/// A copy in progress, whoever started it; RDS shows some as `creating`.
fn is_copying(snapshot: &Snapshot) -> bool {
    let is_copy = snapshot.copied_from.is_some() || snapshot.is_copied_by_us();
    snapshot.status == SnapshotStatus::Copying || (snapshot.status == SnapshotStatus::Creating && is_copy)
}
