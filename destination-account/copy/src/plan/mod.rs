//! The plan of the next copies and removals, put together from one step per file.
//!
//! The steps follow one another, and each returns a value:
//!
//! 1. [`offers`] sorts the snapshots that others offer; [`held`] picks those that this account holds already; [`odd`]
//!    decides on those that cannot be read.
//! 2. [`standing`] groups them by database.
//! 3. [`ways`] finds each database's candidates: the copies that come next.
//! 4. [`copy_slots`] decides which candidates may start now, in the order of need: oldest point first. It leaves the
//!    order of those that wait to [`line`], and the request to AWS to [`requests`].
//! 5. [`leftovers`] finds the snapshots to remove.

mod action;
mod copy_slots;
mod held;
mod leftovers;
mod line;
mod odd;
mod offers;
mod requests;
mod standing;
mod ways;

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::{Metric, quota_used};
use pilot_light_domain::model::ids::{DatabaseId, Region};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::objectives;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Plan, Skip, SkipReason};
use pilot_light_domain::run::subject::Subject;

use self::standing::{Standing, standings};

pub(crate) use self::action::Lane;
pub use self::action::{Copy, Hop};

/// The facts that the plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Snapshots in the source Region that could be copied: shared ones, or our own of the same account.
    pub offered: Vec<Arc<Snapshot>>,
    /// Our account's manual snapshots in the source Region, if that is not the destination Region.
    pub between: Vec<Arc<Snapshot>>,
    /// Our account's manual snapshots in the destination Region.
    pub here: Vec<Arc<Snapshot>>,
    /// The number of manual snapshots that the destination Region may hold.
    pub quota: u32,
    /// Whether AWS copies across account and Region at once.
    pub one_step: OneStep,
    /// The snapshots of the same lists that cannot be read.
    pub odd: Odd,
}

/// The snapshots that cannot be read, by their list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Odd {
    /// Beside [`Facts::offered`].
    pub offered: Vec<OddRecord>,
    /// Beside [`Facts::between`].
    pub between: Vec<OddRecord>,
    /// Beside [`Facts::here`].
    pub here: Vec<OddRecord>,
}

/// Whether `CopyDBSnapshot` accepts a source in another account and another Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneStep {
    /// It accepts one in the partition `aws`, since September 2025.
    Assumed,
    /// A copy in one step is there.
    Proven,
    /// AWS has refused one in this run.
    Refused,
}

/// A part of the plan: the decisions of one step.
#[derive(Debug, Default)]
struct Part {
    actions: Vec<Copy>,
    skips: Vec<Skip>,
}

fn skip(subject: impl Into<Subject>, reason: SkipReason) -> Skip {
    Skip { subject: subject.into(), reason }
}

/// The plan of a run, with the copies that take the places of refused ones.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyPlan {
    /// The removals, the copies that start, and a reason for everything left alone. The copies in the line are among the
    /// skips.
    pub plan: Plan<Copy>,
    /// The copies that wait for a place, in their order. If AWS refuses a copy, the first of the same lane takes its
    /// place.
    pub line: Vec<Copy>,
    /// Whether AWS copies across account and Region at once, as far as the facts show.
    pub one_step: OneStep,
}

/// Plans the next copies.
///
/// # Errors
/// `InvalidConfiguration` if snapshots are offered and the pattern selects none of them. `Internal` if a copy cannot be
/// given a name.
pub fn plan(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Result<CopyPlan, WorkerError> {
    let offers = offers::sort(facts, policy, now)?;
    let held = held::sort(facts, policy, now);
    let silent = offers::silent_accounts(facts, &held, policy);

    let odd = odd::sort(&facts.odd, policy);

    let standings = standings(&offers.usable, &held, &odd.copies);
    let one_step = ways::one_step(facts, policy);
    let route = ways::route(policy, one_step);
    let next: Vec<_> = standings.values().map(|standing| ways::next(standing, route, now)).collect();
    let waiting = next.iter().flat_map(|next| next.skips(now)).collect();

    let turns = copy_slots::assign(&next, facts, policy, now)?;
    let removals = leftovers::removals(&next, &turns, policy.retention.keep_for, now);

    let actions = [removals.actions, turns.starts].into_iter().flatten().collect();
    let skips = [offers.skips, silent, odd.skips, waiting, removals.skips, turns.skips];
    let mut skips: Vec<_> = skips.into_iter().flatten().collect();
    skips.sort();
    let plan = Plan { actions, skips, metrics: measure(facts, &standings, &policy.region, now) };
    Ok(CopyPlan { plan, line: turns.line, one_step })
}

fn measure(
    facts: &Facts,
    standings: &BTreeMap<DatabaseId, Standing<'_>>,
    region: &Region,
    now: Instant,
) -> Vec<Metric> {
    let oldest_offer = |(id, standing): (&DatabaseId, &Standing<'_>)| {
        let times = standing.offers.iter().filter_map(|offer| offer.snapshot.taken_at());
        Some((id.clone(), times.min()?))
    };
    let copies = standings.iter().map(|(id, standing)| (id.clone(), standing.copies.clone())).collect();
    let ages = objectives::ages(&copies, &standings.iter().filter_map(oldest_offer).collect(), now);
    let mut metrics = objectives::metrics(&ages);
    metrics.push(quota_used(facts.here.len() + facts.odd.here.len(), facts.quota, region));
    metrics
}

#[cfg(test)]
mod tests;
