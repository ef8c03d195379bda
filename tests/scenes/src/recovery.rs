//! One execution of the recovery's state machine on the simulator: validate, start, wait and check until the end.
//!
//! The lengths of the waits come from `statemachines/recover.asl.json`. `tests/contract` and `tests/local` prove that the
//! state machine has this order of states. [`estate`], [`resources`] and [`scenes`] contain the databases, the
//! resources and the manifests.

pub mod copies;
pub mod estate;
pub mod manifests;
pub mod meetings;
pub mod observed;
pub mod of_0_1_0;
pub mod overheard;
pub mod pairs;
pub mod planted;
pub mod resources;
pub mod scenes;

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::LazyLock;

use chrono::TimeDelta;
use destination_recover::{DestinationRecover, Progress, Verdict};
use futures_util::FutureExt;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::recovery::{Answer, Call, Operator};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};
use serde_json::{Value, json};

/// The largest input or output of a state that AWS allows, in bytes.
pub const LARGEST_STATE: usize = 262_144;

/// The time of a Lambda call and of the states around it, without the calls to RDS that the function makes.
const TRANSITIONS: TimeDelta = TimeDelta::seconds(1);
/// The time of one of RDS's slower answers.
const ANSWER: TimeDelta = TimeDelta::milliseconds(800);
/// The number of calls to RDS that the worker makes at the same time.
const SIDE_BY_SIDE: u64 = 8;

/// The waits of `statemachines/recover.asl.json` before a check.
struct Waits {
    usual: TimeDelta,
    longer: TimeDelta,
    /// The seconds of an execution after which the longer wait begins.
    longer_after: u64,
}

static WAITS: LazyLock<Waits> = LazyLock::new(|| Waits {
    usual: TimeDelta::seconds(number_behind(&["\"Wait\": {", "\"Seconds\":"])),
    longer: TimeDelta::seconds(number_behind(&["\"WaitLonger\": {", "\"Seconds\":"])),
    longer_after: number_behind(&["$.progress.running_seconds", "\"NumericGreaterThan\":"]),
});

/// The number in the state machine that follows these texts. The definition has placeholders, so it is not JSON.
fn number_behind<T: FromStr<Err: Debug>>(texts: &[&str]) -> T {
    let machine = include_str!("../../../statemachines/recover.asl.json");
    let rest = texts.iter().fold(machine, |rest, text| rest.split_once(text).unwrap().1);
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// An execution of the state machine with one worker.
#[derive(Debug, Clone)]
pub struct Execution<W = DestinationRecover> {
    /// The worker.
    pub worker: W,
    /// The world.
    pub simulation: Simulation,
    /// The worker's view of the world.
    pub cloud: SimulatedCloud,
    /// The purpose of the state machine, such as `failover`.
    pub purpose: &'static str,
    /// The name of the execution.
    pub name: String,
    /// The start of the execution.
    pub began: Instant,
    /// The start of each layer, and the end of the execution.
    pub layers: Vec<Instant>,
    /// The log lines so far.
    pub log: Vec<Value>,
    /// The metrics so far.
    pub metrics: Vec<Metric>,
    /// The largest input or output of a state so far, in bytes.
    pub largest: usize,
    /// The number of times that each `start` and `check` is called, with the same input. The last answer counts.
    pub calls_for_each_step: usize,
    /// The pause before the state machine repeats a call with the same input. It repeats a call that was killed or
    /// that failed with a retryable error. `None`: it never repeats a call.
    pub retry: Option<TimeDelta>,
}

/// The reason for which an execution did not reach its end.
#[derive(Debug)]
pub enum Stop {
    /// The worker was killed.
    Killed,
    /// The worker returned an error.
    Failed(WorkerError),
}

impl Execution {
    /// An execution that has not begun.
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
            log: Vec::new(),
            metrics: Vec::new(),
            largest: 0,
            calls_for_each_step: 1,
            retry: None,
        }
    }
}

impl<W: Operator> Execution<W> {
    /// The same execution with another worker.
    #[must_use]
    pub fn with<V: Operator>(self, worker: V) -> Execution<V> {
        let Self { worker: _, simulation, cloud, purpose, name, began, layers, log, metrics, .. } = self;
        let Self { largest, calls_for_each_step, retry, .. } = self;
        Execution {
            worker,
            simulation,
            cloud,
            purpose,
            name,
            began,
            layers,
            log,
            metrics,
            largest,
            calls_for_each_step,
            retry,
        }
    }

