//! Reads what copy needs to know: what is offered, what is here, and what is on its way in between.

use std::sync::Arc;

use futures_util::future::{join, join3};
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::error::WorkerError;

use crate::plan::{Facts, OneStep};

pub(crate) async fn facts<C: Cloud>(
    cloud: &C,
    policy: &DestinationPolicy,
    one_step: OneStep,
) -> Result<Facts, WorkerError> {
    let (source, here) = (cloud.rds(&policy.sources.region), cloud.rds(&policy.region));
    let there = offered_and_between(&source, policy);
    let (there, copies, quota) = join3(there, own(&here), here.snapshot_quota()).await;
    let (offered, between) = there?;
    let doing = format!("read the snapshot quota in {}", policy.region);
    let quota = quota.map_err(WorkerError::reading(doing))?;
    Ok(Facts { offered, between, here: copies?, quota, one_step })
}

/// What may be copied, and the intermediates, which there are only where a copy may take two hops.
async fn offered_and_between<R: RdsGateway>(
    source: &R,
    policy: &DestinationPolicy,
) -> Result<(Vec<Arc<Snapshot>>, Vec<Arc<Snapshot>>), WorkerError> {
    if !policy.cross_account {
        return Ok((taken(own(source).await?), vec![]));
    }
    if policy.sources.region == policy.region {
        return Ok((shared(source).await?, vec![]));
    }
    let (offered, between) = join(shared(source), own(source)).await;
    Ok((offered?, between?))
}

async fn own<R: RdsGateway>(rds: &R) -> Result<Vec<Arc<Snapshot>>, WorkerError> {
    let doing = format!("list the manual snapshots in {}", rds.region());
    rds.own_snapshots().await.map_err(WorkerError::reading(doing))
}

async fn shared<R: RdsGateway>(rds: &R) -> Result<Vec<Arc<Snapshot>>, WorkerError> {
    let doing = format!("list the shared snapshots in {}", rds.region());
    rds.shared_snapshots().await.map_err(WorkerError::reading(doing))
}

/// In the same account our tags can be read, and only what we took is copied.
fn taken(mut snapshots: Vec<Arc<Snapshot>>) -> Vec<Arc<Snapshot>> {
    snapshots.retain(|snapshot| snapshot.is_taken_by_us());
    snapshots
}
