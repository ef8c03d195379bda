//! A baseline for comparison: a worker that copies every shared snapshot in the order in which it was taken.
//!
//! Older tools copy in this way. They copy a snapshot even if there is already a newer one.

use std::collections::BTreeSet;
use std::sync::Arc;

use destination_copy::{Copy, Hop};
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::gateway::{CopySnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::context::Context;
use pilot_light_domain::run::effects;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::Plan;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker;
use pilot_light_domain::run::worker::Worker;

/// AWS's limit of copies in progress to one Region.
const COPY_SLOTS: usize = 20;

/// The worker that copies the oldest snapshot first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstComeCopy;

impl Worker for FirstComeCopy {
    fn name(&self) -> &'static str {
        "first-come"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let policy = DestinationPolicy::parse(&worker::read_parameters(cloud).await?, context)?;
        let (from, to) = (cloud.rds(&policy.sources.region), cloud.rds(&policy.region));
        let offered =
            from.shared_snapshots().await.map_err(WorkerError::reading("list the shared snapshots"))?;
        let here = to.own_snapshots().await.map_err(WorkerError::reading("list the copies"))?;
        let plan = plan(&offered, &here, &policy);
        let report = Report::of_plan(self.name(), context, &plan);
        let outcomes = effects::each(&plan.actions, |action| {
            let to = &to;
            async move {
                match action {
                    Copy::Make { copy, .. } => effects::copy(to, copy).await,
                    Copy::Remove { arn, .. } => effects::delete(to, &arn.id).await,
                }
            }
        })
        .await;
        Ok(report.with_outcomes(&outcomes))
    }
}

/// Plans one copy for each free copy slot, the oldest snapshot first.
fn plan(offered: &[Arc<Snapshot>], here: &[Arc<Snapshot>], policy: &DestinationPolicy) -> Plan<Copy> {
    let names: BTreeSet<_> = here.iter().map(|copy| &copy.arn.id).collect();
    let free = COPY_SLOTS.saturating_sub(here.iter().filter(|copy| copy.status.in_progress()).count());
    let is_new = |offer: &&Arc<Snapshot>| {
        policy.sources.accounts.contains(&offer.arn.account) && !names.contains(&offer.arn.id)
    };
    let mut new: Vec<_> = offered.iter().filter(is_new).collect();
    new.sort_by_key(|offer| (offer.taken_at(), offer.arn.clone()));
    let mut plan = Plan::default();
    plan.actions.extend(new.into_iter().take(free).map(|offer| make(offer, policy)));
    plan
}

fn make(offer: &Arc<Snapshot>, policy: &DestinationPolicy) -> Copy {
    let point = RecoveryPoint::original(Arc::clone(offer));
    let copy = CopySnapshot {
        source: offer.arn.clone(),
        target: offer.arn.id.clone(),
        kms_key: policy.keys.of(&offer.database).cloned(),
        option_group: GroupOfCopy::Default,
        tags: tags::of([
            (tags::COPIED_BY, tags::TOOL),
            (tags::SOURCE_ACCOUNT, offer.arn.account.as_str()),
            (tags::SOURCE_SNAPSHOT_ARN, &offer.arn.to_string()),
        ]),
    };
    Copy::Make { database: point.database(), hop: Hop::OneStep, region: policy.region.clone(), copy }
}
