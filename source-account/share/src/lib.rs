//! Shares our snapshots with the destination accounts, once each.

mod apply;
mod plan;
mod read;

use pilot_light_domain::cloud::{self, Cloud, Context, Parameters, Worker};
use pilot_light_domain::errors::WorkerError;
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::report::Report;

pub use plan::{Facts, Share, plan};

/// The worker.
#[derive(Debug, Clone, Copy)]
pub struct SourceShare;

impl Worker for SourceShare {
    fn name(&self) -> &'static str {
        "source-share"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let parse = |parameters: &Parameters| SourcePolicy::parse(parameters, context);
        let read = cloud::read(cloud, parse, |policy| async move {
            let rds = cloud.rds(&policy.region);
            Ok((read::facts(&rds, &policy).await?, rds, policy))
        });
        let (facts, rds, policy) = read.await?;
        let plan = plan(&facts, &policy)?;
        Ok(cloud::conclude(self.name(), context, &plan, || apply::apply(&rds, &plan)).await)
    }
}
