//! One run of a worker: it reads its parameters and facts, carries its plan out, and reports.
//!
//! The parts of a run are functions of their own: the plan in each worker's crate, effects in [`crate::run::effects`].

use std::future::Future;

use futures_util::future::{OptionFuture, join};

use crate::aws::cloud::{Cloud, Parameters};
use crate::run::context::{Context, Mode};
use crate::run::effects::Outcome;
use crate::run::error::WorkerError;
use crate::run::plan::{Action, Plan};
use crate::run::report::Report;

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
