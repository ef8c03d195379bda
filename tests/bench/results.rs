//! Results of the benchmark, as a printed table and as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::aws::Answers;
use super::bill::{self, Bill};
use super::bounds;
use super::case::{Case, Measured, Run};
use super::cold_start::ColdStarts;
use super::fleet::Worker;
use super::goals::{self, Goal};
use super::growth::{self, Growth};

/// The heads of the columns of [`line`].
pub(crate) const HEADER: &str = concat!(
    "worker             scenario    fleet   latency calls  bound ratio apart   ",
    "conns  throttled     wall s    cpu s    MB  | again: calls ratio   wall s    cpu s"
);

pub(crate) fn line(case: &Case, found: &Measured) -> String {
    let (first, second) = (&found.first, &found.second);
    let remarks = [first, second].map(remarks);
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
        found.peak_mb,
        second.calls(),
        second.ratio(),
        second.wall.as_secs_f64(),
        second.cpu.as_secs_f64(),
        remarks[0],
        remarks[1],
    )
}

/// The remarks on a run: an error, and the numbers of pending, failed and blocked actions.
fn remarks(run: &Run) -> String {
    let mut text = run.error.as_ref().map(|error| format!("  {error}")).unwrap_or_default();
    for count in ["pending", "failed", "blocked"] {
        match run.report[count].as_u64() {
            None | Some(0) => {}
            Some(number) => text.push_str(&format!("  {number} {count}")),
        }
    }
    text
}

/// All measurements.
#[derive(Debug)]
pub(crate) struct Results<'a> {
    pub(crate) measured: Vec<(Case, Measured)>,
    pub(crate) starts: ColdStarts,
    /// The answers of the simulator.
    pub(crate) answers: Answers,
    pub(crate) took: Duration,
    /// The directory of the workers.
    pub(crate) workers: &'a Path,
}

impl Results<'_> {
    /// Prints the results of all cases together: growth, cold starts, sizes, the bill of a month and the goals.
    pub(crate) fn summarize(&self, out: &mut impl Write) -> io::Result<()> {
        self.write_growth(out)?;
        self.write_starts(out)?;
        self.write_bills(out)?;
        writeln!(out, "\nGoals, each with the worst figure:")?;
        let mut goals = goals::all(&self.measured, &self.starts, self.workers)?.into_iter();
        goals.try_for_each(|goal| writeln!(out, "  {}", goal_line(&goal)))
    }

    fn write_growth(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\nGrowth (exponent of the fitted power law; steady, 0 ms, from 700 snapshots on):")?;
        let written =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        for (worker, Growth { over_all, over_databases }) in growth::of(&self.measured) {
            let [cpu, memory] = over_all.map(written);
            let [cpu_over_n, memory_over_n] = over_databases.map(written);
            write!(out, "  {worker:<26}over N x M: cpu {cpu}, memory {memory}; ")?;
            writeln!(out, "over N: cpu {cpu_over_n}, memory {memory_over_n}")?;
        }
        Ok(())
    }

    fn write_starts(&self, out: &mut impl Write) -> io::Result<()> {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let boto3 = ms(self.starts.boto3);
        writeln!(out, "\nCold start, process start to first request, beside boto3's {boto3:.0} ms:")?;
        for (worker, time) in &self.starts.workers {
            let (name, ours) = (worker.name(), ms(*time));
            let size = zip_bytes(self.workers, name)?;
            let times = boto3 / ours;
            writeln!(out, "  {name:<20}{ours:>6.1} ms, {times:>5.1} times faster; zip {size:>9} bytes")?;
        }
        Ok(())
    }

    fn write_bills(&self, out: &mut impl Write) -> io::Result<()> {
        let title = "A month of the shipped schedule with these times, without storage, alarms and logs";
        writeln!(out, "\n{title}:")?;
        for Bill { databases, snapshots, lambda, cost } in bill::of(&self.measured) {
            let total = cost.total().to_string();
            let (run, snapshot) = (lambda.per_run.num_milliseconds(), lambda.per_snapshot.num_milliseconds());
            write!(
                out,
                "  {databases:>4}x{snapshots:<4} {total:>11}: Step Functions {}, ",
                cost.state_machines
            )?;
            write!(out, "Lambda {} ({run} ms a run, {snapshot} ms a snapshot), ", cost.lambda)?;
            writeln!(out, "CloudWatch {}", cost.metering)?;
        }
        Ok(())
    }

    /// Writes the same results and every case as JSON.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let Self { measured, starts, answers, took, workers } = self;
        let cases: Vec<Value> = measured.iter().flat_map(|(case, found)| written(case, found)).collect();
        let growth: BTreeMap<_, _> =
            growth::of(measured).into_iter().map(|(worker, growth)| (worker, grown(growth))).collect();
        let starts_ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let mut zips = BTreeMap::new();
        for name in Worker::ALL.map(Worker::name).into_iter().chain(["destination-recover"]) {
            zips.insert(name, zip_bytes(workers, name)?);
        }
        let cold: BTreeMap<_, _> =
            starts.workers.iter().map(|(worker, time)| (worker.name(), starts_ms(*time))).collect();
        let bills: Vec<_> = bill::of(measured).iter().map(billed).collect();
        let goals: Vec<_> = goals::all(measured, starts, workers)?.iter().map(judged).collect();
        let whole = json!({
            "cases": cases,
            "growth": growth,
            "cold_start": {"boto3_ms": starts_ms(starts.boto3), "workers_ms": cold},
            "zips": zips,
            "simulator": {
                "calls": answers.calls,
                "us_per_call": answers.time.as_secs_f64() * 1e6 / f64::from(answers.calls.max(1)),
            },
            "minutes": took.as_secs().div_ceil(60),
            "month": bills,
            "goals": goals,
        });
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, format!("{whole:#}\n"))
    }
}

