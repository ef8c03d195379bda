//! Copies the newest recovery point of every shared database under the destination account's own key.
//!
//! Deciding is in `plan`, one file per question. AWS's refusal of a copy across account and Region in one
//! step is answered here, by planning once more with two hops.

mod apply;
mod plan;
mod read;

use pilot_light_domain::cloud::{self, Cloud, Context, Mode, Worker};
use pilot_light_domain::effects::Outcome;
use pilot_light_domain::errors::WorkerError;
use pilot_light_domain::plan::Plan;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::report::Report;

pub use plan::{Copy, Facts, Hop, OneStep, plan};

/// The worker.
#[derive(Debug, Clone, Copy)]
pub struct DestinationCopy;

impl Worker for DestinationCopy {
    fn name(&self) -> &'static str {
        "destination-copy"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let policy = DestinationPolicy::parse(&cloud::read_parameters(cloud).await?, context)?;
        let facts = read::facts(cloud, &policy, OneStep::Assumed).await?;
        let plan = plan(&facts, &policy, context.now)?;
        if context.mode == Mode::DryRun {
            return Ok(Report::of_plan(self.name(), context, &plan));
        }
        let outcomes = apply::apply(cloud, &plan).await;
        if !outcomes.iter().zip(&plan.actions).any(refuses_one_step) {
            return Ok(Report::of_plan(self.name(), context, &plan).with_outcomes(&outcomes));
        }
        let facts = read::facts(cloud, &policy, OneStep::Refused).await?;
        let again = plan::plan(&facts, &policy, context.now)?;
        let outcomes =
            without_refusals(outcomes, &plan).chain(apply::apply(cloud, &again).await).collect::<Vec<_>>();
        Ok(Report::of_plan(self.name(), context, &again).with_outcomes(&outcomes))
    }
}

fn refuses_one_step((outcome, action): (&Outcome, &Copy)) -> bool {
    action.is_one_step() && outcome.result.as_ref().is_err_and(|error| error.kind.is_permanent_for_one())
}

fn without_refusals(outcomes: Vec<Outcome>, plan: &Plan<Copy>) -> impl Iterator<Item = Outcome> {
    outcomes
        .into_iter()
        .zip(&plan.actions)
        .filter(|(outcome, action)| !refuses_one_step((outcome, action)))
        .map(|(outcome, _)| outcome)
}
