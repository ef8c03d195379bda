//! The answer of an operator to one event: its output or a named error.
//!
//! The lines of the answer are logged and its metrics are published before the output is returned.

use lambda_runtime::{Diagnostic, LambdaEvent};
use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::{ErrorName, WorkerError};
use serde_json::Value;

use super::{Function, Surroundings, failed, failure_of, in_time, time_for_run};

/// An operator with its surroundings on AWS.
#[derive(Debug)]
pub(crate) struct OperatorFunction<O, C> {
    pub(crate) operator: O,
    pub(crate) surroundings: Surroundings<C>,
}

impl<O: Operator, C: RecoveryCloud> Function for OperatorFunction<O, C> {
    type Output = Value;

    async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let call = self.call(&event).map_err(|error| failed(&error, None))?;
        match self.answer(&call, &event).await {
            Ok(answer) => {
                let Surroundings { telemetry, .. } = &self.surroundings;
                telemetry.lines(&answer.log, call.now, &event.context.request_id);
                self.surroundings.publish(&answer.metrics).await;
                Ok(answer.output)
            }
            Err(error) => {
                self.count(&error).await;
                Err(failed(&error, None))
            }
        }
    }
}

impl<O: Operator, C: RecoveryCloud> OperatorFunction<O, C> {
    /// Checks the event and names the place and time of the call. An event that is not JSON arrives as `null`.
    fn call(&self, event: &LambdaEvent<Value>) -> Result<Call, WorkerError> {
        if !event.payload.is_object() {
            return Err(WorkerError::InvalidInput("it is not a JSON object".to_owned()));
        }
        let (account, region) = self.surroundings.place(&event.context)?;
        Ok(Call { account, region, now: (self.surroundings.clock)() })
    }

    async fn answer(&self, call: &Call, event: &LambdaEvent<Value>) -> Result<Answer, WorkerError> {
        let time = time_for_run(call.now, event.context.deadline);
        let cloud = self.surroundings.observed(time);
        let answer = Box::pin(self.operator.answer(&cloud, call, &event.payload));
        in_time(answer, time).await
    }

    /// Counts a failure. An unusable event is an error of its sender and does not count, as with the workers.
    async fn count(&self, error: &WorkerError) {
        if error.name() != ErrorName::InvalidInput {
            self.surroundings.publish(&[failure_of(self.operator.name())]).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::Instant;
    use pilot_light_domain::testing::at;
    use serde_json::json;

    use super::*;
    use crate::lambda::telemetry::Telemetry;
    use crate::testing::{Canned, region};

    struct Hanging;

    impl Operator for Hanging {
        fn name(&self) -> &'static str {
            "destination-recover"
        }

        async fn answer<C: RecoveryCloud>(&self, _: &C, _: &Call, _: &Value) -> Result<Answer, WorkerError> {
            std::future::pending().await
        }
    }

    fn start() -> Instant {
        at("2026-01-01T00:00:00Z")
    }

    #[tokio::test(start_paused = true)]
    async fn an_operator_that_hangs_ends_in_time_to_report_the_timeout() {
        // An empty CBOR map, for the metrics.
        let canned = Canned::new([(200, b"\xa0".as_slice())]);
        let (cloud, telemetry) = (canned.cloud(), Telemetry::install());
        let surroundings = Surroundings { cloud, telemetry, region: region("us-east-1"), clock: start };
        let function = OperatorFunction { operator: Hanging, surroundings };
        let mut context = lambda_runtime::Context::default();
        context.invoked_function_arn = "arn:aws:lambda:us-east-1:111111111111:function:recover".to_owned();
        context.deadline = u64::try_from(start().timestamp_millis()).unwrap() + 60_000;
        let started = tokio::time::Instant::now();

        let diagnostic = function.invoke(LambdaEvent::new(json!({}), context)).await.unwrap_err();

        assert_eq!((started.elapsed().as_secs(), diagnostic.error_type.as_str()), (45, "Unavailable"));
        let sent = canned.sent();
        assert!(sent.len() == 1 && sent[0].contains("Failed") && sent[0].contains("destination-recover"));
    }
}
