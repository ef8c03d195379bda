//! Virtual time: schedules fire, executions run the real workers call by call and retry them, the world goes on.
//!
//! One seed gives one history: nothing here depends on a clock, a thread or the order of a hash. What a run does is
//! in `execution`, what must hold in `watch`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_simulator::faults::{Adversity, Draws, Kind, Moment, Strikes, Window};
use pilot_light_simulator::in_process::{Effect, Fault, Simulation};
use pilot_light_simulator::world::{Happening, JournalEvent};

use super::Plan;
use super::ages::Ages;
use super::estate::{self, Home, Homes};
use super::execution::{Execution, Outcome, Progress};
use super::machine::{Machine, Retries};
use super::seats::{Seat, seats};
use super::summary::Summary;
use super::tally::Tally;
use super::timeline::{Span, SpanKind, Timeline};
use super::watch::{Sight, Terms, Watch};
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::configuration::Configuration;

/// How late a schedule fires at most: EventBridge keeps to the minute. The run itself needs the rest of it.
const LATE_SECONDS: f64 = 55.0;

/// How long a call takes.
const CALL_MILLISECONDS: f64 = 100.0;

/// After the faults are over, ages keep the schedule's bound again from twice that bound on.
const COMES_BACK: i32 = 2;

/// Something that is due; what is due first comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    at: Instant,
    number: u64,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A schedule's time has come.
    Fire { seat: usize },
    /// A state machine is started.
    Start { seat: usize },
    /// An execution's next run begins.
    Run { execution: u64 },
    /// The answer to a run's call is there.
    Call { execution: u64 },
}

/// The system under simulation.
pub(crate) struct Engine {
    seed: u64,
    start: Instant,
    homes: Homes,
    machine: Rc<Machine>,
    simulation: Simulation,
    seats: Vec<Seat>,
    queue: BinaryHeap<Reverse<Turn>>,
    executions: BTreeMap<u64, Execution>,
    numbers: u64,
    watch: Watch,
    ages: Ages,
    timeline: Timeline,
    /// Up to when the ages are in the timeline.
    drawn: Instant,
    rpo: TimeDelta,
    bound: TimeDelta,
    tally: Tally,
}

impl Engine {
    /// The system at its first instant.
    pub(crate) fn new(plan: &Plan, configuration: &Configuration, seed: u64) -> Result<Self, String> {
        let start = Instant::UNIX_EPOCH + TimeDelta::days(20_000);
        let homes = Homes::new().map_err(|error| error.to_string())?;
        let simulation = estate::world(plan, configuration, seed, &homes, start)?;
        let seats = seats(plan, configuration, seed, &homes, &simulation, start)?;
        // The last day is quiet, so that what does not heal by itself is seen.
        let days = TimeDelta::days(i64::from(plan.days));
        let faults = Window { start, end: start + days - TimeDelta::days(1).min(days) };
        let taking = seats.iter().find(|seat| seat.worker == WorkerName::SourceTake);
        let taking = taking.map_or(start, |seat| seat.anchor);
        let bound = estate::bound(plan, configuration, taking)?;
        let holds_from = if plan.faults.are_none() { start } else { faults.end + bound * COMES_BACK };
        let terms: Terms = estate::terms(configuration, &homes, bound, holds_from)?;
        let cast = estate::cast(plan, &homes).map_err(|error| error.to_string())?;
        simulation.with_world(|world| world.keep_journal());
        let mut engine = Self {
            seed,
            start,
            homes,
            machine: Rc::new(Machine::of_worker()?),
            simulation,
            seats,
            queue: BinaryHeap::new(),
            executions: BTreeMap::new(),
            numbers: 0,
            rpo: terms.rpo,
            watch: Watch::new(terms),
            timeline: timeline(plan, seed, faults),
            drawn: start,
            ages: Ages::new(cast.databases.iter().cloned().collect()),
            bound,
            tally: Tally::default(),
        };
        // A pass that is due at this very instant fills the slot that begins with it.
        let before = start - TimeDelta::seconds(1);
        (0..engine.seats.len()).for_each(|seat| engine.schedule_next(seat, before));
        engine.simulation.meet(Adversity::new(plan.faults.plan(), seed, faults, cast));
        if let Some(call) = plan.faults.killed_after(seed) {
            engine.simulation.inject(Fault::Kill { call, effect: Effect::After });
        }
        Ok(engine)
    }

