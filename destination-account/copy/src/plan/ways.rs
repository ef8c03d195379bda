//! Which way into the destination a database's next recovery point takes, and which leg is next.
//!
//! Only the newest is ever started: an older one would hold the database's queue for nothing.

use pilot_light_domain::Instant;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::plan::{Plan, SkipReason};

use super::standing::Standing;
use super::{Copy, Hop, OneStep};

/// How snapshots come from the source to the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// In one copy, of this kind.
    Direct(Hop),
    /// Into this account first, then across Regions.
    TwoHops,
}

/// The route that accounts, Regions and AWS leave.
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
pub(super) struct Wish<'a> {
    /// What to copy.
    pub(super) source: &'a RecoveryPoint,
    /// Which leg it is.
    pub(super) hop: Hop,
    /// The time of the newest usable point the database has in the destination.
    pub(super) protected_until: Option<Instant>,
}

/// What the database wants next; every offer and intermediate that is not wanted is left with its reason.
pub(super) fn next<'a>(standing: &Standing<'a>, route: Route, plan: &mut Plan<Copy>) -> Vec<Wish<'a>> {
    let wishes: Vec<_> = match route {
        Route::Direct(hop) => direct(standing, hop).into_iter().collect(),
        Route::TwoHops => second_hop(standing).into_iter().chain(first_hop(standing)).collect(),
    };
    let is_wanted =
        |point: &RecoveryPoint| wishes.iter().any(|wish| wish.source.snapshot.arn == point.snapshot.arn);
    let best = standing.better_offer();
    let here = standing.origins_here();
    for offer in standing.offers.iter().rev().filter(|offer| !is_wanted(offer)) {
        let is_best = best.is_some_and(|best| best.snapshot.arn == offer.snapshot.arn);
        let reason = if here.contains(&offer.origin) {
            SkipReason::AlreadyCopied
        } else if is_best || standing.is_under_way(&offer.origin) {
            SkipReason::CopyInProgress
        } else {
            SkipReason::Superseded
        };
        plan.skip(&offer.snapshot.arn, reason);
    }
    for copy in standing.copies.iter().filter(|copy| copy.snapshot.status.in_progress()) {
        // Counted with its offer where that is still there.
        if !standing.offers.iter().any(|offer| offer.origin == copy.origin) {
            plan.skip(&copy.snapshot.arn, SkipReason::CopyInProgress);
        }
    }
    wishes
}

/// The newest of what is offered and what an earlier two-hop run left halfway.
fn direct<'a>(standing: &Standing<'a>, hop: Hop) -> Option<Wish<'a>> {
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
    Some(Wish { source, hop, protected_until: standing.protected_until() })
}

fn second_hop<'a>(standing: &Standing<'a>) -> Option<Wish<'a>> {
    let source = standing.halfway().filter(|_| !standing.is_arriving())?;
    Some(Wish { source, hop: Hop::Second, protected_until: standing.protected_until() })
}

/// A first hop may run beside the second hop of the point before it, but not further ahead: what cannot be
/// finished must not pile up.
fn first_hop<'a>(standing: &Standing<'a>) -> Option<Wish<'a>> {
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
    is_next.then(|| Wish { source, hop: Hop::First, protected_until: standing.protected_until() })
}
