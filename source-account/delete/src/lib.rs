//! Deletes the source account's expired snapshots: only those that Pilot Light took. With `ShareSnapshots=FALSE`, it also
//! ends the shares that Pilot Light made.
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

pub use plan::{Removal, plan};

/// The worker `source-delete`.
#[derive(Debug, Clone, Copy)]
pub struct SourceDelete;

impl Worker for SourceDelete {
    fn name(&self) -> &'static str {
        "source-delete"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let parse = |parameters: &Parameters| SourcePolicy::parse(parameters, context);
        let read = worker::read(cloud, parse, |policy| async move {
            let rds = cloud.rds(&policy.region);
            Ok((read::facts(&rds).await?, rds, policy))
        });
        let (facts, rds, policy) = read.await?;
        let plan = plan(&facts, &policy, context.confirmation.as_ref(), context.now)?;
        Ok(worker::conclude(self.name(), context, &plan, || apply::apply(&rds, &plan)).await)
    }
}