    /// Puts other passes in a worker's place.
    #[cfg(test)]
    pub(super) fn replace(&mut self, worker: WorkerName, pass: super::execution::Pass) {
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.worker == worker) {
            seat.pass = pass;
        }
    }

    /// The world, to set a scene in it.
    #[cfg(test)]
    pub(super) fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Runs up to the end and sums up.
    pub(crate) fn run(mut self, plan: &Plan) -> Result<Summary, String> {
        let end = self.start + TimeDelta::days(i64::from(plan.days));
        while let Some(Reverse(turn)) = self.queue.pop() {
            if turn.at > end {
                break;
            }
            self.pass_time(turn.at);
            self.take(&turn);
        }
        self.pass_time(end);
        self.measure(end);
        self.ages.end(end);
        Ok(self.summary(plan, end))
    }

    fn take(&mut self, turn: &Turn) {
        match turn.what {
            What::Fire { seat } => {
                self.schedule_next(seat, turn.at);
                let late = self.draw(&("late", seat, turn.at)) * LATE_SECONDS;
                let worker = self.seats[seat].worker.as_str();
                for at in self.simulation.fires(worker, turn.at) {
                    self.push(at.max(turn.at) + seconds(late), What::Start { seat });
                }
            }
            What::Start { seat } => {
                let sight = self.simulation.execution(turn.number);
                let execution = Execution::new(seat, turn.at, Retries::new(&self.machine), sight);
                self.executions.insert(turn.number, execution);
                self.run_one(turn.number, turn.at);
            }
            What::Run { execution } => self.run_one(execution, turn.at),
            What::Call { execution } => self.go_on(execution, turn.at),
        }
    }

    fn run_one(&mut self, number: u64, now: Instant) {
        let Some(execution) = self.executions.get_mut(&number) else { return };
        let seat = &self.seats[execution.seat];
        let skew = self.simulation.skew(seat.worker.as_str(), now);
        execution.slow = self.simulation.slow(seat.worker.as_str(), now);
        execution.begin(&seat.pass, &seat.cloud, now + skew);
        self.watch.begins(number, now);
        self.go_on(number, now);
    }

    fn go_on(&mut self, number: u64, now: Instant) {
        let Some(execution) = self.executions.get_mut(&number) else { return };
        let progress = execution.go_on();
        let slow = execution.slow;
        let worker = self.seats[execution.seat].worker;
        self.observe(Some(number));
        match progress {
            Progress::Waits(calls) => {
                let usual = || seconds(self.draw(&("call", number, calls)) * CALL_MILLISECONDS / 1000.0);
                let takes = slow.unwrap_or_else(usual);
                self.push(now + takes, What::Call { execution: number });
            }
            Progress::Over(outcome) => {
                self.watch.ends(number);
                self.end_run(number, worker, &outcome, now);
            }
        }
    }

    fn end_run(&mut self, number: u64, worker: WorkerName, outcome: &Outcome, now: Instant) {
        if let Some(report) = &outcome.report {
            self.tally.count(report);
        }
        let Some(error) = outcome.error else {
            self.executions.remove(&number);
            if let Some(report) = &outcome.report {
                let sight = self.sight();
                self.watch.passed(worker, report, now, sight);
            }
            return;
        };
        let jitter = self.draw(&("jitter", number, now));
        let Some(execution) = self.executions.get_mut(&number) else { return };
        match execution.retries.next(error, now - execution.began, jitter) {
            Some(delay) => self.push(now + delay, What::Run { execution: number }),
            None => {
                self.executions.remove(&number);
                self.tally.failed += 1;
            }
        }
    }

    /// Lets the world go on.
    fn pass_time(&mut self, to: Instant) {
        self.simulation.advance_to(to);
        self.observe(None);
    }

    /// Looks at everything that happened, as nobody in the two accounts can.
    fn observe(&mut self, run: Option<u64>) {
        let events = self.simulation.with_world(|world| world.take_journal());
        if !events.is_empty() {
            let sight = self.sight();
            events.iter().for_each(|event| self.see(event, run, sight));
        }
        for published in self.simulation.take_published() {
            self.watch.published(&published.metric, run, published.at);
        }
    }

    fn see(&mut self, event: &JournalEvent, run: Option<u64>, sight: Sight) {
        self.watch.see(event, run, sight);
        match &event.what {
            Happening::Begun(record, _) => self.tally.hold(&self.homes, record, 1),
            Happening::Gone(record, _) => self.tally.hold(&self.homes, record, -1),
            Happening::Ended(record) if self.watch.is_usable_copy(&record.arn) => {
                self.measure(event.at);
                self.ages.arrive(record, event.at);
                self.come_back(event.at);
            }
            Happening::OutageBegan => self.tally.coming_back_since = None,
            Happening::OutageEnded => {
                self.tally.coming_back_since = Some(event.at);
                self.come_back(event.at);
            }
            Happening::Ended(_) | Happening::Refused(_) => {}
        }
    }

    fn measure(&mut self, now: Instant) {
        if let (Some(from), Some(to)) = (self.ages.oldest(self.drawn), self.ages.oldest(now)) {
            self.timeline.grow(self.drawn, now, from);
            self.watch.measure(to, now);
        }
        self.drawn = now;
    }

    /// Notes when every database is within the bound again after an outage.
    fn come_back(&mut self, now: Instant) {
        let is_back = self.ages.oldest(now).is_some_and(|age| age <= self.bound);
        if let Some(since) = self.tally.coming_back_since.filter(|_| is_back) {
            self.tally.coming_back_since = None;
            self.tally.came_back_in = self.tally.came_back_in.max(Some(now - since));
        }
    }

    fn sight(&self) -> Sight {
        let [source, destination] = [&self.homes.source, &self.homes.destination];
        let between = Home { region: source.region.clone(), ..destination.clone() };
        let hides =
            |home: &Home| self.simulation.with_world(|world| world.hides_any(&home.account, &home.region));
        if [source, destination, &between].into_iter().any(hides) { Sight::Clouded } else { Sight::Clear }
    }

    fn summary(self, plan: &Plan, end: Instant) -> Summary {
        let count = |verb: &str| self.tally.acted.get(verb).copied().unwrap_or_default();
        let unfinished = self.tally.coming_back_since.map(|since| end - since);
        Summary {
            seed: self.seed,
            seeds: 1,
            databases: plan.databases,
            days: plan.days,
            worst: self.ages.worst(),
            worst_seed: self.seed,
            measured: self.ages.measured().clone(),
            timeline: self.timeline,
            target: self.rpo,
            bound: self.bound,
            taken: count("take"),
            shared: count("share"),
            copied: count("copy"),
            deleted: count("delete"),
            failed_runs: self.tally.failed,
            faults_injected: self.simulation.faults_injected().values().sum(),
            api_calls: self.simulation.total_calls(),
            peak_source_snapshots: self.tally.peaks[0],
            peak_destination_snapshots: self.tally.peaks[1],
            back_after_outage: self.tally.came_back_in.max(unfinished),
            violations: self
                .watch
                .into_violations()
                .into_iter()
                .map(|what| format!("seed {}, {what}; again: {}", self.seed, plan.replay(self.seed)))
                .collect(),
        }
    }

    fn schedule_next(&mut self, seat: usize, after: Instant) {
        let Seat { schedule, anchor, .. } = &self.seats[seat];
        if let Some(at) = schedule.next_after(after, *anchor) {
            self.push(at, What::Fire { seat });
        }
    }

    fn push(&mut self, at: Instant, what: What) {
        self.numbers += 1;
        self.queue.push(Reverse(Turn { at, number: self.numbers, what }));
    }

    fn draw(&self, of: &impl Hash) -> f64 {
        draw(self.seed, of)
    }
}

