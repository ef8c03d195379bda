//! Copies the newest recovery point of every shared database under the destination account's own key.
//!
//! The decisions are in `plan`, one file per step. This file runs the worker once. If AWS refuses to copy across
//! account and Region in one step, the run reads the facts again and plans two hops.

mod apply;
mod plan;
mod read;

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::effects::Outcome;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::Plan;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker;
use pilot_light_domain::run::worker::Worker;

pub use plan::{Copy, Facts, Hop, Odd, OneStep, plan};

/// The worker `destination-copy`.
#[derive(Debug, Clone, Copy)]
pub struct DestinationCopy;

impl Worker for DestinationCopy {
    fn name(&self) -> &'static str {
        "destination-copy"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let parse = |parameters: &Parameters| DestinationPolicy::parse(parameters, context);
        let read = worker::read(cloud, parse, |policy| async move {
            Ok((read::facts(cloud, &policy, OneStep::Assumed).await?, policy))
        });
        let (facts, policy) = read.await?;
        let plan = plan(&facts, &policy, context.now)?;
        if context.mode == Mode::DryRun {
            return Ok(Report::of_plan(self.name(), context, &plan));
        }
        let outcomes = apply::apply(cloud, &plan).await;
        if !is_one_step_refused(&plan, &outcomes) {
            return Ok(Report::of_plan(self.name(), context, &plan).with_outcomes(&outcomes));
        }
        let facts = read::facts(cloud, &policy, OneStep::Refused).await?;
        let again = plan::plan(&facts, &policy, context.now)?;
        let mut all = without_one_step(outcomes, &plan);
        all.extend(apply::apply(cloud, &again).await);
        Ok(Report::of_plan(self.name(), context, &again).with_outcomes(&all))
    }
}

/// True if AWS refused a copy in one step and accepted none.
///
/// If AWS accepted one, the refusal of another is about that snapshot, and two hops would not help it. AWS has no
/// error code for this refusal. It calls the parameters invalid, or it looks for the snapshot only in its own Region
/// and does not find it.
fn is_one_step_refused(plan: &Plan<Copy>, outcomes: &[Outcome]) -> bool {
    const REFUSALS: [GatewayErrorKind; 2] = [GatewayErrorKind::InvalidRequest, GatewayErrorKind::NotFound];
    let of_one_step = || outcomes.iter().zip(&plan.actions).filter(|(_, action)| action.is_one_step());
    let is_refused =
        |outcome: &Outcome| outcome.result.as_ref().is_err_and(|error| REFUSALS.contains(&error.kind));
    of_one_step().any(|(outcome, _)| is_refused(outcome))
        && of_one_step().all(|(outcome, _)| outcome.result.is_err())
}

fn without_one_step(outcomes: Vec<Outcome>, plan: &Plan<Copy>) -> Vec<Outcome> {
    let others = outcomes.into_iter().zip(&plan.actions).filter(|(_, action)| !action.is_one_step());
    others.map(|(outcome, _)| outcome).collect()
}
