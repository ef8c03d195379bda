//! The standing of one database, or of one of its incarnations: its offers, its intermediates and its copies, with the questions about them.
//!
//! The answers are facts. The decisions are left to [`ways`](super::ways) and [`leftovers`](super::leftovers).

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseKind, Region};
use pilot_light_domain::model::naming;
use pilot_light_domain::model::recovery_point::{RecoveryPoint, by_database, newest_usable};
use pilot_light_domain::model::snapshot::Phase;
use pilot_light_domain::model::tags;

use super::held::Held;
use super::odd::OddCopies;

/// All recovery points of one database, or of one of its incarnations.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    /// The snapshots that may be copied, newest first.
    pub(super) offers: Vec<&'a RecoveryPoint>,
    /// The snapshots between two hops, newest first.
    pub(super) intermediates: Vec<&'a RecoveryPoint>,
    /// The copies in the destination, newest first.
    pub(super) copies: Vec<&'a RecoveryPoint>,
    /// New snapshots between two hops that may be our own: see [`Held::unconfirmed`].
    pub(super) unconfirmed: Vec<&'a RecoveryPoint>,
    /// Intermediates for another Region.
    pub(super) strays: Vec<&'a RecoveryPoint>,
    /// True while a person's retirement of the database is in force. It gets no new copies.
    pub(super) is_retired: bool,
    /// The copies of all databases whose record cannot be read.
    pub(super) odd: Option<&'a OddCopies>,
    /// The time of the newest usable copy of the incarnations before this one.
    pub(super) before: Option<Instant>,
    /// True for an earlier incarnation whose points the retention would not keep in the destination.
    pub(super) is_unwanted: bool,
}

/// Groups all recovery points by their database.
pub(super) fn standings<'a>(
    offers: &'a [RecoveryPoint],
    held: &'a Held,
    odd: &'a OddCopies,
) -> BTreeMap<DatabaseId, Standing<'a>> {
    let mut standings: BTreeMap<_, Standing<'_>> = BTreeMap::new();
    for (database, offers) in by_database(offers) {
        standings.entry(database).or_default().offers = offers;
    }
    for (database, copies) in by_database(&held.copies) {
        standings.entry(database).or_default().copies = copies;
    }
    for (database, intermediates) in by_database(&held.intermediates) {
        standings.entry(database).or_default().intermediates = intermediates;
    }
    for (database, unconfirmed) in by_database(&held.unconfirmed) {
        standings.entry(database).or_default().unconfirmed = unconfirmed;
    }
    for (database, strays) in by_database(&held.strays) {
        standings.entry(database).or_default().strays = strays;
    }
    for standing in standings.values_mut() {
        standing.odd = Some(odd);
        for points in [&mut standing.offers, &mut standing.intermediates, &mut standing.copies] {
            points.sort_by(|a, b| {
                let by_time = b.snapshot.taken_at().cmp(&a.snapshot.taken_at());
                by_time.then_with(|| a.snapshot.arn.cmp(&b.snapshot.arn))
            });
        }
    }
    standings
}

