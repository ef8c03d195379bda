//! The plan of the snapshots to share, each with its accounts, and of the snapshots to re-encrypt first.
//!
//! The tag `SharedWith` records the accounts with which a snapshot is shared. A snapshot without the tag is shared, even
//! if it was shared before. AWS accepts an account that the snapshot is already shared with, and a check beforehand
//! would cost one more call for each snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::ids::{AccountId, DatabaseName, SnapshotId};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::naming;
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Action, Plan, SkipReason};

/// The facts that the plan is made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// All manual snapshots of the account in the Region.
    pub snapshots: Vec<Arc<Snapshot>>,
    /// The manual snapshots that cannot be read.
    pub odd: Vec<OddRecord>,
    /// The account's default `aws/rds` key, if it exists and an encrypted snapshot is still to be shared.
    pub default_key: Option<KmsKeyArn>,
}

/// An action of the share worker, by which the destination becomes able to copy a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Share {
    /// Share a snapshot, then record the accounts in a tag.
    With {
        /// The snapshot.
        arn: SnapshotArn,
        /// The accounts to share it with.
        accounts: BTreeSet<AccountId>,
        /// The tag that records the accounts.
        memory: Tags,
    },
    /// Copy a snapshot under our own key, because a snapshot under the default key cannot be shared.
    ReEncrypt {
        /// The request to RDS.
        copy: CopySnapshot,
    },
}

impl Action for Share {
    fn verb(&self) -> &'static str {
        match self {
            Self::With { .. } => "share",
            Self::ReEncrypt { .. } => "re-encrypt",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::With { arn, .. } => arn.to_string(),
            Self::ReEncrypt { copy } => copy.source.to_string(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::With { accounts, .. } => format!("with {}", spaced(accounts)),
            Self::ReEncrypt { copy } => format!("as {}", copy.target),
        }
    }
}

/// Our own snapshots that are to be shared, and that no tag records as shared.
pub(crate) fn unknown<'a>(
    snapshots: &'a [Arc<Snapshot>],
    policy: &SourcePolicy,
) -> impl Iterator<Item = &'a Arc<Snapshot>> {
    // Most snapshots are recorded as shared, so the check of one tag comes first.
    let is_new = |snapshot: &&Arc<Snapshot>| !is_remembered(snapshot, policy);
    snapshots.iter().filter(is_new).filter(|snapshot| policy.share && needless(snapshot, policy).is_none())
}

/// True for a snapshot under the account's default key, which is `default` if it is known.
fn is_under_default(snapshot: &Snapshot, default: Option<&KmsKeyArn>) -> bool {
    snapshot.kms_key.as_ref().is_some_and(|key| key.is_default(default))
}

/// Plans the sharing and the re-encryption.
///
/// # Errors
/// `Internal` if a name cannot be made for a re-encrypted copy.
pub fn plan(facts: &Facts, policy: &SourcePolicy) -> Result<Plan<Share>, WorkerError> {
    let mut plan = Plan::default();
    plan.skip_odd(&facts.odd, |odd| policy.share && odd.is_taken_by_us());
    if !policy.share {
        for snapshot in &facts.snapshots {
            plan.skip(&snapshot.arn, SkipReason::TurnedOff);
        }
        return Ok(plan);
    }
    let is_default = |snapshot: &Snapshot| is_under_default(snapshot, facts.default_key.as_ref());
    let newest = if facts.snapshots.iter().any(|snapshot| is_default(snapshot)) {
        newest_times(&facts.snapshots)
    } else {
        BTreeMap::new()
    };
    for snapshot in &facts.snapshots {
        if let Some(reason) = needless(snapshot, policy) {
            plan.skip(&snapshot.arn, reason);
        } else if is_default(snapshot) {
            let is_newest = newest.get(&snapshot.database) == Some(&snapshot.taken_at());
            unshareable(&mut plan, snapshot, is_newest, facts, policy)?;
        } else {
            plan.actions.push(share(snapshot, policy));
        }
    }
    plan.actions.sort_by_cached_key(Action::subject);
    plan.skips.sort();
    Ok(plan)
}

/// The reason for which a snapshot needs no action, judged by its own description alone.
fn needless(snapshot: &Snapshot, policy: &SourcePolicy) -> Option<SkipReason> {
    if !snapshot.is_taken_by_us() {
        return Some(SkipReason::NotOurs);
    }
    if !snapshot.tags.has(tags::SHARE_AND_COPY, tags::YES) {
        return Some(SkipReason::NotMarked);
    }
    match &snapshot.status {
        SnapshotStatus::Available => {}
        status if status.in_progress() => return Some(SkipReason::SnapshotInProgress),
        status => return Some(SkipReason::NotUsable(status.to_string())),
    }
    is_remembered(snapshot, policy).then_some(SkipReason::AlreadyShared)
}

fn is_remembered(snapshot: &Snapshot, policy: &SourcePolicy) -> bool {
    snapshot.tags.get(tags::SHARED_WITH).is_some_and(|text| remembers(text, &policy.destinations))
}

