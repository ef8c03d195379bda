//! The answer of a function to one event, as far as workers and operators share it: time limit, panics, errors and
//! metrics.
//!
//! The other steps are in [`worker`] and [`operator`].

mod observed;
pub(crate) mod operator;
pub(crate) mod worker;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt;
use lambda_runtime::{Diagnostic, LambdaEvent};
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use serde::Serialize;
use serde_json::Value;

use self::observed::Observed;
use crate::lambda::failure::diagnostic;
use crate::lambda::telemetry::Telemetry;

/// The time that a run leaves for the log and the metrics. The metrics may take half of it. They are one call, which
/// takes well under a second unless something is wrong.
const RESERVE: Duration = Duration::from_secs(20);

/// The time at the end of a run in which no new call to RDS begins, so that the last calls can end.
const LAST_CALLS: Duration = Duration::from_secs(10);

/// A worker or an operator in the form that the Lambda runtime calls.
pub(crate) trait Function: Send + Sync {
    /// The type of its output.
    type Output: Serialize + Send;

    /// Answers one event. The type of an error is one of the names in `ErrorName`.
    fn invoke(
        &self,
        event: LambdaEvent<Value>,
    ) -> impl Future<Output = Result<Self::Output, Diagnostic>> + Send;
}

/// The surroundings of a function: AWS, logs, Region and clock.
#[derive(Debug)]
pub(crate) struct Surroundings<C> {
    pub(crate) cloud: C,
    pub(crate) telemetry: Telemetry,
    /// The Region of the function, used if the function's ARN does not name one.
    pub(crate) region: Region,
    /// The clock. It is read once in each run.
    pub(crate) clock: fn() -> Instant,
}

impl<C: Cloud> Surroundings<C> {
    /// The account and Region of the function.
    fn place(&self, context: &lambda_runtime::Context) -> Result<(AccountId, Region), WorkerError> {
        let (region, account) = home(&context.invoked_function_arn)?;
        Ok((account, region.unwrap_or_else(|| self.region.clone())))
    }

    /// The cloud for one run that has this much time.
    fn observed(&self, time: Duration) -> Observed<'_, C> {
        // The last calls must end within this time, too.
        self.cloud.begin(time - LAST_CALLS.min(time / 4));
        Observed { cloud: &self.cloud, telemetry: &self.telemetry }
    }

    /// Publishes metrics. A failure is only logged, because it does not undo the work of the run. The alarm on the age
    /// of the recovery points treats missing data as a breach.
    async fn publish(&self, metrics: &[Metric]) {
        let published = match tokio::time::timeout(RESERVE / 2, self.cloud.publish(metrics)).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(elapsed) => Err(elapsed.to_string()),
        };
        if let Err(error) = published {
            tracing::error!(error, "the metrics could not be published");
        }
    }
}

/// The metric of a run that ended with an error instead of a result.
fn failure_of(name: &str) -> Metric {
    Metric::of_worker(MetricName::Failed, name, 1.0)
}

/// Waits for `run` for at most `time`. A panic becomes the error of a broken invariant. The end of the time becomes the
/// error that AWS does not answer. Without this step, both would reach the state machine under names that are
/// not our own.
///
/// `run` is boxed because it nests too deeply for the compiler to lay out within the runtime's own future.
async fn in_time<T>(
    run: Pin<Box<impl Future<Output = Result<T, WorkerError>> + Send>>,
    time: Duration,
) -> Result<T, WorkerError> {
    let run = AssertUnwindSafe(run).catch_unwind();
    match tokio::time::timeout(time, run).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(WorkerError::Internal(format!("the worker panicked: {}", panic_text(&*panic)))),
        Err(_) => Err(out_of_time()),
    }
}

/// The Region and the account of the function, from its ARN.
fn home(function_arn: &str) -> Result<(Option<Region>, AccountId), WorkerError> {
    let mut parts = function_arn.split(':').skip(3);
    let region = parts.next().and_then(|text| Region::new(text).ok());
    let account = parts.next().and_then(|text| AccountId::new(text).ok());
    let account = account.ok_or_else(|| {
        WorkerError::Internal(format!("the function's ARN '{function_arn}' names no account"))
    })?;
    Ok((region, account))
}

/// The time that a run may take so that Lambda still receives its outcome. Lambda ends the process at `deadline`, in
/// milliseconds since 1970. A deadline that has passed or is missing sets no limit.
fn time_for_run(now: Instant, deadline: u64) -> Duration {
    let now = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    match deadline.checked_sub(now).map(Duration::from_millis) {
        Some(left) => left - RESERVE.min(left / 4),
        None => Duration::MAX,
    }
}

fn out_of_time() -> WorkerError {
    let message = "the run was still waiting shortly before the function's time-out";
    let error = GatewayError::new("the run", GatewayErrorKind::Unavailable, "timeout", message);
    WorkerError::reading("finish in time")(error)
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

/// Logs an error and converts it for the state machine.
fn failed(error: &WorkerError, report: Option<&Report>) -> Diagnostic {
    let diagnostic = diagnostic(error, report);
    tracing::error!(error = error.name().as_str(), "{error}");
    diagnostic
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::testing::at;

    use super::*;
    use crate::testing::region;

    #[test]
    fn the_reserve_is_at_most_a_quarter_of_the_time() {
        let start = at("2026-01-01T00:00:00Z");
        let now = start.timestamp_millis().unsigned_abs();
        for (left, expected) in [(300_000, 280_000), (80_000, 60_000), (8_000, 6_000), (0, 0)] {
            assert_eq!(time_for_run(start, now + left), Duration::from_millis(expected), "{left}");
        }
        assert_eq!(time_for_run(start, 0), Duration::MAX);
    }

    #[test]
    fn account_and_region_are_read_from_the_functions_arn() {
        let found = home("arn:aws-us-gov:lambda:us-gov-west-1:111111111111:function:take:live").unwrap();
        assert_eq!(found, (Some(region("us-gov-west-1")), "111111111111".parse().unwrap()));
        let error = home("take").unwrap_err();
        assert_eq!(error.to_string(), "the function's ARN 'take' names no account");
    }
}
