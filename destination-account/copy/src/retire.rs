//! The command `pilot-light retire`, with the credentials of a person.
//!
//! The decision is in [`pilot_light_domain::rules::retire`]. This file reads the facts as the copy worker does, and writes the tags.

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::rules::lateness;
use pilot_light_domain::rules::retire::{Wish, decide};
use pilot_light_domain::run::context::Context;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::Effect;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker;

use crate::plan::OneStep;
use crate::{plan, read};

/// Retires databases, or undoes their retirement. A dry run only reports the tags that it would write.
///
/// # Errors
/// `InvalidInput` if one of the databases may not be retired; then nothing was changed. Otherwise as a worker.
pub async fn retire<C: Cloud>(cloud: &C, context: &Context, wish: &Wish) -> Result<Report, WorkerError> {
    let parse = |parameters: &Parameters| DestinationPolicy::parse(parameters, context);
    let read = worker::read(cloud, parse, |policy| async move {
        Ok((read::facts(cloud, &policy, OneStep::Assumed).await?, policy))
    });
    let (facts, policy) = read.await?;
    let known = plan::known(&facts, &policy, context.now);
    let plan = decide(&known, wish, lateness::limit(policy.rpo_target), context.now)?;
    let rds = cloud.rds(&policy.region);
    let apply = || {
        effects::each(&plan.actions, |tag| {
            let (rds, tags) = (&rds, tags::of([(tags::RETIRED, tag.value.as_str())]));
            async move { rds.tag_snapshot(&tag.arn, &tags).await.map(|()| Effect::Done) }
        })
    };
    Ok(worker::conclude("retire", context, &plan, apply).await)
}
