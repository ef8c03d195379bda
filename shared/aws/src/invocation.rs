//! One invocation of a worker: event in, report or named error out.
//!
//! The report is logged and the metrics are published before anything is returned.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use lambda_runtime::{Diagnostic, LambdaEvent};
use pilot_light_domain::Instant;
use pilot_light_domain::cloud::{Cloud, Context, Mode, Parameters, Worker};
use pilot_light_domain::errors::{GatewayError, WorkerError};
use pilot_light_domain::ids::{AccountId, Region};
use pilot_light_domain::metrics::{Metric, MetricName};
use pilot_light_domain::report::Report;
use serde_json::Value;

use crate::failure::diagnostic;
use crate::telemetry::{LOG_LEVEL, Telemetry};

/// A worker with the AWS it runs on.
#[derive(Debug)]
pub(crate) struct Function<W, C> {
    pub(crate) worker: W,
    pub(crate) cloud: C,
    pub(crate) telemetry: Telemetry,
    /// Where it runs, if the function's ARN does not say.
    pub(crate) region: Region,
    /// The clock, read once a run.
    pub(crate) clock: fn() -> Instant,
}

impl<W: Worker, C: Cloud> Function<W, C> {
    /// Runs the worker for one event.
    ///
    /// # Errors
    /// A `Diagnostic` whose type is one of the names in `ErrorName`.
    pub(crate) async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Report, Diagnostic> {
        let context = self.context(&event).map_err(|error| failed(&error, None))?;
        match self.run(&context).await {
            Ok(report) => {
                self.telemetry.report(&report, &event.context.request_id);
                self.publish(&context, &report.metrics()).await;
                match report.worker_error() {
                    Some(error) => Err(failed(&error, Some(&report))),
                    None => Ok(report),
                }
            }
            Err(error) => {
                let metric = Metric::of_worker(MetricName::Failed, self.worker.name(), 1.0);
                self.publish(&context, &[metric]).await;
                Err(failed(&error, None))
            }
        }
    }

    fn context(&self, event: &LambdaEvent<Value>) -> Result<Context, WorkerError> {
        let mode = Mode::of_event(&event.payload)?;
        let (region, account) = home(&event.context.invoked_function_arn)?;
        let region = region.unwrap_or_else(|| self.region.clone());
        Ok(Context { account, region, now: (self.clock)(), mode })
    }

    /// A panic is a broken invariant; left alone, it would reach the state machine under a Rust type's name.
    async fn run(&self, context: &Context) -> Result<Report, WorkerError> {
        let cloud = Observed { cloud: &self.cloud, telemetry: &self.telemetry };
        // Boxed: a run nests too deeply for the compiler to lay out inside the runtime's own future.
        let run = AssertUnwindSafe(Box::pin(self.worker.run(&cloud, context))).catch_unwind();
        let panicked = |panic: Box<dyn Any + Send>| {
            WorkerError::Internal(format!("the worker panicked: {}", panic_text(&*panic)))
        };
        run.await.unwrap_or_else(|panic| Err(panicked(panic)))
    }

    /// A dry run writes nothing, metrics included. Metrics that are missing raise the alarm on silence; they do
    /// not undo what the run did.
    async fn publish(&self, context: &Context, metrics: &[Metric]) {
        if context.mode == Mode::DryRun {
            return;
        }
        if let Err(error) = self.cloud.publish(metrics).await {
            tracing::error!(%error, "the metrics could not be published");
        }
    }
}

/// The cloud as the worker gets it: reading the parameters sets the level of the logs.
struct Observed<'a, C> {
    cloud: &'a C,
    telemetry: &'a Telemetry,
}

impl<C: Cloud> Cloud for Observed<'_, C> {
    type Rds = C::Rds;

    fn rds(&self, region: &Region) -> C::Rds {
        self.cloud.rds(region)
    }

    async fn parameters(&self) -> Result<Parameters, GatewayError> {
        let parameters = self.cloud.parameters().await?;
        self.telemetry.set_level(parameters.get(LOG_LEVEL).map(String::as_str));
        Ok(parameters)
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        self.cloud.publish(metrics).await
    }
}

/// Region and account of the function, from its ARN.
fn home(function_arn: &str) -> Result<(Option<Region>, AccountId), WorkerError> {
    let mut parts = function_arn.split(':').skip(3);
    let region = parts.next().and_then(|text| Region::new(text).ok());
    let account = parts.next().and_then(|text| AccountId::new(text).ok());
    let account = account.ok_or_else(|| {
        WorkerError::Internal(format!("the function's ARN '{function_arn}' names no account"))
    })?;
    Ok((region, account))
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

/// Logs a failure and names it for the state machine.
fn failed(error: &WorkerError, report: Option<&Report>) -> Diagnostic {
    let diagnostic = diagnostic(error, report);
    tracing::error!(error = error.name().as_str(), "{}", crate::failure::text(error));
    diagnostic
}
