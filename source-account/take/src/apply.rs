//! Takes the planned snapshots.

use pilot_light_domain::effects::{self, Outcome};
use pilot_light_domain::gateway::RdsGateway;
use pilot_light_domain::plan::Plan;

use crate::plan::Take;

pub(crate) async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Take>) -> Vec<Outcome> {
    effects::each(&plan.actions, |take| effects::create(rds, &take.create)).await
}
