//! The table that is printed, and the same as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::bounds;
use super::case::{Case, Measured, Run};
use super::cold_start::ColdStarts;
use super::fleet::{Due, Worker};
use super::growth::exponent;

pub(crate) const HEADER: &str = "worker             scenario  fleet     latency   calls  bound ratio apart   conns  throttled     wall s    cpu s   MiB  | again: calls ratio   wall s    cpu s";

pub(crate) fn line(case: &Case, found: &Measured) -> String {
    let (first, second) = (&found.first, &found.second);
    let said = [first, second].map(outcome);
    format!(
        "{:<46}{:>6}{:>7}{:>6.3}{:>6}{:>8}{:>11}{:>11.3}{:>9.3}{:>6.1}  |{:>13}{:>6.3}{:>9.3}{:>9.3}{}{}",
        case.name(),
        first.calls(),
        first.bound,
        first.ratio(),
        first.apart(),
        first.seen.connections,
        first.seen.throttled,
        first.wall.as_secs_f64(),
        first.cpu.as_secs_f64(),
        found.peak_mib,
        second.calls(),
        second.ratio(),
        second.wall.as_secs_f64(),
        second.cpu.as_secs_f64(),
        said[0],
        said[1],
    )
}

/// What a run says besides success: an error, what waits, what failed.
fn outcome(run: &Run) -> String {
    let mut said = run.error.as_ref().map(|error| format!("  {error}")).unwrap_or_default();
    for count in ["pending", "failed", "blocked"] {
        match run.report[count].as_u64() {
            None | Some(0) => {}
            Some(number) => said.push_str(&format!("  {number} {count}")),
        }
    }
    said
}

/// What all cases say together: growth, cold start, sizes.
pub(crate) fn summary(
    out: &mut impl Write,
    measured: &[(Case, Measured)],
    starts: &ColdStarts,
    workers: &Path,
) -> io::Result<()> {
    writeln!(out, "\nGrowth over databases x snapshots (exponent of the fitted power law; steady, 0 ms):")?;
    for (worker, growth) in growths(measured) {
        let written =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        writeln!(
            out,
            "  {:<20}cpu {:>5}   memory {:>5}",
            worker.name(),
            written(growth.0),
            written(growth.1)
        )?;
    }
    let boto3 = starts.boto3.as_secs_f64();
    writeln!(out, "\nCold start, process start to first request, beside boto3's {:.0} ms:", boto3 * 1000.0)?;
    for (worker, time) in &starts.workers {
        let seconds = time.as_secs_f64();
        let (name, size) = (worker.name(), zip_bytes(workers, worker.name())?);
        writeln!(
            out,
            "  {name:<20}{:>6.1} ms, {:>5.1} times faster; zip {size:>9} bytes",
            seconds * 1000.0,
            boto3 / seconds
        )?;
    }
    Ok(())
}

type Points = Vec<(f64, f64)>;

/// The exponents of processor time and memory, by worker, over the steady fleets whose size matters.
fn growths(measured: &[(Case, Measured)]) -> BTreeMap<Worker, (Option<f64>, Option<f64>)> {
    let mut points: BTreeMap<Worker, (Points, Points)> = BTreeMap::new();
    for (case, found) in measured {
        let items = case.fleet.databases * case.fleet.snapshots;
        if case.fleet.due == Due::Nothing && case.latency.is_zero() && case.limit.is_none() && items >= 700 {
            #[expect(clippy::cast_precision_loss, reason = "at most 100,000")]
            let items = items as f64;
            let (cpu, memory) = points.entry(case.worker).or_default();
            cpu.push((items, found.second.cpu.as_secs_f64()));
            memory.push((items, found.peak_mib));
        }
    }
    points.into_iter().map(|(worker, (cpu, memory))| (worker, (exponent(&cpu), exponent(&memory)))).collect()
}

fn zip_bytes(workers: &Path, name: &str) -> io::Result<u64> {
    Ok(fs::metadata(workers.join(name).join("bootstrap.zip"))?.len())
}

pub(crate) fn write(
    path: &Path,
    measured: &[(Case, Measured)],
    starts: &ColdStarts,
    workers: &Path,
) -> io::Result<()> {
    let cases: Vec<Value> = measured.iter().flat_map(|(case, found)| written(case, found)).collect();
    let growth: BTreeMap<_, _> = growths(measured)
        .into_iter()
        .map(|(worker, (cpu, memory))| (worker.name(), json!({"cpu": cpu, "memory": memory})))
        .collect();
    let starts_ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let mut zips = BTreeMap::new();
    for name in Worker::ALL.map(Worker::name).into_iter().chain(["destination-recover"]) {
        zips.insert(name, zip_bytes(workers, name)?);
    }
    let cold: BTreeMap<_, _> =
        starts.workers.iter().map(|(worker, time)| (worker.name(), starts_ms(*time))).collect();
    let whole = json!({
        "cases": cases,
        "growth": growth,
        "cold_start": {"boto3_ms": starts_ms(starts.boto3), "workers_ms": cold},
        "zips": zips,
    });
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, format!("{whole:#}\n"))
}

fn written(case: &Case, found: &Measured) -> [Value; 2] {
    [("cold", &found.first), ("warm", &found.second)].map(|(start, run)| {
        json!({
            "worker": case.worker.name(),
            "scenario": bounds::scenario(case.fleet.due),
            "start": start,
            "databases": case.fleet.databases,
            "snapshots": case.fleet.snapshots,
            "latency_ms": case.latency.as_millis(),
            "limit_per_second": case.limit.map(|limit| limit.calls_a_second),
            "time_limit_s": case.time_limit.as_secs(),
            "calls": run.calls(),
            "bound": run.bound,
            "ratio": run.ratio(),
            "by_action": run.seen.actions,
            "throttled": run.seen.throttled,
            "connections": run.seen.connections,
            "bytes": run.seen.bytes,
            "wall_s": run.wall.as_secs_f64(),
            "cpu_s": run.cpu.as_secs_f64(),
            "rss_mb": found.peak_mib,
            "error": run.error,
            "pending": run.report["pending"],
            "failed": run.report["failed"],
        })
    })
}
