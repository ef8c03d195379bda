//! The state of a database as the destination sees it: protected, late, no longer offered, or retired.
//!
//! A database is late when its newest usable copy is older than the target. Nothing that the source does or omits ends that,
//! except a newer copy. A person in the destination ends it: by a retirement, or by parameters that leave the database out.

use chrono::TimeDelta;

use crate::Instant;
use crate::model::incarnation::{Incarnation, incarnations};
use crate::model::recovery_point::{RecoveryPoint, newest_usable};
use crate::model::retirement::{Mark, Retirement};
use crate::model::tags;

/// The facts about one database.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Its copies in the destination.
    pub copies: &'a [&'a RecoveryPoint],
    /// Its snapshots that may be copied.
    pub offers: &'a [&'a RecoveryPoint],
    /// The time of its newest offered snapshot whose record cannot be read.
    pub odd_offer: Option<Instant>,
    /// True if anything of it is offered, in any state.
    pub is_offered: bool,
    /// The earliest time at which it is known to have been offered.
    pub first_offer: Option<Instant>,
    /// True if the destination's own parameters leave it out.
    pub is_left_out: bool,
}

/// The state of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The state itself.
    pub kind: Kind,
    /// The time from which its age counts: that of its newest usable copy. Of a database that was never copied, it is that of
    /// the first snapshot that could have been copied. After a retirement with an end, it is at least that end.
    pub since: Option<Instant>,
    /// The time of its newest usable copy.
    pub newest: Option<Instant>,
    /// The value of its mark of retirement, if that cannot be read. The database is not retired.
    pub unreadable: Option<String>,
}

/// The kinds of states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Its newest copy is young enough.
    Protected,
    /// Its newest copy is older than the target, and it is still offered.
    Late,
    /// Nothing of it is offered any more. It is late as well once its newest copy is older than the target.
    NoLongerOffered {
        /// True if it is late.
        is_late: bool,
    },
    /// A person has retired it.
    Retired {
        /// That person's word.
        retirement: Retirement,
        /// The time of its newest snapshot that is offered although it is retired, if that is newer than its copies.
        offered_again: Option<Instant>,
    },
    /// The destination's own parameters leave it out, or nobody knows which database its copies are of.
    LeftOut,
}

impl State {
    /// The age of its newest recovery point. None if the database is not measured.
    #[must_use]
    pub fn age(&self, now: Instant) -> Option<TimeDelta> {
        let is_measured = !matches!(self.kind, Kind::Retired { .. } | Kind::LeftOut);
        let since = self.since.filter(|_| is_measured)?;
        Some((now - since).max(TimeDelta::zero()))
    }

    /// True if it is late, whether it is still offered or not.
    #[must_use]
    pub fn is_late(&self) -> bool {
        matches!(self.kind, Kind::Late | Kind::NoLongerOffered { is_late: true })
    }

    /// True while a retirement is in force.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        matches!(self.kind, Kind::Retired { .. })
    }
}

/// The room for the duration of a snapshot: the data may be older than AWS's time by that. It is that of the alarm on the age.
const SNAPSHOT_ROOM: TimeDelta = TimeDelta::minutes(4);
/// Of a short target, the room is this part.
const SHARE_OF_TARGET: i32 = 15;

/// The age from which a database is late: the target less the room for one snapshot, as in the alarm on the age.
#[must_use]
pub fn limit(target: TimeDelta) -> TimeDelta {
    target - SNAPSHOT_ROOM.min(target / SHARE_OF_TARGET)
}

