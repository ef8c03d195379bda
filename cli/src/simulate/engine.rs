//! Virtual time: schedules fire, state machines run the real workers and retry them, the world goes on.
//!
//! One seed gives one history: nothing here depends on a clock, a thread or the order of a hash.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use futures_util::FutureExt;
use pilot_light_domain::Instant;
use pilot_light_domain::cloud::{Cloud, Context, Mode, Worker};
use pilot_light_domain::report::Report;
use pilot_light_domain::schedule::Schedule;
use pilot_light_simulator::faults::{Adversity, Window};
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};
use pilot_light_simulator::world::{DescribeDbSnapshots, Page, Request, Response, SnapshotView};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use super::ages::Ages;
use super::estate::{self, Home, Homes};
use super::machine::Retries;
use super::watch::{Watch, is_ours};
use super::{Plan, Summary};
use crate::command::WorkerName;

/// A worker in its place, with its schedule.
struct Seat {
    worker: WorkerName,
    home: Home,
    cloud: SimulatedCloud,
    schedule: Schedule,
    anchor: Instant,
}

/// A try of an execution; the one due first comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Try {
    at: Instant,
    number: u64,
    seat: usize,
    /// The execution it belongs to.
    execution: Execution,
}

/// What a try belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Execution {
    /// The schedule's time has come: none yet.
    Due,
    /// One that begins.
    New,
    /// One that is tried again.
    Again(u64),
}

/// The system under simulation.
pub(crate) struct Engine {
    seed: u64,
    databases: usize,
    homes: Homes,
    simulation: Simulation,
    seats: Vec<Seat>,
    queue: BinaryHeap<Reverse<Try>>,
    executions: BTreeMap<u64, Retries>,
    numbers: u64,
    ages: Ages,
    acted: BTreeMap<String, u64>,
    failed: u64,
    peaks: (usize, usize),
    watch: Watch,
}

impl Engine {
    /// The system at its first instant.
    pub(crate) fn new(plan: &Plan) -> Result<Self, String> {
        let start = Instant::UNIX_EPOCH + TimeDelta::days(20_000);
        let homes = Homes::new().map_err(|error| error.to_string())?;
        let simulation = estate::world(plan, &homes, start)?;
        let mut seats = Vec::new();
        for worker in WorkerName::ALL {
            let home = if worker.is_source() { &homes.source } else { &homes.destination };
            let cloud =
                simulation.cloud(&home.account, &home.region, estate::parameters(plan.schedule, worker));
            let schedule = estate::schedule(plan.schedule, worker)?;
            // Rules are made one after the other, so their phases differ; the seed says how.
            let phase = draw(plan.seed, &("phase", worker)) * 3600.0;
            #[expect(clippy::cast_possible_truncation, reason = "within an hour")]
            let anchor = start - TimeDelta::seconds(phase as i64);
            seats.push(Seat { worker, home: home.clone(), cloud, schedule, anchor });
        }
        let mut engine = Self {
            seed: plan.seed,
            databases: plan.databases,
            homes,
            simulation,
            seats,
            queue: BinaryHeap::new(),
            executions: BTreeMap::new(),
            numbers: 0,
            ages: Ages::default(),
            acted: BTreeMap::new(),
            failed: 0,
            peaks: (0, 0),
            watch: Watch::default(),
        };
        for seat in 0..engine.seats.len() {
            engine.schedule_next(seat, start);
        }
        // The last day is quiet, so that what does not heal by itself is seen.
        let days = TimeDelta::days(i64::from(plan.days));
        let window = Window { start, end: start + days - TimeDelta::days(1).min(days) };
        let cast = estate::cast(plan, &engine.homes).map_err(|error| error.to_string())?;
        engine.simulation.meet(Adversity::new(plan.faults.clone(), plan.seed, window, cast));
        Ok(engine)
    }

    /// Runs up to the end and sums up.
    pub(crate) fn run(mut self, plan: &Plan) -> Result<Summary, String> {
        self.play(plan)?;
        self.summary(plan)
    }

    /// Runs up to the end, and gives the world and the ages to look at.
    #[cfg(test)]
    pub(crate) fn run_to_the_end(mut self, plan: &Plan) -> Result<(Simulation, Ages), String> {
        self.play(plan)?;
        Ok((self.simulation, self.ages))
    }

    fn play(&mut self, plan: &Plan) -> Result<(), String> {
        let end = self.simulation.now() + TimeDelta::days(i64::from(plan.days));
        while let Some(Reverse(next)) = self.queue.pop() {
            if next.at > end {
                break;
            }
            self.pass_time(next.at);
            self.run_one(&next)?;
        }
        self.pass_time(end);
        Ok(())
    }

    fn summary(self, plan: &Plan) -> Result<Summary, String> {
        let count = |verb: &str| self.acted.get(verb).copied().unwrap_or_default();
        Ok(Summary {
            seed: plan.seed,
            databases: plan.databases,
            days: plan.days,
            worst_age_minutes: self.ages.worst_minutes(),
            p99_age_minutes: self.ages.p99_minutes(),
            mean_age_minutes: (self.ages.mean_minutes() * 10.0).round() / 10.0,
            theoretical_minutes: plan.schedule.bound(plan)?.num_minutes(),
            taken: count("take"),
            shared: count("share"),
            copied: count("copy"),
            deleted: count("delete"),
            failed_runs: self.failed,
            faults_injected: self.simulation.faults_injected().values().sum(),
            violations: self.watch.violations,
            api_calls: self.simulation.total_calls(),
            peak_source_snapshots: self.peaks.0,
            peak_destination_snapshots: self.peaks.1,
        })
    }

