//! KMS keys: the default RDS key of a Region, and the check that a key can be used now.
//!
//! The choice of the key for a copy is made in the domain and the workers.

use aws_sdk_kms::types::{KeyMetadata, KeyState};
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::model::arn::KmsKeyArn;

use crate::clients::Regional;
use crate::convert::required;
use crate::sdk_error::{malformed, of_sdk};

const ACTION: &str = "DescribeKey";
/// The alias of the default key. RDS creates the key when encryption is first requested without naming a key.
const DEFAULT_KEY: &str = "alias/aws/rds";

/// The account's default RDS key in a Region. There is none until its first use.
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

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::cloud::Cloud;
    use pilot_light_domain::aws::gateway::RdsGateway;

    use super::*;
    use crate::testing::{Canned, region};

    const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/k1";
    const NOT_FOUND: &str = r#"{"__type":"NotFoundException","message":"Alias is not found."}"#;

    fn described(state: &str) -> (u16, String) {
        (200, format!(r#"{{"KeyMetadata":{{"KeyId":"k1","Arn":"{KEY}","KeyState":"{state}"}}}}"#))
    }

    #[tokio::test]
    async fn the_default_key_is_read_until_it_exists_and_then_remembered() {
        let canned = Canned::new([(400, NOT_FOUND.to_owned()), described("Enabled")]);
        let rds = canned.cloud().rds(&region("us-east-1"));
        let key: KmsKeyArn = KEY.parse().unwrap();
        assert_eq!(rds.default_key().await, Ok(None));
        assert_eq!(rds.default_key().await, Ok(Some(key.clone())));
        assert_eq!(rds.default_key().await, Ok(Some(key)));
        assert_eq!(canned.sent(), [r#"{"KeyId":"alias/aws/rds"}"#; 2]);
    }

    #[tokio::test]
    async fn a_key_is_usable_only_while_enabled_and_is_read_in_its_own_region() {
        let key = KEY.parse().unwrap();
        for (answer, expected) in [
            (described("Enabled"), true),
            (described("Disabled"), false),
            (described("PendingDeletion"), false),
            ((400, NOT_FOUND.to_owned()), false),
        ] {
            let canned = Canned::new([answer]);
            assert_eq!(canned.cloud().rds(&region("us-east-1")).key_is_enabled(&key).await, Ok(expected));
            assert_eq!(canned.urls(), ["https://kms.eu-west-1.amazonaws.com/"]);
        }
    }

    #[tokio::test]
    async fn a_refused_read_is_an_error_and_not_a_disabled_key() {
        let body = r#"{"__type":"AccessDeniedException","Message":"not authorized"}"#;
        let canned = Canned::new([(400, body)]);
        let error = canned.cloud().rds(&region("us-east-1")).key_is_enabled(&KEY.parse().unwrap()).await;
        let error = error.unwrap_err();
        assert_eq!((error.action, error.kind), ("DescribeKey", GatewayErrorKind::AccessDenied));
    }
}
