//! The offered snapshots that may be copied at all, and the source accounts that offer none.
//!
//! Anyone can share a snapshot with this account. Nobody can forge the owner in its ARN, so the owner decides. The
//! choice among the usable offers of a database is left to [`ways`](super::ways).

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, DatabaseId};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Skip, SkipReason};

use super::held::Held;
use super::odd::is_offer;
use super::{Facts, skip};

/// The offered snapshots, sorted by whether they may be copied.
#[derive(Debug)]
pub(super) struct Offers {
    /// Those that may be copied.
    pub(super) usable: Vec<RecoveryPoint>,
    /// All others, each with its reason.
    pub(super) skips: Vec<Skip>,
    /// The databases of those others that the source accounts offer and the pattern selects.
    pub(super) others: BTreeSet<DatabaseId>,
    /// Those of them of which a snapshot is being taken.
    pub(super) in_progress: BTreeSet<DatabaseId>,
    /// The number of snapshots that the source accounts offer.
    known: usize,
    /// The number of those that the pattern selects.
    selected: usize,
}

/// Sorts the offered snapshots by whether they may be copied.
pub(super) fn sort(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Offers {
    let Facts { offered, odd, .. } = facts;
    let usable = Vec::with_capacity(offered.len());
    let (others, in_progress) = (BTreeSet::new(), BTreeSet::new());
    let mut offers = Offers { usable, skips: Vec::new(), others, in_progress, known: 0, selected: 0 };
    for snapshot in offered {
        let verdict = check(snapshot, policy, now);
        offers.known += usize::from(verdict != Err(SkipReason::ForeignAccount));
        let is_left_out = matches!(verdict, Err(SkipReason::ForeignAccount | SkipReason::NotSelected));
        offers.selected += usize::from(!is_left_out);
        match verdict {
            Ok(()) => offers.usable.push(RecoveryPoint::original(Arc::clone(snapshot))),
            Err(reason) => {
                if !is_left_out {
                    let database = RecoveryPoint::original(Arc::clone(snapshot)).database();
                    if reason == SkipReason::SnapshotInProgress {
                        offers.in_progress.insert(database.clone());
                    }
                    offers.others.insert(database);
                }
                offers.skips.push(skip(&snapshot.arn, reason));
            }
        }
    }
    offers.selected += odd.offered.iter().filter(|record| is_offer(record, policy)).count();
    offers
}

/// The report that the pattern selects none of the offered snapshots, if that is so.
///
/// A new installation must not begin with a mistyped pattern. If it selects a snapshot that is held already, it is right, and
/// the source accounts no longer share that database. Nothing that they share or omit may stop the worker.
///
/// # Errors
/// `InvalidConfiguration` if the source accounts offer snapshots, and the pattern selects neither one of them nor one that is
/// held.
pub(super) fn none_selected(
    offers: &Offers,
    held: &Held,
    policy: &DestinationPolicy,
) -> Result<Option<Skip>, WorkerError> {
    let Offers { known, selected, .. } = offers;
    if *known == 0 || *selected > 0 {
        return Ok(None);
    }
    let pattern = &policy.selection.pattern;
    let mut held = held.copies.iter().chain(&held.intermediates);
    if held.any(|point| pattern.matches(&point.snapshot.database)) {
        let subject = format!("SnapshotPattern '{pattern}'");
        return Ok(Some(skip(subject.as_str(), SkipReason::NothingSelected)));
    }
    Err(WorkerError::InvalidConfiguration(format!(
        "SnapshotPattern '{pattern}' selects none of the {known} snapshots offered in {}, so nothing is copied",
        policy.sources.region
    )))
}

/// The configured source accounts of which nothing is offered and nothing is held.
///
/// Either the account's number or the Region is wrong, or the share worker does not run there. Without this report,
/// nobody would notice that a mistyped account is not protected.
pub(super) fn silent_accounts(facts: &Facts, held: &Held, policy: &DestinationPolicy) -> Vec<Skip> {
    let region = &policy.sources.region;
    let offering = facts
        .offered
        .iter()
        .filter(|snapshot| snapshot.arn.region == *region)
        .map(|snapshot| &snapshot.arn.account);
    let held = held.copies.iter().chain(&held.intermediates).map(|point| &point.origin.account);
    let known: BTreeSet<_> = held.chain(offering).collect();
    let odd: BTreeSet<_> = facts.odd.offered.iter().filter_map(OddRecord::owner).collect();
    let is_known = |account: &&AccountId| known.contains(account) || odd.contains(account);
    let silent = policy.sources.accounts.iter().filter(|account| !is_known(account));
    let report =
        |account| skip(format!("account {account} in {region}").as_str(), SkipReason::NothingOffered);
    silent.map(report).collect()
}

/// Checks one offered snapshot; the error is the reason to leave it.
pub(super) fn check(snapshot: &Snapshot, policy: &DestinationPolicy, now: Instant) -> Result<(), SkipReason> {
    if !policy.sources.contain(&snapshot.arn) {
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
    if snapshot.arn.text_len() > tags::LONGEST_VALUE {
        return Err(SkipReason::NameTooLong);
    }
    Ok(())
}
