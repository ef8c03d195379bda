//! The standing of one database: its offers, its intermediates and its copies, with the questions about them.
//!
//! The answers are facts. The decisions are left to [`ways`](super::ways) and [`leftovers`](super::leftovers).

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::DatabaseId;
use pilot_light_domain::model::recovery_point::{RecoveryPoint, by_database, newest_usable};

use super::held::Held;
use super::odd::OddCopies;

/// All recovery points of one database.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    /// The snapshots that may be copied, newest first.
    pub(super) offers: Vec<&'a RecoveryPoint>,
    /// The snapshots between two hops, newest first.
    pub(super) intermediates: Vec<&'a RecoveryPoint>,
    /// The copies in the destination, newest first.
    pub(super) copies: Vec<&'a RecoveryPoint>,
    /// The copies of all databases whose record cannot be read.
    pub(super) odd: Option<&'a OddCopies>,
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
    /// The time of the newest usable point in the destination.
    pub(super) fn protected_until(&self) -> Option<Instant> {
        newest_usable(&self.copies).map(|(_, time)| time)
    }

    /// The newest complete intermediate that is newer than every usable point in the destination.
    pub(super) fn halfway(&self) -> Option<&'a RecoveryPoint> {
        let home = self.protected_until();
        let newer = |point: &&RecoveryPoint| point.usable_since().is_some_and(|time| Some(time) > home);
        self.intermediates.iter().copied().find(newer).filter(|point| !self.has_odd_copy(point))
    }

    /// The newest offer, if it is newer than every usable point in the destination.
    pub(super) fn better_offer(&self) -> Option<&'a RecoveryPoint> {
        let home = self.protected_until();
        let newest = self.offers.first().copied().filter(|offer| offer.usable_since() > home);
        newest.filter(|offer| !self.has_odd_copy(offer))
    }

    /// True while a copy into the destination is in progress. AWS makes the copies of one database one after
    /// the other, so a second one would only wait.
    pub(super) fn is_arriving(&self) -> bool {
        self.copies.iter().any(|copy| copy.snapshot.status.in_progress())
    }

    /// True while a first hop is in progress.
    pub(super) fn is_hopping(&self) -> bool {
        self.intermediates.iter().any(|point| point.snapshot.status.in_progress())
    }

    /// True if a copy of `origin` into the destination is in progress, or an intermediate of it exists.
    pub(super) fn is_under_way(&self, origin: &SnapshotArn) -> bool {
        let arriving =
            self.copies.iter().any(|copy| copy.snapshot.status.in_progress() && copy.origin == *origin);
        arriving || self.intermediates.iter().any(|point| point.origin == *origin)
    }

    /// The origins of the complete copies in the destination.
    pub(super) fn origins_here(&self) -> BTreeSet<&'a SnapshotArn> {
        let complete = self.copies.iter().filter(|copy| copy.snapshot.is_available());
        complete.map(|copy| &copy.origin).collect()
    }

    /// True if the copy of this very intermediate is in the destination, complete. A source account may reuse the name
    /// of an earlier snapshot, so the name alone is not enough.
    pub(super) fn has_arrived(&self, intermediate: &RecoveryPoint) -> bool {
        let taken = intermediate.snapshot.taken_at();
        let is_its =
            |copy: &RecoveryPoint| copy.origin == intermediate.origin && copy.snapshot.taken_at() == taken;
        self.copies.iter().any(|copy| is_its(copy) && copy.snapshot.is_available())
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
}

fn contains(arns: &BTreeSet<SnapshotArn>, point: &RecoveryPoint) -> bool {
    arns.contains(&point.snapshot.arn) || arns.contains(&point.origin)
}
