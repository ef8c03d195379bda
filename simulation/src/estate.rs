//! The simulated estate: two accounts, their databases, their keys, and the workers' parameters.

use std::collections::BTreeSet;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::ids::InvalidId;
use pilot_light_domain::model::retention::Retention;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::conditions::CopyMode;
use pilot_light_schedule::configuration::Configuration;
use pilot_light_simulator::faults::Cast;
use pilot_light_simulator::in_process::Simulation;
use pilot_light_simulator::world::{CreateDbInstance, Request, SecondsRange, Settings};

use crate::homes::Homes;
use crate::scenario::{Minutes, Scenario};

/// Manual snapshots that each database may have beyond its retention, such as forged ones and repeated copies.
const SPARE: i64 = 50;

/// A world in which all databases are available.
pub(crate) fn world(
    scenario: &Scenario,
    configuration: &Configuration,
    seed: u64,
    homes: &Homes,
    start: Instant,
) -> Result<Simulation, String> {
    let minutes = |range: &Minutes| SecondsRange::new(range.from * 60, range.to * 60);
    let settings = Settings {
        seed,
        snapshot_seconds: minutes(&scenario.snapshot).map_err(|error| error.to_string())?,
        copy_seconds: minutes(&scenario.copy).map_err(|error| error.to_string())?,
        instance_seconds: SecondsRange::new(0, 0).map_err(|error| error.to_string())?,
        quota: quota(scenario, configuration)?,
        // Ample, too: the databases exist before the workers come.
        instances: u32::MAX,
        storage_gib: u32::MAX,
        one_step: scenario.copy_mode == CopyMode::OneStep,
        // AWS's documentation leaves it open, so the workers must manage with both.
        failed_can_be_deleted: seed % 2 == 1,
        ..Settings::default()
    };
    let simulation = Simulation::new(settings, start);
    simulation.with_world(|world| world.keep_journal());
    for key in [source_key(), copies_key(), between_key()] {
        let key = key.parse().map_err(|error: InvalidId| error.to_string())?;
        simulation
            .with_world(|world| world.register_key(key, BTreeSet::from([homes.destination.account.clone()])));
    }
    for number in 0..scenario.databases {
        create(&simulation, homes, database_name(number), &source_key())?;
    }
    simulation.settle();
    Ok(simulation)
}

/// Creates a database whose storage is encrypted with this key.
pub(crate) fn create(
    simulation: &Simulation,
    homes: &Homes,
    name: String,
    kms_key: &str,
) -> Result<(), String> {
    let create = CreateDbInstance {
        name,
        engine: "postgres".to_owned(),
        encrypted: true,
        kms_key: Some(kms_key.to_owned()),
        ..Default::default()
    };
    let request = Request::CreateDbInstance(create);
    let created = simulation.request(&homes.source.account, &homes.source.region, request);
    created.map(drop).map_err(|error| format!("the simulator refuses a database: {}", error.message))
}

/// The snapshot quota. It is ample, so that only a fault can exhaust it and the results depend on the schedule.
fn quota(scenario: &Scenario, configuration: &Configuration) -> Result<u32, String> {
    let cadence = configuration.cadence()?;
    let kept = |retention: Retention| {
        let lives = retention.keep_for + cadence.delete;
        let days = i64::try_from(retention.keep_daily).unwrap_or(i64::MAX);
        (lives.num_seconds() / cadence.interval.num_seconds().max(1)).saturating_add(days)
    };
    let each = configuration.retentions().into_iter().map(kept).max().unwrap_or_default() + SPARE;
    Ok(u32::try_from(each)
        .unwrap_or(u32::MAX)
        .saturating_mul(u32::try_from(scenario.databases).unwrap_or(u32::MAX)))
}

/// The accounts, databases and keys that faults can affect.
pub(crate) fn cast(scenario: &Scenario, homes: &Homes) -> Result<Cast, InvalidId> {
    Ok(Cast {
        source: homes.source.account.clone(),
        source_region: homes.source.region.clone(),
        destination: homes.destination.account.clone(),
        destination_region: homes.destination.region.clone(),
        databases: (0..scenario.databases)
            .map(|number| database_name(number).parse())
            .collect::<Result<_, _>>()?,
        keys: [source_key(), copies_key(), between_key()]
            .iter()
            .map(|key| key.parse())
            .collect::<Result<_, _>>()?,
    })
}

fn database_name(number: usize) -> String {
    format!("db-{number:04}")
}

fn source_key() -> String {
    "arn:aws:kms:us-east-1:111111111111:key/databases".to_owned()
}

fn copies_key() -> String {
    "arn:aws:kms:us-west-2:222222222222:key/copies".to_owned()
}

fn between_key() -> String {
    "arn:aws:kms:us-east-1:222222222222:key/between".to_owned()
}

/// The parameters of a worker: its configuration, and the accounts, Regions and keys of the estate.
pub(crate) fn parameters(configuration: &Configuration, worker: WorkerName) -> Parameters {
    let mut parameters = configuration.parameters(worker).clone();
    let source = [("DestinationAccount", "222222222222".to_owned())];
    let destination = [
        ("SourceAccounts", "111111111111".to_owned()),
        ("SourceRegionOverride", "us-east-1".to_owned()),
        ("KmsKeyDestination", copies_key()),
        ("KmsKeySource", between_key()),
    ];
    let of_the_estate = if worker.is_source() { source.to_vec() } else { destination.to_vec() };
    parameters.extend(of_the_estate.into_iter().map(|(name, value)| (name.to_owned(), value)));
    parameters
}
