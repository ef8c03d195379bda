//! Reads what share needs to know: the account's manual snapshots and, only if some are not known to be shared, which
//! key is the default one.

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
    let is_encrypted = unknown(&snapshots, policy).any(|snapshot| snapshot.kms_key.is_some());
    let default_key = if is_encrypted { default_key(rds).await? } else { None };
    Ok(Facts { snapshots, default_key })
}

/// KMS may answer a question for an alias that does not exist with a refusal. Sharing a snapshot under the
/// default key then fails for that snapshot alone, and is reported as blocked by RDS's own error.
async fn default_key<R: RdsGateway>(rds: &R) -> Result<Option<KmsKeyArn>, WorkerError> {
    match rds.default_key().await {
        Err(error) if error.kind == GatewayErrorKind::AccessDenied => Ok(None),
        answer => answer.map_err(WorkerError::reading(format!("look up alias/aws/rds in {}", rds.region()))),
    }
}