    /// Runs the execution to its end.
    ///
    /// # Errors
    /// If the worker was killed or returned an error, and the execution does not repeat the call.
    pub fn run(&mut self, manifest: &Value) -> Result<Progress, Stop> {
        let mut state = self.validate(manifest)?;
        while self.step(&mut state)? {}
        self.layers.push(self.simulation.now());
        Ok(progress(&state))
    }

    /// Validates the manifest, and returns the state from which [`Self::step`] continues.
    ///
    /// # Errors
    /// As in [`Self::run`].
    pub fn validate(&mut self, manifest: &Value) -> Result<Value, Stop> {
        self.call_with_retries("validate", &json!({"input": manifest}))
    }

    /// Starts a layer, or waits and checks it again, as the state requires. False if the execution has ended: then
    /// nothing is called.
    ///
    /// # Errors
    /// As in [`Self::run`].
    pub fn step(&mut self, state: &mut Value) -> Result<bool, Stop> {
        self.simulation.advance_by(pause_before(state));
        self.step_now(state)
    }

    /// The same without the wait, for executions that run side by side.
    ///
    /// # Errors
    /// As in [`Self::run`].
    pub fn step_now(&mut self, state: &mut Value) -> Result<bool, Stop> {
        let operation = match progress(state).verdict {
            Verdict::Next => {
                self.layers.push(self.simulation.now());
                "start"
            }
            Verdict::Waiting | Verdict::Late => "check",
            Verdict::Recovered | Verdict::Failed => return Ok(false),
        };
        for _ in 1..self.calls_for_each_step {
            self.call_with_retries(operation, &fields_of(state))?;
        }
        state["progress"] = self.call_with_retries(operation, &fields_of(state))?;
        Ok(true)
    }

    /// Runs the execution to its end. Whenever the worker is killed, another execution starts from the beginning.
    pub fn run_despite_kills(&mut self, manifest: &Value) -> Progress {
        self.run_again_after(TimeDelta::zero(), manifest)
    }

    /// The same, with a pause between the kill of one execution and the start of the next.
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

    /// Calls the worker, and repeats the call as the state machine does.
    fn call_with_retries(&mut self, operation: &str, fields: &Value) -> Result<Value, Stop> {
        loop {
            let pause = match (self.call(operation, fields), self.retry) {
                (Err(stop), Some(after)) if stop.is_retryable() => after,
                (answer, _) => return answer,
            };
            self.simulation.clear_faults();
            self.simulation.advance_by(pause);
        }
    }

    /// Calls the worker once, and lets the time of the call pass.
    fn call(&mut self, operation: &str, fields: &Value) -> Result<Value, Stop> {
        let mut event = fields.clone();
        event["operation"] = operation.into();
        if operation != "validate" {
            event["sends_late"] = true.into();
        }
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
        let Answer { output, metrics, log } = answer.ok_or(Stop::Killed)?.map_err(Stop::Failed)?;
        self.metrics.extend(metrics);
        self.log.extend(log);
        let held = event["layers"].to_string().len() + output.to_string().len();
        self.largest = self.largest.max(event.to_string().len()).max(held);
        Ok(output)
    }
}

/// The time for which the state machine waits before the next step of a state.
#[must_use]
pub fn pause_before(state: &Value) -> TimeDelta {
    let progress = progress(state);
    match progress.verdict {
        Verdict::Waiting | Verdict::Late if progress.running_seconds > WAITS.longer_after => WAITS.longer,
        Verdict::Waiting | Verdict::Late => WAITS.usual,
        Verdict::Next | Verdict::Recovered | Verdict::Failed => TimeDelta::zero(),
    }
}

/// The progress in a state.
///
/// # Panics
/// If the state has none.
#[must_use]
pub fn progress(state: &Value) -> Progress {
    serde_json::from_value(state["progress"].clone()).unwrap()
}

/// The fields of a state that a call receives.
fn fields_of(state: &Value) -> Value {
    json!({"layers": state["layers"], "progress": state["progress"]})
}

impl Stop {
    /// The error of the worker.
    ///
    /// # Panics
    /// If it was killed.
    #[must_use]
    pub fn error(self) -> WorkerError {
        match self {
            Self::Killed => panic!("the worker was killed"),
            Self::Failed(error) => error,
        }
    }

    /// True if the state machine repeats the call.
    fn is_retryable(&self) -> bool {
        match self {
            Self::Killed => true,
            Self::Failed(error) => error.name().is_retryable(),
        }
    }
}
