//! Makes the planned copies and removals, and the copies that take the places of refused ones.
//!
//! Every decision is in the plan and in [`handover`](crate::handover). A failed action does not stop the others.

use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::Effect;

use crate::handover;
use crate::handover::Tried;
use crate::plan::{Copy, CopyPlan};

pub(crate) async fn apply<C: Cloud>(cloud: &C, plan: &CopyPlan) -> Vec<Tried> {
    let mut tried = Vec::new();
    let mut round = plan.plan.actions.clone();
    while !round.is_empty() {
        let outcomes = effects::each(&round, |copy| carry_out(cloud, copy)).await;
        let both = round.into_iter().zip(outcomes);
        tried.extend(both.map(|(action, outcome)| Tried { action, outcome }));
        round = handover::next(plan, &tried);
    }
    tried
}

async fn carry_out<C: Cloud>(cloud: &C, copy: &Copy) -> Result<Effect, GatewayError> {
    match copy {
        Copy::Make { region, copy, .. } => effects::copy(&cloud.rds(region), copy).await,
        Copy::Remove { arn, .. } => effects::delete(&cloud.rds(&arn.region), &arn.id).await,
    }
}
