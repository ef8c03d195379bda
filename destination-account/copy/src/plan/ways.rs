//! The way that each database's next recovery point takes into the destination, and the copies that come next on it.
//!
//! Only the newest point is ever a candidate: an older one would only delay it in the database's queue. Whether a
//! candidate may start now is left to [`copy_slots`](super::copy_slots).

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::plan::{Skip, SkipReason};

use super::standing::{Standing, rank};
use super::states::{hangs_since, of_progress};
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
        OneStep::Proven => Route::Direct(Hop::OneStep),
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
    /// True if an earlier copy of the database has failed, and nothing newer has arrived since.
    pub(super) is_retry: bool,
    /// True if several earlier copies have failed and are still there.
    pub(super) has_lasting_failures: bool,
    /// The time of the newest usable point that the database has in the destination.
    pub(super) protected_until: Option<Instant>,
    /// The snapshot that is copied if AWS does not copy this one, and its hop.
    pub(super) instead: Option<(&'a RecoveryPoint, Hop)>,
}

impl<'a> Candidate<'a> {
    fn of(standing: &Standing<'a>, source: &'a RecoveryPoint, hop: Hop) -> Self {
        Self {
            source,
            hop,
            is_retry: standing.has_failed(),
            has_lasting_failures: standing.has_lasting_failures(),
            protected_until: standing.protected_until(),
            instead: None,
        }
    }

    /// The candidate that takes the place of this one if it cannot be copied.
    pub(super) fn alternative(&self) -> Option<Self> {
        let (source, hop) = self.instead?;
        Some(Self { source, hop, instead: None, ..*self })
    }
}

/// One database's standing with its candidates, of which there are at most two.
#[derive(Debug)]
pub(super) struct Next<'a> {
    /// The database's standing.
    pub(super) standing: &'a Standing<'a>,
    /// The copies that it could use now.
    pub(super) candidates: Vec<Candidate<'a>>,
    /// True if copies failed repeatedly, and the next attempt is not due.
    pub(super) is_postponed: bool,
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
        // Behind a preferred offer, the newest one waits.
        let newest = standing.offers.first().filter(|offer| standing.is_needed(offer));
        let is_newest =
            |offer: &RecoveryPoint| newest.is_some_and(|newest| newest.snapshot.arn == offer.snapshot.arn);
        let offers = standing.offers.iter().filter(|offer| !self.copies(&offer.snapshot.arn)).map(|offer| {
            let is_best = best.is_some_and(|best| best.snapshot.arn == offer.snapshot.arn);
            let reason = if here.contains(&offer.origin) || standing.has_odd_copy(offer) {
                SkipReason::AlreadyCopied
            } else if standing.is_retired && !standing.is_coming(&offer.origin) {
                SkipReason::OfRetired
            } else if is_best && self.is_postponed {
                SkipReason::RetryLater
            } else if is_best || is_newest(offer) || standing.is_coming(&offer.origin) {
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
        let copies = copies.filter_map(|copy| {
            let hangs = hangs_since(standing, copy, now);
            let concerns = hangs.is_some() || copy.snapshot.is_stuck(now) || !is_offered(copy);
            concerns.then(|| skip(&copy.snapshot.arn, of_progress(copy, hangs, now)))
        });
        offers.chain(copies).collect()
    }
}

/// The copies that come next for a database.
pub(super) fn next<'a>(standing: &'a Standing<'a>, route: Route, now: Instant) -> Next<'a> {
    let is_postponed = standing.next_attempt().is_some_and(|at| now < at);
    let candidates = match route {
        _ if is_postponed => vec![],
        Route::Direct(hop) => direct(standing, hop).into_iter().collect(),
        Route::TwoHops => second_hop(standing).into_iter().chain(first_hop(standing)).collect(),
    };
    Next { standing, candidates, is_postponed }
}

/// The newer of the best offer and the intermediate that an earlier run with two hops left halfway.
fn direct<'a>(standing: &Standing<'a>, hop: Hop) -> Option<Candidate<'a>> {
    if standing.is_arriving() {
        return None;
    }
    let halfway = standing.halfway().map(|source| (source, Hop::Second));
    let offer = standing.better_offer().map(|source| (source, hop));
    let newest = match (halfway, offer) {
        (Some(halfway), Some(offer)) if rank(offer.0) > rank(halfway.0) => offer,
        (halfway, offer) => halfway.or(offer)?,
    };
    let (source, hop) = newest;
    let is_offer = hop != Hop::Second;
    let by_hand = || Some((standing.instead_of(source)?, hop));
    let instead = halfway.or_else(by_hand).filter(|_| is_offer);
    Some(Candidate { instead, ..Candidate::of(standing, source, hop) })
}

fn second_hop<'a>(standing: &Standing<'a>) -> Option<Candidate<'a>> {
    let source = standing.halfway().filter(|_| !standing.is_arriving())?;
    Some(Candidate::of(standing, source, Hop::Second))
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
    let newer = standing.halfway().is_none_or(|halfway| rank(source) > rank(halfway));
    let is_next =
        newer && !standing.is_hopping() && !standing.is_under_way(&source.origin) && complete < AHEAD;
    let instead = standing.instead_of(source).map(|by_hand| (by_hand, Hop::First));
    is_next.then(|| Candidate { instead, ..Candidate::of(standing, source, Hop::First) })
}
