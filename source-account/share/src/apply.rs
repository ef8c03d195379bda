//! Shares the planned snapshots, records the sharing in a tag, and starts re-encrypted copies.
//!
//! Every decision is in the plan.

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::{Effect, Outcome};
use pilot_light_domain::run::plan::Plan;

use crate::plan::Share;

pub(crate) async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Share>) -> Vec<Outcome> {
    effects::each(&plan.actions, |share| carry_out(rds, share)).await
}

async fn carry_out<R: RdsGateway>(rds: &R, share: &Share) -> Result<Effect, GatewayError> {
    match share {
        Share::With { arn, accounts, memory } => {
            if effects::share(rds, &arn.id, accounts).await? == Effect::AlreadyDone {
                return Ok(Effect::AlreadyDone);
            }
            // The tag comes last: if the run dies in between, the next run shares the snapshot again.
            rds.tag_snapshot(arn, memory).await.map(|()| Effect::Done)
        }
        Share::ReEncrypt { copy } => effects::copy(rds, copy).await,
    }
}
