//! Recovery points: our own snapshots, each with its database and its original snapshot.
//!
//! A taken snapshot is identified by its own ARN. A copy is identified by data that only the destination account
//! or AWS itself can write: our tag `SourceSnapshotArn`, else `SourceDBSnapshotIdentifier`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::Instant;
use crate::model::arn::{SnapshotArn, SnapshotPlace};
use crate::model::copy_name::CopyName;
use crate::model::ids::{AccountId, DatabaseId, DatabaseName, Region};
use crate::model::snapshot::Snapshot;
use crate::model::tags;

/// One of our own snapshots. Its database is the one of its origin, under the name that copies keep, or under the one that the
/// database has got since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryPoint {
    /// The original snapshot. It is this snapshot itself if it is not a copy.
    pub origin: SnapshotArn,
    /// The snapshot.
    pub snapshot: Arc<Snapshot>,
    /// The name of the database. It is that of the snapshot, unless the database was renamed ([`Renames`]).
    pub name: DatabaseName,
}

impl RecoveryPoint {
    /// A snapshot that is its own origin.
    #[must_use]
    pub fn original(snapshot: impl Into<Arc<Snapshot>>) -> Self {
        let snapshot = snapshot.into();
        Self::of(snapshot.arn.clone(), snapshot)
    }

    /// A copy of the snapshot `origin`, or that snapshot itself.
    #[must_use]
    pub fn of(origin: SnapshotArn, snapshot: Arc<Snapshot>) -> Self {
        Self { origin, name: snapshot.database.clone(), snapshot }
    }

    /// The database that it can restore.
    #[must_use]
    pub fn database(&self) -> DatabaseId {
        DatabaseId {
            account: self.origin.account.clone(),
            region: self.origin.region.clone(),
            kind: self.origin.kind,
            name: self.name.clone(),
        }
    }

    /// `DbiResourceId` of the instance that its original was taken of, if it is known. Our own tag contains it also where AWS
    /// does not show it of a copy.
    #[must_use]
    pub fn resource_id(&self) -> Option<&str> {
        let tagged = || self.snapshot.tags.get(tags::SOURCE_RESOURCE_ID);
        let of_copy = (!self.is_unplaced()).then(tagged).flatten();
        of_copy.or(self.snapshot.resource_id.as_deref())
    }

    /// The time at which it was taken, if the snapshot is complete and AWS gives a time. Only such a point is usable.
    #[must_use]
    pub fn usable_since(&self) -> Option<Instant> {
        self.snapshot.taken_at().filter(|_| self.snapshot.is_available())
    }

    /// True if the point is usable and was taken by `at`. Whole seconds are compared, because that is how times are printed.
    #[must_use]
    pub fn is_usable_by(&self, at: Instant) -> bool {
        self.usable_since().is_some_and(|taken| taken.timestamp() <= at.timestamp())
    }

    /// True if it was taken while the database had its present name.
    #[must_use]
    pub fn has_its_name(&self) -> bool {
        self.snapshot.database == self.name
    }

    /// True if nothing identifies the database of this copy, so that the copy counts as a database of its own.
    #[must_use]
    pub fn is_unplaced(&self) -> bool {
        self.origin == self.snapshot.arn
    }

    /// True if both can restore the same database.
    fn is_of_same_database(&self, other: &Self) -> bool {
        self.name == other.name
            && self.origin.account == other.origin.account
            && self.origin.region == other.origin.region
            && self.origin.kind == other.origin.kind
    }
}

/// The location of the databases that a destination keeps copies of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The source accounts. Snapshots of other accounts are never copied.
    pub accounts: BTreeSet<AccountId>,
    /// Their Region.
    pub region: Region,
}

impl Sources {
    /// True for a snapshot of a source account in the source Region.
    #[must_use]
    pub fn contain(&self, snapshot: &SnapshotArn) -> bool {
        snapshot.region == self.region && self.accounts.contains(&snapshot.account)
    }

    /// True for one of our own copies.
    #[must_use]
    pub fn is_copy(&self, snapshot: &Snapshot) -> bool {
        snapshot.is_copied_by_us() || self.is_old_copy_within_account(snapshot)
    }

