//! The five workers as they are deployed: each with its schedule, its cloud, and its runs.

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::Instant;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::configuration::Configuration;
use pilot_light_schedule::expression::Schedule;
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use super::execution::Runnable;
use crate::baseline::FirstComeCopy;
use crate::draw::draw;
use crate::estate;
use crate::homes::Homes;
use crate::scenario::{Copier, Scenario};

/// A worker as it is deployed.
pub(crate) struct Deployed {
    pub(crate) worker: WorkerName,
    pub(crate) cloud: SimulatedCloud,
    pub(crate) runnable: Runnable,
    pub(crate) schedule: Schedule,
    /// The time at which its rule was created. A rate counts from it.
    pub(crate) anchor: Instant,
}

/// All workers. The seed determines the time at which each rule was created.
pub(crate) fn deployed(
    scenario: &Scenario,
    configuration: &Configuration,
    seed: u64,
    homes: &Homes,
    simulation: &Simulation,
    start: Instant,
) -> Result<Vec<Deployed>, String> {
    let deploy = |worker: WorkerName| {
        let home = if worker.is_source() { &homes.source } else { &homes.destination };
        let parameters = estate::parameters(configuration, worker);
        #[expect(clippy::cast_possible_truncation, reason = "within a day")]
        let phase = TimeDelta::seconds((draw(seed, &("phase", worker)) * 86_400.0) as i64);
        Ok(Deployed {
            worker,
            cloud: simulation.cloud(&home.account, &home.region, parameters),
            runnable: runnable(worker, scenario.copier),
            schedule: configuration.schedule(worker)?,
            anchor: start - phase,
        })
    };
    WorkerName::ALL.into_iter().map(deploy).collect()
}

fn runnable(worker: WorkerName, copier: Copier) -> Runnable {
    match worker {
        WorkerName::SourceTake => Runnable::of(SourceTake),
        WorkerName::SourceShare => Runnable::of(SourceShare),
        WorkerName::SourceDelete => Runnable::of(SourceDelete),
        WorkerName::DestinationCopy => match copier {
            Copier::Ours => Runnable::of(DestinationCopy),
            Copier::FirstCome => Runnable::of(FirstComeCopy),
        },
        WorkerName::DestinationDelete => Runnable::of(DestinationDelete),
    }
}
