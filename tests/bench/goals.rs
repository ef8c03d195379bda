//! Goals of the benchmark, each with the worst measured figure.
//!
//! Goals are ratios and sizes only, because times differ between machines.

use std::io;
use std::path::Path;

use super::case::{Case, Measured, Run};
use super::cold_start::ColdStarts;
use super::fleet::{Due, Worker};
use super::growth::{self, Growth};
use super::results::zip_bytes;

/// A goal, and the figure of the worst case.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    pub(crate) limit: f64,
    /// The figure that is farthest from the goal, and its case. `None` if no such case was measured.
    pub(crate) worst: Option<(f64, String)>,
}

impl Goal {
    fn most(what: &'static str, limit: f64, figures: impl Iterator<Item = (f64, String)>) -> Self {
        let worst = figures.max_by(|a, b| a.0.total_cmp(&b.0));
        // If the worst figure is zero, no case is the worst.
        let worst = worst.map(|(figure, of)| (figure, if figure == 0.0 { String::new() } else { of }));
        Self { what, limit, worst }
    }

    /// True if the worst figure is within the limit. `None` if there is no figure.
    pub(crate) fn is_reached(&self) -> Option<bool> {
        self.worst.as_ref().map(|(figure, _)| *figure <= self.limit)
    }
}

type Cases = [(Case, Measured)];

/// All goals. A goal whose cases were not measured has no figure.
pub(crate) fn all(measured: &Cases, starts: &ColdStarts, workers: &Path) -> io::Result<Vec<Goal>> {
    let shipped = shipped(starts, workers)?;
    Ok(calls(measured).into_iter().chain(times(measured)).chain(growing(measured)).chain(shipped).collect())
}

/// The runs of a case that need 10 calls or more. A run learns of the throttling only from refusals, and each of its first
/// calls may be refused once. A run of three calls may therefore need six.
fn from_ten((_, found): &(Case, Measured)) -> impl Iterator<Item = &Run> {
    [&found.first, &found.second].into_iter().filter(|run| run.bound >= 10)
}

fn calls(measured: &Cases) -> [Goal; 5] {
    let free = measured.iter().filter(|(case, _)| case.limit.is_none());
    let throttled = || measured.iter().filter(|(case, _)| case.limit.is_some());
    let ratios = |(case, found): &(Case, Measured)| {
        [&found.first, &found.second].map(|run| (run.ratio(), case.name()))
    };
    let repeated = |(case, found): &(Case, Measured)| {
        [&found.first, &found.second].map(|run| (repeated(run), case.name()))
    };
    // If the time is up between sharing a snapshot and tagging it as shared, the next run shares it again. That is harmless.
    let can_repeat = |(case, _): &&(Case, Measured)| case.worker != Worker::Share;
    let lost = measured.iter().map(|(case, found)| (lost(case, found), case.name()));
    [
        Goal::most("calls, times the bound", 1.02, free.flat_map(ratios)),
        Goal::most(
            "throttled, from 10 calls: calls, times the bound",
            1.5,
            throttled()
                .flat_map(|measured| from_ten(measured).map(move |run| (run.ratio(), measured.0.name()))),
        ),
        Goal::most(
            "throttled, 300x1, all due: calls of take, times the bound",
            1.1,
            measured
                .iter()
                .filter(|(case, _)| is_paced(case))
                .map(|(case, found)| (found.first.ratio(), case.name())),
        ),
        Goal::most(
            "throttled: taken, copied or deleted twice",
            0.0,
            throttled().filter(can_repeat).flat_map(repeated),
        ),
        Goal::most("actions failed, or neither done nor reported as pending", 0.0, lost),
    ]
}

fn times(measured: &Cases) -> [Goal; 3] {
    let free = || measured.iter().filter(|(case, _)| case.limit.is_none() && !case.latency.is_zero());
    let steady = free().filter(|(case, _)| is_steady(case));
    let takes = free().filter(|(case, _)| is_many_takes(case));
    let paced = measured.iter().filter(|(case, _)| is_paced(case));
    [
        Goal::most(
            "100x7, steady, 20 ms, warm: time of share, delete, copy; times its pages, SSM and CloudWatch in turn",
            1.3,
            steady.map(|(case, found)| (in_calls(case, &found.second), case.name())),
        ),
        Goal::most(
            "1000x1, all due, 20 ms: time of take; times all its calls in turn",
            0.1,
            takes.map(|(case, found)| (in_calls(case, &found.first), case.name())),
        ),
        Goal::most(
            "throttled, 300x1, all due: time of take; times that of the least calls, the burst at once",
            1.5,
            paced.filter_map(|(case, found)| Some((in_tokens(case, &found.first)?, case.name()))),
        ),
    ]
}

