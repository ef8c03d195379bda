//! One run of a worker for one event. The result is a report or a named error.
//!
//! The report is logged and the metrics are published before the result is returned.

use lambda_runtime::{Diagnostic, LambdaEvent};
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::run::context::{Context, Mode, Request};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use serde_json::Value;

use super::{Function, Surroundings, failed, failure_of, in_time, time_for_run};

/// A worker with its surroundings on AWS.
#[derive(Debug)]
pub(crate) struct WorkerFunction<W, C> {
    pub(crate) worker: W,
    pub(crate) surroundings: Surroundings<C>,
}

impl<W: Worker, C: Cloud> Function for WorkerFunction<W, C> {
    type Output = Report;

    async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Report, Diagnostic> {
        let context = self.context(&event).map_err(|error| failed(&error, None))?;
        match self.run(&context, event.context.deadline).await {
            Ok(report) => {
                self.surroundings.telemetry.report(&report, &event.context.request_id);
                self.publish(&context, &report.metrics()).await;
                match report.worker_error() {
                    Some(error) => Err(failed(&error, Some(&report))),
                    None => Ok(report),
                }
            }
            Err(error) => {
                self.publish(&context, &[failure_of(self.worker.name())]).await;
                Err(failed(&error, None))
            }
        }
    }
}

impl<W: Worker, C: Cloud> WorkerFunction<W, C> {
    fn context(&self, event: &LambdaEvent<Value>) -> Result<Context, WorkerError> {
        let now = (self.surroundings.clock)();
        let Request { mode, confirmation } = Request::of_event(&event.payload, self.worker.name(), now)?;
        let (account, region) = self.surroundings.place(&event.context)?;
        Ok(Context { account, region, now, mode, confirmation })
    }

    async fn run(&self, context: &Context, deadline: u64) -> Result<Report, WorkerError> {
        let time = time_for_run(context.now, deadline);
        let cloud = self.surroundings.observed(time);
        in_time(Box::pin(self.worker.run(&cloud, context)), time).await
    }

    /// Publishes `metrics`, except in a dry run, which writes nothing.
    async fn publish(&self, context: &Context, metrics: &[Metric]) {
        match context.mode {
            Mode::DryRun => {}
            Mode::Apply => self.surroundings.publish(metrics).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::Instant;
    use pilot_light_domain::aws::cloud::Parameters;
    use pilot_light_domain::aws::metrics::MetricName;
    use pilot_light_domain::testing::at;
    use pilot_light_simulator::in_process::Simulation;
    use pilot_light_simulator::world::Settings;
    use serde_json::json;

    use super::*;
    use crate::lambda::telemetry::Telemetry;
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
    async fn a_run_that_hangs_ends_in_time_to_report_the_timeout() {
        let simulation = Simulation::new(Settings::default(), start());
        let (account, region) = ("111111111111".parse().unwrap(), region("us-east-1"));
        let cloud = simulation.cloud(&account, &region, Parameters::new());
        let telemetry = Telemetry::install();
        let surroundings = Surroundings { cloud, telemetry, region, clock: start };
        let function = WorkerFunction { worker: Hanging, surroundings };
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
}
