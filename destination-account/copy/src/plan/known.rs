//! The databases of which there are copies, for the command that retires them: their states, their copies and what is offered.
//!
//! The decision is in [`pilot_light_domain::rules::retire`].

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseId;
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::lateness::State;
use pilot_light_domain::rules::retire::{Known, Stuck};
use pilot_light_domain::run::plan::SkipReason;

use super::odd::is_offer;
use super::standing::{Standing, standings};
use super::{Facts, Sorted, odd, offers, sorted, states};

/// The databases of which there are copies.
#[must_use]
pub(crate) fn known(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Vec<Known> {
    let Sorted { offers, held } = sorted(facts, policy, now);
    let odd = odd::sort(&facts.odd, policy);
    let standings = standings(&offers.usable, &held, &odd.copies);
    let states = states::states(&standings, &offers, &facts.odd, policy, now);
    let with_copies = standings.iter().zip(states.into_values()).filter(|((_, s), _)| !s.copies.is_empty());
    let unusable = unusable(facts, policy, now);
    let stuck = |database: &DatabaseId| {
        let its = unusable.iter().filter(|(of, _)| of == database).map(|(_, stuck)| stuck.clone());
        its.chain(odd_offers(database, facts, policy)).collect()
    };
    let known = |((database, standing), state): ((&DatabaseId, &Standing<'_>), State)| Known {
        database: database.clone(),
        state,
        copies: standing.copies.iter().map(|copy| (*copy).clone()).collect(),
        newest_offer: standing.offers.iter().filter_map(|offer| offer.usable_since()).max(),
        is_under_way: standing.is_on_its_way() || offers.in_progress.contains(database),
        stuck: stuck(database),
    };
    with_copies.map(known).collect()
}

/// The snapshots that can be read, that the source accounts offer, and that cannot be copied as they are, with their databases.
fn unusable(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Vec<(DatabaseId, Stuck)> {
    let stuck = facts.offered.iter().filter_map(|snapshot| {
        let reason = offers::check(snapshot, policy, now).err().filter(shows_its_database)?;
        let stuck =
            Stuck { name: snapshot.arn.to_string(), time: snapshot.taken_at(), problem: reason.to_string() };
        Some((RecoveryPoint::original(Arc::clone(snapshot)).database(), stuck))
    });
    stuck.collect()
}

/// The offered snapshots whose record cannot be read and that may be of a database: of any that the record does not exclude.
fn odd_offers(database: &DatabaseId, facts: &Facts, policy: &DestinationPolicy) -> Vec<Stuck> {
    let may_be_of_it = |record: &&OddRecord| {
        record.owner().is_none_or(|owner| owner == database.account)
            && record.database.as_ref().is_none_or(|name| *name == database.name)
    };
    let odd = facts.odd.offered.iter().filter(|record| is_offer(record, policy)).filter(may_be_of_it);
    let stuck = odd.map(|record| Stuck {
        name: record.to_string(),
        time: record.time,
        problem: format!("its record cannot be read: {}", record.problem),
    });
    stuck.collect()
}

/// True for a reason with which the source still offers a database. The destination's own parameters exclude the others, and a
/// snapshot that is being taken counts by itself.
fn shows_its_database(reason: &SkipReason) -> bool {
    !matches!(
        reason,
        SkipReason::ForeignAccount
            | SkipReason::NotSelected
            | SkipReason::TooOldToCopy
            | SkipReason::SnapshotInProgress
    )
}
