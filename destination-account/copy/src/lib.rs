//! Copies the newest recovery point of every shared database under the destination account's own key.
//!
//! Deciding is in `plan`, one file per question. AWS's refusal of a copy across account and Region in one
//! step is answered here, by planning once more with two hops.

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

pub use plan::{Copy, Facts, Hop, OneStep, plan};

/// The worker.
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

/// True if AWS refused a copy in one step and took none. Where it took one, another's refusal is about that
/// snapshot, and two hops would end no better. There is no code of its own for this: AWS calls the parameters
/// wrong, or does not find in its Region what it could not look for elsewhere.
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