    /// True for a copy that the old tool made within one account. It copied all tags and added none, so the copy has
    /// `CreatedBy` and not `CopiedBy`. It kept the name.
    ///
    /// AWS names the source, which nobody can forge: a snapshot of this account in the source Region.
    fn is_old_copy_within_account(&self, snapshot: &Snapshot) -> bool {
        let is_source = |from: &SnapshotArn| {
            from.account == snapshot.arn.account && from.region == self.region && from.id == snapshot.arn.id
        };
        snapshot.tags.has(tags::CREATED_BY, tags::TOOL)
            && !snapshot.tags.has(tags::COPIED_BY, tags::TOOL)
            && self.accounts.contains(&snapshot.arn.account)
            && snapshot.arn.region != self.region
            && snapshot.copied_from.as_ref().is_some_and(is_source)
    }

    /// The name of a copy of `origin`. With several accounts, it contains the account: each of them may have a database of
    /// the same name, and takes its snapshots at the same times.
    #[must_use]
    pub fn name_of_copy(&self, origin: &SnapshotArn) -> CopyName {
        if self.accounts.len() > 1 {
            CopyName::with_account(origin)
        } else {
            CopyName::plain(origin.id.as_str(), origin.kind)
        }
    }

    /// The recovery point of one of our own copies.
    ///
    /// The old tool did not record an origin on its copies. They are placed as follows:
    /// - After one hop, AWS names the origin.
    /// - After two hops, and where only one source account is configured, the origin is the snapshot of the same name
    ///   in that account. AWS then names an intermediate of this account in the source Region, or no source.
    /// - A copy without a known origin counts as a database of its own, so that it is kept by its own rules.
    #[must_use]
    pub fn recovery_point(&self, copy: impl Into<Arc<Snapshot>>) -> RecoveryPoint {
        let copy = copy.into();
        // Usually both are equal, and then thousands of ARNs need not be parsed.
        let origin = |text: &str| match &copy.copied_from {
            Some(arn) if arn.is_written(text) => Some(arn.clone()),
            _ => text.parse().ok(),
        };
        let tagged = copy.tags.get(tags::SOURCE_SNAPSHOT_ARN).and_then(origin);
        let by_aws = || copy.copied_from.clone().filter(|arn| self.accounts.contains(&arn.account));
        let is_from_elsewhere =
            |from: &SnapshotArn| from.account != copy.arn.account || from.region != self.region;
        let by_name = || {
            if copy.copied_from.as_ref().is_some_and(is_from_elsewhere) {
                return None;
            }
            let mut accounts = self.accounts.iter();
            let (Some(account), None) = (accounts.next(), accounts.next()) else { return None };
            let SnapshotPlace { partition, kind, .. } = (*copy.arn).clone();
            let (account, region) = (account.clone(), self.region.clone());
            Some(SnapshotArn::new(SnapshotPlace { partition, region, account, kind }, copy.arn.id.clone()))
        };
        let origin = tagged.or_else(by_aws).or_else(by_name).unwrap_or_else(|| copy.arn.clone());
        RecoveryPoint::of(origin, copy)
    }
}

/// The newest names of renamed databases, by account and `DbiResourceId`.
///
/// AWS keeps the `DbiResourceId` of a renamed instance, and its earlier snapshots keep the earlier name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames(BTreeMap<(AccountId, String), DatabaseName>);

/// An account, a `DbiResourceId`, and a name.
type Key<'a> = (&'a AccountId, &'a str, &'a DatabaseName);

