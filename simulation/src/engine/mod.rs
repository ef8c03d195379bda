//! The engine of virtual time: it fires schedules, continues executions call by call, and advances the world.
//!
//! One seed gives one history. Nothing here depends on a clock, a thread or the order of a hash. `execution` contains
//! one run, `state_machine` the retries, and `crate::invariants` the conditions that must hold.

pub(crate) mod deployed;
pub(crate) mod execution;
mod offers;
mod state_machine;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::Hash;
use std::rc::Rc;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::configuration::Configuration;
use pilot_light_simulator::faults::{Adversity, Window};
use pilot_light_simulator::in_process::{Effect, Fault, Simulation};
use pilot_light_simulator::world::{Happening, JournalEvent};

use self::deployed::{Deployed, deployed};
use self::execution::{Execution, Outcome, Progress};
use self::state_machine::{Machine, Retries};
use crate::bound;
use crate::draw::{draw, seconds};
use crate::estate;
use crate::homes::{Home, Homes};
use crate::invariants::{Allowed, Ended, Invariants, Terms, Visibility};
use crate::measure::ages::{Aged, Ages};
use crate::measure::outages;
use crate::measure::summary::{Summary, Worst};
use crate::measure::tally::Tally;
use crate::measure::timeline::Timeline;
use crate::scenario::Scenario;

/// The longest delay of a schedule. EventBridge starts a target within the minute, and the run needs the rest of the minute.
const LATE_SECONDS: f64 = 55.0;

/// The longest time that a call takes.
const CALL_MILLISECONDS: f64 = 100.0;

/// After the end of the faults, the ages have this many times the bound to return to the bound.
const BOUNDS_UNTIL_RETURN: i32 = 2;

/// The rest of a history after its kill. By then, every worker has run many times.
const AFTER_KILL: TimeDelta = TimeDelta::days(1);

/// A step that is due. The order is by time, and then by number.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Instant,
    number: u64,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The schedule of a worker fires. `index` is the worker's index in `Engine::deployed`.
    Fire { index: usize },
    /// An execution of a worker's state machine starts.
    Start { index: usize },
    /// The next run of an execution begins.
    Run { execution: u64 },
    /// The answer to a call of a run arrives.
    Call { execution: u64 },
}

/// The system under simulation.
pub(crate) struct Engine {
    seed: u64,
    start: Instant,
    homes: Homes,
    machine: Rc<Machine>,
    simulation: Simulation,
    deployed: Vec<Deployed>,
    queue: BinaryHeap<Reverse<Due>>,
    executions: BTreeMap<u64, Execution>,
    numbers: u64,
    invariants: Invariants,
    ages: Ages,
    timeline: Timeline,
    /// The time up to which the timeline contains the ages.
    measured_until: Instant,
    rpo: TimeDelta,
    bound: TimeDelta,
    tally: Tally,
}

impl Engine {
    /// The system at its first instant.
    pub(crate) fn new(scenario: &Scenario, configuration: &Configuration, seed: u64) -> Result<Self, String> {
        let start = Instant::UNIX_EPOCH + TimeDelta::days(20_000);
        let homes = Homes::new().map_err(|error| error.to_string())?;
        let simulation = estate::world(scenario, configuration, seed, &homes, start)?;
        let deployed = deployed(scenario, configuration, seed, &homes, &simulation, start)?;
        // The last day has no faults, so that failures that do not heal by themselves become visible.
        let days = TimeDelta::days(i64::from(scenario.days));
        let faults = Window { start, end: start + days - TimeDelta::days(1).min(days) };
        let take = deployed.iter().find(|deployed| deployed.worker == WorkerName::SourceTake);
        let take_anchor = take.map_or(start, |take| take.anchor);
        let bound = bound::bound(scenario, configuration, take_anchor)?;
        let holds_from =
            if scenario.faults.are_none() { start } else { faults.end + bound * BOUNDS_UNTIL_RETURN };
        let snapshot = TimeDelta::minutes(i64::from(scenario.snapshot.to));
        let allowed = Allowed { bound, holds_from, snapshot };
        let failed_can_be_deleted = simulation.with_world(|world| world.settings().failed_can_be_deleted);
        let terms = Terms { failed_can_be_deleted, ..bound::terms(configuration, &homes, allowed)? };
        let cast = estate::cast(scenario, &homes).map_err(|error| error.to_string())?;
        let mut engine = Self {
            seed,
            start,
            ages: Ages::new(homes.clone()),
            homes,
            machine: Rc::new(Machine::of_worker()?),
            simulation,
            deployed,
            queue: BinaryHeap::new(),
            executions: BTreeMap::new(),
            numbers: 0,
            rpo: terms.rpo,
            invariants: Invariants::new(terms),
            timeline: outages::timeline(scenario, seed, faults),
            measured_until: start,
            bound,
            tally: Tally::default(),
        };
        // The journal contains the databases of the estate.
        engine.observe(None);
        // A run that is due at the start itself serves the interval that begins with it.
        let before = start - TimeDelta::seconds(1);
        (0..engine.deployed.len()).for_each(|index| engine.schedule_next(index, before));
        engine.simulation.meet(Adversity::new(scenario.faults.plan(), seed, faults, cast));
        if let Some(call) = scenario.faults.killed_after(seed) {
            engine.simulation.inject(Fault::Kill { call, effect: Effect::After });
        }
        Ok(engine)
    }

