//! Reads the facts for the plan: the offered snapshots, the account's own snapshots in both Regions, and the quota.
//!
//! The plan decides which of them belong to Pilot Light. Only within one account is that decided here.

use std::sync::Arc;

use futures_util::future::{join, join3};
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::error::WorkerError;

use crate::plan::{Facts, Odd, OneStep};

pub(crate) async fn facts<C: Cloud>(
    cloud: &C,
    policy: &DestinationPolicy,
    one_step: OneStep,
) -> Result<Facts, WorkerError> {
    let (source, here) = (cloud.rds(&policy.sources.region), cloud.rds(&policy.region));
    let there = offered_and_between(&source, policy);
    let (there, copies, quota) = join3(there, own(&here), here.snapshot_quota()).await;
    let ((offered, between), here) = (there?, copies?);
    let doing = format!("read the snapshot quota in {}", policy.region);
    let quota = quota.map_err(WorkerError::reading(doing))?;
    let odd = Odd { offered: offered.odd, between: between.odd, here: here.odd };
    Ok(Facts { offered: offered.records, between: between.records, here: here.records, quota, one_step, odd })
}

type Snapshots = Listing<Arc<Snapshot>>;

/// The snapshots that may be copied, and the account's own in the source Region. The latter matter only if a copy
/// may take two hops, and are empty otherwise.
async fn offered_and_between<R: RdsGateway>(
    source: &R,
    policy: &DestinationPolicy,
) -> Result<(Snapshots, Snapshots), WorkerError> {
    if !policy.cross_account {
        return Ok((taken(own(source).await?), Listing::default()));
    }
    if policy.sources.region == policy.region {
        return Ok((shared(source).await?, Listing::default()));
    }
    let (offered, between) = join(shared(source), own(source)).await;
    Ok((offered?, between?))
}

async fn own<R: RdsGateway>(rds: &R) -> Result<Snapshots, WorkerError> {
    let doing = format!("list the manual snapshots in {}", rds.region());
    rds.own_snapshots().await.map_err(WorkerError::reading(doing))
}

async fn shared<R: RdsGateway>(rds: &R) -> Result<Snapshots, WorkerError> {
    let doing = format!("list the shared snapshots in {}", rds.region());
    rds.shared_snapshots().await.map_err(WorkerError::reading(doing))
}

/// Within one account our tags can be read, and only the snapshots that Pilot Light took are copied.
fn taken(mut snapshots: Snapshots) -> Snapshots {
    snapshots.records.retain(|snapshot| snapshot.is_taken_by_us());
    snapshots
}
