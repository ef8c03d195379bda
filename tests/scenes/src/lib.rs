//! A scene for end-to-end tests: two accounts in the simulator, five databases, and the real workers.
//!
//! The tests themselves are in `tests/*.rs`. The simulator's own crate tests the rules of the simulator.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "only tests use this crate, and a panic fails one"
)]

pub mod both_tools;
pub mod cycle;
pub mod groups;
pub mod older_tool;
pub mod recovery;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_domain::testing::at;
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};
use pilot_light_simulator::world::{CreateDbInstance, Request, SecondsRange, Settings, SnapshotDump};

/// The account that owns the databases.
pub const SOURCE: &str = "111111111111";
/// The account that keeps the copies.
pub const DESTINATION: &str = "222222222222";
/// The key of `orders`, which the destination may use.
pub const ORDERS_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/orders";
/// The key of `billing`, which the destination may use.
pub const BILLING_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/billing";

/// The way of a snapshot from its database to the place of its copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To another account and Region in one step.
    OneStep,
    /// To another account and Region in two hops, because AWS refuses one step.
    TwoHops,
    /// To another account in the same Region.
    SameRegion,
    /// To another Region of the same account.
    SameAccount,
}

impl Way {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::OneStep, Self::TwoHops, Self::SameRegion, Self::SameAccount];

    /// The account that keeps the copies.
    #[must_use]
    pub fn keeper(self) -> AccountId {
        if self == Self::SameAccount { account(SOURCE) } else { account(DESTINATION) }
    }

    /// The Region of the copies.
    #[must_use]
    pub fn region(self) -> Region {
        region(if self == Self::SameRegion { "us-east-1" } else { "us-west-2" })
    }

    /// The key of the copies.
    #[must_use]
    pub fn key(self) -> String {
        format!("arn:aws:kms:{}:{}:key/copies", self.region(), self.keeper())
    }

    /// The key of the intermediate copies, which exist only with two hops.
    #[must_use]
    pub fn key_between(self) -> String {
        format!("arn:aws:kms:us-east-1:{}:key/between", self.keeper())
    }
}

/// Two accounts with databases, and AWS between them.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The world.
    pub simulation: Simulation,
    /// The way of the copies.
    pub way: Way,
    source: Parameters,
    destination: Parameters,
}

/// The default path of a worker's parameters.
#[must_use]
pub fn path_of(worker: &str) -> &'static str {
    if worker.starts_with("source-") { "/pilot-light/source" } else { "/pilot-light/destination" }
}

/// An account id.
#[must_use]
pub fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

/// A Region.
#[must_use]
pub fn region(code: &str) -> Region {
    code.parse().unwrap()
}

impl Scene {
    /// A scene at midnight with five available databases:
    /// - `orders` and `billing` are each encrypted under their own key;
    /// - `archive` is encrypted under the account's default key;
    /// - `plain` is not encrypted;
    /// - `scratch` does not match the pattern of the instances.
    #[must_use]
    pub fn new(way: Way) -> Self {
        let seconds = |from, to| SecondsRange::new(from, to).unwrap();
        let settings = Settings {
            snapshot_seconds: seconds(120, 240),
            copy_seconds: seconds(180, 360),
            instance_seconds: seconds(0, 0),
            one_step: way != Way::TwoHops,
            // Some scenes have more than the 40 that AWS grants at first.
            instances: 1000,
            ..Settings::default()
        };
        let simulation = Simulation::new(settings, at("2026-03-01T00:00:00Z"));
        let scene = Self { simulation, way, source: Parameters::new(), destination: Parameters::new() };
        scene.register_keys();
        for (name, key) in [
            ("orders", Some(ORDERS_KEY)),
            ("billing", Some(BILLING_KEY)),
            ("archive", Some("")),
            ("plain", None),
            ("scratch", None),
        ] {
            scene.create(name, key);
        }
        scene.simulation.settle();
        scene.with_parameters()
    }

