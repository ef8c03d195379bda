//! Deletes the planned snapshots, and ends the planned shares.
//!
//! Every decision is in the plan.

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::rules::sharing;
use pilot_light_domain::rules::sharing::Sharing;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::{Effect, Outcome};
use pilot_light_domain::run::plan::Plan;

use crate::plan::Removal;

pub(crate) async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Removal>) -> Vec<Outcome> {
    effects::each_in_line(plan, |removal| carry_out(rds, removal)).await
}

async fn carry_out<R: RdsGateway>(rds: &R, removal: &Removal) -> Result<Effect, GatewayError> {
    match removal {
        Removal::Delete { delete, or_end } => match (effects::delete(rds, &delete.arn.id).await, or_end) {
            (Err(refusal), Some(end)) if refusal.kind.frees_its_place() => {
                Err(after(rds, end, refusal).await)
            }
            (deleted, _) => deleted,
        },
        Removal::Revoke(sharing) => sharing::apply(rds, sharing).await,
    }
}

/// Ends the shares of a snapshot that AWS does not delete. The deletion failed all the same, so its error remains.
async fn after<R: RdsGateway>(rds: &R, end: &Sharing, refusal: GatewayError) -> GatewayError {
    let Err(error) = sharing::apply(rds, end).await else { return refusal };
    let message = format!("{}; its shares do not end, either: {}", refusal.message, error.message);
    GatewayError::new(refusal.action, refusal.kind, &refusal.code, &message)
}
