//! The plan of the next copies and removals, put together from one step per file.
//!
//! The steps follow one another, and each returns a value:
//!
//! 1. [`offers`] sorts the snapshots that others offer; [`held`] picks those that this account holds already; [`odd`]
//!    decides on those that cannot be read.
//! 2. [`standing`] groups them by database.
//! 3. [`ways`] finds each database's candidates: the copies that come next.
//! 4. [`leftovers`] finds the snapshots to remove.
//! 5. [`copy_slots`] decides which candidates may start now, in the order of need: oldest point first.

mod copy_slots;
mod held;
mod leftovers;
mod odd;
mod offers;
mod standing;
mod ways;

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::aws::metrics::{Metric, quota_used};
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{DatabaseId, Region};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::objectives;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Action, Plan, Skip, SkipReason};
use pilot_light_domain::run::subject::Subject;

use self::standing::{Standing, standings};

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
    /// AWS has refused one in this run.
    Refused,
}

/// The part of a snapshot's way into the destination that one copy covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// Within one Region, or within one account across Regions.
    Only,
    /// Across account and Region at once.
    OneStep,
    /// Into this account, within the source Region.
    First,
    /// Within this account, from the source Region into the destination Region.
    Second,
}

/// An action of the copy worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copy {
    /// Make a copy.
    Make {
        /// The database.
        database: DatabaseId,
        /// The part of the way that the copy covers.
        hop: Hop,
        /// The Region that gets the copy.
        region: Region,
        /// The request to RDS in that Region.
        copy: CopySnapshot,
    },
    /// Remove a failed copy, or an intermediate that nothing needs any more.
    Remove {
        /// The snapshot.
        arn: SnapshotArn,
        /// The reason.
        why: &'static str,
    },
}

impl Copy {
    pub(crate) fn is_one_step(&self) -> bool {
        matches!(self, Self::Make { hop: Hop::OneStep, .. })
    }
}

impl Action for Copy {
    fn verb(&self) -> &'static str {
        match self {
            Self::Make { .. } => "copy",
            Self::Remove { .. } => "remove",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Make { copy, .. } => copy.source.to_string(),
            Self::Remove { arn, .. } => arn.to_string(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Make { hop, region, copy, .. } => {
                let key = copy.kms_key.as_ref().map_or_else(|| "no key".to_owned(), ToString::to_string);
                let hop = match hop {
                    Hop::Only | Hop::OneStep => "",
                    Hop::First => ", first of two hops",
                    Hop::Second => ", second of two hops",
                };
                format!("to {} in {region} under {key}{hop}", copy.target)
            }
            Self::Remove { why, .. } => (*why).to_owned(),
        }
    }
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

/// Plans the next copies.
///
/// # Errors
/// `InvalidConfiguration` if snapshots are offered and the pattern selects none of them. `Internal` if a copy cannot be
/// given a name.
pub fn plan(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Result<Plan<Copy>, WorkerError> {
    let offers = offers::sort(facts, policy, now)?;
    let held = held::sort(facts, policy, now);
    let silent = offers::silent_accounts(facts, &held, policy);

    let odd = odd::sort(&facts.odd, policy);

    let standings = standings(&offers.usable, &held, &odd.copies);
    let route = ways::route(policy, facts.one_step);
    let next: Vec<_> = standings.values().map(|standing| ways::next(standing, route)).collect();
    let waiting = next.iter().flat_map(|next| next.skips(now)).collect();

    let removals = leftovers::removals(&next, policy.retention.keep_for, now);
    let starts = copy_slots::assign(&next, facts, policy)?;

    let actions = [removals.actions, starts.actions].into_iter().flatten().collect();
    let skips = [offers.skips, silent, odd.skips, waiting, removals.skips, starts.skips];
    let mut skips: Vec<_> = skips.into_iter().flatten().collect();
    skips.sort();
    Ok(Plan { actions, skips, metrics: measure(facts, &standings, &policy.region, now) })
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
