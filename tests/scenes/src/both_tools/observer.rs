//! The judgement of everything that happens while both tools run, from the journal of the world alone.
//!
//! The data of a snapshot are identified by their database and the instant at which they were frozen. Neither tool sees
//! that instant, and copies keep it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::{Happening, JournalEvent, SnapshotRecord};

use super::DATABASES;
use super::person::THEIRS;
use crate::{SOURCE, Way, account, region};

/// An observer of a world in which both tools run.
#[derive(Debug)]
pub struct Observer {
    way: Way,
    keep_for: TimeDelta,
    /// The instant from which the copies of the workers must be young.
    expected_from: Option<Instant>,
    existing: BTreeMap<SnapshotArn, Seen>,
    /// The data that arrived in the destination, also if they have been deleted since.
    arrived: BTreeSet<Data>,
    /// The faults found.
    pub faults: Faults,
    /// The number of snapshots and copies that each tool began.
    pub begun: BTreeMap<&'static str, u64>,
}

/// The faults that an observer found, each described by a line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Faults {
    /// The copies that ours began of data that were there already.
    pub copied_twice: Vec<String>,
    /// The copies that the older tool began of data that had already arrived in the destination.
    pub copied_twice_by_older: Vec<String>,
    /// Snapshots that were deleted too early, or while they were in use.
    pub lost: Vec<String>,
    /// The runs of our workers with an action that failed or was blocked.
    pub troubled: Vec<String>,
    /// The instants at which the newest copy of a database was older than an hour, while our workers ran.
    pub late: Vec<String>,
}

/// A database, and the instant at which its data were frozen.
type Data = (String, Instant);

#[derive(Debug, Clone)]
struct Seen {
    data: Data,
    place: Place,
    is_available: bool,
    has_failed: bool,
}

/// The part of a place in the way of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Source,
    Middle,
    Destination,
}

/// The longest time from the instant in a name to the data. The older tool reads ages from names. A name of ours has the
/// beginning of its interval.
const NAME_BEFORE_DATA: TimeDelta = TimeDelta::minutes(30);
/// The time in which the first copies arrive, and the greatest age of the newest copy after that.
const HOUR: TimeDelta = TimeDelta::hours(1);

impl Observer {
    pub(super) fn new(way: Way, keep_for: TimeDelta, now: Instant) -> Self {
        Self {
            way,
            keep_for,
            expected_from: Some(now + HOUR),
            existing: BTreeMap::new(),
            arrived: BTreeSet::new(),
            faults: Faults::default(),
            begun: BTreeMap::new(),
        }
    }

    pub(super) fn keep_for(&self) -> TimeDelta {
        self.keep_for
    }

    /// Expects young copies after the first hour from `begin`, or none.
    pub(super) fn expect_copies(&mut self, begin: Option<Instant>) {
        self.expected_from = begin.map(|begin| begin + HOUR);
    }

    /// Reads the report of a worker.
    pub(super) fn read(&mut self, worker: &str, report: &Result<Report, WorkerError>, now: Instant) {
        // At the beginning, nothing is shared yet, which is reported as blocked.
        let is_settled = self.expected_from.is_some_and(|from| now > from);
        let is_well = |report: &Report| report.failed == 0 && (report.blocked == 0 || !is_settled);
        if !report.as_ref().is_ok_and(is_well) {
            self.faults.troubled.push(format!("{now}: {worker}: {report:?}"));
        }
    }

    /// Judges the events until `now`. Returns the copies that have to fail: every copy whose number is a multiple of `failing`.
    pub(super) fn follow(
        &mut self,
        events: Vec<JournalEvent>,
        now: Instant,
        failing: u64,
    ) -> Vec<SnapshotArn> {
        let mut failed = Vec::new();
        for JournalEvent { at, by, what } in events {
            match what {
                Happening::Begun(record, source) if !is_theirs(&record) => {
                    // The requests of the older tool prepare the scene, so they have no author.
                    self.begin(&record, source.is_some(), at, by.is_some());
                    let copies: u64 =
                        self.begun.iter().filter(|(kind, _)| kind.ends_with("copies")).map(|(_, n)| n).sum();
                    if source.is_some() && failing > 0 && copies.is_multiple_of(failing) {
                        failed.push(record.arn.clone());
                    }
                }
                Happening::Ended(record) if !is_theirs(&record) => self.end(&record),
                Happening::Gone(record, readers) => self.remove(&record, &readers, at),
                _ => {}
            }
        }
        if self.expected_from.is_some_and(|from| now > from) {
            self.check_ages(now);
        }
        failed
    }

