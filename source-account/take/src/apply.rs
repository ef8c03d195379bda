//! Takes the planned snapshots. Every decision is in the plan.

use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::Outcome;
use pilot_light_domain::run::plan::Plan;

use crate::plan::Take;

pub(crate) async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Take>) -> Vec<Outcome> {
    effects::each(&plan.actions, |take| effects::create(rds, &take.create)).await
}