impl Renames {
    /// The renames that the points show.
    pub fn among<'a>(points: impl Iterator<Item = &'a RecoveryPoint>) -> Self {
        let mut names: BTreeMap<(&AccountId, &str), BTreeMap<&DatabaseName, Option<Instant>>> =
            BTreeMap::new();
        let mut enter = |(account, id, name): (&'a AccountId, &'a str, &'a DatabaseName),
                         newest: Option<Instant>| {
            let known = names.entry((account, id)).or_default().entry(name).or_default();
            *known = newest.max(*known);
        };
        // Most points have the same database as the one before.
        let mut last: Option<(Key<'a>, Option<Instant>)> = None;
        for point in points {
            let Some(id) = point.resource_id() else { continue };
            let (key, taken) =
                ((&point.origin.account, id, &point.snapshot.database), point.snapshot.taken_at());
            match &mut last {
                Some((known, newest)) if *known == key => *newest = taken.max(*newest),
                _ => {
                    let before = last.replace((key, taken));
                    before.into_iter().for_each(|(key, newest)| enter(key, newest));
                }
            }
        }
        last.into_iter().for_each(|(key, newest)| enter(key, newest));
        let several = names.into_iter().filter(|(_, names)| names.len() > 1);
        let newest = several.filter_map(|((account, id), names)| {
            let (name, _) = names.into_iter().max_by_key(|(_, newest)| *newest)?;
            Some(((account.clone(), id.to_owned()), name.clone()))
        });
        Self(newest.collect())
    }

    /// Gives every point the newest name of its database, so that the history of a renamed database goes on.
    pub fn follow<'a>(&self, points: impl Iterator<Item = &'a mut RecoveryPoint>) {
        if self.0.is_empty() {
            return;
        }
        for point in points {
            let key = point.resource_id().map(|id| (point.origin.account.clone(), id.to_owned()));
            if let Some(name) = key.and_then(|key| self.0.get(&key)) {
                point.name = name.clone();
            }
        }
    }

    /// The points under the newest names of their databases.
    #[must_use]
    pub fn followed(points: &[RecoveryPoint]) -> Cow<'_, [RecoveryPoint]> {
        let renames = Self::among(points.iter());
        if renames.0.is_empty() {
            return Cow::Borrowed(points);
        }
        let mut points = points.to_vec();
        renames.follow(points.iter_mut());
        Cow::Owned(points)
    }
}

/// Recovery points by their database.
#[must_use]
pub fn by_database(points: &[RecoveryPoint]) -> BTreeMap<DatabaseId, Vec<&RecoveryPoint>> {
    let mut databases: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for neighbours in points.chunk_by(RecoveryPoint::is_of_same_database) {
        databases.entry(neighbours[0].database()).or_default().extend(neighbours);
    }
    databases
}

