//! One execution of a state machine: a run of a worker, call by call, and the retries that are left to it.
//!
//! Each call takes a moment of virtual time, so that executions overlap as they do on AWS. When an execution
//! goes on is for the engine to say.

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

use super::machine::Retries;

/// What a run ends with.
pub(super) struct Outcome {
    /// What it did, if it got so far.
    pub(super) report: Option<Box<Report>>,
    /// The name of the error that Step Functions is given.
    pub(super) error: Option<&'static str>,
}

/// A run under way.
pub(super) type Run = Pin<Box<dyn Future<Output = Result<Report, &'static str>>>>;

/// What Step Functions is told of a function that was killed.
const CRASHED: &str = "Lambda.Unknown";

/// A worker that can be run again and again.
pub(super) struct Pass(pub(super) Box<dyn Fn(SimulatedCloud, Context) -> Run>);

/// An execution between its first run and its end.
pub(super) struct Execution {
    /// The seat of the worker that it runs.
    pub(super) seat: usize,
    /// When it began.
    pub(super) began: Instant,
    pub(super) retries: Retries,
    /// The simulation as this execution works on it: a fault that kills it leaves others alone.
    sight: Simulation,
    run: Option<Run>,
    calls: u64,
    /// How long each call takes of a run that is slow.
    pub(super) slow: Option<TimeDelta>,
}

/// How far a run got.
pub(super) enum Progress {
    /// It made a call and waits for the answer; so many calls it has made.
    Waits(u64),
    /// It is over.
    Over(Outcome),
}

impl Pass {
    /// Passes of this worker, each with its metrics published as the bootstrap does it.
    pub(super) fn of<W: Worker + Clone + 'static>(worker: W) -> Self {
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
    /// One that has not run yet.
    pub(super) fn new(seat: usize, began: Instant, retries: Retries, sight: Simulation) -> Self {
        Self { seat, began, retries, sight: sight.stepping(), run: None, calls: 0, slow: None }
    }

    /// Begins a run with a clock that says `now`.
    pub(super) fn begin(&mut self, pass: &Pass, cloud: &SimulatedCloud, now: Instant) {
        let cloud = cloud.seen_by(&self.sight);
        let context = Context {
            account: cloud.account().clone(),
            region: cloud.region().clone(),
            now,
            mode: Mode::Apply,
        };
        self.run = Some(pass.0(cloud, context));
    }

    /// Lets the run make its next call.
    pub(super) fn go_on(&mut self) -> Progress {
        let Some(run) = &mut self.run else { return Progress::Over(Outcome::failed(CRASHED)) };
        let outcome = match run.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Ready(Ok(report)) => {
                let error = report.error.map(|name| name.as_str());
                Outcome { report: Some(Box::new(report)), error }
            }
            Poll::Ready(Err(error)) => Outcome::failed(error),
            Poll::Pending if self.sight.was_killed() => {
                self.sight.revive();
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