impl<'a> Standing<'a> {
    /// The offers, the intermediates and the copies.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a RecoveryPoint> {
        self.offers.iter().chain(&self.intermediates).chain(&self.copies).copied()
    }

    /// The time of the newest usable point in the destination, also of an earlier incarnation.
    pub(super) fn protected_until(&self) -> Option<Instant> {
        newest_usable(&self.copies).map(|(_, time)| time).max(self.before)
    }

    /// The time of the newest usable point in the destination that makes `point` unnecessary, if `point` is older.
    ///
    /// A snapshot that a person shares never makes one of the schedule unnecessary.
    pub(super) fn home_of(&self, point: &RecoveryPoint) -> Option<Instant> {
        let replaces = |copy: &&&RecoveryPoint| copy.usable_since().is_some() && may_replace(copy, point);
        self.copies.iter().find(replaces).and_then(|copy| copy.usable_since())
    }

    /// The complete intermediate that must be copied on: of the schedule, else of a person; of these, the newest.
    pub(super) fn halfway(&self) -> Option<&'a RecoveryPoint> {
        self.preferred(&self.intermediates)
    }

    /// The offer that must be copied: of the schedule, else of a person; of these, the newest.
    pub(super) fn better_offer(&self) -> Option<&'a RecoveryPoint> {
        self.preferred(&self.offers).filter(|_| !self.is_retired)
    }

    /// The newest usable one of the schedule, else the newest of all, if it is newer than its home. Older ones then have a
    /// home, too.
    fn preferred(&self, points: &[&'a RecoveryPoint]) -> Option<&'a RecoveryPoint> {
        let usable = || points.iter().copied().filter(|point| point.usable_since().is_some());
        let of_schedule = usable().find(|point| is_of_schedule(point)).filter(|point| self.is_needed(point));
        let preferred = of_schedule.or_else(|| usable().next().filter(|point| self.is_needed(point)));
        preferred.filter(|point| !self.has_odd_copy(point))
    }

    /// The snapshot that is copied if an offer of the schedule cannot be: the newest that a person shares, if it is needed. AWS may
    /// refuse those of the schedule for good, for a key or an option that the other does not have.
    pub(super) fn instead_of(&self, offer: &RecoveryPoint) -> Option<&'a RecoveryPoint> {
        let is_by_hand = |point: &&&RecoveryPoint| point.usable_since().is_some() && !is_of_schedule(point);
        let newest = self.offers.iter().find(is_by_hand).copied();
        newest.filter(|point| {
            !self.is_retired
                && is_of_schedule(offer)
                && self.is_needed(point)
                && !self.has_odd_copy(point)
                && !self.is_under_way(&point.origin)
        })
    }

    /// True for a usable point that is newer than its home.
    pub(super) fn is_needed(&self, point: &RecoveryPoint) -> bool {
        !self.is_unwanted && point.usable_since().is_some_and(|time| Some(time) > self.home_of(point))
    }

    /// True while a copy into the destination is in progress. AWS makes the copies of one database one after
    /// the other, so a second one would only wait.
    pub(super) fn is_arriving(&self) -> bool {
        self.copies.iter().any(|copy| copy.snapshot.status.in_progress())
    }

    /// True while a first hop is in progress.
    pub(super) fn is_hopping(&self) -> bool {
        self.between().any(|point| point.snapshot.status.in_progress())
    }

    /// True if a copy is in progress in either Region, or must be copied on.
    pub(super) fn is_on_its_way(&self) -> bool {
        self.is_arriving() || self.is_hopping() || self.halfway().is_some()
    }

    /// True if a copy of `origin` into the destination is in progress, or there is an intermediate of it that did not fail.
    pub(super) fn is_under_way(&self, origin: &SnapshotArn) -> bool {
        let arriving =
            self.copies.iter().any(|copy| copy.snapshot.status.in_progress() && copy.origin == *origin);
        arriving || self.between().any(|point| point.origin == *origin && !is_lost(point))
    }

    /// True if a copy of `origin` is in progress in either Region, or must be copied on.
    pub(super) fn is_coming(&self, origin: &SnapshotArn) -> bool {
        let is_in_progress = |point: &RecoveryPoint| point.snapshot.status.in_progress();
        let mut arriving = self.copies.iter().filter(|copy| copy.origin == *origin);
        let mut halfway = self.between().filter(|point| point.origin == *origin);
        arriving.any(|copy| is_in_progress(copy))
            || halfway.any(|point| is_in_progress(point) || self.is_needed(point))
    }

    /// The origins of the complete copies in the destination.
    pub(super) fn origins_here(&self) -> BTreeSet<&'a SnapshotArn> {
        let complete = self.copies.iter().filter(|copy| copy.snapshot.is_available());
        complete.map(|copy| &copy.origin).collect()
    }

    /// The complete copies of this very intermediate in the destination. A source account may reuse the name of an
    /// earlier snapshot, so the name alone is not enough.
    pub(super) fn arrived<'b>(
        &'b self,
        intermediate: &'b RecoveryPoint,
    ) -> impl Iterator<Item = &'a RecoveryPoint> + 'b {
        let taken = intermediate.snapshot.taken_at();
        let is_its = move |copy: &RecoveryPoint| {
            copy.origin == intermediate.origin && copy.snapshot.taken_at() == taken
        };
        self.copies.iter().copied().filter(move |copy| is_its(copy) && copy.snapshot.is_available())
    }

    /// True if a copy of it, or of its original, has a record that cannot be read.
    pub(super) fn has_odd_copy(&self, point: &RecoveryPoint) -> bool {
        self.odd.is_some_and(|odd| contains(&odd.of, point))
    }

    /// True while a copy in progress reads from this intermediate.
    pub(super) fn is_read(&self, intermediate: &RecoveryPoint) -> bool {
        let is_reading = self.copies.iter().any(|copy| {
            let reads = copy.snapshot.copied_from.as_ref() == Some(&intermediate.snapshot.arn);
            copy.snapshot.status.in_progress() && (reads || copy.origin == intermediate.origin)
        });
        is_reading || self.odd.is_some_and(|odd| contains(&odd.reading, intermediate))
    }

    /// True if there is a snapshot to copy, or there may be one: something is offered or halfway.
    pub(super) fn is_active(&self) -> bool {
        !self.is_unwanted && ((!self.offers.is_empty() && !self.is_retired) || self.halfway().is_some())
    }

    /// The failed copies of snapshots that are newer than every usable point in the destination, in both Regions.
    pub(super) fn failures(&self) -> impl Iterator<Item = &'a RecoveryPoint> {
        let home = newest_usable(&self.copies).map(|(_, time)| time);
        let is_newer = move |point: &&RecoveryPoint| {
            is_lost(point) && data_time(point).is_some_and(|time| Some(time) > home)
        };
        self.copies.iter().chain(&self.intermediates).copied().filter(is_newer)
    }

    /// True if a copy has failed since the newest usable point.
    pub(super) fn has_failed(&self) -> bool {
        self.failures().next().is_some()
    }

    /// The number of copies in progress into a Region, if an earlier one has failed.
    pub(super) fn retries_in(&self, region: &Region, kind: DatabaseKind) -> usize {
        if !self.has_failed() {
            return 0;
        }
        let is_counted = |point: &&RecoveryPoint| {
            let arn = &point.snapshot.arn;
            point.snapshot.status.in_progress() && arn.region == *region && arn.kind == kind
        };
        self.copies.iter().copied().chain(self.between()).filter(is_counted).count()
    }

    /// The intermediates, and the snapshots that may be some.
    fn between(&self) -> impl Iterator<Item = &'a RecoveryPoint> {
        self.intermediates.iter().chain(&self.unconfirmed).copied()
    }

    /// True if several failed copies are still there. AWS does not delete them, and each takes a place in the quota for good.
    pub(super) fn has_lasting_failures(&self) -> bool {
        self.failures().nth(1).is_some()
    }

    /// The earliest time of the next attempt, if copies have failed repeatedly and AWS does not delete them.
    ///
    /// The cause may be over at any time, so the first attempts follow soon. Each lasting failed copy takes a place in the quota,
    /// so the wait doubles with each of them: 15 minutes after the second one, and 1 day at most.
    pub(super) fn next_attempt(&self) -> Option<Instant> {
        let repeated = self.failures().count().checked_sub(2)?;
        Some(self.failures().filter_map(begun).max()? + wait_after(repeated))
    }
}

