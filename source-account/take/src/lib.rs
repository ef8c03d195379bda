//! Takes snapshots of the selected databases, once per slot of `BackupInterval`.

mod apply;
mod plan;
mod read;

use pilot_light_domain::cloud::{self, Cloud, Context, Worker};
use pilot_light_domain::errors::WorkerError;
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::report::Report;

pub use plan::{Facts, Take, plan};

/// The worker.
#[derive(Debug, Clone, Copy)]
pub struct SourceTake;

impl Worker for SourceTake {
    fn name(&self) -> &'static str {
        "source-take"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let policy = SourcePolicy::parse(&cloud::read_parameters(cloud).await?, context)?;
        let rds = cloud.rds(&policy.region);
        let plan = plan(&read::facts(&rds).await?, &policy, context.now)?;
        Ok(cloud::conclude(self.name(), context, &plan, || apply::apply(&rds, &plan)).await)
    }
}
