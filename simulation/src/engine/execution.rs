//! One execution of a state machine: a run of a worker, call by call, and the retries that are left.
//!
//! Each call takes a moment of virtual time, so that executions overlap as they do on AWS. The engine decides when an
//! execution continues.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};

use super::state_machine::Retries;

/// The end of a run.
pub(crate) struct Outcome {
    /// The report of the run, if it wrote one.
    pub(crate) report: Option<Box<Report>>,
    /// The name of the error that Step Functions receives.
    pub(crate) error: Option<&'static str>,
}

/// A run under way.
pub(crate) type Run = Pin<Box<dyn Future<Output = Result<Report, &'static str>>>>;

/// The error name that Step Functions receives for a function that was killed.
const CRASHED: &str = "Lambda.Unknown";

/// A worker that can be run again and again.
pub(crate) struct Runnable(pub(crate) Box<dyn Fn(SimulatedCloud, Context) -> Run>);

/// An execution between its first run and its end.
pub(crate) struct Execution {
    /// The index of its worker in `Engine::deployed`.
    pub(crate) index: usize,
    /// The time at which it began.
    pub(crate) began: Instant,
    pub(crate) retries: Retries,
    /// The simulation as this execution uses it. A fault that kills this execution does not affect the others.
    simulation: Simulation,
    run: Option<Run>,
    calls: u64,
    /// The time that each call takes, if the run is slow.
    pub(crate) slow: Option<TimeDelta>,
}

/// The progress of a run.
pub(crate) enum Progress {
    /// The run made a call and waits for the answer. The number counts the calls of the execution.
    Waits(u64),
    /// The run is over.
    Over(Outcome),
}

impl Runnable {
    /// Runs of this worker, each of which publishes its metrics as the bootstrap does.
    pub(crate) fn of<W: Worker + Clone + 'static>(worker: W) -> Self {
        Self(Box::new(move |cloud, context| {
            let worker = worker.clone();
            Box::pin(async move {
                let report = worker.run(&cloud, &context).await.map_err(|error| error.name().as_str())?;
                // Metrics that cannot be published are no reason for a run to fail.
                let _ = cloud.publish(&report.metrics()).await;
                Ok(report)
            })
        }))
    }
}

impl Execution {
    /// An execution that has not run yet.
    pub(crate) fn new(index: usize, began: Instant, retries: Retries, simulation: Simulation) -> Self {
        Self { index, began, retries, simulation: simulation.stepping(), run: None, calls: 0, slow: None }
    }

    /// Begins a run whose clock shows `now`.
    pub(crate) fn begin(&mut self, runnable: &Runnable, cloud: &SimulatedCloud, now: Instant) {
        let cloud = cloud.seen_by(&self.simulation);
        let context = Context {
            account: cloud.account().clone(),
            region: cloud.region().clone(),
            now,
            mode: Mode::Apply,
            confirmation: None,
        };
        self.run = Some(runnable.0(cloud, context));
    }

    /// Continues the run up to its next call.
    pub(crate) fn continue_run(&mut self) -> Progress {
        let Some(run) = &mut self.run else { return Progress::Over(Outcome::failed(CRASHED)) };
        let outcome = match run.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Ready(Ok(report)) => {
                let error = report.error.map(|name| name.as_str());
                Outcome { report: Some(Box::new(report)), error }
            }
            Poll::Ready(Err(error)) => Outcome::failed(error),
            Poll::Pending if self.simulation.was_killed() => {
                self.simulation.revive();
                Outcome::failed(CRASHED)
            }
            Poll::Pending => {
                self.calls += 1;
                return Progress::Waits(self.calls);
            }
        };
        self.run = None;
        Progress::Over(outcome)
    }
}

impl Outcome {
    fn failed(error: &'static str) -> Self {
        Self { report: None, error: Some(error) }
    }
}