fn growing(measured: &Cases) -> [Goal; 4] {
    let exponents = |pick: fn(&Growth) -> Option<f64>| {
        let workers = growth::of(measured).into_iter();
        workers.filter_map(move |(worker, growth)| Some((pick(&growth)?, worker)))
    };
    let memory = |databases, snapshots| {
        let is_it = move |(case, _): &&(Case, Measured)| {
            (case.fleet.databases, case.fleet.snapshots) == (databases, snapshots)
        };
        measured.iter().filter(is_it).map(|(case, found)| (found.peak_mb, case.name()))
    };
    [
        Goal::most("exponent of processor time over N x M", 1.05, exponents(|growth| growth.over_all[0])),
        Goal::most("exponent of memory over N x M", 1.05, exponents(|growth| growth.over_all[1])),
        Goal::most("memory at 1000x100, MB", 128.0, memory(1000, 100)),
        Goal::most("memory at 100x7, MB", 25.0, memory(100, 7)),
    ]
}

fn shipped(starts: &ColdStarts, workers: &Path) -> io::Result<[Goal; 3]> {
    const RECOVER: &str = "destination-recover";
    let boto3 = starts.boto3.as_secs_f64();
    let starts = starts.workers.iter();
    let starts = starts.map(|(worker, time)| (time.as_secs_f64() / boto3, worker.name().to_owned()));
    let mut zips = Vec::new();
    for worker in Worker::ALL {
        zips.push((megabytes(workers, worker.name())?, worker.name().to_owned()));
    }
    let recover = (megabytes(workers, RECOVER)?, RECOVER.to_owned());
    Ok([
        Goal::most("cold start, times boto3's", 0.2, starts),
        Goal::most("zip of a worker of the cycle, MB", 3.0, zips.into_iter()),
        Goal::most("zip of recover, MB", 4.5, [recover].into_iter()),
    ])
}

fn is_steady(case: &Case) -> bool {
    (case.fleet.databases, case.fleet.snapshots, case.fleet.due) == (100, 7, Due::Nothing)
        && case.worker != Worker::Take
}

fn is_many_takes(case: &Case) -> bool {
    (case.fleet.databases, case.fleet.snapshots, case.fleet.due, case.worker)
        == (1000, 1, Due::All, Worker::Take)
}

fn is_paced(case: &Case) -> bool {
    (case.fleet.databases, case.fleet.snapshots) == (300, 1) && case.limit.is_some()
}

/// The time of the run, divided by the time in which RDS accepts the least number of calls.
fn in_tokens(case: &Case, run: &Run) -> Option<f64> {
    let limit = case.limit?;
    #[expect(clippy::cast_precision_loss, reason = "far fewer calls than an f64 counts")]
    let calls = run.bound as f64;
    Some(run.wall.as_secs_f64() * limit.calls_a_second / (calls - limit.burst))
}

/// The time of the run, divided by the time of the least number of RDS calls and two calls to SSM and CloudWatch in turn.
fn in_calls(case: &Case, run: &Run) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far fewer calls than an f64 counts")]
    let calls = (run.bound + 2) as f64;
    run.wall.as_secs_f64() / (calls * case.latency.as_secs_f64())
}

/// The number of due actions of both runs that failed or that no report contains, and the number of runs with an error.
fn lost(case: &Case, found: &Measured) -> f64 {
    let count = |run: &Run, name: &str| {
        run.report[name].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default()
    };
    let (mut due, mut lost) = (case.fleet.due(), 0);
    for run in [&found.first, &found.second] {
        let (acted, failed) = (run.acted(), count(run, "failed"));
        let unreported = due.saturating_sub(acted + count(run, "pending") + failed);
        lost += failed + unreported + usize::from(run.error.is_some());
        due = due.saturating_sub(acted);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
    let lost = lost as f64;
    lost
}

/// The number of answered RDS calls beyond the least number. If it is not zero, the run did something twice.
fn repeated(run: &Run) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
    let calls = (run.calls() - run.seen.throttled).saturating_sub(run.bound) as f64;
    calls
}

fn megabytes(workers: &Path, name: &str) -> io::Result<f64> {
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    Ok(zip_bytes(workers, name)? as f64 / 1e6)
}
