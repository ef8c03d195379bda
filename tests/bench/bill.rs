//! Monthly cost of a fleet, calculated by [`cost`] from measured run times.
//!
//! Storage, alarms and logs are left out.

use chrono::TimeDelta;
use pilot_light_schedule::conditions::Cadence;
use pilot_light_schedule::conditions::Lambda;
use pilot_light_schedule::cost::{self, Cost};

use super::bounds::COPY_SLOTS;
use super::case::{Case, Measured};
use super::fleet::{Due, Worker};

/// The shipped schedule: a snapshot every half hour, runs every five minutes, deletions every hour.
const CADENCE: Cadence = Cadence {
    interval: TimeDelta::minutes(30),
    take: TimeDelta::minutes(5),
    share: TimeDelta::minutes(5),
    copy: TimeDelta::minutes(5),
    delete: TimeDelta::hours(1),
};
/// The memory of the shipped functions.
const MEMORY_MIB: u64 = 256;

/// The bill of a fleet.
#[derive(Debug)]
pub(crate) struct Bill {
    pub(crate) databases: usize,
    pub(crate) snapshots: usize,
    pub(crate) lambda: Lambda,
    pub(crate) cost: Cost,
}

/// A bill for each fleet of which all cases with a latency were measured.
pub(crate) fn of(measured: &[(Case, Measured)]) -> Vec<Bill> {
    let mut bills: Vec<Bill> = Vec::new();
    for (case, _) in measured {
        let (databases, snapshots) = (case.fleet.databases, case.fleet.snapshots);
        if bills.iter().any(|bill| (bill.databases, bill.snapshots) == (databases, snapshots)) {
            continue;
        }
        if let Some(lambda) = lambda(measured, databases, snapshots) {
            let count = u64::try_from(databases).unwrap_or(u64::MAX);
            bills.push(Bill { databases, snapshots, lambda, cost: cost::monthly(&CADENCE, count, lambda) });
        }
    }
    bills
}

fn lambda(measured: &[(Case, Measured)], databases: usize, snapshots: usize) -> Option<Lambda> {
    let of = |worker, due| {
        let is_it = |case: &Case| {
            let fleet = case.fleet;
            (case.worker, fleet.due, fleet.databases, fleet.snapshots) == (worker, due, databases, snapshots)
                && case.limit.is_none()
                && !case.latency.is_zero()
        };
        measured.iter().find(|(case, _)| is_it(case)).map(|(_, found)| found)
    };
    let (mut all_runs, mut each_snapshot) = (0.0, 0.0);
    let mut runs = 0.0;
    for worker in Worker::ALL {
        let steady = of(worker, Due::Nothing)?;
        let all = of(worker, Due::All)?;
        // Runs within an hour.
        let often = match worker {
            Worker::Take | Worker::Share | Worker::Copy => 12.0,
            Worker::SourceDelete | Worker::DestinationDelete => 1.0,
        };
        all_runs += often * steady.second.wall.as_secs_f64();
        runs += often;
        let done = if worker == Worker::Copy { databases.min(COPY_SLOTS) } else { databases };
        #[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
        let done = done as f64;
        let more = all.first.wall.saturating_sub(steady.first.wall);
        each_snapshot += more.as_secs_f64() / done;
    }
    Some(Lambda {
        memory_mib: MEMORY_MIB,
        per_run: milliseconds(all_runs / runs),
        per_snapshot: milliseconds(each_snapshot),
    })
}

/// Rounds up to whole milliseconds, as Lambda does.
fn milliseconds(seconds: f64) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "minutes at most")]
    TimeDelta::milliseconds((seconds * 1000.0).ceil() as i64)
}
