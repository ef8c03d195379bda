//! KMS keys: the default RDS key of a Region, and whether a key can be used now.

use aws_sdk_kms::types::{KeyMetadata, KeyState};
use pilot_light_domain::arn::KmsKeyArn;
use pilot_light_domain::errors::{GatewayError, GatewayErrorKind};

use crate::clients::Regional;
use crate::convert::required;
use crate::errors::{malformed, of_sdk};

const ACTION: &str = "DescribeKey";
/// The alias of the key that RDS makes when encryption is first asked for without a key.
const DEFAULT_KEY: &str = "alias/aws/rds";

/// The account's default RDS key in a Region; none if it was never used there.
pub(crate) async fn default_key(regional: &Regional) -> Result<Option<KmsKeyArn>, GatewayError> {
    if let Some(key) = regional.default_key().get() {
        return Ok(Some(key.clone()));
    }
    let Some(found) = describe(regional, DEFAULT_KEY).await? else { return Ok(None) };
    let arn = required(ACTION, DEFAULT_KEY, "Arn", found.arn())?;
    let key: KmsKeyArn = arn.parse().map_err(|why| malformed(ACTION, DEFAULT_KEY, "Arn", why))?;
    Ok(Some(regional.default_key().get_or_init(|| key).clone()))
}

/// True if the key exists and its state is `Enabled`.
pub(crate) async fn is_enabled(regional: &Regional, key: &KmsKeyArn) -> Result<bool, GatewayError> {
    let id = key.to_string();
    let Some(found) = describe(regional, &id).await? else { return Ok(false) };
    required(ACTION, &id, "KeyState", found.key_state()).map(|state| *state == KeyState::Enabled)
}

async fn describe(regional: &Regional, id: &str) -> Result<Option<KeyMetadata>, GatewayError> {
    match regional.kms().describe_key().key_id(id).send().await.map_err(of_sdk(ACTION)) {
        Ok(answer) => required(ACTION, id, "KeyMetadata", answer.key_metadata).map(Some),
        Err(error) if error.kind == GatewayErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
