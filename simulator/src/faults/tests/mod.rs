//! Every kind of fault strikes, ends, is counted, and follows from plan and seed alone.

mod history;
mod plan;
mod runs;
mod strikes;

use chrono::{DateTime, TimeDelta};
use futures_util::FutureExt;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};

use super::*;
use crate::in_process::{SimulatedRds, Simulation};
use crate::world::{CreateDbInstance, CreateDbSnapshot, Request, SecondsRange, Settings};

const SOURCE: &str = "111111111111";
const DESTINATION: &str = "222222222222";
const EAST: &str = "us-east-1";
const WEST: &str = "us-west-2";
const KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/copies";

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

fn start() -> Instant {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn days(count: i64) -> Window {
    Window { start: start(), end: start() + TimeDelta::days(count) }
}

fn cast() -> Cast {
    Cast {
        source: account(SOURCE),
        source_region: region(EAST),
        destination: account(DESTINATION),
        destination_region: region(WEST),
        databases: ["orders", "billing"].map(|name| DatabaseName::new(name).unwrap()).to_vec(),
        keys: vec![KEY.parse().unwrap()],
    }
}

/// The cast on its stage: two available databases and a key; snapshots take 100 seconds, copies 200.
fn simulation() -> Simulation {
    let seconds = |n| SecondsRange::new(n, n).unwrap();
    let settings = Settings {
        instance_seconds: seconds(0),
        snapshot_seconds: seconds(100),
        copy_seconds: seconds(200),
        ..Settings::default()
    };
    let simulation = Simulation::new(settings, start());
    for name in ["orders", "billing"] {
        let create = CreateDbInstance { name: name.into(), engine: "postgres".into(), ..Default::default() };
        simulation.request(&account(SOURCE), &region(EAST), Request::CreateDbInstance(create)).unwrap();
    }
    simulation.with_world(|world| world.register_key(KEY.parse().unwrap(), [].into()));
    simulation.settle();
    simulation
}

/// A simulation that meets `plan` for 100 days.
fn under(plan: FaultPlan) -> Simulation {
    let simulation = simulation();
    simulation.meet(Adversity::new(plan, 7, days(100), cast()));
    simulation
}

fn rds(simulation: &Simulation, id: &str, name: &str) -> SimulatedRds {
    simulation.cloud(&account(id), &region(name), Parameters::new()).rds(&region(name))
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn take(database: &str, id: &str) -> Request {
    Request::CreateDbSnapshot(CreateDbSnapshot { database: database.into(), id: id.into(), tags: None })
}