/// The wait after two failed copies that stay, and after `more` of them.
fn wait_after(more: usize) -> TimeDelta {
    // 15 minutes reach a day with the seventh doubling.
    let doublings = u32::try_from(more).unwrap_or(u32::MAX).min(7);
    (TimeDelta::minutes(15) * 2_i32.pow(doublings)).min(TimeDelta::days(1))
}

/// True if `point` was taken by schedule, as far as the name of its original shows.
fn is_of_schedule(point: &RecoveryPoint) -> bool {
    naming::is_of_schedule(&point.origin.id, &point.snapshot.database)
}

/// True if `newer` would make `older` unnecessary.
pub(super) fn may_replace(newer: &RecoveryPoint, older: &RecoveryPoint) -> bool {
    is_of_schedule(newer) || !is_of_schedule(older)
}

/// The order of copies of one database: those of the schedule before those of a person, and the newest first.
pub(super) fn rank(point: &RecoveryPoint) -> (bool, Option<Instant>) {
    (is_of_schedule(point), point.usable_since())
}

/// True for a copy that will never be usable.
pub(super) fn is_lost(point: &RecoveryPoint) -> bool {
    point.snapshot.status.phase() == Phase::Lost
}

/// The time at which the original was taken. Of a failed copy, AWS may give no time, and our own tag does.
pub(super) fn data_time(point: &RecoveryPoint) -> Option<Instant> {
    let tagged = || point.snapshot.tags.get(tags::DATABASE_TIME)?.parse().ok();
    point.snapshot.taken_at().or_else(tagged)
}

/// The time at which a copy was begun, or the time of its data if AWS does not give that.
pub(super) fn begun(point: &RecoveryPoint) -> Option<Instant> {
    point.snapshot.created_at.or_else(|| data_time(point))
}

fn contains(arns: &BTreeSet<SnapshotArn>, point: &RecoveryPoint) -> bool {
    arns.contains(&point.snapshot.arn) || arns.contains(&point.origin)
}
