//! A database that lost the requested name: it was renamed, a blue/green switchover gave its name to another one, or it was
//! deleted and another one was created under its name.
//!
//! The choice of the point is left to the parent module.

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::recovery_point::{RecoveryPoint, newest_usable};
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;

use super::Wanted;
use crate::facts::Facts;
use crate::tagging;

impl Wanted {
    /// The reason not to restore the newest usable point under a name that its database has lost. `At` chooses the database
    /// that had the name then.
    pub(super) fn has_lost_name(&self, chosen: &RecoveryPoint, all: &[RecoveryPoint]) -> Option<String> {
        self.is_renamed(chosen, all).or_else(|| self.is_replaced(chosen, all))
    }

    /// The reason if the database goes on under another name, and has newer data there. With `At`, it exists only if the
    /// database had the other name by then.
    fn is_renamed(&self, chosen: &RecoveryPoint, all: &[RecoveryPoint]) -> Option<String> {
        let new = new_name(&chosen.snapshot, all).filter(|new| **new != self.database)?;
        let its = all.iter().filter(|point| is_of_one(point, chosen) && self.is_usable(point));
        let newest = newest_usable(&Vec::from_iter(its))
            .filter(|(point, _)| point.snapshot.arn != chosen.snapshot.arn);
        if self.at.is_some() && newest.is_none() {
            return None;
        }
        let last = chosen.usable_since().map(tagging::time).unwrap_or_default();
        let newer = newest.map_or_else(
            || "no newer one is usable yet".to_owned(),
            |(point, taken)| newest_is(point, taken),
        );
        let live = if self.at.is_some() { String::new() } else { self.way_to_live(chosen, all) };
        Some(format!(
            "'{}' has been renamed to '{new}': the last point under the old name is {}, data of {last}, and {newer}; {live}\
             name '{new}' as the database, or give At: {last} for the last point under the old name",
            self.database, chosen.snapshot.arn.id,
        ))
    }

    /// The reason if another database has the name now, as after a deletion and a new creation, but has no usable point yet.
    fn is_replaced(&self, chosen: &RecoveryPoint, all: &[RecoveryPoint]) -> Option<String> {
        let live = self.live(chosen, all).filter(|_| self.at.is_none())?;
        let last = chosen.usable_since().map(tagging::time).unwrap_or_default();
        Some(format!(
            "the newest usable point of '{}' is {}, data of {last}, of an earlier database; {}give At: {last} for the earlier one",
            self.database,
            chosen.snapshot.arn.id,
            self.way_to(live, all),
        ))
    }

    /// A point of the database that has the name now, if that is another one. It may have no usable point under the name: it
    /// is new, or a blue/green switchover or a swap of names gave it the name.
    fn live<'a>(&self, chosen: &RecoveryPoint, all: &'a [RecoveryPoint]) -> Option<&'a RecoveryPoint> {
        let is_of_another = |point: &&RecoveryPoint| {
            point.resource_id().is_some()
                && chosen.resource_id().is_some()
                && !is_of_one(point, chosen)
                && point.origin.account == chosen.origin.account
                && point.snapshot.database == self.database
        };
        let of_others: Vec<_> = all.iter().filter(is_of_another).collect();
        let later = of_others.iter().filter(|point| is_later(point, chosen, &of_others));
        later.copied().max_by_key(|point| point.snapshot.taken_at())
    }

    /// The way to the data of the database that has the name now, to be followed by other ways.
    fn way_to_live(&self, chosen: &RecoveryPoint, all: &[RecoveryPoint]) -> String {
        self.live(chosen, all).map_or_else(
            || {
                format!(
                    "if another database is called '{}' now, as after a blue/green switchover, it has no point here yet, so \
                     start again when it has; otherwise ",
                    self.database
                )
            },
            |live| self.way_to(live, all),
        )
    }

    /// The way to the data of `live`.
    fn way_to(&self, live: &RecoveryPoint, all: &[RecoveryPoint]) -> String {
        let its = Vec::from_iter(all.iter().filter(|point| is_of_one(point, live)));
        let another = format!("another database is called '{}' now", self.database);
        match newest_usable(&its) {
            Some((point, taken)) => format!(
                "{another}, as after a blue/green switchover, and {} of '{earlier}'; for that one, name '{earlier}' as the \
                 database and give At: {}; otherwise ",
                newest_is(point, taken),
                tagging::time(taken),
                earlier = point.snapshot.database,
            ),
            None => format!(
                "{another}, and it has no usable point yet{}; start again when one is usable; otherwise ",
                self.states(&its.into_iter().cloned().collect::<Vec<_>>())
            ),
        }
    }

    /// The choice in words, to follow other words, if `At` selects a point under a name that its database has lost since.
    pub(crate) fn remark(&self, chosen: &Snapshot, facts: &Facts) -> String {
        let all = self.at.map(|_| self.points(facts.snapshots.iter(), facts)).unwrap_or_default();
        let new =
            new_name(chosen, &all).filter(|new| **new != self.database && chosen.database == self.database);
        new.map_or_else(String::new, |new| format!(" of '{}', which is '{new}' now", self.database))
    }
}

/// True if a point under the name is later than `chosen`. Where AWS and our tag give no time, as of a failed copy, its database is
/// later unless it had the name before.
fn is_later(point: &RecoveryPoint, chosen: &RecoveryPoint, under_the_name: &[&RecoveryPoint]) -> bool {
    let tagged = || point.snapshot.tags.get(tags::DATABASE_TIME)?.parse().ok();
    if let Some(taken) = point.snapshot.taken_at().or_else(tagged) {
        return chosen.usable_since() < Some(taken);
    }
    let its = under_the_name.iter().filter(|other| is_of_one(other, point));
    !its.filter_map(|other| other.snapshot.taken_at()).any(|taken| Some(taken) < chosen.usable_since())
}

/// True if both points are of the same database, whatever its name was.
fn is_of_one(point: &RecoveryPoint, other: &RecoveryPoint) -> bool {
    point.resource_id() == other.resource_id() && point.origin.account == other.origin.account
}

fn newest_is(point: &RecoveryPoint, taken: Instant) -> String {
    format!("its newest is {}, data of {}", point.snapshot.arn.id, tagging::time(taken))
}

/// The newest name of the database of a snapshot.
fn new_name<'a>(of: &Snapshot, all: &'a [RecoveryPoint]) -> Option<&'a DatabaseName> {
    all.iter().find(|point| point.snapshot.arn == of.arn).map(|point| &point.name)
}
