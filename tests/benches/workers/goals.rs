//! What is to be reached, and the worst figure beside it. Only ratios and sizes: times differ between machines.

use std::io;
use std::path::Path;

use super::case::{Case, Measured, Run};
use super::cold_start::ColdStarts;
use super::fleet::{Due, Worker};
use super::growth::{self, Growth};
use super::results::zip_bytes;

/// Something to reach, and how far the worst case is.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    pub(crate) limit: f64,
    /// The figure that is farthest from the goal, and of what; none if nothing of the kind was measured.
    pub(crate) worst: Option<(f64, String)>,
}

impl Goal {
    fn most(what: &'static str, limit: f64, figures: impl Iterator<Item = (f64, String)>) -> Self {
        Self { what, limit, worst: figures.max_by(|a, b| a.0.total_cmp(&b.0)) }
    }

    /// True if the worst figure is within the limit; none if there is no figure.
    pub(crate) fn is_reached(&self) -> Option<bool> {
        self.worst.as_ref().map(|(figure, _)| *figure <= self.limit)
    }
}

/// All goals; those of cases that were not measured have no figure.
pub(crate) fn all(
    measured: &[(Case, Measured)],
    starts: &ColdStarts,
    workers: &Path,
) -> io::Result<Vec<Goal>> {
    let free = || measured.iter().filter(|(case, _)| case.limit.is_none());
    let throttled = || measured.iter().filter(|(case, _)| case.limit.is_some());
    let ratios = |(case, found): &(Case, Measured)| {
        [&found.first, &found.second].map(|run| (run.ratio(), case.name()))
    };
    let memory = |databases, snapshots| {
        let is_it = move |(case, _): &&(Case, Measured)| {
            (case.fleet.databases, case.fleet.snapshots) == (databases, snapshots)
        };
        free().filter(is_it).map(|(case, found)| (found.peak_mb, case.name()))
    };
    let growth = |pick: fn(&Growth) -> Option<f64>| {
        let named = growth::of(measured).into_iter();
        named.filter_map(move |(worker, growth)| Some((pick(&growth)?, worker.name().to_owned())))
    };
    let boto3 = starts.boto3.as_secs_f64();
    let slower =
        starts.workers.iter().map(|(worker, time)| (time.as_secs_f64() / boto3, worker.name().to_owned()));
    let mut zips = Vec::new();
    for worker in Worker::ALL {
        zips.push((megabytes(workers, worker.name())?, worker.name().to_owned()));
    }
    let recover = "destination-recover";
    Ok(vec![
        Goal::most("calls, times the bound", 1.02, free().flat_map(ratios)),
        Goal::most(
            "100x7 steady at 20 ms: share, delete and copy, warm, times one call after another",
            1.3,
            free()
                .filter(|(case, _)| is_steady(case))
                .map(|(case, found)| (in_calls(case, &found.second), case.name())),
        ),
        Goal::most(
            "1000 takes due at 20 ms, times one call after another",
            0.1,
            free()
                .filter(|(case, _)| is_many_takes(case))
                .map(|(case, found)| (in_calls(case, &found.first), case.name())),
        ),
        Goal::most("throttled: calls, times the bound", 1.5, throttled().flat_map(ratios)),
        Goal::most(
            "throttled: actions failed, or neither done nor reported as pending",
            0.0,
            throttled().map(|(case, found)| (lost(case, &found.first), case.name())),
        ),
        Goal::most(
            "throttled: calls that were answered, beyond the bound",
            0.0,
            throttled()
                .flat_map(|(case, found)| [&found.first, &found.second].map(|run| (twice(run), case.name()))),
        ),
        Goal::most(
            "exponent of processor time over databases x snapshots",
            1.05,
            growth(|growth| growth.cpu),
        ),
        Goal::most("exponent of memory over databases x snapshots", 1.05, growth(|growth| growth.memory)),
        Goal::most("memory at 1000x100, MB", 128.0, memory(1000, 100)),
        Goal::most("memory at 100x7, MB", 25.0, memory(100, 7)),
        Goal::most("cold start, times boto3's", 0.2, slower),
        Goal::most("zip of a worker of the cycle, MB", 3.0, zips.into_iter()),
        Goal::most(
            "zip of recover, MB",
            4.5,
            [(megabytes(workers, recover)?, recover.to_owned())].into_iter(),
        ),
    ])
}

fn is_steady(case: &Case) -> bool {
    (case.fleet.databases, case.fleet.snapshots, case.fleet.due) == (100, 7, Due::Nothing)
        && !case.latency.is_zero()
        && case.worker != Worker::Take
}

fn is_many_takes(case: &Case) -> bool {
    (case.fleet.databases, case.fleet.due, case.worker) == (1000, Due::All, Worker::Take)
        && !case.latency.is_zero()
}

/// The run's time over that of the least number of calls, SSM's and CloudWatch's one each, one after the other.
fn in_calls(case: &Case, run: &Run) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far fewer calls than an f64 counts")]
    let calls = (run.bound + 2) as f64;
    run.wall.as_secs_f64() / (calls * case.latency.as_secs_f64())
}

/// Actions that failed, and those of which the report says nothing.
fn lost(case: &Case, run: &Run) -> f64 {
    let count = |name: &str| run.report[name].as_u64().unwrap_or_default();
    let acted = run.report["acted"].as_object();
    let done: u64 = acted.into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum();
    let due = u64::try_from(case.fleet.due()).unwrap_or(u64::MAX);
    let untold = due.saturating_sub(done + count("pending") + count("failed"));
    #[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
    let lost = (count("failed") + untold) as f64;
    lost + f64::from(u8::from(run.error.is_some()))
}

/// Calls that RDS answered although the least number had been answered before: something was done twice.
fn twice(run: &Run) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
    let calls = (run.calls() - run.seen.throttled).saturating_sub(run.bound) as f64;
    calls
}

fn megabytes(workers: &Path, name: &str) -> io::Result<f64> {
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    Ok(zip_bytes(workers, name)? as f64 / 1e6)
}
