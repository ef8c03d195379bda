//! Fleets: worlds of N databases with M snapshots each, as the workers themselves would have left them.
//!
//! Each database has one snapshot a day. No interval therefore ends while a case is measured, except at midnight UTC.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use chrono::{TimeDelta, Timelike};
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::model::naming;
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_simulator::world::{
    Caller, CopyDbSnapshot, CreateDbInstance, CreateDbSnapshot, ModifyDbSnapshotAttribute, Request,
    SecondsRange, Settings, World,
};

pub(crate) const SOURCE: &str = "111111111111";
pub(crate) const DESTINATION: &str = "222222222222";
pub(crate) const SOURCE_REGION: &str = "us-east-1";
pub(crate) const DESTINATION_REGION: &str = "us-west-2";
const SOURCE_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/databases";
const KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/copies";
const KEY_BETWEEN: &str = "arn:aws:kms:us-east-1:222222222222:key/between";
/// A quota that is large enough for every fleet.
const QUOTA: u32 = 1_000_000;

type Failure = Box<dyn Error>;

/// The scheduled workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worker {
    Take,
    Share,
    SourceDelete,
    Copy,
    DestinationDelete,
}

/// The number of databases that have an action due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Tenth,
    All,
}

/// The size of a fleet, and the actions that are due in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fleet {
    pub(crate) databases: usize,
    pub(crate) snapshots: usize,
    pub(crate) due: Due,
}

impl Worker {
    pub(crate) const ALL: [Self; 5] =
        [Self::Take, Self::Share, Self::SourceDelete, Self::Copy, Self::DestinationDelete];

    /// The name of the worker and of its zip.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Take => "source-take",
            Self::Share => "source-share",
            Self::SourceDelete => "source-delete",
            Self::Copy => "destination-copy",
            Self::DestinationDelete => "destination-delete",
        }
    }

    /// The account and Region of the worker.
    pub(crate) fn home(self) -> (&'static str, &'static str) {
        match self {
            Self::Take | Self::Share | Self::SourceDelete => (SOURCE, SOURCE_REGION),
            Self::Copy | Self::DestinationDelete => (DESTINATION, DESTINATION_REGION),
        }
    }

    /// The parameters of the worker. Their number is that of a real deployment.
    pub(crate) fn parameters(self, fleet: Fleet) -> BTreeMap<String, String> {
        let keep = format!("{}d", fleet.snapshots + 1);
        let own: &[(&str, &str)] = match self.home().0 {
            SOURCE => &[
                ("InstanceNamePattern", "ALL_INSTANCES"),
                ("TaggedInstance", "FALSE"),
                ("BackupInterval", "1d"),
                ("BackupSchedule", "cron(0/5 * * * ? *)"),
                ("ShareSchedule", "cron(0/5 * * * ? *)"),
                ("DestinationAccount", DESTINATION),
                ("ShareSnapshots", "TRUE"),
                ("KmsKeyShare", "None"),
            ],
            _ => &[
                ("SourceAccounts", SOURCE),
                ("SnapshotPattern", "ALL_SNAPSHOTS"),
                ("DestinationRegion", DESTINATION_REGION),
                ("CopySchedule", "cron(0/5 * * * ? *)"),
                ("CrossAccountCopy", "TRUE"),
                ("KmsKeySource", KEY_BETWEEN),
                ("KmsKeyDestination", KEY),
                ("OptionGroupDestination", "None"),
                ("CopyRetentionDays", "None"),
                ("KeepDaily", "0"),
            ],
        };
        let common = [
            ("DeleteSchedule", "rate(1 hour)"),
            ("DeleteOldSnapshots", "TRUE"),
            ("RetentionDays", keep.as_str()),
            ("KeepLast", "1"),
            ("CustomEngines", "FALSE"),
            ("SourceRegionOverride", SOURCE_REGION),
            ("LogLevel", "ERROR"),
            ("RpoTarget", "1h"),
            ("RtoTarget", "3h"),
        ];
        own.iter().chain(&common).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }
}

impl Fleet {
    /// The number of databases that have an action due.
    pub(crate) fn due(self) -> usize {
        match self.due {
            Due::Nothing => 0,
            Due::Tenth => self.databases.div_ceil(10),
            Due::All => self.databases,
        }
    }

    /// Snapshots in the source Region.
    pub(crate) fn in_source(self) -> usize {
        self.databases * self.snapshots
    }

    /// Copies in the destination Region.
    pub(crate) fn in_destination(self, worker: Worker) -> usize {
        let all = self.databases * self.snapshots;
        if worker == Worker::Copy { all - self.due() } else { all }
    }

    /// The world that `worker` finds at `now`.
    ///
    /// # Errors
    /// If the world refuses a request that builds the fleet.
    pub(crate) fn world(self, worker: Worker, now: Instant) -> Result<World, Failure> {
        let midnight = now.with_hour(0).and_then(|at| at.with_minute(0)).and_then(|at| at.with_second(0));
        let today = midnight.and_then(|at| at.with_nanosecond(0)).ok_or("no midnight")?;
        Builder::new(self, worker, today)?.build()
    }
}

/// Builds the world of a fleet.
struct Builder {
    fleet: Fleet,
    worker: Worker,
    today: Instant,
    world: World,
}

impl Builder {
    fn new(fleet: Fleet, worker: Worker, today: Instant) -> Result<Self, Failure> {
        let begin = today - TimeDelta::days(i64::try_from(fleet.snapshots)? + 60);
        let mut world = World::new(settings_to_build()?, begin);
        world.register_key(SOURCE_KEY.parse()?, BTreeSet::from([AccountId::new(DESTINATION)?]));
        for key in [KEY, KEY_BETWEEN] {
            world.register_key(key.parse()?, BTreeSet::new());
        }
        Ok(Self { fleet, worker, today, world })
    }