/// The newest usable point, compared by the time at which each was taken.
#[must_use]
pub fn newest_usable<'a>(points: &[&'a RecoveryPoint]) -> Option<(&'a RecoveryPoint, Instant)> {
    let usable = points.iter().filter_map(|point| Some((*point, point.usable_since()?)));
    usable.max_by(|(a, a_time), (b, b_time)| {
        a_time.cmp(b_time).then_with(|| b.snapshot.arn.cmp(&a.snapshot.arn))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arn, snapshot};

    fn sources(accounts: &[&str]) -> Sources {
        Sources {
            accounts: accounts.iter().map(|account| account.parse().unwrap()).collect(),
            region: "us-east-1".parse().unwrap(),
        }
    }

    #[test]
    fn our_own_tag_has_priority_over_the_origin_that_aws_names() {
        let mut copy = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:orders-1", "orders");
        copy.tags =
            tags::of([(tags::SOURCE_SNAPSHOT_ARN, "arn:aws:rds:us-east-1:111111111111:snapshot:orders-1")]);
        copy.copied_from = Some(arn("arn:aws:rds:us-east-1:333333333333:snapshot:other"));
        let point = sources(&["111111111111", "333333333333"]).recovery_point(copy);
        assert_eq!(point.origin, arn("arn:aws:rds:us-east-1:111111111111:snapshot:orders-1"));
        assert_eq!(point.database().to_string(), "111111111111/us-east-1/orders");
    }

    #[test]
    fn copies_of_the_old_tool_are_adopted() {
        let mut one_hop = snapshot("arn:aws:rds:us-east-1:222222222222:snapshot:orders-1", "orders");
        one_hop.copied_from = Some(arn("arn:aws:rds:us-east-1:333333333333:snapshot:orders-1"));
        let both = sources(&["111111111111", "333333333333"]);
        assert_eq!(both.recovery_point(one_hop).database().to_string(), "333333333333/us-east-1/orders");

        let mut two_hops = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:orders-1", "orders");
        two_hops.copied_from = Some(arn("arn:aws:rds:us-east-1:222222222222:snapshot:orders-1"));
        let point = sources(&["111111111111"]).recovery_point(two_hops.clone());
        assert_eq!(point.origin, arn("arn:aws:rds:us-east-1:111111111111:snapshot:orders-1"));

        // With two source accounts the origin is unknown, and the copy is kept as a database of its own.
        assert_eq!(both.recovery_point(two_hops).database().to_string(), "222222222222/us-west-2/orders");
    }

    /// The older tool also served another Region or another account, in the same destination account.
    #[test]
    fn a_copy_of_the_old_tool_that_aws_says_came_from_elsewhere_is_of_no_database_of_that_name() {
        for from in ["eu-west-1:222222222222", "us-east-1:999999999999", "eu-west-1:999999999999"] {
            let mut copy = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:orders-1", "orders");
            copy.copied_from = Some(arn(&format!("arn:aws:rds:{from}:snapshot:orders-1")));
            let point = sources(&["111111111111"]).recovery_point(copy);
            assert_eq!(point.database().to_string(), "222222222222/us-west-2/orders", "{from}");
        }
    }

    #[test]
    fn within_one_account_a_copy_of_the_old_tool_is_recognised_by_its_source() {
        let within = sources(&["222222222222"]);
        let mut copy = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:orders-1", "orders");
        copy.copied_from = Some(arn("arn:aws:rds:us-east-1:222222222222:snapshot:orders-1"));
        copy.tags = tags::of([(tags::CREATED_BY, tags::TOOL), (tags::SHARE_AND_COPY, tags::YES)]);
        assert!(within.is_copy(&copy));
        assert_eq!(
            within.recovery_point(copy.clone()).database().to_string(),
            "222222222222/us-east-1/orders"
        );
        assert!(!sources(&["111111111111"]).is_copy(&copy), "the snapshots come from another account");

        let others: [fn(&mut Snapshot); 4] = [
            |copy| copy.tags.clear(),
            |copy| copy.copied_from = None,
            |copy| copy.copied_from = Some(arn("arn:aws:rds:eu-west-1:222222222222:snapshot:orders-1")),
            |copy| copy.copied_from = Some(arn("arn:aws:rds:us-east-1:222222222222:snapshot:orders-2")),
        ];
        for change in others {
            let mut other = copy.clone();
            change(&mut other);
            assert!(!within.is_copy(&other), "{other:?}");
        }
    }

    #[test]
    fn the_points_of_a_renamed_database_all_get_its_newest_name() {
        let point = |account: &str, hour: u32, name: &str, id: Option<&str>| {
            let arn = format!("arn:aws:rds:us-east-1:{account}:snapshot:{name}-{hour}");
            let mut taken = snapshot(&arn, name);
            taken.original_created_at = Some(format!("2026-01-01T{hour:02}:00:00Z").parse().unwrap());
            taken.resource_id = id.map(Into::into);
            RecoveryPoint::original(taken)
        };
        const ONE: &str = "111111111111";
        const OTHER: &str = "333333333333";
        let mut copies = vec![
            point(ONE, 1, "orders", Some("a")),
            point(ONE, 3, "shop", Some("a")),
            point(ONE, 2, "orders", None),
            point(OTHER, 1, "orders", Some("a")),
        ];
        // A new database gets the old name.
        let mut offers = vec![point(ONE, 4, "shop", Some("a")), point(ONE, 5, "orders", Some("b"))];
        let renames = Renames::among(copies.iter().chain(&offers));
        renames.follow(copies.iter_mut().chain(&mut offers));
        let names = |points: &[RecoveryPoint]| {
            points.iter().map(|point| point.database().name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&copies), ["shop", "shop", "orders", "orders"]);
        assert_eq!(names(&offers), ["shop", "orders"]);
    }

    #[test]
    fn the_newest_usable_point_is_complete_and_has_a_time() {
        let at = |minute: &str| format!("2026-01-01T00:{minute}:00Z").parse().unwrap();
        let mut points: Vec<_> = ["a", "b", "c"]
            .map(|name| snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), "orders"))
            .into_iter()
            .map(RecoveryPoint::original)
            .collect();
        Arc::make_mut(&mut points[0].snapshot).database_time = Some(at("10"));
        Arc::make_mut(&mut points[1].snapshot).database_time = Some(at("20"));
        Arc::make_mut(&mut points[2].snapshot).database_time = Some(at("30"));
        Arc::make_mut(&mut points[2].snapshot).status =
            crate::model::snapshot::SnapshotStatus::Other("incompatible".into());
        let borrowed: Vec<_> = points.iter().collect();
        assert_eq!(
            newest_usable(&borrowed).map(|(point, time)| (point.origin.id.as_str(), time)),
            Some(("b", at("20")))
        );
        assert_eq!(newest_usable(&[]), None);
    }
}