/// The tag that records the accounts. A value holds 256 characters, and 20 accounts with spaces need 259.
fn memory_of(accounts: &BTreeSet<AccountId>) -> Tags {
    let separator = if accounts.len() < 20 { " " } else { "" };
    let text: Vec<_> = accounts.iter().map(AccountId::as_str).collect();
    tags::of([(tags::SHARED_WITH, &text.join(separator))])
}

/// True if the tag's value contains all of `accounts`, of 12 digits each, with or without spaces.
fn remembers(text: &str, accounts: &BTreeSet<AccountId>) -> bool {
    // Most installations have one destination account.
    let is_alone = accounts.len() == 1 && accounts.iter().any(|account| account.as_str() == text);
    let apart = |account: &str| text.split(' ').any(|known| known == account);
    let together = |account: &str| text.as_bytes().chunks(12).any(|known| known == account.as_bytes());
    is_alone || accounts.iter().map(AccountId::as_str).all(|account| apart(account) || together(account))
}

fn share(snapshot: &Snapshot, policy: &SourcePolicy) -> Share {
    let accounts = policy.destinations.clone();
    Share::With { arn: snapshot.arn.clone(), memory: memory_of(&accounts), accounts }
}

/// Decides on a snapshot under the default key: it is reported, or re-encrypted if `KmsKeyShare` is set.
///
/// Only the newest snapshot of a database is reported or re-encrypted. The older ones would not improve its protection.
fn unshareable(
    plan: &mut Plan<Share>,
    snapshot: &Snapshot,
    is_newest: bool,
    facts: &Facts,
    policy: &SourcePolicy,
) -> Result<(), WorkerError> {
    if facts.odd.iter().flat_map(OddRecord::sources).any(|source| source == snapshot.arn) {
        // The copy that cannot be read is blocked. A further copy in each run would fill the quota.
        plan.skip(&snapshot.arn, SkipReason::ReEncryptionInProgress);
        return Ok(());
    }
    let twin = facts.snapshots.iter().find(|other| is_twin_of(other, snapshot));
    match (twin, &policy.share_key) {
        (Some(twin), _) if twin.is_available() => plan.skip(&snapshot.arn, SkipReason::ReEncrypted),
        (Some(_), _) => plan.skip(&snapshot.arn, SkipReason::ReEncryptionInProgress),
        (None, Some(_)) if facts.snapshots.iter().any(|other| is_copy_of(other, snapshot)) => {
            plan.skip(&snapshot.arn, SkipReason::ReEncryptionFailed);
        }
        (None, _) if !is_newest => plan.skip(&snapshot.arn, SkipReason::Superseded),
        (None, None) => plan.skip(&snapshot.arn, SkipReason::DefaultKey),
        (None, Some(key)) => plan.actions.push(re_encrypt(snapshot, key, &facts.snapshots)?),
    }
    Ok(())
}

fn is_twin_of(other: &Snapshot, snapshot: &Snapshot) -> bool {
    (other.is_available() || other.status.in_progress()) && is_copy_of(other, snapshot)
}

/// True for a re-encrypted copy of `snapshot` in any state.
///
/// A failed copy is made again only after source-delete has removed it. A lasting failure then recurs once an hour,
/// not in every run.
fn is_copy_of(other: &Snapshot, snapshot: &Snapshot) -> bool {
    other.is_taken_by_us() && other.tags.has(tags::SOURCE_SNAPSHOT_ARN, &snapshot.arn.to_string())
}

fn re_encrypt(snapshot: &Snapshot, key: &KmsKeyArn, all: &[Arc<Snapshot>]) -> Result<Share, WorkerError> {
    let internal =
        |error| WorkerError::Internal(format!("no name for the re-encrypted {}: {error}", snapshot.arn));
    let is_taken = |name: &SnapshotId| all.iter().any(|other| other.arn.id == *name);
    let wanted = SnapshotId::new(&format!("{}-shared", snapshot.arn.id)).map_err(internal)?;
    let target = naming::of_copy(&wanted, snapshot.kind(), is_taken).map_err(internal)?;
    let mut tags = tags::of([
        (tags::CREATED_BY, tags::TOOL),
        (tags::SHARE_AND_COPY, tags::YES),
        (tags::SOURCE_SNAPSHOT_ARN, &snapshot.arn.to_string()),
    ]);
    if let Some(on) = snapshot.tags.get(tags::CREATED_ON) {
        tags.insert(tags::CREATED_ON, on);
    }
    let copy = CopySnapshot {
        source: snapshot.arn.clone(),
        target,
        kms_key: Some(key.clone()),
        option_group: None,
        tags,
    };
    Ok(Share::ReEncrypt { copy })
}

fn newest_times(snapshots: &[Arc<Snapshot>]) -> BTreeMap<&DatabaseName, Option<Instant>> {
    let mut newest: BTreeMap<&DatabaseName, Option<Instant>> = BTreeMap::new();
    for snapshot in snapshots.iter().filter(|snapshot| snapshot.is_taken_by_us() && snapshot.is_available()) {
        let time = newest.entry(&snapshot.database).or_default();
        *time = (*time).max(snapshot.taken_at());
    }
    newest
}

fn spaced(accounts: &BTreeSet<AccountId>) -> String {
    accounts.iter().map(AccountId::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