/// The state of one database at `now`. `target` is `RpoTarget`.
#[must_use]
pub fn state(facts: Facts<'_>, target: TimeDelta, now: Instant) -> State {
    let newest = newest_usable(facts.copies).map(|(_, time)| time);
    let known = marked(facts, now);
    let Marked { retirement, unreadable, since } = known.unwrap_or_else(|| Marked {
        retirement: None,
        unreadable: None,
        since: newest.or(facts.first_offer),
    });
    let of = |kind| State { kind, since, newest, unreadable: unreadable.clone() };
    let is_unplaced = |point: &&RecoveryPoint| point.snapshot.is_copied_by_us() && point.is_unplaced();
    if facts.is_left_out || (!facts.copies.is_empty() && facts.copies.iter().all(is_unplaced)) {
        return of(Kind::LeftOut);
    }
    if let Some(retirement) = retirement {
        let offered = facts.offers.iter().filter_map(|offer| offer.usable_since()).max().max(facts.odd_offer);
        let offered_again = offered.filter(|offered| Some(*offered) > newest);
        return of(Kind::Retired { retirement, offered_again });
    }
    let is_late = since.is_some_and(|since| now - since > limit(target));
    match (facts.is_offered, is_late) {
        (false, is_late) if since.is_some() => of(Kind::NoLongerOffered { is_late }),
        (_, true) => of(Kind::Late),
        (_, false) => of(Kind::Protected),
    }
}

struct Marked {
    retirement: Option<Retirement>,
    unreadable: Option<String>,
    since: Option<Instant>,
}

/// The effect of the marks of retirement, if a copy has any.
///
/// A mark counts for its own incarnation. The age of a later incarnation does not count from the copies of one that is retired.
fn marked(facts: Facts<'_>, now: Instant) -> Option<Marked> {
    // Usually no copy has a mark, which is faster to see than to sort.
    if !facts.copies.iter().any(|copy| copy.snapshot.tags.contains_key(tags::RETIRED)) {
        return None;
    }
    let all: Vec<_> = facts.copies.iter().chain(facts.offers).copied().collect();
    let all = incarnations(&all);
    let marks: Vec<_> = all.iter().map(Incarnation::mark).collect();
    let last = marks.last()?;
    if is_succeeded(&all, &marks, facts, now) {
        return None;
    }
    let begin = marks.iter().rposition(|mark| mark.in_force(now).is_some()).map_or(0, |at| at + 1);
    let is_here = |point: &RecoveryPoint| facts.copies.iter().any(|copy| std::ptr::eq(*copy, point));
    let later = || all[begin..].iter().flat_map(|incarnation| &incarnation.points);
    let copied = later().filter(|(point, _)| is_here(point)).map(|(_, time)| *time).max();
    let since = copied.or_else(|| later().map(|(_, time)| *time).min()).or(facts.first_offer);
    let ends = marks.iter().filter_map(|mark| match mark {
        Mark::Known(retirement) if retirement.is_over(now) => retirement.until,
        _ => None,
    });
    let unreadable = match last {
        Mark::Unreadable(text) => Some(text.clone()),
        Mark::Known(_) | Mark::None => None,
    };
    Some(Marked { retirement: last.in_force(now).cloned(), unreadable, since: since.max(ends.max()) })
}

/// True if the last incarnation is retired, and another one under the same name has a newer copy than the one that bears the mark.
///
/// Whoever renames databases in the source could otherwise give the name back to the retired one, and so end the lateness of the
/// other.
fn is_succeeded(all: &[Incarnation<'_>], marks: &[Mark], facts: Facts<'_>, now: Instant) -> bool {
    let Some((last, others)) = all.split_last() else { return false };
    let Some(mark) = marks.last().and_then(|mark| mark.in_force(now)) else { return false };
    let bears = |point: &RecoveryPoint| matches!(Mark::of(point), Mark::Known(known) if known == *mark);
    let marked = last.points.iter().filter(|(point, _)| bears(point)).map(|(_, time)| *time).max();
    let is_here = |point: &RecoveryPoint| facts.copies.iter().any(|copy| std::ptr::eq(*copy, point));
    let unretired = others.iter().zip(marks).filter(|(_, mark)| mark.in_force(now).is_none());
    let mut copies = unretired.flat_map(|(incarnation, _)| &incarnation.points);
    copies.any(|(point, time)| Some(*time) > marked && is_here(point))
}

#[cfg(test)]
mod tests;
