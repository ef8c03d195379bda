//! The way that each database's next recovery point takes into the destination, and the copies that come next on it.
//!
//! Only the newest point is ever a candidate: an older one would only delay it in the database's queue. Whether a
//! candidate may start now is left to [`copy_slots`](super::copy_slots).

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::plan::{Skip, SkipReason};

use super::standing::Standing;
use super::{Hop, OneStep, skip};

/// The way from the source to the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// One copy, of this kind.
    Direct(Hop),
    /// A copy into this account, then one across Regions.
    TwoHops,
}

/// The route that accounts, Regions and AWS permit.
pub(super) fn route(policy: &DestinationPolicy, one_step: OneStep) -> Route {
    if !policy.cross_account || policy.sources.region == policy.region {
        return Route::Direct(Hop::Only);
    }
    match one_step {
        OneStep::Assumed if policy.region.partition().as_str() == "aws" => Route::Direct(Hop::OneStep),
        OneStep::Assumed | OneStep::Refused => Route::TwoHops,
    }
}

/// A copy that a database could use now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The snapshot to copy.
    pub(super) source: &'a RecoveryPoint,
    /// The part of the way that the copy covers.
    pub(super) hop: Hop,
    /// The time of the newest usable point that the database has in the destination.
    pub(super) protected_until: Option<Instant>,
}

/// One database's standing with its candidates, of which there are at most two.
#[derive(Debug)]
pub(super) struct Next<'a> {
    /// The database's standing.
    pub(super) standing: &'a Standing<'a>,
    /// The copies that it could use now.
    pub(super) candidates: Vec<Candidate<'a>>,
}

impl Next<'_> {
    /// True if a candidate copies the snapshot `arn`.
    pub(super) fn copies(&self, arn: &SnapshotArn) -> bool {
        self.candidates.iter().any(|candidate| candidate.source.snapshot.arn == *arn)
    }

    /// The offers that are no candidates, and the copies in progress, each with its reason.
    pub(super) fn skips(&self, now: Instant) -> Vec<Skip> {
        let standing = self.standing;
        let best = standing.better_offer();
        let here = standing.origins_here();
        let offers = standing.offers.iter().filter(|offer| !self.copies(&offer.snapshot.arn)).map(|offer| {
            let is_best = best.is_some_and(|best| best.snapshot.arn == offer.snapshot.arn);
            let reason = if here.contains(&offer.origin) || standing.has_odd_copy(offer) {
                SkipReason::AlreadyCopied
            } else if is_best || standing.is_under_way(&offer.origin) {
                SkipReason::CopyInProgress
            } else {
                SkipReason::Superseded
            };
            skip(&offer.snapshot.arn, reason)
        });
        // A copy is counted with its offer as long as that exists, unless a person must look at it.
        let is_offered =
            |copy: &RecoveryPoint| standing.offers.iter().any(|offer| offer.origin == copy.origin);
        let copies = standing.copies.iter().filter(|copy| copy.snapshot.status.in_progress());
        let copies = copies.filter(|copy| !is_offered(copy) || copy.snapshot.is_stuck(now)).map(|copy| {
            let reason = SkipReason::of_progress(&copy.snapshot, now, SkipReason::CopyInProgress);
            skip(&copy.snapshot.arn, reason)
        });
        offers.chain(copies).collect()
    }
}

/// The copies that come next for a database.
pub(super) fn next<'a>(standing: &'a Standing<'a>, route: Route) -> Next<'a> {
    let candidates = match route {
        Route::Direct(hop) => direct(standing, hop).into_iter().collect(),
        Route::TwoHops => second_hop(standing).into_iter().chain(first_hop(standing)).collect(),
    };
    Next { standing, candidates }
}

/// The newer of the best offer and the intermediate that an earlier run with two hops left halfway.
fn direct<'a>(standing: &Standing<'a>, hop: Hop) -> Option<Candidate<'a>> {
    if standing.is_arriving() {
        return None;
    }
    let halfway = standing.halfway().map(|source| (source, Hop::Second));
    let offer = standing.better_offer().map(|source| (source, hop));
    let newest = match (halfway, offer) {
        (Some(halfway), Some(offer)) if offer.0.usable_since() > halfway.0.usable_since() => offer,
        (halfway, offer) => halfway.or(offer)?,
    };
    let (source, hop) = newest;
    Some(Candidate { source, hop, protected_until: standing.protected_until() })
}

fn second_hop<'a>(standing: &Standing<'a>) -> Option<Candidate<'a>> {
    let source = standing.halfway().filter(|_| !standing.is_arriving())?;
    Some(Candidate { source, hop: Hop::Second, protected_until: standing.protected_until() })
}

/// A first hop may run beside the second hop of the point before it, but not further ahead. Intermediates that cannot
/// be finished must not pile up.
fn first_hop<'a>(standing: &Standing<'a>) -> Option<Candidate<'a>> {
    const AHEAD: usize = 2;
    let source = standing.better_offer()?;
    let halfway = standing.halfway().map(|point| &point.snapshot.arn);
    let is_needed = |point: &&&RecoveryPoint| {
        let is_next = halfway == Some(&point.snapshot.arn);
        point.usable_since().is_some() && (is_next || standing.is_read(point))
    };
    let complete = standing.intermediates.iter().filter(is_needed).count();
    let newer = standing.halfway().is_none_or(|halfway| source.usable_since() > halfway.usable_since());
    let is_next =
        newer && !standing.is_hopping() && !standing.is_under_way(&source.origin) && complete < AHEAD;
    is_next.then(|| Candidate { source, hop: Hop::First, protected_until: standing.protected_until() })
}
