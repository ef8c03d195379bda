//! Changes the planned shares, and starts re-encrypted copies.
//!
//! Every decision is in the plan.

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::rules::sharing;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::{Effect, Outcome};
use pilot_light_domain::run::plan::Plan;

use crate::plan::Share;

pub(crate) async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Share>) -> Vec<Outcome> {
    effects::each_in_line(plan, |share| carry_out(rds, share)).await
}

async fn carry_out<R: RdsGateway>(rds: &R, share: &Share) -> Result<Effect, GatewayError> {
    match share {
        Share::Change(sharing) => sharing::apply(rds, sharing).await,
        Share::ReEncrypt { copy } => effects::copy(rds, copy).await,
    }
}