    /// Lets the world go on, looking at every instant at which something happens in it.
    fn pass_time(&mut self, to: Instant) {
        while let Some(at) = self.simulation.next_event().filter(|at| *at <= to) {
            self.simulation.advance_to(at);
            self.observe();
        }
        self.simulation.advance_to(to);
        self.ages.grow(to, self.databases);
    }

    /// Looks at both accounts, as nobody in them can.
    fn observe(&mut self) {
        let now = self.simulation.now();
        self.ages.grow(now, self.databases);
        let source = self.snapshots(&self.homes.source).len();
        let here = self.snapshots(&self.homes.destination);
        for copy in here.iter().filter(|view| is_ours(view) && view.record.status.as_str() == "available") {
            self.ages.arrive(copy);
        }
        self.watch.look(&here, &self.homes.destination.account, &self.ages, now);
        self.peaks = (self.peaks.0.max(source), self.peaks.1.max(here.len()));
    }

    /// All manual snapshots of a home.
    fn snapshots(&self, home: &Home) -> Vec<SnapshotView> {
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let page = Page { max_records: Some(100), marker };
            let list =
                DescribeDbSnapshots { snapshot_type: Some("manual".to_owned()), page, ..Default::default() };
            let answer =
                self.simulation.request(&home.account, &home.region, Request::DescribeDbSnapshots(list));
            let Ok(Response::Snapshots(listing)) = answer else { return all };
            all.extend(listing.items);
            marker = listing.marker;
            if marker.is_none() {
                return all;
            }
        }
    }

    fn run_one(&mut self, due: &Try) -> Result<(), String> {
        let name = self.seats[due.seat].worker.name();
        let execution = match due.execution {
            Execution::Due => {
                self.schedule_next(due.seat, due.at);
                for at in self.simulation.fires(name, due.at) {
                    self.push(at.max(due.at), due.seat, Execution::New);
                }
                return Ok(());
            }
            Execution::New => due.number,
            Execution::Again(execution) => execution,
        };
        let skew = self.simulation.skew(name, due.at);
        let outcome = self.seats[due.seat].run(due.at + skew);
        if self.simulation.was_killed() {
            self.simulation.revive();
        }
        let failure = match outcome {
            Ok(report) => {
                for (verb, count) in &report.acted {
                    *self.acted.entry(verb.clone()).or_default() += *count as u64;
                }
                report.error.map(|name| name.as_str())
            }
            Err(name) => Some(name),
        };
        self.observe();
        let Some(error) = failure else {
            self.executions.remove(&execution);
            return Ok(());
        };
        let mut retries = self.executions.remove(&execution).map_or_else(Retries::of_worker, Ok)?;
        match retries.next(error, draw(self.seed, &("jitter", due.number))) {
            Some(delay) => {
                self.executions.insert(execution, retries);
                self.push(due.at + delay, due.seat, Execution::Again(execution));
            }
            None => self.failed += 1,
        }
        Ok(())
    }

    fn schedule_next(&mut self, seat: usize, after: Instant) {
        let Seat { schedule, anchor, .. } = &self.seats[seat];
        if let Some(at) = schedule.next_after(after, *anchor) {
            self.push(at, seat, Execution::Due);
        }
    }

    fn push(&mut self, at: Instant, seat: usize, execution: Execution) {
        self.numbers += 1;
        self.queue.push(Reverse(Try { at, number: self.numbers, seat, execution }));
    }
}

impl Seat {
    /// One run of the worker, its metrics published as the bootstrap does it.
    fn run(&self, now: Instant) -> Result<Report, &'static str> {
        match self.worker {
            WorkerName::SourceTake => self.run_worker(&SourceTake, now),
            WorkerName::SourceShare => self.run_worker(&SourceShare, now),
            WorkerName::SourceDelete => self.run_worker(&SourceDelete, now),
            WorkerName::DestinationCopy => self.run_worker(&DestinationCopy, now),
            WorkerName::DestinationDelete => self.run_worker(&DestinationDelete, now),
        }
    }

    fn run_worker(&self, worker: &impl Worker, now: Instant) -> Result<Report, &'static str> {
        let Home { account, region } = self.home.clone();
        let context = Context { account, region, now, mode: Mode::Apply };
        // The simulator answers at once; a future that does not resolve is a worker that was killed.
        let run = worker.run(&self.cloud, &context).now_or_never().ok_or("Lambda.Unknown")?;
        let report = run.map_err(|error| error.name().as_str())?;
        let _ = self.cloud.publish(&report.metrics()).now_or_never();
        Ok(report)
    }
}

/// A number in 0..1 that the seed and what it is for decide.
fn draw(seed: u64, of: &impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    (seed, of).hash(&mut hasher);
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough")]
    let unit = (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64;
    unit
}
