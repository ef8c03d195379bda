//! Deletes the destination account's expired recovery points: only copies that Pilot Light made.
//!
//! This file runs the worker once. The plan and its actions are in [`pilot_light_domain::rules::deletion`], which
//! source-delete uses too.

mod read;

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::deletion;
use pilot_light_domain::rules::deletion::Rules;
use pilot_light_domain::run::context::Context;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker;
use pilot_light_domain::run::worker::Worker;

/// The worker `destination-delete`.
#[derive(Debug, Clone, Copy)]
pub struct DestinationDelete;

impl Worker for DestinationDelete {
    fn name(&self) -> &'static str {
        "destination-delete"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let parse = |parameters: &Parameters| DestinationPolicy::parse(parameters, context);
        let read = worker::read(cloud, parse, |policy| async move {
            let rds = cloud.rds(&policy.region);
            Ok((read::facts(&rds, &policy.sources).await?, rds, policy))
        });
        let (facts, rds, policy) = read.await?;
        let DestinationPolicy { delete, unknown, retention, keep_retired, .. } = &policy;
        let confirmation = context.confirmation.as_ref();
        let (retention, keep_retired) = (*retention, *keep_retired);
        let rules = Rules { delete: *delete, unknown, retention, keep_retired, confirmation };
        let plan = deletion::plan(&facts, rules, context.now)?;
        Ok(worker::conclude(self.name(), context, &plan, || deletion::apply(&rds, &plan)).await)
    }
}
