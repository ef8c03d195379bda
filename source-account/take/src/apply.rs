//! Takes the planned snapshots. Every decision is in the plan.
//!
//! If AWS names the state of an instance as its reason to refuse, the instances are listed once more. If the state has not
//! changed since the plan was made, the refusal lasts.

use std::collections::BTreeSet;

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::run::StateNow;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::effects::Outcome;
use pilot_light_domain::run::plan::Plan;

use crate::plan::Take;

pub(crate) async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Take>) -> Vec<Outcome> {
    let outcomes = effects::each_in_line(plan, |take| effects::create(rds, &take.create)).await;
    let is_of_state = |error: &GatewayError| error.kind == GatewayErrorKind::InvalidState;
    if !outcomes.iter().any(|outcome| outcome.result.as_ref().is_err_and(is_of_state)) {
        return outcomes;
    }
    let Ok(databases) = rds.instances().await else { return outcomes };
    let accepting = databases.iter().filter(|database| database.status.accepts_snapshot());
    let accepting: BTreeSet<_> = accepting.map(|database| &database.arn.id.name).collect();
    outcomes
        .into_iter()
        .zip(plan.actions.iter().chain(&plan.line))
        .map(|(outcome, take)| in_state(outcome, accepting.contains(&take.create.database)))
        .collect()
}

fn in_state(outcome: Outcome, accepts_snapshot: bool) -> Outcome {
    let state = if accepts_snapshot { StateNow::Allows } else { StateNow::Changed };
    Outcome { result: outcome.result.map_err(|error| effects::in_state(error, state)), ..outcome }
}