    /// Creates a database: unencrypted (`None`), under the default key (`""`), or under the given key.
    pub fn create(&self, name: &str, key: Option<&str>) {
        let create = CreateDbInstance {
            name: name.to_owned(),
            engine: "postgres".to_owned(),
            encrypted: key.is_some(),
            kms_key: key.filter(|key| !key.is_empty()).map(str::to_owned),
            ..Default::default()
        };
        self.simulation
            .request(&account(SOURCE), &region("us-east-1"), Request::CreateDbInstance(create))
            .unwrap();
    }

    /// Changes one parameter of the source account.
    pub fn set_source(&mut self, name: &str, value: &str) {
        self.source.insert(name.to_owned(), value.to_owned());
    }

    /// Changes one parameter of the account that keeps the copies.
    pub fn set_destination(&mut self, name: &str, value: &str) {
        self.destination.insert(name.to_owned(), value.to_owned());
    }

    /// Removes all parameters. A worker with a mistyped path finds the same.
    pub fn clear_parameters(&mut self) {
        self.source.clear();
        self.destination.clear();
    }

    /// Runs a worker once. Returns `None` if the run was killed.
    pub fn run(&self, worker: &impl Worker, mode: Mode) -> Option<Result<Report, WorkerError>> {
        let (cloud, context) = self.cloud_and_context(worker.name(), mode);
        worker.run(&cloud, &context).now_or_never()
    }

    /// Runs a worker once, and requires that the run is not killed and that no action fails.
    pub fn run_cleanly(&self, worker: &impl Worker) -> Report {
        let report = self.run(worker, Mode::Apply).unwrap().unwrap();
        assert_eq!(report.failed, 0, "{report:?}");
        report
    }

    /// Lets virtual time pass.
    pub fn wait(&self, minutes: i64) {
        self.simulation.advance_by(TimeDelta::minutes(minutes));
    }

    /// The snapshots of an account in a Region.
    #[must_use]
    pub fn snapshots(&self, owner: &AccountId, place: &Region) -> Vec<SnapshotDump> {
        let all = self.simulation.with_world(|world| world.dump()).snapshots;
        all.into_iter().filter(|snapshot| snapshot.account == *owner && snapshot.region == *place).collect()
    }

    /// The snapshots in the account and Region of the copies.
    #[must_use]
    pub fn copies(&self) -> Vec<SnapshotDump> {
        self.snapshots(&self.way.keeper(), &self.way.region())
    }

    /// The cloud and the context of a worker's run.
    #[must_use]
    pub fn cloud_and_context(&self, worker: &str, mode: Mode) -> (SimulatedCloud, Context) {
        let is_source = worker.starts_with("source-");
        let (owner, home, parameters) = if is_source {
            (account(SOURCE), region("us-east-1"), &self.source)
        } else {
            (self.way.keeper(), self.way.region(), &self.destination)
        };
        let context = Context {
            account: owner.clone(),
            region: home.clone(),
            now: self.simulation.now(),
            mode,
            confirmation: None,
        };
        let cloud = self.simulation.cloud(&owner, &home, parameters.clone());
        (cloud.named(worker, path_of(worker)), context)
    }

    fn register_keys(&self) {
        let users = BTreeSet::from([account(DESTINATION)]);
        self.simulation.with_world(|world| {
            for key in [ORDERS_KEY, BILLING_KEY] {
                world.register_key(key.parse().unwrap(), users.clone());
            }
            for key in [self.way.key(), self.way.key_between()] {
                world.register_key(key.parse().unwrap(), BTreeSet::new());
            }
        });
    }

    fn with_parameters(mut self) -> Self {
        self.set_source("InstanceNamePattern", "^(orders|billing|archive|plain)$");
        self.set_source("RetentionDays", "12h");
        if self.way == Way::SameAccount {
            self.set_source("ShareSnapshots", "FALSE");
            self.set_destination("CrossAccountCopy", "FALSE");
        } else {
            self.set_source("DestinationAccount", DESTINATION);
            self.set_destination("SourceAccounts", SOURCE);
        }
        self.set_destination("SourceRegionOverride", "us-east-1");
        self.set_destination("RetentionDays", "1d");
        let (key, between) = (self.way.key(), self.way.key_between());
        self.set_destination("KmsKeyDestination", &key);
        self.set_destination("KmsKeySource", &between);
        self
    }
}
