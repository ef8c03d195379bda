//! Which of the offered snapshots may be copied at all.
//!
//! Anyone can share a snapshot with this account; the owner in the ARN, which nobody can forge, decides.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Plan, SkipReason};

use super::Copy;

/// The longest value of a tag; the origin's ARN must fit into one.
const TAG_VALUE: usize = 256;

/// The usable offers; everything else is left with its reason.
pub(super) fn sort(
    offered: &[Arc<Snapshot>],
    policy: &DestinationPolicy,
    now: Instant,
    plan: &mut Plan<Copy>,
) -> Result<Vec<RecoveryPoint>, WorkerError> {
    let mut offers = Vec::with_capacity(offered.len());
    let mut known = 0_usize;
    let mut selected = 0_usize;
    for snapshot in offered {
        let verdict = usable(snapshot, policy, now);
        known += usize::from(verdict != Err(SkipReason::ForeignAccount));
        let is_left_out = matches!(verdict, Err(SkipReason::ForeignAccount | SkipReason::NotSelected));
        selected += usize::from(!is_left_out);
        match verdict {
            Ok(()) => offers.push(RecoveryPoint::original(Arc::clone(snapshot))),
            Err(reason) => plan.skip(&snapshot.arn, reason),
        }
    }
    if known > 0 && selected == 0 {
        return Err(WorkerError::InvalidConfiguration(format!(
            "SnapshotPattern '{}' selects none of the {known} snapshots offered in {}, so nothing is copied",
            policy.selection.pattern, policy.sources.region
        )));
    }
    Ok(offers)
}

/// Tells of listed accounts that have nothing here at all: an id or the Region is wrong, or share does not
/// run there. Without this, a mistyped account would be protected by nothing, and silently.
pub(super) fn tell_of_silence(
    offered: &[Arc<Snapshot>],
    ours: [&[RecoveryPoint]; 2],
    policy: &DestinationPolicy,
    plan: &mut Plan<Copy>,
) {
    let region = &policy.sources.region;
    let offering = offered
        .iter()
        .filter(|snapshot| snapshot.arn.region == *region)
        .map(|snapshot| &snapshot.arn.account);
    let heard: BTreeSet<_> =
        ours.into_iter().flatten().map(|point| &point.origin.account).chain(offering).collect();
    for account in policy.sources.accounts.iter().filter(|account| !heard.contains(account)) {
        plan.skip(format!("account {account} in {region}").as_str(), SkipReason::NothingOffered);
    }
}

fn usable(snapshot: &Snapshot, policy: &DestinationPolicy, now: Instant) -> Result<(), SkipReason> {
    if !policy.sources.accounts.contains(&snapshot.arn.account)
        || snapshot.arn.region != policy.sources.region
    {
        return Err(SkipReason::ForeignAccount);
    }
    policy.selection.of_snapshot(&snapshot.database, &snapshot.engine)?;
    if snapshot.status.in_progress() {
        return Err(SkipReason::SnapshotInProgress);
    }
    if !snapshot.is_available() {
        return Err(SkipReason::NotUsable(snapshot.status.to_string()));
    }
    let time = snapshot.taken_at().ok_or(SkipReason::UnknownTime)?;
    if policy.copy_younger_than.is_some_and(|limit| now - time > limit) {
        return Err(SkipReason::TooOldToCopy);
    }
    if snapshot.arn.text_len() > TAG_VALUE {
        return Err(SkipReason::NameTooLong);
    }
    Ok(())
}
