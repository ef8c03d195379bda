//! Builds the world of a fleet, with the requests that the workers would have made.

use std::collections::BTreeSet;
use std::error::Error;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::model::naming;
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_simulator::world::{
    Caller, CopyDbSnapshot, CreateDbInstance, CreateDbSnapshot, ModifyDbSnapshotAttribute, Request,
    SecondsRange, Settings, World,
};

use super::fleet::{
    DESTINATION, DESTINATION_REGION, Fleet, KEY, KEY_BETWEEN, Key, SOURCE, SOURCE_KEY, SOURCE_REGION, Worker,
};

/// A quota that is large enough for every fleet.
const QUOTA: u32 = 1_000_000;
/// The promise of every snapshot and copy: less than any retention of the cases.
const PROMISE: &str = "for 1m last 1 daily 0";

pub(crate) type Failure = Box<dyn Error>;

/// Builds the world of a fleet.
pub(crate) struct Builder {
    fleet: Fleet,
    worker: Worker,
    today: Instant,
    world: World,
}

impl Builder {
    pub(crate) fn new(fleet: Fleet, worker: Worker, today: Instant) -> Result<Self, Failure> {
        let begin = today - TimeDelta::days(i64::try_from(fleet.snapshots)? + 60);
        let mut world = World::new(settings_to_build()?, begin);
        world.register_key(SOURCE_KEY.parse()?, BTreeSet::from([AccountId::new(DESTINATION)?]));
        for key in [KEY, KEY_BETWEEN] {
            world.register_key(key.parse()?, BTreeSet::new());
        }
        Ok(Self { fleet, worker, today, world })
    }

    pub(crate) fn build(mut self) -> Result<World, Failure> {
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
            (tags::RETENTION, PROMISE),
        ]);
        let is_shareable = self.fleet.key == Key::Own;
        if is_shared && is_shareable {
            tags.insert(tags::SHARED_WITH, DESTINATION);
        }
        let create = CreateDbSnapshot { database: name, id: id.clone(), tags: Some(tags.clone()) };
        self.request(SOURCE, SOURCE_REGION, Request::CreateDbSnapshot(create), at)?;
        if is_shared && !is_shareable {
            return self.re_encrypt(&id, tags, at);
        }
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
            kms_key: (self.fleet.key == Key::Own).then(|| SOURCE_KEY.to_owned()),
            tags: tags::of([("Team", "shop"), ("Environment", "production")]),
            ..Default::default()
        };
        let now = self.world.now();
        self.request(SOURCE, SOURCE_REGION, Request::CreateDbInstance(create), now)
    }

    /// Makes the shared copy of a snapshot under the default key, with the tags of that snapshot.
    fn re_encrypt(&mut self, id: &str, mut tags: Tags, at: Instant) -> Result<(), Failure> {
        let source = format!("arn:aws:rds:{SOURCE_REGION}:{SOURCE}:snapshot:{id}");
        tags.extend([(tags::SOURCE_SNAPSHOT_ARN, source.as_str()), (tags::SHARED_WITH, DESTINATION)]);
        let copy = CopyDbSnapshot {
            source,
            target: format!("{id}-shared"),
            kms_key: Some(SOURCE_KEY.to_owned()),
            tags: Some(tags),
            ..Default::default()
        };
        self.request(SOURCE, SOURCE_REGION, Request::CopyDbSnapshot(copy), at)
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
            (tags::RETENTION, PROMISE),
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
        instances: QUOTA,
        copy_slots: QUOTA,
        ..Settings::default()
    })
}

/// Settings under which snapshots and copies take ten minutes, for the measured runs.
fn settings_to_measure() -> Result<Settings, Failure> {
    let long = SecondsRange::new(600, 600)?;
    Ok(Settings { snapshot_seconds: long, copy_seconds: long, copy_slots: 20, ..settings_to_build()? })
}
