//! The five workers in their places: each with its schedule, its sight of AWS, and what a pass of it is.

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::Instant;
use pilot_light_schedule::expression::Schedule;
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use super::engine::draw;
use super::estate::{self, Homes};
use super::execution::Pass;
use super::first_come::FirstComeCopy;
use super::{Copier, Plan};
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::configuration::Configuration;

/// A worker in its place.
pub(super) struct Seat {
    pub(super) worker: WorkerName,
    pub(super) cloud: SimulatedCloud,
    pub(super) pass: Pass,
    pub(super) schedule: Schedule,
    /// When its rule was made, from which a rate counts.
    pub(super) anchor: Instant,
}

/// All workers; the seed says when each rule was made.
pub(super) fn seats(
    plan: &Plan,
    configuration: &Configuration,
    seed: u64,
    homes: &Homes,
    simulation: &Simulation,
    start: Instant,
) -> Result<Vec<Seat>, String> {
    let seat = |worker: WorkerName| {
        let home = if worker.is_source() { &homes.source } else { &homes.destination };
        let parameters = estate::parameters(configuration, worker);
        #[expect(clippy::cast_possible_truncation, reason = "within a day")]
        let phase = TimeDelta::seconds((draw(seed, &("phase", worker)) * 86_400.0) as i64);
        Ok(Seat {
            worker,
            cloud: simulation.cloud(&home.account, &home.region, parameters),
            pass: pass(worker, plan.copier),
            schedule: configuration.schedule(worker)?,
            anchor: start - phase,
        })
    };
    WorkerName::ALL.into_iter().map(seat).collect()
}

fn pass(worker: WorkerName, copier: Copier) -> Pass {
    match worker {
        WorkerName::SourceTake => Pass::of(SourceTake),
        WorkerName::SourceShare => Pass::of(SourceShare),
        WorkerName::SourceDelete => Pass::of(SourceDelete),
        WorkerName::DestinationCopy => match copier {
            Copier::Ours => Pass::of(DestinationCopy),
            Copier::FirstCome => Pass::of(FirstComeCopy),
        },
        WorkerName::DestinationDelete => Pass::of(DestinationDelete),
    }
}
