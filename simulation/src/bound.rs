//! The terms of a scenario, and the worst age that its schedule allows by the planner's own sum.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::policy::{DestinationPolicy, SourcePolicy};
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::age;
use pilot_light_schedule::conditions::{Conditions, LATE, Phase, usual_conditions};
use pilot_light_schedule::configuration::Configuration;

use crate::estate;
use crate::homes::{Home, Homes};
use crate::invariants::Terms;
use crate::scenario::Scenario;

/// What is to hold under a scenario.
pub(crate) fn terms(
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
    let source = estate::parameters(configuration, WorkerName::SourceDelete);
    let destination = estate::parameters(configuration, WorkerName::DestinationDelete);
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
pub(crate) fn bound(
    scenario: &Scenario,
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
    let sum = age::worst(&cadence, &Conditions { phase, ..conditions(scenario) });
    sum.map(|sum| sum.total()).map_err(|unbounded| unbounded.to_string())
}

/// The conditions of a scenario: its databases, and the longest times of AWS.
#[must_use]
pub fn conditions(scenario: &Scenario) -> Conditions {
    let minutes = |minutes| TimeDelta::minutes(i64::from(minutes));
    let (snapshot, copy) = (minutes(scenario.snapshot.to), minutes(scenario.copy.to));
    usual_conditions(scenario.databases as u64, snapshot, copy, scenario.copy_mode)
}
