//! One invocation of a worker: event in, report or named error out.
//!
//! The report is logged and the metrics are published before anything is returned.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use lambda_runtime::{Diagnostic, LambdaEvent};
use pilot_light_domain::Instant;
use pilot_light_domain::cloud::{Cloud, Context, Mode, Parameters, Worker};
use pilot_light_domain::errors::{GatewayError, GatewayErrorKind, WorkerError};
use pilot_light_domain::ids::{AccountId, Region};
use pilot_light_domain::metrics::{Metric, MetricName};
use pilot_light_domain::report::Report;
use serde_json::Value;

use crate::failure::diagnostic;
use crate::telemetry::{LOG_LEVEL, Telemetry};

/// What a run leaves of its time for the log and the metrics, which then have half of it. Metrics take one
/// call, of well under a second unless something is wrong.
const RESERVE: Duration = Duration::from_secs(20);

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
        match self.run(&context, event.context.deadline).await {
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

    /// A panic is a broken invariant, and time that runs out is AWS not answering; left alone, both would reach
    /// the state machine under names that are not ours.
    async fn run(&self, context: &Context, deadline: u64) -> Result<Report, WorkerError> {
        let cloud = Observed { cloud: &self.cloud, telemetry: &self.telemetry };
        // Boxed: a run nests too deeply for the compiler to lay out within the runtime's own future.
        let run = AssertUnwindSafe(Box::pin(self.worker.run(&cloud, context))).catch_unwind();
        match tokio::time::timeout(time_for_run(context.now, deadline), run).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => {
                Err(WorkerError::Internal(format!("the worker panicked: {}", panic_text(&*panic))))
            }
            Err(_) => Err(out_of_time()),
        }
    }

    /// A dry run writes nothing, metrics included. Metrics that are missing do not undo what the run did; the
    /// alarm on the age of the recovery points takes missing data for a breach.
    async fn publish(&self, context: &Context, metrics: &[Metric]) {
        if context.mode == Mode::DryRun {
            return;
        }
        let told = match tokio::time::timeout(RESERVE / 2, self.cloud.publish(metrics)).await {
            Ok(published) => published.map_err(|error| error.to_string()),
            Err(elapsed) => Err(elapsed.to_string()),
        };
        if let Err(error) = told {
            tracing::error!(error, "the metrics could not be published");
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

/// How long a run may take so that Lambda, which ends the process at `deadline` (milliseconds since 1970), still
/// gets its outcome. A platform that tells no deadline sets none.
fn time_for_run(now: Instant, deadline: u64) -> Duration {
    let now = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    match deadline.checked_sub(now).map(Duration::from_millis) {
        Some(left) => left - RESERVE.min(left / 4),
        None => Duration::MAX,
    }
}

fn out_of_time() -> WorkerError {
    let message = "the run was still waiting shortly before the function's time-out".to_owned();
    let (kind, code) = (GatewayErrorKind::Unavailable, "timeout".to_owned());
    WorkerError::reading("finish in time")(GatewayError { action: "the run", kind, code, message })
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

#[cfg(test)]
mod tests {
    use pilot_light_domain::testing::at;
    use pilot_light_simulator::in_process::Simulation;
    use pilot_light_simulator::world::Settings;
    use serde_json::json;

    use super::*;
    use crate::testing::region;

    struct Hanging;

    impl Worker for Hanging {
        fn name(&self) -> &'static str {
            "source-take"
        }

        async fn run<C: Cloud>(&self, _: &C, _: &Context) -> Result<Report, WorkerError> {
            std::future::pending().await
        }
    }

    fn start() -> Instant {
        at("2026-01-01T00:00:00Z")
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_hangs_ends_in_time_to_say_so() {
        let simulation = Simulation::new(Settings::default(), start());
        let (account, region) = ("111111111111".parse().unwrap(), region("us-east-1"));
        let function = Function {
            worker: Hanging,
            cloud: simulation.cloud(&account, &region, Parameters::new()),
            telemetry: Telemetry::install(),
            region,
            clock: start,
        };
        let mut context = lambda_runtime::Context::default();
        context.invoked_function_arn = "arn:aws:lambda:us-east-1:111111111111:function:take".to_owned();
        context.deadline = u64::try_from(start().timestamp_millis()).unwrap() + 300_000;
        let started = tokio::time::Instant::now();

        let diagnostic = function.invoke(LambdaEvent::new(json!({}), context)).await.unwrap_err();

        assert_eq!(started.elapsed().as_secs(), 280);
        assert_eq!(
            (diagnostic.error_type.as_str(), diagnostic.error_message.as_str()),
            (
                "Unavailable",
                "cannot finish in time: AWS does not answer in time (the run failed with timeout: \
                 the run was still waiting shortly before the function's time-out)"
            )
        );
        let published: Vec<Metric> = simulation.take_published().into_iter().map(|put| put.metric).collect();
        assert_eq!(published, [Metric::of_worker(MetricName::Failed, "source-take", 1.0)]);
    }

    #[test]
    fn the_reserve_is_never_more_than_a_quarter_of_the_time() {
        let now = start().timestamp_millis().unsigned_abs();
        for (left, expected) in [(300_000, 280_000), (80_000, 60_000), (8_000, 6_000), (0, 0)] {
            assert_eq!(time_for_run(start(), now + left), Duration::from_millis(expected), "{left}");
        }
        assert_eq!(time_for_run(start(), 0), Duration::MAX);
    }

    #[test]
    fn account_and_region_are_the_functions_own() {
        let told = home("arn:aws-us-gov:lambda:us-gov-west-1:111111111111:function:take:live").unwrap();
        assert_eq!(told, (Some(region("us-gov-west-1")), "111111111111".parse().unwrap()));
        let error = home("take").unwrap_err();
        assert_eq!(error.to_string(), "the function's ARN 'take' names no account");
    }
}
