//! The request to AWS for one copy: its name, key, option group and tags.
//!
//! The choice of the copy, and its turn, are left to [`copy_slots`](super::copy_slots).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::copy_name;
use pilot_light_domain::model::ids::{Region, SnapshotId};
use pilot_light_domain::model::naming::Agreement;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::error::WorkerError;

use super::standing::is_lost;
use super::ways::{Candidate, Next};
use super::{Copy, Facts, Hop};

/// The requests of one plan. Each gets a name of its own.
pub(super) struct Requests<'a> {
    facts: &'a Facts,
    policy: &'a DestinationPolicy,
    named: BTreeSet<(Region, SnapshotId)>,
    /// The greatest attempt among the failed copies of an original in a Region.
    attempts: BTreeMap<(&'a Region, &'a SnapshotArn), u32>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(next: &[Next<'a>], facts: &'a Facts, policy: &'a DestinationPolicy) -> Self {
        let held =
            next.iter().flat_map(|next| next.standing.copies.iter().chain(&next.standing.intermediates));
        let mut attempts = BTreeMap::new();
        for failed in held.copied().filter(|point| is_lost(point)) {
            let arn = &failed.snapshot.arn;
            let attempt = policy.sources.name_of_copy(&failed.origin).attempt_of(&arn.id).unwrap_or_default();
            let greatest = attempts.entry((&arn.region, &failed.origin)).or_default();
            *greatest = attempt.max(*greatest);
        }
        Self { facts, policy, named: BTreeSet::new(), attempts }
    }

    /// The copy of a candidate.
    ///
    /// # Errors
    /// `Internal` if the copy cannot be given a name.
    pub(super) fn make(&mut self, candidate: &Candidate<'_>) -> Result<Copy, WorkerError> {
        let target = self.name(candidate)?;
        Ok(make(candidate, target, self.policy))
    }

    /// A name that no snapshot and no other copy of this plan has in the Region.
    ///
    /// After a failed copy, it is the name of the next attempt, even if an earlier name is free again. Two runs at the same
    /// time may read the list before and after a removal. Both choose the same name, so AWS accepts only one of the copies.
    fn name(&mut self, candidate: &Candidate<'_>) -> Result<SnapshotId, WorkerError> {
        let region = region(candidate, self.policy);
        let Facts { between, here, odd, .. } = self.facts;
        let origin = &candidate.source.origin;
        let failed = self.attempts.get(&(region, origin)).copied().unwrap_or_default();
        let wanted = self.policy.sources.name_of_copy(origin);
        let has_failed = |name: &SnapshotId| wanted.attempt_of(name).is_some_and(|attempt| attempt <= failed);
        let is_taken = |name: &SnapshotId| {
            let is_there =
                |snapshot: &Arc<Snapshot>| snapshot.arn.region == *region && snapshot.arn.id == *name;
            has_failed(name)
                || between.iter().chain(here).any(is_there)
                || odd.between.iter().chain(&odd.here).any(|record| record.has_id(name))
                || self.named.contains(&(region.clone(), name.clone()))
        };
        let name = wanted
            .unused(is_taken)
            .map_err(|error| WorkerError::Internal(format!("no name for the copy of {origin}: {error}")))?;
        self.named.insert((region.clone(), name.clone()));
        Ok(name)
    }
}

fn make(candidate: &Candidate<'_>, target: SnapshotId, policy: &DestinationPolicy) -> Copy {
    let option_group = policy.option_groups.of(&candidate.source.snapshot.database);
    let tags = tags_of(candidate, &target, policy);
    let copy = CopySnapshot {
        source: candidate.source.snapshot.arn.clone(),
        target,
        kms_key: key(candidate, policy).cloned(),
        option_group: option_group.filter(|_| candidate.hop != Hop::First).cloned().into(),
        tags,
    };
    let region = region(candidate, policy).clone();
    Copy::Make { database: candidate.source.database(), hop: candidate.hop, region, copy }
}

/// The Region that gets the copy.
pub(super) fn region<'a>(candidate: &Candidate<'_>, policy: &'a DestinationPolicy) -> &'a Region {
    if candidate.hop == Hop::First { &policy.sources.region } else { &policy.region }
}

/// The key for the copy, if one is configured.
pub(super) fn key<'a>(candidate: &Candidate<'_>, policy: &'a DestinationPolicy) -> Option<&'a KmsKeyArn> {
    let keys = if candidate.hop == Hop::First { &policy.source_keys } else { &policy.keys };
    keys.of(&candidate.source.snapshot.database)
}

fn tags_of(candidate: &Candidate<'_>, target: &SnapshotId, policy: &DestinationPolicy) -> Tags {
    let origin = &candidate.source.origin;
    let mut tags = tags::of([
        (tags::COPIED_BY, tags::TOOL),
        (tags::SOURCE_SNAPSHOT_ARN, &origin.to_string()),
        (tags::SOURCE_ACCOUNT, origin.account.as_str()),
    ]);
    if let Some(time) = candidate.source.snapshot.taken_at() {
        tags.insert(tags::DATABASE_TIME, time.to_rfc3339());
    }
    if copy_name::agreement(target, origin) != Agreement::Exact {
        tags.insert(tags::COPY_NAME, target.as_str());
    }
    if let Some(id) = candidate.source.resource_id() {
        tags.insert(tags::SOURCE_RESOURCE_ID, id);
    }
    if candidate.hop == Hop::First {
        tags.insert(tags::INTERMEDIATE_FOR, policy.region.to_string());
    } else {
        tags.insert(tags::RETENTION, policy.retention.to_string());
    }
    if policy.cross_account {
        return tags;
    }
    tags.insert(tags::CREATED_BY, tags::TOOL);
    // Within the account, AWS shows the tags of the source.
    tags::beside_those_of_user(tags, &candidate.source.snapshot.tags)
}
