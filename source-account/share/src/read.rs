//! Reads what share needs to know: the account's manual snapshots and, only for those not known to be
//! shared, with whom they are, and which key is the default one.

use std::collections::BTreeMap;

use pilot_light_domain::arn::KmsKeyArn;
use pilot_light_domain::effects;
use pilot_light_domain::errors::{GatewayErrorKind, WorkerError};
use pilot_light_domain::gateway::RdsGateway;
use pilot_light_domain::policy::SourcePolicy;

use crate::plan::{Facts, is_under, unknown};

pub(crate) async fn facts<R: RdsGateway>(rds: &R, policy: &SourcePolicy) -> Result<Facts, WorkerError> {
    let region = rds.region();
    let snapshots = rds
        .own_snapshots()
        .await
        .map_err(WorkerError::reading(format!("list the manual snapshots in {region}")))?;
    let unknown: Vec<_> = unknown(&snapshots, policy).collect();
    let is_encrypted = unknown.iter().any(|snapshot| snapshot.kms_key.is_some());
    let default_key = if is_encrypted { default_key(rds).await? } else { None };
    let unknown: Vec<_> = unknown
        .into_iter()
        .filter(|snapshot| !is_under(snapshot, default_key.as_ref()))
        .map(|snapshot| snapshot.arn.clone())
        .collect();
    let answers = effects::side_by_side(unknown.iter().map(|arn| rds.shared_with(&arn.id)).collect()).await;
    let mut shared_with = BTreeMap::new();
    for (arn, answer) in unknown.into_iter().zip(answers) {
        match answer {
            Ok(accounts) => shared_with.insert(arn, accounts),
            // Deleted since it was listed.
            Err(error) if error.kind == GatewayErrorKind::NotFound => None,
            Err(error) => return Err(WorkerError::reading(format!("read with whom {arn} is shared"))(error)),
        };
    }
    Ok(Facts { snapshots, shared_with, default_key })
}

/// KMS may answer a question for an alias that does not exist with a refusal. Sharing a snapshot under the
/// default key then fails for that snapshot alone, and is reported as blocked by RDS's own error.
async fn default_key<R: RdsGateway>(rds: &R) -> Result<Option<KmsKeyArn>, WorkerError> {
    match rds.default_key().await {
        Err(error) if error.kind == GatewayErrorKind::AccessDenied => Ok(None),
        answer => answer.map_err(WorkerError::reading(format!("look up alias/aws/rds in {}", rds.region()))),
    }
}
