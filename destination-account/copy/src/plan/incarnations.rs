//! The incarnations of a database, each with a standing of its own.
//!
//! A newer point of the same name may be of another database: one that was created again, restored or switched over. It makes no
//! point of the earlier one unnecessary. The last point of an earlier incarnation is therefore copied, too, and is removed halfway
//! only where the retention would not keep it in the destination.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::DatabaseId;
use pilot_light_domain::model::incarnation::{Incarnation, are_of_one, incarnations};
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::retention::Retention;
use pilot_light_domain::rules::retention::{MOST_EARLIER, last_points_of_earlier};

use super::standing::Standing;

/// The standings of the incarnations of all databases that have several, the present one of each database first.
pub(super) fn split<'a>(
    standings: &BTreeMap<DatabaseId, Standing<'a>>,
    retention: Retention,
    now: Instant,
) -> BTreeMap<DatabaseId, Vec<Standing<'a>>> {
    let several = |standing: &Standing<'a>| {
        if are_of_one(standing.all()) {
            return None;
        }
        let usable: Vec<_> = standing.all().collect();
        let all = incarnations(&usable);
        (all.len() > 1).then(|| of_each(standing, &all, retention, now))
    };
    standings.iter().filter_map(|(id, standing)| Some((id.clone(), several(standing)?))).collect()
}

fn of_each<'a>(
    standing: &Standing<'a>,
    all: &[Incarnation<'a>],
    retention: Retention,
    now: Instant,
) -> Vec<Standing<'a>> {
    let places = Places::of(all);
    let wanted = wanted(standing, all, retention, now);
    let mut before = None;
    let mut each = Vec::new();
    for (at, is_wanted) in wanted.into_iter().enumerate() {
        let of = |points: &[&'a RecoveryPoint]| {
            points.iter().copied().filter(|point| places.of_point(point) == at).collect()
        };
        let its = Standing {
            offers: of(&standing.offers),
            intermediates: of(&standing.intermediates),
            copies: of(&standing.copies),
            unconfirmed: of(&standing.unconfirmed),
            strays: of(&standing.strays),
            is_retired: standing.is_retired && at + 1 == all.len(),
            odd: standing.odd,
            before,
            is_unwanted: !is_wanted,
        };
        before = its.protected_until();
        each.push(its);
    }
    each.reverse();
    each
}

/// The incarnation of each point.
struct Places<'a, 'b> {
    all: &'b [Incarnation<'a>],
    /// By the snapshots and their originals.
    known: BTreeMap<&'a SnapshotArn, usize>,
}

impl<'a, 'b> Places<'a, 'b> {
    fn of(all: &'b [Incarnation<'a>]) -> Self {
        let each = all.iter().enumerate().flat_map(|(at, incarnation)| {
            incarnation
                .points
                .iter()
                .flat_map(move |(point, _)| [(&point.origin, at), (&point.snapshot.arn, at)])
        });
        Self { all, known: each.collect() }
    }

    /// A point that is not complete belongs to the incarnation of its original, or of its id. Otherwise it counts as one of the
    /// latest that it may be of.
    fn of_point(&self, point: &RecoveryPoint) -> usize {
        let known = self.known.get(&point.snapshot.arn).or_else(|| self.known.get(&point.origin));
        let by_id = || {
            let id = point.resource_id()?;
            self.all.iter().position(|incarnation| incarnation.resource_id == Some(id))
        };
        let latest = || self.all.iter().rposition(|incarnation| incarnation.may_have(point));
        known.copied().or_else(by_id).or_else(latest).unwrap_or(self.all.len() - 1)
    }
}

/// True for each incarnation whose newest point the retention would keep in the destination. It is always true for the present one.
///
/// AWS may show less of a copy than of its original, so the order of more incarnations than the retention keeps may be another one
/// in the destination. Their points are wanted only while they are young enough to stay in any case. Otherwise they might be
/// copied and deleted again and again.
fn wanted(standing: &Standing<'_>, all: &[Incarnation<'_>], retention: Retention, now: Instant) -> Vec<bool> {
    // Only copies show that a later incarnation has taken over. Of the others, the newest ones show the order.
    let newest: BTreeSet<_> = all.iter().filter_map(Incarnation::newest).collect();
    let is_newest = |point: &&RecoveryPoint| point.usable_since().is_some_and(|time| newest.contains(&time));
    let offered = standing.offers.iter().chain(&standing.intermediates).copied().filter(is_newest);
    let points: Vec<_> = standing.copies.iter().copied().chain(offered).collect();
    let kept = last_points_of_earlier(&points, retention, now);
    let is_few = all.len() <= MOST_EARLIER + 1;
    let is_wanted = |(at, incarnation): (usize, &Incarnation<'_>)| {
        let Some(time) = incarnation.newest() else { return false };
        at + 1 == all.len() || (kept.contains(&time) && (is_few || now - time <= retention.keep_for))
    };
    all.iter().enumerate().map(is_wanted).collect()
}
