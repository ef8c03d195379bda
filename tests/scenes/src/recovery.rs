//! One execution of the recovery's state machine on the simulator: validate, start, wait, check, until it is over.
//!
//! How long it waits is read from `statemachines/recover.asl.json`; that the states follow each other so is proven in
//! `tests/contract` and `tests/local`. What it is run on is in [`estate`] and [`scenes`].

pub mod estate;
pub mod late;
pub mod scenes;

use std::sync::LazyLock;

use chrono::TimeDelta;
use destination_recover::{DestinationRecover, Progress, Verdict};
use futures_util::FutureExt;
use pilot_light_domain::Instant;
use pilot_light_domain::recovery::{Call, Operator};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};
use serde_json::{Value, json};

/// What AWS allows a state's input or output to be, in bytes.
pub const LARGEST_STATE: usize = 262_144;

/// A Lambda call and the states around it, without the calls that it makes.
const TRANSITIONS: TimeDelta = TimeDelta::seconds(1);
/// One of RDS's slower answers; so many go side by side.
const ANSWER: TimeDelta = TimeDelta::milliseconds(800);
const SIDE_BY_SIDE: u64 = 8;

static WAIT: LazyLock<TimeDelta> = LazyLock::new(|| {
    let machine = include_str!("../../../statemachines/recover.asl.json");
    let (_, wait) = machine.split_once("\"Wait\": {").unwrap();
    let (_, seconds) = wait.split_once("\"Seconds\":").unwrap();
    let digits: String = seconds.trim().chars().take_while(char::is_ascii_digit).collect();
    TimeDelta::seconds(digits.parse().unwrap())
});

/// An execution of a worker.
#[derive(Debug, Clone)]
pub struct Execution<W = DestinationRecover> {
    /// The worker.
    pub worker: W,
    /// The world.
    pub simulation: Simulation,
    /// What the worker sees of it.
    pub cloud: SimulatedCloud,
    /// What the state machine is for.
    pub purpose: &'static str,
    /// Its name.
    pub name: String,
    /// When it began.
    pub began: Instant,
    /// When each layer was begun, and the last was up.
    pub layers: Vec<Instant>,
    /// The largest input or output of a state so far, in bytes.
    pub largest: usize,
    /// After how long a call is made again, with the same input, that was killed or failed by what passes; never, if
    /// absent.
    pub retry: Option<TimeDelta>,
}

/// Why an execution did not go to its end.
#[derive(Debug)]
pub enum Stop {
    /// The worker was killed.
    Killed,
    /// It returned an error.
    Failed(WorkerError),
}

impl Execution {
    /// One that has not begun.
    #[must_use]
    pub fn new(simulation: &Simulation, cloud: &SimulatedCloud, purpose: &'static str, name: &str) -> Self {
        Self {
            worker: DestinationRecover,
            simulation: simulation.clone(),
            cloud: cloud.clone(),
            purpose,
            name: name.to_owned(),
            began: simulation.now(),
            layers: Vec::new(),
            largest: 0,
            retry: None,
        }
    }
}

impl<W: Operator> Execution<W> {
    /// The same with another worker.
    #[must_use]
    pub fn with<V: Operator>(self, worker: V) -> Execution<V> {
        let Self { worker: _, simulation, cloud, purpose, name, began, layers, largest, retry } = self;
        Execution { worker, simulation, cloud, purpose, name, began, layers, largest, retry }
    }

    /// Runs to the end.
    ///
    /// # Errors
    /// If the worker was killed or returned an error; the state machine would try again, or fail.
    pub fn run(&mut self, manifest: &Value) -> Result<Progress, Stop> {
        let mut state = self.ask("validate", &json!({"input": manifest}))?;
        loop {
            let progress: Progress = serde_json::from_value(state["progress"].clone()).unwrap();
            let operation = match progress.verdict {
                Verdict::Next => {
                    self.layers.push(self.simulation.now());
                    "start"
                }
                Verdict::Waiting => {
                    self.simulation.advance_by(*WAIT);
                    "check"
                }
                Verdict::Recovered | Verdict::Failed => {
                    self.layers.push(self.simulation.now());
                    return Ok(progress);
                }
            };
            let fields = json!({"layers": state["layers"], "progress": state["progress"]});
            state["progress"] = self.ask(operation, &fields)?;
        }
    }

    /// Runs to the end, and again from the start as another execution whenever the worker is killed.
    pub fn run_in_spite_of_all(&mut self, manifest: &Value) -> Progress {
        self.run_again_after(TimeDelta::zero(), manifest)
    }

    /// The same, each execution begun so long after the one before was killed.
    pub fn run_again_after(&mut self, pause: TimeDelta, manifest: &Value) -> Progress {
        loop {
            match self.run(manifest) {
                Ok(progress) => return progress,
                Err(Stop::Killed) => {
                    self.simulation.clear_faults();
                    self.simulation.advance_by(pause);
                    self.name.push_str("-again");
                    self.began = self.simulation.now();
                }
                Err(Stop::Failed(error)) => panic!("{error}"),
            }
        }
    }

    /// One call of the worker, made again as the state machine would.
    fn ask(&mut self, operation: &str, fields: &Value) -> Result<Value, Stop> {
        loop {
            let pause = match (self.call(operation, fields), self.retry) {
                (Err(stop), Some(after)) if stop.passes() => after,
                (answer, _) => return answer,
            };
            self.simulation.clear_faults();
            self.simulation.advance_by(pause);
        }
    }

    /// One call of the worker, with the time that it takes.
    fn call(&mut self, operation: &str, fields: &Value) -> Result<Value, Stop> {
        let mut event = fields.clone();
        event["operation"] = operation.into();
        event["purpose"] = self.purpose.into();
        let place = format!("{}:{}", self.cloud.region(), self.cloud.account());
        let id = format!("arn:aws:states:{place}:execution:RECOVERY:{}", self.name);
        event["execution"] = json!({"id": id, "started": self.began.to_rfc3339()});
        let call = Call {
            account: self.cloud.account().clone(),
            region: self.cloud.region().clone(),
            now: self.simulation.now(),
        };
        let before = self.simulation.total_calls();
        let answer = self.worker.answer(&self.cloud, &call, &event).now_or_never();
        let rounds = (self.simulation.total_calls() - before).div_ceil(SIDE_BY_SIDE);
        self.simulation.advance_by(TRANSITIONS + ANSWER * i32::try_from(rounds).unwrap());
        let output = answer.ok_or(Stop::Killed)?.map_err(Stop::Failed)?.output;
        let held = event["layers"].to_string().len() + output.to_string().len();
        self.largest = self.largest.max(event.to_string().len()).max(held);
        Ok(output)
    }
}

impl Stop {
    /// True if the state machine makes the call again.
    fn passes(&self) -> bool {
        match self {
            Self::Killed => true,
            Self::Failed(error) => error.name().is_retryable(),
        }
    }
}
