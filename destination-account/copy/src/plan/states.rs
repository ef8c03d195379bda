//! The state of each database in words, for the report: late, no longer offered, never copied, retired.
//!
//! The states themselves are decided in [`pilot_light_domain::rules::lateness`]. The messages about them are in
//! [`announcements`](super::announcements).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{SecondsFormat, TimeDelta};
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, DatabaseId, DatabaseName};
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::lateness::{self, Kind, State};
use pilot_light_domain::run::plan::{RETIRE, Skip, SkipReason};
use pilot_light_domain::run::subject::Subject;

use super::odd::is_offer;
use super::offers::Offers;
use super::standing::{Standing, begun, data_time};
use super::{Odd, skip};

/// The longest time for which a snapshot waits to become the first copy of its database, if `RpoTarget` is longer. With a daily
/// schedule and a short retention, no offer ever becomes as old as the target.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);

/// The state of each database.
pub(super) fn states(
    standings: &BTreeMap<DatabaseId, Standing<'_>>,
    offers: &Offers,
    odd: &Odd,
    policy: &DestinationPolicy,
    now: Instant,
) -> BTreeMap<DatabaseId, State> {
    let mut odd_offers: BTreeMap<(AccountId, DatabaseName), Option<Instant>> = BTreeMap::new();
    for record in odd.offered.iter().filter(|record| is_offer(record, policy)) {
        if let Some(of) = record.owner().zip(record.database.clone()) {
            let newest = odd_offers.entry(of).or_default();
            *newest = record.time.max(*newest);
        }
    }
    let is_left_out = |copy: &&RecoveryPoint| {
        !policy.sources.contain(&copy.origin) || !policy.selection.pattern.matches(&copy.snapshot.database)
    };
    let state = |(id, standing): (&DatabaseId, &Standing<'_>)| {
        let odd_offer = odd_offers.get(&(id.account.clone(), id.name.clone()));
        let is_offered = !standing.offers.is_empty()
            || standing.is_on_its_way()
            || offers.others.contains(id)
            || odd_offer.is_some();
        let copies = &standing.copies;
        let facts = lateness::Facts {
            copies,
            offers: &standing.offers,
            odd_offer: odd_offer.copied().flatten(),
            is_offered,
            first_offer: first_offer(standing),
            is_left_out: standing.offers.is_empty() && !copies.is_empty() && copies.iter().all(is_left_out),
        };
        (id.clone(), lateness::state(facts, policy.rpo_target, now))
    };
    standings.iter().map(state).collect()
}

/// The earliest time at which the database is known to have been offered. A failed copy is a witness of its original, which may be
/// gone by now.
fn first_offer(standing: &Standing<'_>) -> Option<Instant> {
    let held = standing.copies.iter().chain(&standing.intermediates).filter_map(|point| data_time(point));
    let offered = standing.offers.iter().filter_map(|offer| offer.snapshot.taken_at());
    held.chain(offered).min()
}

/// A database that somebody must know about, in words.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The database.
    pub(super) database: &'a DatabaseId,
    /// Its state.
    pub(super) state: &'a State,
    /// The reports of it.
    reasons: Vec<SkipReason>,
    /// `InstanceCreateTime` of its newest offer.
    created_at: Option<Instant>,
}

