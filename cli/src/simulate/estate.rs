//! What is simulated: two accounts, their databases, keys and parameters, and the schedules of the workers.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::capacity::{Cadence, age};
use pilot_light_domain::cloud::{Context, Mode, Parameters};
use pilot_light_domain::ids::{AccountId, InvalidId, Region};
use pilot_light_domain::policy::{BareUnit, DestinationPolicy, SourcePolicy, parse_duration};
use pilot_light_domain::schedule::Schedule;
use pilot_light_simulator::faults::Cast;
use pilot_light_simulator::in_process::Simulation;
use pilot_light_simulator::world::{CreateDbInstance, Request, SecondsRange, Settings};

use super::seats::Seat;
use super::watch::Terms;
use super::{CopyMode, Plan, Preset};
use crate::command::WorkerName;
use crate::weigh;

/// Manual snapshots that each database may have; the presets keep 50 at most.
const QUOTA_EACH: u32 = 100;

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
pub(crate) fn world(plan: &Plan, seed: u64, homes: &Homes, start: Instant) -> Result<Simulation, String> {
    let minutes = |range: &super::Minutes| SecondsRange::new(range.from * 60, range.to * 60);
    let settings = Settings {
        seed,
        snapshot_seconds: minutes(&plan.snapshot).map_err(|error| error.to_string())?,
        copy_seconds: minutes(&plan.copy).map_err(|error| error.to_string())?,
        instance_seconds: SecondsRange::new(0, 0).map_err(|error| error.to_string())?,
        // Ample for every preset, so that the schedule is on trial and a full quota is a fault.
        quota: u32::try_from(plan.databases)
            .unwrap_or(u32::MAX)
            .saturating_mul(QUOTA_EACH)
            .saturating_add(QUOTA_EACH),
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

/// A worker's parameters under a preset.
pub(crate) fn parameters(plan: &Plan, worker: WorkerName) -> Parameters {
    let times = plan.schedule.times();
    let source = [
        ("DestinationAccount", "222222222222".to_owned()),
        ("BackupInterval", times.interval.to_owned()),
        ("RetentionDays", times.source_retention.to_owned()),
    ];
    let destination = [
        ("SourceAccounts", "111111111111".to_owned()),
        ("SourceRegionOverride", "us-east-1".to_owned()),
        ("KmsKeyDestination", copies_key()),
        ("KmsKeySource", between_key()),
        ("RetentionDays", times.destination_retention.to_owned()),
    ];
    let named = |(name, value): (&str, String)| (name.to_owned(), value);
    if worker.is_source() { source.map(named).into() } else { destination.map(named).into() }
}

/// A worker's schedule under a preset.
pub(crate) fn schedule(plan: &Plan, worker: WorkerName) -> Result<Schedule, String> {
    let times = plan.schedule.times();
    Schedule::parse(match worker {
        WorkerName::SourceTake => times.take,
        WorkerName::SourceShare => times.share,
        WorkerName::DestinationCopy => times.copy,
        WorkerName::SourceDelete | WorkerName::DestinationDelete => times.delete,
    })
}

/// The schedules and retentions of a preset, as the parameters read.
pub(crate) struct Times {
    interval: &'static str,
    take: &'static str,
    share: &'static str,
    copy: &'static str,
    delete: &'static str,
    source_retention: &'static str,
    destination_retention: &'static str,
}

impl Preset {
    pub(crate) fn times(self) -> Times {
        let every_five = "cron(0/5 * * * ? *)";
        let ours = Times {
            interval: "30m",
            take: every_five,
            share: every_five,
            copy: every_five,
            delete: "rate(1 hour)",
            source_retention: "12h",
            destination_retention: "12h",
        };
        match self {
            Self::Default => ours,
            Self::Hourly => Times { interval: "1h", ..ours },
            Self::Legacy => Times {
                interval: "1h",
                take: "rate(60 minutes)",
                share: "rate(90 minutes)",
                copy: "rate(100 minutes)",
                delete: "rate(1 day)",
                source_retention: "1d",
                destination_retention: "2d",
            },
        }
    }
}

/// What is to hold under a plan.
pub(crate) fn terms(
    plan: &Plan,
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
    let source = parameters(plan, WorkerName::SourceDelete);
    let destination = parameters(plan, WorkerName::DestinationDelete);
    Ok(Terms {
        source: SourcePolicy::parse(&source, &context(&homes.source)).map_err(|error| error.to_string())?,
        destination: DestinationPolicy::parse(&destination, &context(&homes.destination))
            .map_err(|error| error.to_string())?,
        homes: homes.clone(),
        rpo: TimeDelta::hours(1),
        bound,
        holds_from,
    })
}

/// The longest age that a point can reach just before the next one arrives, by the planner's own sum.
pub(crate) fn bound(plan: &Plan, seats: &[Seat]) -> Result<TimeDelta, String> {
    let seat = |worker| seats.iter().find(|seat| seat.worker == worker).ok_or("a worker is missing");
    let period = |worker| {
        let gap = seat(worker)?.schedule.longest_gap(Instant::UNIX_EPOCH);
        gap.ok_or_else(|| "the schedule does not repeat".to_owned())
    };
    let cadence = Cadence {
        interval: parse_duration(plan.schedule.times().interval, BareUnit::Hours)?,
        take: period(WorkerName::SourceTake)?,
        share: period(WorkerName::SourceShare)?,
        copy: period(WorkerName::DestinationCopy)?,
        delete: period(WorkerName::SourceDelete)?,
    };
    let minutes = |minutes| TimeDelta::minutes(i64::from(minutes));
    let conditions = weigh::conditions(
        plan.databases as u64,
        minutes(plan.snapshot.to),
        minutes(plan.copy.to),
        plan.copy_mode,
    );
    let conditions = pilot_light_domain::capacity::Conditions { late: TimeDelta::minutes(1), ..conditions };
    age::worst(&cadence, &conditions).map(|sum| sum.total()).map_err(|unbounded| unbounded.to_string())
}