    /// Replaces a worker.
    #[cfg(test)]
    pub(crate) fn replace(&mut self, worker: WorkerName, runnable: execution::Runnable) {
        if let Some(deployed) = self.deployed.iter_mut().find(|deployed| deployed.worker == worker) {
            deployed.runnable = runnable;
        }
    }

    /// The simulator, to prepare its world.
    #[cfg(test)]
    pub(crate) fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Simulates the scenario to its end and returns its figures.
    pub(crate) fn run(mut self, scenario: &Scenario) -> Result<Summary, String> {
        let mut end = self.start + TimeDelta::days(i64::from(scenario.days));
        let mut kill = scenario.faults.killed_after(self.seed);
        while let Some(Reverse(due)) = self.queue.pop() {
            if kill.is_some_and(|call| self.simulation.total_calls() >= call) {
                (kill, end) = (None, end.min(due.at + AFTER_KILL));
            }
            if due.at > end {
                break;
            }
            self.advance_to(due.at);
            self.perform(&due);
        }
        self.advance_to(end);
        self.measure(end);
        self.ages.end(end);
        Ok(self.summary(scenario, end))
    }

    fn perform(&mut self, due: &Due) {
        match due.step {
            Step::Fire { index } => {
                // Without any copy, no event would show that a database becomes late.
                self.measure(due.at);
                self.schedule_next(index, due.at);
                let late = self.draw(&("late", index, due.at)) * LATE_SECONDS;
                let worker = self.deployed[index].worker.as_str();
                for at in self.simulation.fires(worker, due.at) {
                    self.push(at.max(due.at) + seconds(late), Step::Start { index });
                }
            }
            Step::Start { index } => {
                let simulation = self.simulation.run(due.number);
                let execution = Execution::new(index, due.at, Retries::new(&self.machine), simulation);
                self.executions.insert(due.number, execution);
                self.begin_run(due.number, due.at);
            }
            Step::Run { execution } => self.begin_run(execution, due.at),
            Step::Call { execution } => self.continue_run(execution, due.at),
        }
    }

    fn begin_run(&mut self, number: u64, now: Instant) {
        let Some(execution) = self.executions.get_mut(&number) else { return };
        let deployed = &self.deployed[execution.index];
        let skew = self.simulation.skew(deployed.worker.as_str(), now);
        execution.slow = self.simulation.slow(deployed.worker.as_str(), now);
        execution.begin(&deployed.runnable, &deployed.cloud, now + skew);
        let visibility = self.visibility();
        self.invariants.run_begins(number, now, self.ages.protections(), visibility);
        self.continue_run(number, now);
    }

    fn continue_run(&mut self, number: u64, now: Instant) {
        let Some(execution) = self.executions.get_mut(&number) else { return };
        let progress = execution.continue_run();
        let slow = execution.slow;
        let worker = self.deployed[execution.index].worker;
        self.observe(Some(number));
        match progress {
            Progress::Waits(calls) => {
                let usual = || seconds(self.draw(&("call", number, calls)) * CALL_MILLISECONDS / 1000.0);
                let takes = slow.unwrap_or_else(usual);
                self.push(now + takes, Step::Call { execution: number });
            }
            Progress::Over(outcome) => {
                self.end_run(number, worker, &outcome, now);
                self.invariants.run_ends(number);
            }
        }
    }

    fn end_run(&mut self, number: u64, worker: WorkerName, outcome: &Outcome, now: Instant) {
        if let Some(report) = &outcome.report {
            self.tally.count(report);
        }
        let Some(error) = outcome.error else {
            let visibility = self.visibility();
            if let Some(report) = &outcome.report {
                self.invariants.check_run((worker, report), number, now, visibility);
            }
            self.end_execution(number, worker, None, now);
            return;
        };
        let jitter = self.draw(&("jitter", number, now));
        let Some(execution) = self.executions.get_mut(&number) else { return };
        match execution.retries.next(error, now - execution.began, jitter) {
            Some(delay) => self.push(now + delay, Step::Run { execution: number }),
            None => {
                self.end_execution(number, worker, Some(error), now);
                self.tally.failed += 1;
            }
        }
    }

    fn end_execution(&mut self, number: u64, worker: WorkerName, error: Option<&'static str>, now: Instant) {
        if let Some(Execution { began, .. }) = self.executions.remove(&number) {
            self.invariants.check_execution(Ended { worker, began, error }, now);
        }
    }

