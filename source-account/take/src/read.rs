//! Reads the facts for the plan: the DB instances, the account's manual snapshots, and their quota.

use futures_util::future::join3;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::run::error::WorkerError;

use crate::plan::Facts;

pub(crate) async fn facts<R: RdsGateway>(rds: &R) -> Result<Facts, WorkerError> {
    let (databases, snapshots, quota) =
        join3(rds.instances(), rds.own_snapshots(), rds.snapshot_quota()).await;
    let doing = |task: &str| WorkerError::reading(format!("{task} in {}", rds.region()));
    let databases = databases.map_err(doing("list the DB instances"))?;
    let snapshots = snapshots.map_err(doing("list the manual snapshots"))?;
    Ok(Facts {
        databases: databases.records,
        odd_databases: databases.odd,
        snapshots: snapshots.records,
        odd_snapshots: snapshots.odd,
        quota: quota.map_err(doing("read the snapshot quota"))?,
    })
}
