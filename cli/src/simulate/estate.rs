//! What is simulated: two accounts, their databases, keys and parameters, and the schedules of the workers.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::ids::{AccountId, InvalidId, Region};
use pilot_light_domain::policy::{DestinationPolicy, SourcePolicy};
use pilot_light_domain::rules::retention::Retention;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_schedule::age;
use pilot_light_schedule::conditions::{Conditions, LATE, Phase, usual_conditions};
use pilot_light_simulator::faults::Cast;
use pilot_light_simulator::in_process::Simulation;
use pilot_light_simulator::world::{CreateDbInstance, Request, SecondsRange, Settings};

use super::watch::Terms;
use super::{CopyMode, Plan, Preset};
use crate::exit::CommandError;
use crate::parameters_yaml;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::configuration::Configuration;

/// Manual snapshots that each database may have beyond those that are kept: forged ones, copies made again.
const SPARE: i64 = 50;

/// What a proposed schedule is to keep.
const RPO: TimeDelta = TimeDelta::hours(1);

/// Where somebody lives.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

/// Both accounts.
#[derive(Debug, Clone)]
pub(crate) struct Homes {
    pub(crate) source: Home,
    pub(crate) destination: Home,
}

impl Homes {
    pub(crate) fn new() -> Result<Self, InvalidId> {
        let home =
            |account: &str, region: &str| Ok(Home { account: account.parse()?, region: region.parse()? });
        Ok(Self {
            source: home("111111111111", "us-east-1")?,
            destination: home("222222222222", "us-west-2")?,
        })
    }
}

/// A world with its databases, all of them available.
pub(crate) fn world(
    plan: &Plan,
    configuration: &Configuration,
    seed: u64,
    homes: &Homes,
    start: Instant,
) -> Result<Simulation, String> {
    let minutes = |range: &super::Minutes| SecondsRange::new(range.from * 60, range.to * 60);
    let settings = Settings {
        seed,
        snapshot_seconds: minutes(&plan.snapshot).map_err(|error| error.to_string())?,
        copy_seconds: minutes(&plan.copy).map_err(|error| error.to_string())?,
        instance_seconds: SecondsRange::new(0, 0).map_err(|error| error.to_string())?,
        quota: quota(plan, configuration)?,
        one_step: plan.copy_mode == CopyMode::OneStep,
        ..Settings::default()
    };
    let simulation = Simulation::new(settings, start);
    for key in [source_key(), copies_key(), between_key()] {
        let key = key.parse().map_err(|error: InvalidId| error.to_string())?;
        simulation
            .with_world(|world| world.register_key(key, BTreeSet::from([homes.destination.account.clone()])));
    }
    for number in 0..plan.databases {
        let create = CreateDbInstance {
            name: database_name(number),
            engine: "postgres".to_owned(),
            encrypted: true,
            kms_key: Some(source_key()),
            ..Default::default()
        };
        let created = simulation.request(
            &homes.source.account,
            &homes.source.region,
            Request::CreateDbInstance(create),
        );
        created.map_err(|error| format!("the simulator refuses a database: {}", error.message))?;
    }
    simulation.settle();
    Ok(simulation)
}

/// Ample, so that the schedule is on trial and a full quota is a fault.
fn quota(plan: &Plan, configuration: &Configuration) -> Result<u32, String> {
    let cadence = configuration.cadence()?;
    let kept = |retention: Retention| {
        let lives = retention.keep_for + cadence.delete;
        let days = i64::try_from(retention.keep_daily).unwrap_or(i64::MAX);
        (lives.num_seconds() / cadence.interval.num_seconds().max(1)).saturating_add(days)
    };
    let each = configuration.retentions().into_iter().map(kept).max().unwrap_or_default() + SPARE;
    Ok(u32::try_from(each)
        .unwrap_or(u32::MAX)
        .saturating_mul(u32::try_from(plan.databases).unwrap_or(u32::MAX)))
}

/// Whom faults can strike.
pub(crate) fn cast(plan: &Plan, homes: &Homes) -> Result<Cast, InvalidId> {
    Ok(Cast {
        source: homes.source.account.clone(),
        source_region: homes.source.region.clone(),
        destination: homes.destination.account.clone(),
        destination_region: homes.destination.region.clone(),
        databases: (0..plan.databases)
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

/// What is configured, as the plan asks for it.
pub(crate) fn configuration(plan: &Plan) -> Result<Configuration, CommandError> {
    let configuration = match (&plan.config, plan.schedule) {
        (Some(directory), _) => parameters_yaml::configuration(directory),
        (None, Preset::Default) => Configuration::usual(),
        (None, Preset::Hourly) => Configuration::hourly(),
        (None, Preset::Legacy) => Configuration::legacy(),
        (None, Preset::Proposed) => Configuration::proposed(RPO, &conditions(plan)),
    };
    configuration.map_err(CommandError::WrongUse)
}

/// A worker's parameters: what is configured, and who and where everybody is.
pub(super) fn parameters(configuration: &Configuration, worker: WorkerName) -> Parameters {
    let mut parameters = configuration.parameters(worker).clone();
    let source = [("DestinationAccount", "222222222222".to_owned())];
    let destination = [
        ("SourceAccounts", "111111111111".to_owned()),
        ("SourceRegionOverride", "us-east-1".to_owned()),
        ("KmsKeyDestination", copies_key()),
        ("KmsKeySource", between_key()),
    ];
    let whereabouts = if worker.is_source() { source.to_vec() } else { destination.to_vec() };
    parameters.extend(whereabouts.into_iter().map(|(name, value)| (name.to_owned(), value)));
    parameters
}

/// What is to hold under a plan.
pub(super) fn terms(
    configuration: &Configuration,
    homes: &Homes,
    bound: TimeDelta,
    holds_from: Instant,
) -> Result<Terms, String> {
    let context = |home: &Home| Context {
        account: home.account.clone(),
        region: home.region.clone(),
        now: holds_from,
        mode: Mode::DryRun,
    };
    let source = parameters(configuration, WorkerName::SourceDelete);
    let destination = parameters(configuration, WorkerName::DestinationDelete);
    Ok(Terms {
        source: SourcePolicy::parse(&source, &context(&homes.source)).map_err(|error| error.to_string())?,
        destination: DestinationPolicy::parse(&destination, &context(&homes.destination))
            .map_err(|error| error.to_string())?,
        homes: homes.clone(),
        rpo: configuration.rpo()?,
        bound,
        holds_from,
    })
}

/// The longest age that a point can reach just before the next one arrives, by the planner's own sum.
///
/// `taking` is where source-take's rate counts from, which a planner cannot know.
pub(super) fn bound(
    plan: &Plan,
    configuration: &Configuration,
    taking: Instant,
) -> Result<TimeDelta, String> {
    let cadence = configuration.cadence()?;
    let phase = match configuration.phase()? {
        Phase::Anywhere if configuration.schedule(WorkerName::SourceTake)?.is_rate() => {
            Phase::of_even_runs(taking, &cadence, LATE)
        }
        phase => phase,
    };
    let sum = age::worst(&cadence, &Conditions { phase, ..conditions(plan) });
    sum.map(|sum| sum.total()).map_err(|unbounded| unbounded.to_string())
}

fn conditions(plan: &Plan) -> Conditions {
    let minutes = |minutes| TimeDelta::minutes(i64::from(minutes));
    let (snapshot, copy) = (minutes(plan.snapshot.to), minutes(plan.copy.to));
    usual_conditions(plan.databases as u64, snapshot, copy, plan.copy_mode.hops())
}
