//! Copies the newest recovery point of every shared database under the destination account's own key.
//!
//! The decisions are in `plan`, one file per step. This file runs the worker once. If AWS refuses to copy across
//! account and Region in one step, the run reads the facts again and plans two hops.

mod apply;
mod handover;
mod plan;
mod read;
mod retire;

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker;
use pilot_light_domain::run::worker::Worker;

pub use plan::{Copy, CopyPlan, Facts, Hop, Odd, OneStep, plan};
pub use retire::retire;

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
            return Ok(Report::of_plan(self.name(), context, &plan.plan));
        }
        let mut tried = apply::apply(cloud, &plan).await;
        let refusal = handover::refused_one_step(&plan, &tried).map(handover::report_of_refusal);
        let plan = match refusal {
            None => plan.plan,
            Some(refusal) => {
                let facts = read::facts(cloud, &policy, OneStep::Refused).await?;
                let again = plan::plan(&facts, &policy, context.now)?;
                tried.retain(|tried| !tried.action.is_one_step());
                tried.extend(apply::apply(cloud, &again).await);
                let mut plan = again.plan;
                plan.skips.push(refusal);
                plan
            }
        };
        let tried = handover::last_answers(tried);
        let plan = handover::carried_out(plan, &tried);
        let outcomes: Vec<_> = tried.into_iter().map(|tried| tried.outcome).collect();
        Ok(Report::of_plan(self.name(), context, &plan).with_outcomes(&outcomes))
    }
}