    fn build(mut self) -> Result<World, Failure> {
        for number in 0..self.fleet.databases {
            self.create(number)?;
        }
        for age in (0..self.fleet.snapshots).rev() {
            // Time only runs forwards in the world. The oldest snapshots, which are due for deletion, are therefore made first.
            let is_oldest = age + 1 == self.fleet.snapshots;
            if is_oldest && self.deletes() {
                self.day(age, 40, |builder, number| number < builder.fleet.due())?;
                self.day(age, 0, |builder, number| number >= builder.fleet.due())?;
            } else {
                self.day(age, 0, |_, _| true)?;
            }
        }
        self.world.configure(settings_to_measure()?);
        Ok(self.world)
    }

    fn deletes(&self) -> bool {
        matches!(self.worker, Worker::SourceDelete | Worker::DestinationDelete)
    }

    /// Makes the snapshots of one day for the databases that `is_meant` selects.
    fn day(&mut self, age: usize, extra: i64, is_meant: fn(&Self, usize) -> bool) -> Result<(), Failure> {
        for number in (0..self.fleet.databases).filter(|number| is_meant(self, *number)).collect::<Vec<_>>() {
            // If a database is due for a snapshot, all its snapshots are a day older.
            let is_due = number < self.fleet.due();
            let late = i64::from(self.worker == Worker::Take && is_due);
            let at = self.today - TimeDelta::days(i64::try_from(age)? + extra + late);
            let is_newest = age == 0;
            self.snapshot(number, at, is_newest && is_due)?;
        }
        Ok(())
    }

    fn snapshot(&mut self, number: usize, at: Instant, is_due: bool) -> Result<(), Failure> {
        let name = database(number);
        let id = format!("{name}-{}", naming::timestamp(at));
        let is_shared = !(self.worker == Worker::Share && is_due);
        let mut tags = tags::of([
            (tags::CREATED_BY, tags::TOOL),
            (tags::CREATED_ON, &naming::timestamp(at)),
            (tags::SHARE_AND_COPY, tags::YES),
        ]);
        if is_shared {
            tags.insert(tags::SHARED_WITH, DESTINATION);
        }
        let create = CreateDbSnapshot { database: name, id: id.clone(), tags: Some(tags) };
        self.request(SOURCE, SOURCE_REGION, Request::CreateDbSnapshot(create), at)?;
        if is_shared && self.worker == Worker::Copy {
            self.share(&id, at)?;
        }
        match self.worker {
            Worker::Copy if !is_due => self.copy(&id, at),
            Worker::DestinationDelete => self.share(&id, at).and_then(|()| self.copy(&id, at)),
            _ => Ok(()),
        }
    }

    fn create(&mut self, number: usize) -> Result<(), Failure> {
        let create = CreateDbInstance {
            name: database(number),
            engine: "postgres".to_owned(),
            class: "db.r6g.large".to_owned(),
            encrypted: true,
            kms_key: Some(SOURCE_KEY.to_owned()),
            tags: tags::of([("Team", "shop"), ("Environment", "production")]),
            ..Default::default()
        };
        let now = self.world.now();
        self.request(SOURCE, SOURCE_REGION, Request::CreateDbInstance(create), now)
    }

    fn share(&mut self, id: &str, at: Instant) -> Result<(), Failure> {
        let share = ModifyDbSnapshotAttribute {
            id: id.to_owned(),
            attribute: "restore".to_owned(),
            add: vec![DESTINATION.to_owned()],
            ..Default::default()
        };
        self.request(SOURCE, SOURCE_REGION, Request::ModifyDbSnapshotAttribute(share), at)
    }

    fn copy(&mut self, id: &str, at: Instant) -> Result<(), Failure> {
        let source = format!("arn:aws:rds:{SOURCE_REGION}:{SOURCE}:snapshot:{id}");
        let tags: Tags = tags::of([
            (tags::COPIED_BY, tags::TOOL),
            (tags::SOURCE_SNAPSHOT_ARN, &source),
            (tags::SOURCE_ACCOUNT, SOURCE),
            (tags::DATABASE_TIME, &at.to_rfc3339()),
        ]);
        let copy = CopyDbSnapshot {
            source,
            target: id.to_owned(),
            kms_key: Some(KEY.to_owned()),
            tags: Some(tags),
            ..Default::default()
        };
        self.request(DESTINATION, DESTINATION_REGION, Request::CopyDbSnapshot(copy), at)
    }

    fn request(&mut self, account: &str, region: &str, request: Request, at: Instant) -> Result<(), Failure> {
        let action = request.action();
        let caller = Caller { account: AccountId::new(account)? };
        let answer = self.world.request(&caller, &Region::new(region)?, request, at);
        answer.map(|_| ()).map_err(|error| format!("{action}: {}: {}", error.code, error.message).into())
    }
}

fn database(number: usize) -> String {
    format!("database-{number:04}")
}

fn settings_to_build() -> Result<Settings, Failure> {
    let none = SecondsRange::new(0, 0)?;
    Ok(Settings {
        snapshot_seconds: none,
        copy_seconds: none,
        instance_seconds: none,
        lag_seconds: 0,
        quota: QUOTA,
        copy_slots: QUOTA,
        ..Settings::default()
    })
}

/// Settings under which snapshots and copies take ten minutes, for the measured runs.
fn settings_to_measure() -> Result<Settings, Failure> {
    let long = SecondsRange::new(600, 600)?;
    Ok(Settings { snapshot_seconds: long, copy_seconds: long, copy_slots: 20, ..settings_to_build()? })
}
