//! What to copy, by which way, and what is done with; each question in a file of its own.
//!
//! [`offers`] says what could be copied, [`ways`] what each database wants next, [`leftovers`] what can go,
//! [`capacity`] who may go now. The order between databases is that of their need: oldest point first.

mod capacity;
mod leftovers;
mod offers;
mod standing;
mod ways;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::aws::metrics::{Metric, quota_used};
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{DatabaseId, Region};
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::objectives;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Action, Plan};

use self::standing::{Standing, standings};

/// What the plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Snapshots in the source Region that could be copied: shared ones, or our own of the same account.
    pub offered: Vec<Arc<Snapshot>>,
    /// Our account's manual snapshots in the source Region, where that is another one than the destination's.
    pub between: Vec<Arc<Snapshot>>,
    /// Our account's manual snapshots in the destination Region.
    pub here: Vec<Arc<Snapshot>>,
    /// How many manual snapshots there may be in the destination Region.
    pub quota: u32,
    /// Whether AWS copies across account and Region at once.
    pub one_step: OneStep,
}

/// Whether `CopyDBSnapshot` takes a source in another account and another Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneStep {
    /// It does in the partition `aws`, since September 2025.
    Assumed,
    /// It has just refused to.
    Refused,
}

/// One leg of a snapshot's way into the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// Within one Region, or within one account across Regions.
    Only,
    /// Across account and Region at once.
    OneStep,
    /// Into this account, within the source Region.
    First,
    /// From there into the destination Region.
    Second,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copy {
    /// Make a copy.
    Make {
        /// Of which database.
        database: DatabaseId,
        /// Which leg it is.
        hop: Hop,
        /// The Region that gets the copy.
        region: Region,
        /// What to ask of RDS there.
        copy: CopySnapshot,
    },
    /// Remove a snapshot of ours that is no recovery point, or no longer the way to one.
    Remove {
        /// The snapshot.
        arn: SnapshotArn,
        /// Why.
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

/// AWS's lists may be minutes late: with what is new, and with its tags.
const TOLD: TimeDelta = TimeDelta::minutes(10);

/// Plans the next copies.
///
/// # Errors
/// `InvalidConfiguration` if snapshots are offered and the pattern selects none of them.
pub fn plan(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Result<Plan<Copy>, WorkerError> {
    let mut plan = Plan::default();
    let offers = offers::sort(&facts.offered, policy, now, &mut plan)?;
    let intermediates = intermediates(&facts.between, policy, now);
    let copies = copies(&facts.here, &intermediates, policy, now);
    let mut wishes = Vec::new();
    let standings = standings(&offers, &copies, &intermediates);
    for standing in standings.values() {
        let next = ways::next(standing, ways::route(policy, facts.one_step), &mut plan);
        leftovers::remove(standing, &next, policy.retention.keep_for, now, &mut plan);
        wishes.extend(next);
    }
    offers::tell_of_silence(&facts.offered, [&copies, &intermediates], policy, &mut plan);
    plan.actions.sort_by_cached_key(Action::subject);
    capacity::assign(wishes, facts, policy, &mut plan)?;
    plan.skips.sort();
    plan.metrics = measure(facts, &standings, &policy.region, now);
    Ok(plan)
}

/// Our snapshots in the destination, and those that are being made of what we copy.
fn copies(
    here: &[Arc<Snapshot>],
    intermediates: &[RecoveryPoint],
    policy: &DestinationPolicy,
    now: Instant,
) -> Vec<RecoveryPoint> {
    let place = |snapshot: &Arc<Snapshot>| {
        if snapshot.is_copied_by_us() || is_untold(snapshot, policy, now) {
            return Some(policy.sources.recovery_point(Arc::clone(snapshot)));
        }
        let from = snapshot.copied_from.as_ref().filter(|_| is_new(snapshot, now))?;
        let between = intermediates.iter().find(|point| point.snapshot.arn == *from)?;
        Some(RecoveryPoint { snapshot: Arc::clone(snapshot), ..between.clone() })
    };
    here.iter().filter_map(place).collect()
}

/// Our snapshots between two hops. Those of the old tool carry no sign of where they were going; they are
/// finished too, and told apart in [`leftovers`].
fn intermediates(between: &[Arc<Snapshot>], policy: &DestinationPolicy, now: Instant) -> Vec<RecoveryPoint> {
    let is_ours = |snapshot: &&Arc<Snapshot>| {
        snapshot.is_copied_by_us()
            && match snapshot.tags.get(tags::INTERMEDIATE_FOR) {
                Some(region) => region == policy.region.as_str(),
                None => !snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN),
            }
    };
    between
        .iter()
        .filter(|snapshot| is_ours(snapshot) || is_untold(snapshot, policy, now))
        .map(|snapshot| policy.sources.recovery_point(Arc::clone(snapshot)))
        .collect()
}

/// True for a new copy of a source account's snapshot without our tag. AWS may be late in telling tags, so it may
/// be ours, and a second one would only queue behind it.
fn is_untold(snapshot: &Snapshot, policy: &DestinationPolicy, now: Instant) -> bool {
    let is_source = |arn: &SnapshotArn| {
        policy.sources.accounts.contains(&arn.account) && arn.region == policy.sources.region
    };
    !snapshot.is_copied_by_us()
        && is_new(snapshot, now)
        && snapshot.copied_from.as_ref().is_some_and(is_source)
}

/// True for what is still being made, or was finished so lately that AWS may not have told all of it.
fn is_new(snapshot: &Snapshot, now: Instant) -> bool {
    snapshot.status.in_progress()
        || (snapshot.is_available() && snapshot.created_at.is_some_and(|at| now - at < TOLD))
}

fn measure(
    facts: &Facts,
    standings: &BTreeMap<DatabaseId, Standing<'_>>,
    region: &Region,
    now: Instant,
) -> Vec<Metric> {
    let oldest_offer = |(id, standing): (&DatabaseId, &Standing<'_>)| {
        let times = standing.offers.iter().filter_map(|offer| offer.snapshot.data_time());
        Some((id.clone(), times.min()?))
    };
    let copies = standings.iter().map(|(id, standing)| (id.clone(), standing.copies.clone())).collect();
    let ages = objectives::ages(&copies, &standings.iter().filter_map(oldest_offer).collect(), now);
    let mut metrics = objectives::metrics(&ages);
    metrics.push(quota_used(facts.here.len(), facts.quota, region));
    metrics
}

#[cfg(test)]
mod tests;
