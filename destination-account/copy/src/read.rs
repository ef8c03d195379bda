//! Reads what copy needs to know: what is offered, what is here, and what is on its way in between.

use std::sync::Arc;

use pilot_light_domain::cloud::Cloud;
use pilot_light_domain::errors::WorkerError;
use pilot_light_domain::gateway::RdsGateway;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::snapshot::Snapshot;

use crate::plan::{Facts, OneStep};

pub(crate) async fn facts<C: Cloud>(
    cloud: &C,
    policy: &DestinationPolicy,
    one_step: OneStep,
) -> Result<Facts, WorkerError> {
    let (source, here) = (cloud.rds(&policy.sources.region), cloud.rds(&policy.region));
    let (offered, between) = if !policy.cross_account {
        (taken(own(&source).await?), vec![])
    } else if policy.sources.region == policy.region {
        (shared(&source).await?, vec![])
    } else {
        (shared(&source).await?, own(&source).await?)
    };
    let copies = own(&here).await?;
    let doing = format!("read the snapshot quota in {}", policy.region);
    let quota = here.snapshot_quota().await.map_err(WorkerError::reading(doing))?;
    Ok(Facts { offered, between, here: copies, quota, one_step })
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
