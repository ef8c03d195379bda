//! Reads what take needs to know: the instances, the account's manual snapshots, and their quota.

use pilot_light_domain::errors::WorkerError;
use pilot_light_domain::gateway::RdsGateway;

use crate::plan::Facts;

pub(crate) async fn facts<R: RdsGateway>(rds: &R) -> Result<Facts, WorkerError> {
    let region = rds.region();
    let databases =
        rds.instances().await.map_err(WorkerError::reading(format!("list the DB instances in {region}")))?;
    let snapshots = rds
        .own_snapshots()
        .await
        .map_err(WorkerError::reading(format!("list the manual snapshots in {region}")))?;
    let quota = rds
        .snapshot_quota()
        .await
        .map_err(WorkerError::reading(format!("read the snapshot quota in {region}")))?;
    Ok(Facts { databases, snapshots, quota })
}
