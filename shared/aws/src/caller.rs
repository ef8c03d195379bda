//! The account and the person of the credentials, for programs that people run.
//!
//! A Lambda function takes its account from its own ARN instead.

use aws_config::SdkConfig;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::AccountId;

use crate::convert::required;
use crate::sdk_error::{malformed, of_sdk};

const ACTION: &str = "GetCallerIdentity";

/// Reads the account of the credentials.
pub(crate) async fn account(config: &SdkConfig) -> Result<AccountId, GatewayError> {
    let account = required(ACTION, "the caller", "Account", identity(config).await?.account)?;
    account.parse().map_err(|why| malformed(ACTION, "the caller", "Account", why))
}

/// Reads the ARN of the credentials.
pub(crate) async fn arn(config: &SdkConfig) -> Result<String, GatewayError> {
    required(ACTION, "the caller", "Arn", identity(config).await?.arn)
}

async fn identity(config: &SdkConfig) -> Result<GetCallerIdentityOutput, GatewayError> {
    let sts = aws_sdk_sts::Client::new(config);
    sts.get_caller_identity().send().await.map_err(of_sdk(ACTION))
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::error::GatewayErrorKind;

    use crate::testing::Canned;

    #[tokio::test]
    async fn the_account_is_read_and_a_refusal_names_the_action() {
        let answer = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111111111111</Account>\
                      <Arn>arn:aws:iam::111111111111:user/jane</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>";
        let account = Canned::new([(200, answer)]).cloud().account().await;
        let arn = Canned::new([(200, answer)]).cloud().caller().await;
        assert_eq!(arn.as_deref(), Ok("arn:aws:iam::111111111111:user/jane"));
        assert_eq!(account.map(String::from), Ok("111111111111".to_owned()));
        let refusal =
            "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>no</Message></Error></ErrorResponse>";
        let error = Canned::new([(403, refusal)]).cloud().account().await.unwrap_err();
        assert_eq!((error.action, error.kind), ("GetCallerIdentity", GatewayErrorKind::AccessDenied));
    }
}
