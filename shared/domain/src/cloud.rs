//! One run of a worker, seen from outside: what it is given, and the AWS it works on.
//!
//! The bootstrap in `pilot-light-aws` builds these from Lambda and the SDKs, the simulator from its world.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use futures_util::future::{OptionFuture, join};
use serde_json::Value;

use crate::Instant;
use crate::effects::Outcome;
use crate::errors::{GatewayError, WorkerError};
use crate::gateway::RdsGateway;
use crate::ids::{AccountId, Region};
use crate::metrics::Metric;
use crate::plan::{Action, Plan};
use crate::report::Report;

/// Parameters by name, as they stand in SSM below the worker's path.
pub type Parameters = BTreeMap<String, String>;

/// Whether a run may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Carry the plan out.
    Apply,
    /// Report the plan and write nothing.
    DryRun,
}

/// What a run is given besides AWS itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The account it runs in.
    pub account: AccountId,
    /// The Region it runs in, which `SourceRegionOverride` may differ from.
    pub region: Region,
    /// The one clock reading of the run.
    pub now: Instant,
    /// Whether it may write.
    pub mode: Mode,
}

/// AWS as one worker in one account sees it.
pub trait Cloud: Send + Sync {
    /// Its RDS.
    type Rds: RdsGateway;

    /// Says that a run begins whose calls to RDS must begin within `time`; those that cannot are refused as
    /// [`OutOfTime`](crate::errors::GatewayErrorKind::OutOfTime).
    fn begin(&self, _time: Duration) {}

    /// RDS in `region`.
    fn rds(&self, region: &Region) -> Self::Rds;

    /// All parameters below the worker's path, from one `GetParametersByPath` (paged).
    fn parameters(&self) -> impl Future<Output = Result<Parameters, GatewayError>> + Send;

    /// What the run before this one was given by [`Cloud::parameters`], where one process serves several.
    fn last_parameters(&self) -> Option<Parameters> {
        None
    }

    /// Puts metrics into the `PilotLight` namespace.
    fn publish(&self, metrics: &[Metric]) -> impl Future<Output = Result<(), GatewayError>> + Send;
}

/// A worker: one pass over the facts.
pub trait Worker: Send + Sync {
    /// Its name, which is also its binary's: `source-take` and so on.
    fn name(&self) -> &'static str;

    /// Reads, plans, applies and reports once.
    fn run<C: Cloud>(
        &self,
        cloud: &C,
        context: &Context,
    ) -> impl Future<Output = Result<Report, WorkerError>> + Send;
}

/// Reads a worker's parameters.
///
/// # Errors
/// What AWS said, as a worker's error; `InvalidConfiguration` if there are none at all. SSM answers a path that
/// does not exist with an empty list, and defaults alone are nobody's wish.
pub async fn read_parameters<C: Cloud>(cloud: &C) -> Result<Parameters, WorkerError> {
    let parameters =
        cloud.parameters().await.map_err(WorkerError::reading("read the parameters from SSM"))?;
    if parameters.is_empty() {
        let said = "there are no parameters below the function's PARAMETER_PATH; launch the parameters stack, or correct the path";
        return Err(WorkerError::InvalidConfiguration(said.to_owned()));
    }
    Ok(parameters)
}

/// Reads the parameters, parses them, and reads the facts that they ask for.
///
/// SSM gives ten parameters at a time, one page after the other. Those of the last run are most often those of this
/// one, so the facts are read by them meanwhile; where they have changed, the facts are read again.
///
/// # Errors
/// Those of [`read_parameters`], `parse` and `facts`.
pub async fn read<C, P, F, Fut>(
    cloud: &C,
    parse: impl Fn(&Parameters) -> Result<P, WorkerError>,
    facts: impl Fn(P) -> Fut,
) -> Result<F, WorkerError>
where
    C: Cloud,
    Fut: Future<Output = Result<F, WorkerError>>,
{
    let last = cloud.last_parameters();
    let expected = last.as_ref().and_then(|last| parse(last).ok());
    let ahead = OptionFuture::from(expected.map(&facts));
    let (parameters, ahead) = join(read_parameters(cloud), ahead).await;
    let parameters = parameters?;
    match ahead {
        Some(read) if last.as_ref() == Some(&parameters) => read,
        _ => facts(parse(&parameters)?).await,
    }
}

/// Ends a run: carries `plan` out unless this is a dry run, and reports.
pub async fn conclude<A, Fut>(
    worker: &str,
    context: &Context,
    plan: &Plan<A>,
    apply: impl FnOnce() -> Fut,
) -> Report
where
    A: Action,
    Fut: Future<Output = Vec<Outcome>>,
{
    let report = Report::of_plan(worker, context, plan);
    match context.mode {
        Mode::DryRun => report,
        Mode::Apply => report.with_outcomes(&apply().await),
    }
}

impl Mode {
    /// What an event asks for: nothing (`{}`), the scheduled event, or `{"dry_run": true|false}`.
    ///
    /// # Errors
    /// `InvalidInput` for anything else: a misspelt `dry_run` must not become a real run.
    pub fn of_event(event: &Value) -> Result<Self, WorkerError> {
        let invalid = |what: String| {
            Err(WorkerError::InvalidInput(format!(
                "{what}; give the scheduled event, {{}} or {{\"dry_run\": true}}"
            )))
        };
        let Some(fields) = event.as_object() else { return invalid("it is no JSON object".to_owned()) };
        let is_scheduled = fields.get("source").is_some_and(|source| source == "aws.events");
        if let Some(unknown) = fields.keys().find(|key| !is_scheduled && *key != "dry_run") {
            return invalid(format!("it has the unknown field '{unknown}'"));
        }
        match fields.get("dry_run") {
            None | Some(Value::Bool(false)) => Ok(Self::Apply),
            Some(Value::Bool(true)) => Ok(Self::DryRun),
            Some(other) => invalid(format!("dry_run is {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_whole_event_starts_a_run() {
        for (event, mode) in [
            (json!({}), Mode::Apply),
            (json!({"dry_run": false}), Mode::Apply),
            (json!({"dry_run": true}), Mode::DryRun),
            (json!({"source": "aws.events", "time": "2026-01-01T00:00:00Z", "dry_run": true}), Mode::DryRun),
            (
                json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-01-01T00:00:00Z"}),
                Mode::Apply,
            ),
        ] {
            assert_eq!(Mode::of_event(&event).ok(), Some(mode), "{event}");
        }
    }

    #[test]
    fn a_misspelt_dry_run_is_refused() {
        for event in
            [json!(null), json!("dry_run"), json!([1]), json!({"dryrun": true}), json!({"dry_run": "true"})]
        {
            let error = Mode::of_event(&event).unwrap_err();
            assert_eq!(error.name(), crate::errors::ErrorName::InvalidInput, "{event}");
        }
    }
}
