//! Reads the facts for the plan: the account's manual snapshots and the default key.
//!
//! The key is looked up only if an encrypted snapshot is still to be shared.

use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::run::error::WorkerError;

use crate::plan::{Facts, unknown};

pub(crate) async fn facts<R: RdsGateway>(rds: &R, policy: &SourcePolicy) -> Result<Facts, WorkerError> {
    let region = rds.region();
    let snapshots = rds
        .own_snapshots()
        .await
        .map_err(WorkerError::reading(format!("list the manual snapshots in {region}")))?;
    let is_encrypted = unknown(&snapshots.records, policy).any(|snapshot| snapshot.kms_key.is_some());
    let default_key = if is_encrypted { default_key(rds).await? } else { None };
    Ok(Facts { snapshots: snapshots.records, odd: snapshots.odd, default_key })
}

/// The default key, or none if KMS refuses to look it up. KMS may refuse a look-up of an alias that does not exist.
///
/// If a snapshot is under the default key all the same, sharing fails for that snapshot alone. The report lists it as
/// blocked, with RDS's own error.
async fn default_key<R: RdsGateway>(rds: &R) -> Result<Option<KmsKeyArn>, WorkerError> {
    match rds.default_key().await {
        Err(error) if error.kind == GatewayErrorKind::AccessDenied => Ok(None),
        answer => answer.map_err(WorkerError::reading(format!("look up alias/aws/rds in {}", rds.region()))),
    }
}
