//! The plan of the next copies and removals, put together from one step per file.
//!
//! The steps follow one another, and each returns a value:
//!
//! 1. [`offers`] sorts the snapshots that others offer; [`held`] picks those that this account holds already; [`odd`]
//!    decides on those that cannot be read.
//! 2. [`standing`] groups them by database, and [`incarnations`] separates databases that had the same name one after the other.
//! 3. [`ways`] finds each database's candidates: the copies that come next. [`one_step`] decides whether AWS copies across
//!    account and Region at once.
//! 4. [`copy_slots`] decides which candidates may start now, in the order of need: oldest point first. It leaves the
//!    order of those that wait to [`line`], and the request to AWS to [`requests`].
//! 5. [`states`] decides which databases are late, no longer offered or retired. [`announcements`] are the messages about them.
//! 6. [`leftovers`] finds the snapshots to remove, and [`replaced`] the databases that another one has replaced.
//!
//! [`known`] answers the command that retires databases, from the same facts.

mod action;
mod announcements;
mod copy_slots;
mod held;
mod incarnations;
mod known;
mod leftovers;
mod line;
mod odd;
mod offers;
mod one_step;
mod replaced;
mod requests;
mod standing;
mod states;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::{Metric, MetricName, quota_used};
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{DatabaseId, Region};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::recovery_point::Renames;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::lateness::State;
use pilot_light_domain::rules::objectives;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Plan, Skip, SkipReason};
use pilot_light_domain::run::subject::Subject;

use self::held::Held;
use self::offers::Offers;
use self::standing::standings;

pub(crate) use self::action::Lane;
pub use self::action::{Copy, Hop};
pub(crate) use self::known::known;
pub use self::one_step::OneStep;
pub(crate) use self::one_step::names_option_group;

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
    /// The removals, the copies that start, and a reason for everything left alone. If AWS refuses a copy, the first of the
    /// same lane in the line takes its place.
    pub plan: Plan<Copy>,
    /// By the snapshot of a copy that starts or waits: the copy of another snapshot of the same database. It takes the
    /// place if AWS refuses the first one.
    pub instead: BTreeMap<SnapshotArn, Copy>,
    /// One of the line that is copied in one step if AWS refuses all that start. A refusal may be about its snapshot alone. If AWS
    /// accepts this one, the others are copied in one step too.
    pub probe: Option<Copy>,
    /// Whether AWS copies across account and Region at once, as far as the facts show.
    pub one_step: OneStep,
}

/// The snapshots that are offered and held, under the present names of their databases.
struct Sorted {
    offers: Offers,
    held: Held,
}

fn sorted(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Sorted {
    let mut offers = offers::sort(facts, policy, now);
    let mut held = held::sort(facts, policy, now);
    let renames = Renames::among(offers.usable.iter().chain(held.all()));
    renames.follow(offers.usable.iter_mut().chain(held.all_mut()));
    Sorted { offers, held }
}

/// Plans the next copies.
///
/// # Errors
/// `InvalidConfiguration` if snapshots are offered, and the pattern selects none of them and none that is held. `Internal` if a
/// copy cannot be given a name.
pub fn plan(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Result<CopyPlan, WorkerError> {
    let Sorted { offers, held } = sorted(facts, policy, now);
    let unselected = offers::none_selected(&offers, &held, policy)?;
    let silent = offers::silent_accounts(facts, &held, policy);

    let odd = odd::sort(&facts.odd, policy);

    let mut standings = standings(&offers.usable, &held, &odd.copies);
    let states = states::states(&standings, &offers, &facts.odd, policy, now);
    for (database, standing) in &mut standings {
        standing.is_retired = states.get(database).is_some_and(State::is_retired);
    }
    let one_step = facts.one_step.shown_by(&facts.here, policy);
    let route = ways::route(policy, one_step);
    let split = incarnations::split(&standings, policy.retention, now);
    let whole = standings.iter().filter(|(id, _)| !split.contains_key(id)).map(|(_, standing)| standing);
    let each = whole.chain(split.values().flatten());
    let next: Vec<_> = each.map(|standing| ways::next(standing, route, now)).collect();
    // There is one for nearly every offered snapshot.
    let mut skips: Vec<_> = next.iter().flat_map(|next| next.skips(now)).collect();

    let turns = copy_slots::assign(&next, facts, policy, now)?;
    let removals = leftovers::removals(&next, &turns, policy.retention.keep_for, now);

    let starts: BTreeSet<_> = turns.starts.iter().filter_map(Copy::source).map(Subject::from).collect();
    let actions = [removals.actions, turns.starts].into_iter().flatten().collect();
    let more = [offers.skips, silent, odd.skips, removals.skips, turns.skips];
    skips.extend(more.into_iter().flatten().chain(unselected));
    skips.extend(policy.unknown.notes());
    let replaced = replaced::among(&standings, now);
    skips.extend(replaced.iter().map(replaced::Replaced::skip));
    let told = standings.iter().filter_map(|(id, standing)| {
        Some(states::Told::new((id, states.get(id)?), (standing, &starts), policy, now))
    });
    let words: Vec<_> = told.collect();
    skips.extend(words.iter().flat_map(states::Told::skips));
    // An alternative that starts no longer waits behind the preferred offer.
    skips.retain(|skip| !(is_of_waiting(&skip.reason) && starts.contains(&skip.subject)));
    skips.sort_unstable();
    let metrics = measure(facts, &states, &policy.region, now);
    let announcements = announcements::of(&words, &replaced, policy.rpo_target, now);
    let plan = Plan { actions, line: turns.line, skips, metrics, announcements };
    Ok(CopyPlan { plan, instead: turns.instead, probe: turns.probe, one_step })
}

/// True for the reasons of a snapshot that another copy, or a limit, keeps from being copied in this run.
pub(crate) fn is_of_waiting(reason: &SkipReason) -> bool {
    reason.is_limit() || matches!(reason, SkipReason::CopyInProgress | SkipReason::Superseded)
}

fn measure(
    facts: &Facts,
    states: &BTreeMap<DatabaseId, State>,
    region: &Region,
    now: Instant,
) -> Vec<Metric> {
    let age = |(id, state): (&DatabaseId, &State)| Some((id.clone(), state.age(now)?));
    let mut ages = objectives::metrics(&states.iter().filter_map(age).collect());
    if ages.is_empty() && states.values().any(State::is_retired) {
        // Without any age, the alarm would be raised. Here a person has said that there is none.
        ages.push(Metric::overall(MetricName::OldestRecoveryPointAge, 0.0));
    }
    let mut metrics = ages;
    metrics.push(quota_used(facts.here.len() + facts.odd.here.len(), facts.quota, region));
    metrics
}

#[cfg(test)]
mod tests;
