//! Shares our own snapshots with the destination accounts, each snapshot once.
//!
//! This file runs the worker once. The decisions are in `plan`.

mod apply;
mod plan;
mod read;

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::run::context::Context;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker;
use pilot_light_domain::run::worker::Worker;

pub use plan::{Facts, Share, plan};

/// The worker `source-share`.
#[derive(Debug, Clone, Copy)]
pub struct SourceShare;

impl Worker for SourceShare {
    fn name(&self) -> &'static str {
        "source-share"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let parse = |parameters: &Parameters| SourcePolicy::parse(parameters, context);
        let read = worker::read(cloud, parse, |policy| async move {
            let rds = cloud.rds(&policy.region);
            Ok((read::facts(&rds, &policy).await?, rds, policy))
        });
        let (facts, rds, policy) = read.await?;
        let plan = plan(&facts, &policy, context.now)?;
        Ok(worker::conclude(self.name(), context, &plan, || apply::apply(&rds, &plan)).await)
    }
}
