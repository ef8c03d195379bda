//! Reads the account's manual snapshots and separates our own copies from the others.

use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::recovery_point::Sources;
use pilot_light_domain::model::snapshot::{Phase, Snapshot};
use pilot_light_domain::rules::deletion::Facts;
use pilot_light_domain::run::error::WorkerError;

pub(crate) async fn facts<R: RdsGateway>(rds: &R, sources: &Sources) -> Result<Facts, WorkerError> {
    let doing = format!("list the manual snapshots in {}", rds.region());
    let snapshots = rds.own_snapshots().await.map_err(WorkerError::reading(doing))?;
    let (ours, others): (Vec<_>, Vec<_>) =
        snapshots.records.into_iter().partition(|snapshot| sources.is_copy(snapshot));
    let ours = ours.into_iter().filter(|copy| !is_left_to_copy_worker(copy));
    let (odd_points, odd_others) = snapshots.odd.into_iter().partition(OddRecord::is_copied_by_us);
    Ok(Facts {
        points: ours.map(|copy| sources.recovery_point(copy)).collect(),
        others,
        odd_points,
        odd_others,
    })
}

/// True for a failed copy of Pilot Light. To destination-copy, it is the sign that its database queues behind others, and it
/// shows the number of the next attempt. That worker deletes it once it is not needed.
fn is_left_to_copy_worker(copy: &Snapshot) -> bool {
    copy.status.phase() == Phase::Lost && copy.is_copied_by_us()
}
