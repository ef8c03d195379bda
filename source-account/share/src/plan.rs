//! The plan of the shares to change, and of the snapshots to re-encrypt first.
//!
//! The steps are in their own files: [`re_encryption`] decides on the snapshots under the default key, and [`order`] puts
//! the actions in their order. The accounts to add and to revoke are determined in
//! [`pilot_light_domain::rules::sharing`].

mod order;
mod re_encryption;

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::rules::sharing;
use pilot_light_domain::rules::sharing::Sharing;
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
    /// Change the accounts that a snapshot is shared with, then record them in a tag.
    Change(Sharing),
    /// Copy a snapshot under our own key, because a snapshot under the default key cannot be shared.
    ReEncrypt {
        /// The request to RDS.
        copy: CopySnapshot,
    },
}

impl Action for Share {
    fn verb(&self) -> &'static str {
        match self {
            Self::Change(sharing) => sharing.verb(),
            Self::ReEncrypt { .. } => "re-encrypt",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Change(sharing) => sharing.subject(),
            Self::ReEncrypt { copy } => copy.source.to_string(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Change(sharing) => sharing.detail(),
            Self::ReEncrypt { copy } => format!("as {}", copy.target),
        }
    }

    fn is_limited(&self) -> bool {
        matches!(self, Self::ReEncrypt { .. })
    }
}

/// An action with the snapshot that it concerns.
type Decided<'a> = (&'a Snapshot, Share);

/// Our own snapshots whose shares are to be changed.
pub(crate) fn unknown<'a>(
    snapshots: &'a [Arc<Snapshot>],
    policy: &SourcePolicy,
) -> impl Iterator<Item = &'a Arc<Snapshot>> {
    // Most snapshots are recorded as shared, so the check of one tag comes first.
    let is_new = |snapshot: &&Arc<Snapshot>| !sharing::is_settled(snapshot, &policy.destinations);
    snapshots.iter().filter(is_new).filter(|snapshot| policy.share && sharing::obstacle(snapshot).is_none())
}

/// True for a snapshot under the account's default key, which is `default` if it is known.
fn is_under_default(snapshot: &Snapshot, default: Option<&KmsKeyArn>) -> bool {
    snapshot.kms_key.as_ref().is_some_and(|key| key.is_default(default))
}

/// Plans the shares and the re-encryptions.
///
/// # Errors
/// `Internal` if a name cannot be made for a re-encrypted copy.
pub fn plan(facts: &Facts, policy: &SourcePolicy, now: Instant) -> Result<Plan<Share>, WorkerError> {
    let mut plan = Plan::default();
    plan.skips.extend(policy.unknown.notes());
    plan.skip_odd(&facts.odd, |odd| policy.share && odd.is_taken_by_us());
    if !policy.share {
        for snapshot in &facts.snapshots {
            plan.skip(&snapshot.arn, SkipReason::TurnedOff);
        }
        return Ok(plan);
    }
    let (mut decided, mut unshareable): (Vec<Decided<'_>>, Vec<&Snapshot>) = Default::default();
    for snapshot in &facts.snapshots {
        if let Some(reason) = sharing::obstacle(snapshot) {
            plan.skip(&snapshot.arn, reason);
        } else if let Some(sharing) = sharing::change(snapshot, &policy.destinations) {
            if is_under_default(snapshot, facts.default_key.as_ref()) {
                unshareable.push(snapshot);
            } else {
                decided.push((snapshot, Share::Change(sharing)));
            }
        } else {
            plan.skip(&snapshot.arn, SkipReason::AlreadyShared);
        }
    }
    let part = re_encryption::plan(&unshareable, facts, policy, now)?;
    decided.extend(part.actions);
    plan.skips.extend(part.skips);
    plan.line = part.line;
    plan.actions = order::sorted(decided, facts);
    plan.skips.sort();
    Ok(plan)
}

/// True for a snapshot that the destination may copy once it is shared, or may copy already.
fn is_shareable(snapshot: &Snapshot, facts: &Facts) -> bool {
    sharing::obstacle(snapshot).is_none() && !is_under_default(snapshot, facts.default_key.as_ref())
}

#[cfg(test)]
mod tests;
