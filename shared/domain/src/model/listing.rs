//! The lists of AWS, converted record by record. A record in an unexpected form costs only itself.
//!
//! The gateways report which records could not be read, and everything that is known of them. The plans decide whose they
//! are: see [`Plan::skip_odd`](crate::run::plan::Plan::skip_odd).

use std::fmt;
use std::ops::Deref;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::database::Engine;
use crate::model::ids::{AccountId, DatabaseName, SnapshotId};
use crate::model::naming;
use crate::model::snapshot::{SnapshotStatus, UNKNOWN_STATUS_LIMIT};
use crate::model::tags;
use crate::model::tags::Tags;

/// The records of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// Those that were read, in AWS's order.
    pub records: Vec<T>,
    /// Those that could not be read, in AWS's order.
    pub odd: Vec<OddRecord>,
}

/// A record that lacks a documented field, or has a value that AWS does not document.
///
/// Each field is present if AWS gave a readable value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OddRecord {
    /// Its ARN, as AWS wrote it.
    pub arn: Option<String>,
    /// Its identifier, as AWS wrote it.
    pub id: Option<String>,
    /// The database: that of a snapshot, or the instance itself.
    pub database: Option<DatabaseName>,
    /// The cluster of an instance, as AWS wrote it.
    pub cluster: Option<String>,
    /// Engine name.
    pub engine: Option<Engine>,
    /// The status of a snapshot.
    pub status: Option<SnapshotStatus>,
    /// The latest time that AWS gives for a snapshot.
    pub time: Option<Instant>,
    /// `SourceDBSnapshotIdentifier` of a snapshot.
    pub copied_from: Option<SnapshotArn>,
    /// The tags that can be read.
    pub tags: Tags,
    /// The missing or malformed field, in words.
    pub problem: String,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { records: Vec::new(), odd: Vec::new() }
    }
}

impl<T> Listing<T> {
    /// Adds a record, or the description of a record that cannot be read.
    pub fn add(&mut self, record: Result<T, Box<OddRecord>>) {
        match record {
            Ok(record) => self.records.push(record),
            Err(odd) => self.odd.push(*odd),
        }
    }

    /// Adds the records of the next page.
    pub fn append(&mut self, page: Self) {
        self.records.extend(page.records);
        self.odd.extend(page.odd);
    }
}

impl<T> FromIterator<Result<T, Box<OddRecord>>> for Listing<T> {
    fn from_iter<I: IntoIterator<Item = Result<T, Box<OddRecord>>>>(records: I) -> Self {
        let mut listing = Self::default();
        records.into_iter().for_each(|record| listing.add(record));
        listing
    }
}

/// The records that were read.
impl<T> Deref for Listing<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.records
    }
}

/// The records that were read.
impl<T> IntoIterator for Listing<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}

impl<T> From<Vec<T>> for Listing<T> {
    fn from(records: Vec<T>) -> Self {
        Self { records, odd: Vec::new() }
    }
}

impl OddRecord {
    /// The account in its ARN.
    #[must_use]
    pub fn owner(&self) -> Option<AccountId> {
        self.arn.as_deref()?.split(':').nth(4)?.parse().ok()
    }

    /// True if it has the tag of the snapshots that Pilot Light took, and not that of its copies.
    #[must_use]
    pub fn is_taken_by_us(&self) -> bool {
        self.tags.has(tags::CREATED_BY, tags::TOOL) && !self.is_copied_by_us()
    }

    /// True if it has the tag of the copies that Pilot Light made.
    #[must_use]
    pub fn is_copied_by_us(&self) -> bool {
        self.tags.has(tags::COPIED_BY, tags::TOOL)
    }

    /// True unless AWS gives a status that is an end.
    #[must_use]
    pub fn may_be_in_progress(&self) -> bool {
        self.status.as_ref().is_none_or(SnapshotStatus::in_progress)
    }