    /// Advances the world.
    fn advance_to(&mut self, to: Instant) {
        self.simulation.advance_to(to);
        self.observe(None);
    }

    /// Records and checks everything that happened since the last call, from outside the two accounts.
    fn observe(&mut self, run: Option<u64>) {
        let events = self.simulation.with_world(|world| world.take_journal());
        if !events.is_empty() {
            let visibility = self.visibility();
            events.iter().for_each(|event| self.record(event, run, visibility));
        }
        for published in self.simulation.take_published() {
            let offered = || offers::offered(&self.simulation, &self.homes);
            let protections = self.ages.protections();
            self.invariants.check_metric((&published.metric, run), published.at, protections, offered);
        }
    }

    fn record(&mut self, event: &JournalEvent, run: Option<u64>, visibility: Visibility) {
        self.invariants.check_event(event, run, visibility);
        if self.ages.are_concerned(&event.what) {
            self.measure(event.at);
            self.ages.enter(&event.what, event.at);
            self.tally.arrived += u64::from(matches!(event.what, Happening::Ended(_)));
            self.note_return(event.at);
        }
        match &event.what {
            Happening::Begun(record, _) => self.tally.hold(&self.homes, record, 1),
            Happening::Gone(record, _) => self.tally.hold(&self.homes, record, -1),
            Happening::OutageBegan => self.tally.returning = None,
            Happening::OutageEnded => {
                self.tally.outage_ended(self.ages.protections(), event.at);
                self.note_return(event.at);
            }
            Happening::Ended(_)
            | Happening::Refused(..)
            | Happening::DatabaseReady(_)
            | Happening::DatabaseRenamed(_)
            | Happening::DatabaseGone(_) => {}
        }
    }

    fn measure(&mut self, now: Instant) {
        if let Some(from) = self.ages.oldest(self.measured_until) {
            self.timeline.grow(self.measured_until, now, from);
            self.invariants.check_ages(self.ages.protections(), now);
        }
        self.measured_until = now;
    }

    fn note_return(&mut self, now: Instant) {
        self.tally.note_return(self.ages.protections(), self.bound, now);
    }

    fn visibility(&self) -> Visibility {
        let [source, destination] = [&self.homes.source, &self.homes.destination];
        let between = Home { region: source.region.clone(), ..destination.clone() };
        let hides =
            |home: &Home| self.simulation.with_world(|world| world.hides_any(&home.account, &home.region));
        if [source, destination, &between].into_iter().any(hides) {
            Visibility::Incomplete
        } else {
            Visibility::Complete
        }
    }

    /// The databases without any copy at the end, other than those that were created again too late for one.
    fn without_copy(&self, end: Instant) -> Vec<Worst> {
        let is_new = |aged: &Aged| aged.is_recreated && aged.age <= self.bound;
        let without = self.ages.without_copy(end).into_iter().filter(|aged| !is_new(aged));
        without.map(|aged| Worst { seed: self.seed, aged }).collect()
    }

    fn summary(self, scenario: &Scenario, end: Instant) -> Summary {
        let count = |verb: &str| self.tally.acted.get(verb).copied().unwrap_or_default();
        let unfinished = self.tally.returning.as_ref().map(|returning| end - returning.since);
        Summary {
            seed: self.seed,
            seeds: 1,
            databases: scenario.databases,
            days: scenario.days,
            worst: self.ages.worst().map(|worst| Worst { seed: self.seed, aged: worst.clone() }),
            without_copy: self.without_copy(end),
            is_without_faults: scenario.faults.are_none(),
            measured: self.ages.measured().clone(),
            timeline: self.timeline,
            target: self.rpo,
            bound: self.bound,
            taken: count("take"),
            shared: count("share"),
            copied: count("copy"),
            arrived: self.tally.arrived,
            deleted: count("delete"),
            failed_runs: self.tally.failed,
            faults_injected: self.simulation.faults_injected().values().sum(),
            api_calls: self.simulation.total_calls(),
            peak_source_snapshots: self.tally.peaks[0],
            peak_destination_snapshots: self.tally.peaks[1],
            back_after_outage: self.tally.longest_return.max(unfinished),
            violations: self.invariants.into_violations(self.seed),
        }
    }

    fn schedule_next(&mut self, index: usize, after: Instant) {
        let Deployed { schedule, anchor, .. } = &self.deployed[index];
        if let Some(at) = schedule.next_after(after, *anchor) {
            self.push(at, Step::Fire { index });
        }
    }

    fn push(&mut self, at: Instant, step: Step) {
        self.numbers += 1;
        self.queue.push(Reverse(Due { at, number: self.numbers, step }));
    }

    fn draw(&self, purpose: &impl Hash) -> f64 {
        draw(self.seed, purpose)
    }
}
