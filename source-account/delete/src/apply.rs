//! Deletes the planned snapshots, and ends the planned shares.
//!
//! Every decision is in the plan.

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::rules::sharing;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::{Effect, Outcome};
use pilot_light_domain::run::plan::Plan;

use crate::plan::Removal;

pub(crate) async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Removal>) -> Vec<Outcome> {
    effects::each_in_line(plan, |removal| carry_out(rds, removal)).await
}

async fn carry_out<R: RdsGateway>(rds: &R, removal: &Removal) -> Result<Effect, GatewayError> {
    match removal {
        Removal::Delete(delete) => effects::delete(rds, &delete.arn.id).await,
        Removal::Revoke(sharing) => sharing::apply(rds, sharing).await,
    }
}