/// An empty timeline with the outages that there will be: the same draws as the world's.
fn timeline(plan: &Plan, seed: u64, faults: Window) -> Timeline {
    let mut timeline = Timeline::new(faults.start);
    if plan.faults.are_none() {
        return timeline;
    }
    let label = "faults may strike".to_owned();
    timeline.mark(Span { from: faults.start, until: faults.end, kind: SpanKind::Faults, label });
    for (moment, strike) in Strikes::new(Draws::new(plan.faults.plan(), seed, faults)) {
        let what = match (moment, strike.kind) {
            (Moment::Begins, Kind::RegionOutage) => "Region",
            (Moment::Begins, Kind::AccountOutage) => "account",
            _ => continue,
        };
        let label = format!("outage of the {:?}'s {what}", strike.side).to_lowercase();
        timeline.mark(Span { from: strike.at, until: strike.until, kind: SpanKind::Outage, label });
    }
    timeline
}

/// A number in 0..1 that the seed and what it is for decide.
pub(super) fn draw(seed: u64, of: &impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    (seed, of).hash(&mut hasher);
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough")]
    let unit = (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64;
    unit
}

fn seconds(seconds: f64) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "minutes at most")]
    let milliseconds = (seconds * 1000.0) as i64;
    TimeDelta::milliseconds(milliseconds)
}
