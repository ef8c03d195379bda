//! Reads the account's manual snapshots and separates those that Pilot Light took from the others.

use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::rules::deletion::Facts;
use pilot_light_domain::run::error::WorkerError;

pub(crate) async fn facts<R: RdsGateway>(rds: &R) -> Result<Facts, WorkerError> {
    let doing = format!("list the manual snapshots in {}", rds.region());
    let snapshots = rds.own_snapshots().await.map_err(WorkerError::reading(doing))?;
    let (ours, others): (Vec<_>, Vec<_>) =
        snapshots.records.into_iter().partition(|snapshot| snapshot.is_taken_by_us());
    let (odd_points, odd_others) = snapshots.odd.into_iter().partition(OddRecord::is_taken_by_us);
    Ok(Facts {
        points: ours.into_iter().map(RecoveryPoint::original).collect(),
        others,
        odd_points,
        odd_others,
    })
}
