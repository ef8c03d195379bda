//! The bound of a scenario, and the terms that contain it.
//!
//! The bound is the worst age that the schedule allows, by the planner's own sum. It is a claim that the simulation tests:
//! the ages themselves are measured in the world.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::age;
use pilot_light_schedule::conditions::{Conditions, LATE, Phase, usual_conditions};
use pilot_light_schedule::configuration::Configuration;

use crate::estate;
use crate::homes::Homes;
use crate::invariants::{Allowed, Terms};
use crate::scenario::Scenario;

/// The terms that the invariants apply under a configuration.
pub(crate) fn terms(configuration: &Configuration, homes: &Homes, ages: Allowed) -> Result<Terms, String> {
    let source = estate::parameters(configuration, WorkerName::SourceDelete);
    let destination = estate::parameters(configuration, WorkerName::DestinationDelete);
    Terms::read(homes, &source, &destination, ages)
}

/// The highest age that a recovery point can reach just before the next one arrives, by the planner's own sum.
///
/// `take_anchor` is the time from which the rate of `source-take` counts. A planner cannot know it.
pub(crate) fn bound(
    scenario: &Scenario,
    configuration: &Configuration,
    take_anchor: Instant,
) -> Result<TimeDelta, String> {
    let cadence = configuration.cadence()?;
    let phase = match configuration.phase()? {
        Phase::Anywhere if configuration.schedule(WorkerName::SourceTake)?.is_rate() => {
            Phase::of_even_runs(take_anchor, &cadence, LATE)
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