    /// True if AWS may count it among the copies in progress. Without a status, that is so for a day after the latest time that
    /// AWS or our own tags give. AWS finishes the copy of the largest database within a day.
    #[must_use]
    pub fn occupies_copy_slot(&self, now: Instant) -> bool {
        let is_copy = self.is_copied_by_us() || self.sources().next().is_some();
        let tagged = self.tags.get(tags::DATABASE_TIME).and_then(|time| time.parse().ok());
        let begun_on = self.tags.get(tags::CREATED_ON).and_then(naming::parse_timestamp);
        let time = self.time.max(tagged).max(begun_on);
        let is_young = || time.is_some_and(|time| now - time <= UNKNOWN_STATUS_LIMIT);
        is_copy && self.status.as_ref().map_or_else(is_young, SnapshotStatus::in_progress)
    }

    /// True if it has this identifier.
    #[must_use]
    pub fn has_id(&self, id: &SnapshotId) -> bool {
        self.id.as_deref() == Some(id.as_str())
    }

    /// The snapshots that it is a copy of: the one that AWS names, and the original that our tag names.
    pub fn sources(&self) -> impl Iterator<Item = SnapshotArn> {
        let tagged = self.tags.get(tags::SOURCE_SNAPSHOT_ARN).and_then(|text| text.parse().ok());
        self.copied_from.clone().into_iter().chain(tagged)
    }
}

/// Its ARN, or the best name that it has.
impl fmt::Display for OddRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.arn, &self.id, &self.database) {
            (Some(name), _, _) | (None, Some(name), _) => f.write_str(name),
            (None, None, Some(database)) => write!(f, "a record of {database}"),
            (None, None, None) => f.write_str("a record without a name"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_record_has_the_best_name_that_is_known() {
        let mut odd = OddRecord::default();
        assert_eq!(odd.to_string(), "a record without a name");
        odd.database = DatabaseName::new("orders").ok();
        assert_eq!(odd.to_string(), "a record of orders");
        odd.id = Some("orders-1".to_owned());
        assert_eq!(odd.to_string(), "orders-1");
        odd.arn = Some("arn:aws:rds:us-east-1:111111111111:snapshot:orders-1".to_owned());
        assert_eq!((odd.to_string(), odd.owner()), (odd.arn.clone().unwrap(), "111111111111".parse().ok()));
    }

    #[test]
    fn an_odd_record_is_in_progress_unless_its_status_is_an_end() {
        let of = |status: &str| OddRecord { status: Some(status.to_owned().into()), ..OddRecord::default() };
        assert!(OddRecord::default().may_be_in_progress());
        assert!(of("pending").may_be_in_progress() && of("a-status-of-next-year").may_be_in_progress());
        assert!(!of("available").may_be_in_progress() && !of("failed").may_be_in_progress());
    }

    #[test]
    fn a_copy_without_a_status_occupies_a_copy_slot_for_a_day_and_not_for_ever() {
        let begun = crate::testing::at("2026-01-01T00:00:00Z");
        let (day, second) = (chrono::TimeDelta::days(1), chrono::TimeDelta::seconds(1));
        let copy = OddRecord { tags: tags::of([(tags::COPIED_BY, tags::TOOL)]), ..OddRecord::default() };
        let occupies = |record: &OddRecord, age| record.occupies_copy_slot(begun + age);
        let timed = OddRecord { time: Some(begun), ..copy.clone() };
        let mut tagged = copy.clone();
        tagged.tags.insert(tags::DATABASE_TIME, begun.to_rfc3339());
        for record in [&timed, &tagged] {
            assert_eq!([occupies(record, day), occupies(record, day + second)], [true, false]);
        }
        assert!(!occupies(&copy, second), "its age is unknown");
        let in_progress = OddRecord { status: Some(SnapshotStatus::Copying), ..timed.clone() };
        let complete = OddRecord { status: Some(SnapshotStatus::Available), ..timed.clone() };
        let no_copy = OddRecord { tags: Tags::new(), ..timed };
        let all = [in_progress, complete, no_copy].map(|record| occupies(&record, day + second));
        assert_eq!(all, [true, false, false]);
    }
}
