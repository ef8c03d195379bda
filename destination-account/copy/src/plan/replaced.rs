//! The databases that were replaced by another one of the same name: deleted and created again, restored, or switched over.
//!
//! Nobody must act, but somebody may have replaced the database by mistake. The copies of the earlier one still restore it.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, TimeDelta};
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseId;
use pilot_light_domain::model::incarnation::{Incarnation, are_of_one, incarnations};
use pilot_light_domain::run::announcement::{Announcement, Urgency};
use pilot_light_domain::run::plan::{Skip, SkipReason};

use super::skip;
use super::standing::Standing;

/// The age of the oldest point of the new database up to which it is reported.
const REPORTED_FOR: TimeDelta = TimeDelta::days(1);

/// A database that another one has replaced.
#[derive(Debug)]
pub(super) struct Replaced {
    /// The database.
    pub(super) database: DatabaseId,
    /// The time since which the other one is there.
    pub(super) since: Instant,
    /// The time of the newest point of the earlier one.
    end: Instant,
    /// The earlier one in words.
    earlier: String,
}

impl Replaced {
    /// The report of it.
    pub(super) fn skip(&self) -> Skip {
        skip(&self.database, SkipReason::Replaced(self.earlier.clone()))
    }

    /// The message about it.
    pub(super) fn announcement(&self) -> Announcement {
        let Self { database, end, .. } = self;
        let text = format!("{database}: {}.", SkipReason::Replaced(self.earlier.clone()));
        // The first point of the present one may be deleted while it is still reported. The end of the earlier one stays.
        let event = ("replaced", &*database.to_string(), *end);
        let subject = format!("Pilot Light: {} was replaced", database.name);
        Announcement::about(Urgency::Inform, event, &subject, text)
    }
}

/// The databases that were replaced within the last day.
pub(super) fn among(standings: &BTreeMap<DatabaseId, Standing<'_>>, now: Instant) -> Vec<Replaced> {
    let replaced = |(id, standing): (&DatabaseId, &Standing<'_>)| {
        let points = || standing.copies.iter().chain(&standing.offers).copied();
        if are_of_one(points()) {
            return None;
        }
        let points: Vec<_> = points().collect();
        let all = incarnations(&points);
        let [.., earlier, present] = all.as_slice() else { return None };
        let end = earlier.newest()?;
        // The present one may have existed for long under another name.
        let named = present.points.iter().filter(|(point, time)| *time > end && point.has_its_name());
        let since = named.map(|(_, time)| *time).min()?;
        let replaced = Replaced { database: id.clone(), since, end, earlier: told(earlier) };
        (now - since <= REPORTED_FOR).then_some(replaced)
    };
    standings.iter().filter_map(replaced).collect()
}

/// The earlier database, in words: its id, and the time of its newest point.
fn told(earlier: &Incarnation<'_>) -> String {
    let until = earlier
        .newest()
        .map_or_else(|| "an unknown time".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
    format!("{}, whose newest recovery point is of {until}", earlier.resource_id.unwrap_or("an unknown id"))
}
