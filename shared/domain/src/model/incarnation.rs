//! The incarnations of a database: the instances that had its name one after the other.
//!
//! AWS gives every instance a `DbiResourceId` that no other instance has. A database that is deleted and created again under its
//! name, or replaced by a restore or a blue/green switchover, is another instance.

use chrono::TimeDelta;

use crate::Instant;
use crate::model::recovery_point::RecoveryPoint;
use crate::model::retirement::Mark;

/// The usable points of one incarnation, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incarnation<'a> {
    /// `DbiResourceId`, if any of its points shows it.
    pub resource_id: Option<&'a str>,
    /// `InstanceCreateTime`, likewise.
    pub created_at: Option<Instant>,
    /// Its points with their times.
    pub points: Vec<(&'a RecoveryPoint, Instant)>,
}

impl Incarnation<'_> {
    /// The time of its newest point.
    #[must_use]
    pub fn newest(&self) -> Option<Instant> {
        self.points.last().map(|(_, time)| *time)
    }

    /// The time since which it exists: that of its creation, or of its oldest point.
    #[must_use]
    pub fn began(&self) -> Option<Instant> {
        let oldest = self.points.first().map(|(_, time)| *time);
        self.created_at.into_iter().chain(oldest).min()
    }

    /// The time from its creation to its newest point, as far as it is known.
    #[must_use]
    pub fn life(&self) -> TimeDelta {
        self.newest().zip(self.began()).map_or(TimeDelta::zero(), |(end, begin)| end - begin)
    }

    /// The retirement of this incarnation.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark::of_all(self.points.iter().map(|(point, _)| *point))
    }

    /// True if the point may be of this incarnation, as far as both are known.
    #[must_use]
    pub fn may_have(&self, point: &RecoveryPoint) -> bool {
        let is_same = match (self.resource_id, point.resource_id()) {
            (Some(one), Some(other)) => Some(one == other),
            _ => None,
        };
        let created = point.snapshot.instance_created_at;
        let is_as_old = || !matches!((self.created_at, created), (Some(one), Some(other)) if one != other);
        is_same.unwrap_or_else(is_as_old)
    }
}

/// True if all points show the same id and the same time of creation, so that they are of one incarnation. That is the usual case,
/// and it is faster to see than to sort.
#[must_use]
pub fn are_of_one<'a>(points: impl IntoIterator<Item = &'a RecoveryPoint>) -> bool {
    let mut witnesses =
        points.into_iter().map(|point| (point.resource_id(), point.snapshot.instance_created_at));
    let first = witnesses.next();
    witnesses.all(|other| Some(other) == first)
}

/// The incarnations among the points of one database, oldest first.
///
/// A point whose id is unknown counts as one of the incarnation before it, unless `InstanceCreateTime` shows otherwise.
#[must_use]
pub fn incarnations<'a>(points: &[&'a RecoveryPoint]) -> Vec<Incarnation<'a>> {
    let mut usable: Vec<_> =
        points.iter().filter_map(|point| Some((*point, point.usable_since()?))).collect();
    usable.sort_by(|(a, a_time), (b, b_time)| {
        a_time.cmp(b_time).then_with(|| a.snapshot.arn.cmp(&b.snapshot.arn))
    });
    let mut all: Vec<Incarnation<'a>> = Vec::new();
    for (point, time) in usable {
        let is_its = |incarnation: &Incarnation<'_>| {
            point.resource_id().is_some() && incarnation.resource_id == point.resource_id()
        };
        // Two snapshots at the time of a replacement may be complete in the other order.
        let at = all.iter().position(is_its);
        let at = at.or_else(|| all.iter().rposition(|incarnation| incarnation.may_have(point)));
        let created_at = point.snapshot.instance_created_at;
        match at {
            Some(at) => {
                let incarnation = &mut all[at];
                incarnation.resource_id = incarnation.resource_id.or(point.resource_id());
                incarnation.created_at = incarnation.created_at.or(created_at);
                incarnation.points.push((point, time));
            }
            None => all.push(Incarnation {
                resource_id: point.resource_id(),
                created_at,
                points: vec![(point, time)],
            }),
        }
    }
    all.sort_by_key(Incarnation::newest);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, snapshot};

    const BEGIN: &str = "2026-01-01T00:00:00Z";

    /// A point taken in that hour, of an instance with that id, created on that day.
    fn point(hour: i64, id: Option<&str>, created: Option<i64>) -> RecoveryPoint {
        let name = format!("arn:aws:rds:us-east-1:111111111111:snapshot:orders-{hour}");
        let mut taken = snapshot(&name, "orders");
        taken.original_created_at = Some(at(BEGIN) + TimeDelta::hours(hour));
        taken.resource_id = id.map(Into::into);
        taken.instance_created_at = created.map(|days| at(BEGIN) - TimeDelta::days(days));
        RecoveryPoint::original(taken)
    }

    fn numbers(points: &[RecoveryPoint]) -> Vec<usize> {
        let all: Vec<_> = points.iter().collect();
        incarnations(&all).iter().map(|incarnation| incarnation.points.len()).collect()
    }

    #[test]
    fn another_resource_id_under_a_known_name_is_another_incarnation() {
        let points = [point(1, Some("a"), None), point(2, Some("a"), None), point(3, Some("b"), None)];
        assert_eq!(numbers(&points), [2, 1]);
        let interleaved = [point(1, Some("a"), None), point(2, Some("b"), None), point(3, Some("a"), None)];
        assert_eq!(numbers(&interleaved), [1, 2]);
        assert_eq!(numbers(&[]), [0; 0]);
    }

    #[test]
    fn an_unknown_id_counts_as_the_same_incarnation_unless_the_time_of_creation_differs() {
        let unknown = [point(1, Some("a"), None), point(2, None, None), point(3, Some("b"), None)];
        assert_eq!(numbers(&unknown), [2, 1]);
        let first_unknown = [point(1, None, None), point(2, Some("a"), None)];
        assert_eq!(numbers(&first_unknown), [2]);
        let created_anew =
            [point(1, Some("a"), Some(9)), point(2, None, Some(1)), point(3, Some("b"), Some(1))];
        assert_eq!(numbers(&created_anew), [1, 2]);
    }
}