impl<'a> Told<'a> {
    /// `starts` contains the snapshots whose copies start in this run.
    pub(super) fn new(
        (database, state): (&'a DatabaseId, &'a State),
        (standing, starts): (&Standing<'_>, &BTreeSet<Subject>),
        policy: &DestinationPolicy,
        now: Instant,
    ) -> Self {
        let name = match policy.sources.accounts.len() {
            1 => database.name.to_string(),
            _ => database.to_string(),
        };
        let starts =
            || standing.offers.iter().any(|offer| starts.contains(&Subject::from(&offer.snapshot.arn)));
        let unreadable = state.unreadable.clone().map(SkipReason::UnreadableRetirement);
        let reason = match &state.kind {
            Kind::Protected | Kind::Late if !starts() && waits_too_long(standing, state, policy, now) => {
                Some(SkipReason::NeverCopied(never_copied(state, now)))
            }
            Kind::Protected => None,
            Kind::Late => Some(SkipReason::Late(late(state, standing, (&name, starts()), now))),
            Kind::NoLongerOffered { .. } => Some(SkipReason::NoLongerOffered(gone(state, &name, now))),
            Kind::Retired { retirement, .. } => Some(SkipReason::Retired(retirement.to_string())),
            Kind::LeftOut => {
                standing.copies.iter().any(|copy| !copy.is_unplaced()).then_some(SkipReason::LeftOut)
            }
        };
        let again = match &state.kind {
            Kind::Retired { retirement, offered_again: Some(time) } => {
                Some(SkipReason::OfferedAgain(Box::new([in_words(*time), name, retirement.to_string()])))
            }
            _ => None,
        };
        let reasons = unreadable.into_iter().chain(again).chain(reason).collect();
        let created_at = standing.offers.first().and_then(|offer| offer.snapshot.instance_created_at);
        Self { database, state, reasons, created_at }
    }

    /// The reports of it.
    pub(super) fn skips(&self) -> impl Iterator<Item = Skip> {
        self.reasons.iter().map(|reason| skip(self.database, reason.clone()))
    }

    /// The words of the first report.
    pub(super) fn text(&self) -> String {
        self.reasons.first().map(ToString::to_string).unwrap_or_default()
    }

    /// The time that names its lateness, which began at `since`: the same in all runs.
    ///
    /// Without a copy, `since` is the time of the oldest offer, and it moves when the source deletes that one.
    pub(super) fn anchor(&self, since: Instant) -> Instant {
        let day = || since.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        if self.state.newest.is_some() { since } else { self.created_at.unwrap_or_else(day) }
    }

    /// True for a database that was never copied and should have been.
    pub(super) fn was_never_copied(&self) -> bool {
        self.reasons.iter().any(|reason| matches!(reason, SkipReason::NeverCopied(_)))
    }
}

/// True for a database without any copy, of which none is on its way, for longer than a copy should wait.
fn waits_too_long(standing: &Standing<'_>, state: &State, policy: &DestinationPolicy, now: Instant) -> bool {
    let limit = lateness::limit(policy.rpo_target).min(LONGEST_WAIT);
    state.newest.is_none() && !standing.is_on_its_way() && state.age(now).is_some_and(|age| age > limit)
}

fn never_copied(state: &State, now: Instant) -> String {
    format!(
        "it has been offered since {} ({}) and has no recovery point yet; see the refusals and limits in this report, and the policy of its key",
        in_words(state.since),
        age(state, now)
    )
}

fn late(state: &State, standing: &Standing<'_>, (name, starts): (&str, bool), now: Instant) -> String {
    let waiting = standing.better_offer().and_then(|offer| offer.usable_since());
    let mut arriving = standing.copies.iter().chain(&standing.intermediates);
    let arriving = arriving.find(|copy| copy.snapshot.status.in_progress());
    let why = match (arriving, waiting) {
        (Some(copy), _) => {
            let percent = copy.snapshot.percent.map(|percent| format!(" ({percent} %)")).unwrap_or_default();
            format!("a copy of the snapshot of {} is in progress{percent}", in_words(data_time(copy)))
        }
        (None, Some(time)) if starts => {
            format!(
                "this run requests a copy of the snapshot of {}; its report has AWS's words if AWS refuses",
                in_words(time)
            )
        }
        (None, Some(time)) => format!(
            "a snapshot of {} waits to be copied: see the refusals and limits in this report",
            in_words(time)
        ),
        (None, None) => format!(
            "nothing newer is offered: look at take and share in the source account; if the database was stopped or deleted on purpose: {RETIRE} {name}"
        ),
    };
    format!("{}; {why}", newest(state, now))
}

fn gone(state: &State, name: &str, now: Instant) -> String {
    format!(
        "nothing of it is offered any more, and {}; it was deleted, or share does not run in the source account, or an attacker stops sharing; if it was deleted on purpose: {RETIRE} {name}",
        newest(state, now)
    )
}

fn newest(state: &State, now: Instant) -> String {
    match state.newest {
        Some(time) => format!("its newest copy is of {} ({} old)", in_words(time), duration(now - time)),
        None => format!(
            "it was never copied and has been offered since {} ({})",
            in_words(state.since),
            age(state, now)
        ),
    }
}

fn age(state: &State, now: Instant) -> String {
    state.since.map_or_else(|| "unknown".to_owned(), |since| duration(now - since))
}

/// A time in words.
pub(super) fn in_words(time: impl Into<Option<Instant>>) -> String {
    let text = |time: Instant| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    time.into().map_or_else(|| "an unknown time".to_owned(), text)
}

/// A duration in words.
pub(super) fn duration(time: TimeDelta) -> String {
    match time.num_minutes() {
        minutes @ ..=180 => format!("{minutes} min"),
        minutes @ ..=2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

/// The time since which a copy has been in progress for so long that a person must look at it: for more than a day.
///
/// AWS may give no time for a copy in progress. Copies are always made of the newest snapshot, so it was begun before a newer
/// one was offered.
pub(super) fn hangs_since(standing: &Standing<'_>, copy: &RecoveryPoint, now: Instant) -> Option<Instant> {
    const LONGEST_COPY: TimeDelta = TimeDelta::hours(24);
    const SURELY_BEGUN: TimeDelta = TimeDelta::hours(3);
    if !copy.snapshot.status.in_progress() {
        return None;
    }
    let since = begun(copy).filter(|since| now - *since > LONGEST_COPY)?;
    if copy.snapshot.created_at.is_some() {
        return Some(since);
    }
    let newer = standing.offers.iter().filter_map(|offer| offer.usable_since()).filter(|time| *time > since);
    newer.min().filter(|newer| now - *newer > SURELY_BEGUN)
}

/// The reason to leave a copy in progress alone.
pub(super) fn of_progress(copy: &RecoveryPoint, hangs_since: Option<Instant>, now: Instant) -> SkipReason {
    let hangs = hangs_since.map(|since| SkipReason::CopyHangs(in_words(since)));
    SkipReason::of_progress(&copy.snapshot, now, hangs.unwrap_or(SkipReason::CopyInProgress))
}
