//! The databases that were replaced by another one of the same name: deleted and created again, restored, or switched over.
//!
//! Nobody must act, but somebody may have replaced the database by mistake. The copies of the earlier one still restore it.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, TimeDelta};
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseId;
use pilot_light_domain::model::incarnation::{Incarnation, are_of_one, incarnations};
use pilot_light_domain::run::plan::{Skip, SkipReason};

use super::skip;
use super::standing::Standing;

/// The time for which it is reported, from the creation of the new database on.
const REPORTED_FOR: TimeDelta = TimeDelta::days(1);

/// The reports of the databases that were replaced within the last day.
pub(super) fn reports(standings: &BTreeMap<DatabaseId, Standing<'_>>, now: Instant) -> Vec<Skip> {
    let report = |(id, standing): (&DatabaseId, &Standing<'_>)| {
        let points = || standing.copies.iter().chain(&standing.offers).copied();
        if are_of_one(points()) {
            return None;
        }
        let points: Vec<_> = points().collect();
        let all = incarnations(&points);
        let [.., earlier, present] = all.as_slice() else { return None };
        // The present one may be older than its name.
        let since = present.began().max(earlier.newest())?;
        (now - since <= REPORTED_FOR).then(|| skip(id, SkipReason::Replaced(told(earlier))))
    };
    standings.iter().filter_map(report).collect()
}

/// The earlier database, in words: its id, and the time of its newest point.
fn told(earlier: &Incarnation<'_>) -> String {
    let until = earlier
        .newest()
        .map_or_else(|| "an unknown time".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
    format!("{}, whose newest recovery point is of {until}", earlier.resource_id.unwrap_or("an unknown id"))
}