fn goal_line(goal: &Goal) -> String {
    let verdict = match goal.is_reached() {
        Some(true) => "reached",
        Some(false) => "MISSED",
        None => "not measured",
    };
    let worst = goal.worst.as_ref();
    let (figure, of) =
        worst.map_or((String::new(), ""), |(figure, of)| (format!("{figure:.3}"), of.as_str()));
    format!("{verdict:<13}{figure:>8} of {:<5} {} [{of}]", goal.limit, goal.what)
}

pub(crate) fn zip_bytes(workers: &Path, name: &str) -> io::Result<u64> {
    Ok(fs::metadata(workers.join(name).join("bootstrap.zip"))?.len())
}

fn grown(Growth { over_all, over_databases }: Growth) -> Value {
    let [cpu, memory] = over_all;
    let [cpu_over_n, memory_over_n] = over_databases;
    json!({ "cpu": cpu, "memory": memory, "cpu_over_n": cpu_over_n, "memory_over_n": memory_over_n })
}

fn billed(bill: &Bill) -> Value {
    json!({
        "databases": bill.databases,
        "snapshots": bill.snapshots,
        "per_run_ms": bill.lambda.per_run.num_milliseconds(),
        "per_snapshot_ms": bill.lambda.per_snapshot.num_milliseconds(),
        "step_functions": bill.cost.state_machines.to_string(),
        "lambda": bill.cost.lambda.to_string(),
        "cloudwatch": bill.cost.metering.to_string(),
        "total": bill.cost.total().to_string(),
    })
}

fn judged(goal: &Goal) -> Value {
    let (figure, of) = goal.worst.clone().unzip();
    json!({ "what": goal.what, "limit": goal.limit, "figure": figure, "of": of, "reached": goal.is_reached() })
}

fn written(case: &Case, found: &Measured) -> [Value; 2] {
    [("cold", &found.first), ("warm", &found.second)].map(|(start, run)| {
        json!({
            "worker": case.worker.name(),
            "scenario": bounds::scenario(case.fleet.due),
            "key": format!("{:?}", case.fleet.key).to_lowercase(),
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
            "rss_mb": found.peak_mb,
            "error": run.error,
            "pending": run.report["pending"],
            "failed": run.report["failed"],
        })
    })
}
