//! AWS's rules, each as a table with its boundary rows.

mod authorization;
mod authorization_objects;
mod bookkeeping;
mod cache;
mod capacity;
mod clusters;
mod copy;
mod describe;
mod engines;
mod events;
mod globals;
mod identity;
mod impositions;
mod instances;
mod keys;
mod kms;
mod lag;
mod lists;
mod mishaps;
mod network;
mod option_groups;
mod orders;
mod quotas;
mod relations;
mod rename;
mod replicas;
mod restore_groups;
mod saved;
mod share;
mod snapshots;
mod stopped;
mod storage;
mod strangers;
mod upgrades;
mod valid;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};

use super::*;

const OURS: &str = "111111111111";
const OTHER: &str = "222222222222";
const THIRD: &str = "333333333333";
const EAST: &str = "us-east-1";
const WEST: &str = "us-west-2";

/// A world with a clock: instances are ready at once, snapshots take 100 seconds, copies 200, the first 40 of which a copy from elsewhere is pending.
struct Scene {
    world: World,
    now: Instant,
}

impl Scene {
    fn new() -> Self {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let settings = Settings {
            instance_seconds: SecondsRange::of(0, 0),
            snapshot_seconds: SecondsRange::of(100, 100),
            copy_seconds: SecondsRange::of(200, 200),
            pending_seconds: SecondsRange::of(40, 40),
            lag_seconds: 0,
            ..Settings::default()
        };
        Self { world: World::new(settings, now), now }
    }

    /// A scene with an unencrypted, available `orders` in our own account, in the east.
    fn with_orders() -> Self {
        let mut scene = Self::new();
        scene.database("orders", None);
        scene
    }

    fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.world.settings().clone();
        change(&mut settings);
        self.world.configure(settings);
    }

    /// Lets AWS offer a version again that the catalogue calls deprecated, or withdraw one.
    fn set_version(&mut self, version: &str, status: VersionStatus) {
        self.configure(|settings| {
            settings.versions.insert(version.to_owned(), status);
        });
    }

    fn ask(&mut self, account: &str, region: &str, request: Request) -> Result<Response, ApiError> {
        let caller = Caller { account: AccountId::new(account).unwrap() };
        self.world.request(&caller, &Region::new(region).unwrap(), request, self.now)
    }

    /// The error code of a request of our own account in the east, or "ok".
    fn code(&mut self, request: Request) -> &'static str {
        self.code_of(OURS, EAST, request)
    }

    fn code_of(&mut self, account: &str, region: &str, request: Request) -> &'static str {
        self.ask(account, region, request).map_or_else(|error| error.code, |_| "ok")
    }

    fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
        self.world.advance(self.now);
    }

    fn database(&mut self, name: &str, kms_key: Option<&str>) {
        let request = Request::CreateDbInstance(CreateDbInstance {
            encrypted: kms_key.is_some(),
            kms_key: kms_key.filter(|key| *key != "default").map(str::to_owned),
            ..instance(name)
        });
        self.ask(OURS, EAST, request).unwrap();
        self.pass(0);
    }

    /// A complete snapshot in our own account, in the east.
    fn snapshot(&mut self, database: &str, id: &str) {
        self.ask(OURS, EAST, take(database, id)).unwrap();
        self.pass(100);
    }

    fn share(&mut self, id: &str, with: &str) {
        self.ask(OURS, EAST, share(id, &[with])).unwrap();
    }

    fn customer_key(&mut self, arn: &str, users: &[&str]) {
        let users = users.iter().map(|user| AccountId::new(user).unwrap()).collect();
        self.world.register_key(arn.parse().unwrap(), users);
    }

    fn record(&self, arn: &str) -> Option<SnapshotRecord> {
        let arn: SnapshotArn = arn.parse().unwrap();
        self.world.snapshot(&arn).map(|record| SnapshotRecord::clone(record))
    }

    fn status(&self, arn: &str) -> String {
        self.record(arn).map_or("gone".to_owned(), |record| record.status.to_string())
    }

    fn instance_status(&self, name: &str) -> String {
        let arn: DatabaseArn = format!("arn:aws:rds:{EAST}:{OURS}:db:{name}").parse().unwrap();
        let found = self.world.instance(&Place::of_instance(&arn), name);
        found.map_or("gone".to_owned(), |record| record.status.0.clone())
    }

    fn list(&mut self, account: &str, region: &str, ask: DescribeDbSnapshots) -> Vec<SnapshotView> {
        match self.ask(account, region, Request::DescribeDbSnapshots(ask)).unwrap() {
            Response::Snapshots(listing) => listing.items,
            other => panic!("{other:?}"),
        }
    }
}

fn instance(name: &str) -> CreateDbInstance {
    CreateDbInstance {
        name: name.into(),
        engine: "postgres".into(),
        class: "db.t3.medium".into(),
        ..Default::default()
    }
}

fn take(database: &str, id: &str) -> Request {
    Request::CreateDbSnapshot(CreateDbSnapshot { database: database.into(), id: id.into(), tags: None })
}

fn copy(source: &str, target: &str) -> CopyDbSnapshot {
    CopyDbSnapshot { source: source.into(), target: target.into(), ..Default::default() }
}

fn share(id: &str, add: &[&str]) -> Request {
    let add = add.iter().map(|account| (*account).to_owned()).collect();
    let attribute = "restore".into();
    Request::ModifyDbSnapshotAttribute(ModifyDbSnapshotAttribute {
        id: id.into(),
        attribute,
        add,
        remove: vec![],
    })
}

fn delete(id: &str) -> Request {
    Request::DeleteDbSnapshot(id.into())
}

fn arn(account: &str, region: &str, id: &str) -> String {
    format!("arn:aws:rds:{region}:{account}:snapshot:{id}")
}

fn key(account: &str, region: &str, id: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:key/{id}")
}