    fn begin(&mut self, record: &SnapshotRecord, is_copy: bool, at: Instant, is_ours: bool) {
        let seen = self.see(record);
        let is_same =
            |other: &Seen| other.data == seen.data && other.place == seen.place && !other.has_failed;
        let is_twice = self.existing.values().any(is_same) || self.arrived.contains(&seen.data);
        let kind = match (is_copy, is_ours) {
            (true, true) => "our copies",
            (true, false) => "the older tool's copies",
            (false, true) => "our snapshots",
            (false, false) => "the older tool's snapshots",
        };
        *self.begun.entry(kind).or_default() += 1;
        if is_copy && is_twice {
            let Faults { copied_twice, copied_twice_by_older, .. } = &mut self.faults;
            let list = if is_ours { copied_twice } else { copied_twice_by_older };
            list.push(format!("{at}: {}", record.arn));
        }
        self.existing.insert(record.arn.clone(), seen);
    }

    fn end(&mut self, record: &SnapshotRecord) {
        let seen = self.see(record);
        if seen.place == Place::Destination && seen.is_available {
            self.arrived.insert(seen.data.clone());
        }
        if seen.has_failed {
            // A copy that failed is no second one, and may be tried again.
            let name = record.arn.to_string();
            self.faults.copied_twice_by_older.retain(|line| !line.ends_with(&name));
        }
        self.existing.insert(record.arn.clone(), seen);
    }

    fn remove(&mut self, record: &SnapshotRecord, readers: &[SnapshotArn], at: Instant) {
        let Some(gone) = self.existing.remove(&record.arn) else {
            return self.faults.lost.push(format!("{at}: {} of a person deleted", record.arn));
        };
        if let Some(reason) = self.reason_against_removal(&gone, readers, at) {
            self.faults.lost.push(format!("{at}: {} deleted: {reason}", record.arn));
        }
    }

    fn reason_against_removal(
        &self,
        gone: &Seen,
        readers: &[SnapshotArn],
        at: Instant,
    ) -> Option<&'static str> {
        let (database, time) = &gone.data;
        let is_newest = |place| self.newest(place, database) < Some(*time);
        match gone.place {
            _ if gone.has_failed => None,
            _ if !readers.is_empty() => Some("a copy reads from it"),
            _ if !gone.is_available => Some("it is in progress"),
            Place::Middle => is_newest(Place::Destination).then_some("nothing as new is in the destination"),
            _ if at - *time + NAME_BEFORE_DATA < self.keep_for => Some("its retention is not over"),
            place => is_newest(place).then_some("it is the newest usable one"),
        }
    }

    fn newest(&self, place: Place, database: &str) -> Option<Instant> {
        let usable = self.existing.values().filter(|seen| seen.is_available && seen.place == place);
        usable.filter(|seen| seen.data.0 == *database).map(|seen| seen.data.1).max()
    }

    fn check_ages(&mut self, now: Instant) {
        for database in DATABASES {
            let age = self.newest(Place::Destination, database).map(|time| now - time);
            if age.is_none_or(|age| age > HOUR) {
                let line = format!("{now}: the newest copy of {database} has the age {age:?}");
                self.faults.late.push(line);
            }
        }
    }

    fn see(&self, record: &SnapshotRecord) -> Seen {
        Seen {
            data: (record.database.to_string(), record.database_time),
            place: self.place(&record.arn),
            is_available: record.status.as_str() == "available",
            has_failed: record.status.as_str() == "failed",
        }
    }

    fn place(&self, arn: &SnapshotArn) -> Place {
        let is_in_east = arn.region == region("us-east-1");
        if is_in_east && arn.account == account(SOURCE) {
            Place::Source
        } else if is_in_east && self.way != Way::SameRegion {
            Place::Middle
        } else {
            Place::Destination
        }
    }
}

fn is_theirs(record: &SnapshotRecord) -> bool {
    record.arn.id.as_str().starts_with(THEIRS)
}
