//! One run of a worker: it reads its parameters and facts, carries its plan out, and reports.
//!
//! Each worker's crate contains its plan. The effects are in [`crate::run::effects`].

use std::future::Future;

use futures_util::future::{OptionFuture, join};

use crate::aws::cloud::{Cloud, Parameters};
use crate::run::context::{Context, Mode};
use crate::run::effects::Outcome;
use crate::run::error::WorkerError;
use crate::run::plan::{Action, Plan};
use crate::run::report::Report;

/// A worker. Each run reads the facts once.
pub trait Worker: Send + Sync {
    /// Its name, which is also the name of its binary: `source-take` and so on.
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
/// AWS's error as a worker's error; `InvalidConfiguration` if there are no parameters at all. SSM answers a path that
/// does not exist with an empty list, and nobody wants a worker that runs on defaults alone.
pub async fn read_parameters<C: Cloud>(cloud: &C) -> Result<Parameters, WorkerError> {
    let parameters =
        cloud.parameters().await.map_err(WorkerError::reading("read the parameters from SSM"))?;
    if parameters.is_empty() {
        let problem = "there are no parameters below the function's PARAMETER_PATH; launch the parameters stack, or correct the path";
        return Err(WorkerError::InvalidConfiguration(problem.to_owned()));
    }
    Ok(parameters)
}

/// Reads the parameters, parses them, and reads the facts that they call for.
///
/// SSM returns ten parameters at a time, one page after the other. Usually the parameters are those of the last run.
/// The facts are therefore read with the last run's parameters at the same time. If the parameters have changed, the
/// facts are read again.
///
/// # Errors
/// The errors of [`read_parameters`], `parse` and `facts`.
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

/// Ends a run: carries `plan` out unless this is a dry run, and reports. `apply` returns one outcome for each action, and for
/// each that it took from the line.
pub async fn conclude<A, Fut>(
    worker: &str,
    context: &Context,
    plan: &Plan<A>,
    apply: impl FnOnce() -> Fut,
) -> Report
where
    A: Action + Clone,
    Fut: Future<Output = Vec<Outcome>>,
{
    if context.mode == Mode::DryRun {
        return Report::of_plan(worker, context, plan);
    }
    let outcomes = apply().await;
    let plan = plan.clone().carried_out(outcomes.len());
    Report::of_plan(worker, context, &plan).with_outcomes(&outcomes)
}
