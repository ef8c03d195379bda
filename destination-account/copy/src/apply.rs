//! Makes the planned copies and removals.
//!
//! Every decision is in the plan. A failed action does not stop the others.

use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::{Effect, Outcome};
use pilot_light_domain::run::plan::Plan;

use crate::plan::Copy;

pub(crate) async fn apply<C: Cloud>(cloud: &C, plan: &Plan<Copy>) -> Vec<Outcome> {
    effects::each(&plan.actions, |copy| carry_out(cloud, copy)).await
}

async fn carry_out<C: Cloud>(cloud: &C, copy: &Copy) -> Result<Effect, GatewayError> {
    match copy {
        Copy::Make { region, copy, .. } => effects::copy(&cloud.rds(region), copy).await,
        Copy::Remove { arn, .. } => effects::delete(&cloud.rds(&arn.region), &arn.id).await,
    }
}
