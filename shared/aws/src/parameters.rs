//! Parameters from SSM: those of a worker, with names relative to its path, and single ones that a manifest names.
//!
//! The domain and the recovery worker check and interpret the values.

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};

use crate::convert::required;
use crate::sdk_error::of_sdk;

const ACTION: &str = "GetParametersByPath";
/// The most parameters that SSM returns in one page.
const PAGE: i32 = 10;

/// Reads all parameters below `path`, which has no slash at its end.
pub(crate) async fn read(ssm: &aws_sdk_ssm::Client, path: &str) -> Result<Parameters, GatewayError> {
    let request = ssm.get_parameters_by_path().path(path).recursive(true).with_decryption(true);
    let mut pages = request.max_results(PAGE).into_paginator().send();
    let mut found = Parameters::new();
    while let Some(page) = pages.next().await {
        for parameter in page.map_err(of_sdk(ACTION))?.parameters.unwrap_or_default() {
            let name = required(ACTION, path, "Name", parameter.name)?;
            let value = required(ACTION, &name, "Value", parameter.value)?;
            let name = name.strip_prefix(path).unwrap_or(&name).trim_start_matches('/');
            found.insert(name.to_owned(), value);
        }
    }
    Ok(found)
}

/// Reads one parameter by its name or by `NAME:VERSION`. The result is `None` if this parameter or version does not
/// exist.
pub(crate) async fn read_one(ssm: &aws_sdk_ssm::Client, name: &str) -> Result<Option<String>, GatewayError> {
    const ACTION: &str = "GetParameter";
    match ssm.get_parameter().name(name).with_decryption(true).send().await.map_err(of_sdk(ACTION)) {
        Ok(answer) => {
            let parameter = required(ACTION, name, "Parameter", answer.parameter)?;
            required(ACTION, name, "Value", parameter.value).map(Some)
        }
        Err(error) if error.kind == GatewayErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::cloud::Cloud;
    use pilot_light_domain::recovery::RecoveryCloud;

    use super::*;
    use crate::testing::Canned;

    #[tokio::test]
    async fn all_pages_are_read_and_names_are_relative_to_the_path() {
        let canned = Canned::new([
            (
                200,
                r#"{"Parameters":[{"Name":"/pilot-light/source/LogLevel","Value":"INFO"},
                    {"Name":"/pilot-light/source/deeper/Name","Value":"x"}],"NextToken":"t"}"#,
            ),
            (200, r#"{"Parameters":[{"Name":"/pilot-light/source/KeepLast","Value":"3"}]}"#),
        ]);
        let expected = [("KeepLast", "3"), ("LogLevel", "INFO"), ("deeper/Name", "x")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(canned.cloud().parameters().await, Ok(expected));
        let first = r#"{"Path":"/pilot-light/source","Recursive":true,"WithDecryption":true,"MaxResults":10"#;
        assert_eq!(canned.sent(), [format!("{first}}}"), format!(r#"{first},"NextToken":"t"}}"#)]);
    }

    #[tokio::test]
    async fn a_refusal_names_the_action() {
        let canned = Canned::new([(400, r#"{"__type":"AccessDeniedException","Message":"no"}"#)]);
        let error = canned.cloud().parameters().await.unwrap_err();
        assert_eq!((error.action, error.kind), (ACTION, GatewayErrorKind::AccessDenied));
    }

    #[tokio::test]
    async fn one_parameter_is_read_decrypted_under_its_name_and_version() {
        let canned = Canned::new([(200, r#"{"Parameter":{"Name":"/shop/key","Value":"k1","Version":3}}"#)]);
        assert_eq!(canned.cloud().parameter("/shop/key:3").await, Ok(Some("k1".to_owned())));
        assert_eq!(canned.sent(), [r#"{"Name":"/shop/key:3","WithDecryption":true}"#]);
    }

    #[tokio::test]
    async fn only_a_missing_parameter_or_version_is_none() {
        for code in ["ParameterNotFound", "ParameterVersionNotFound"] {
            let canned = Canned::new([(400, format!(r#"{{"__type":"{code}"}}"#))]);
            assert_eq!(canned.cloud().parameter("/shop/key:9").await, Ok(None), "{code}");
        }
        for (body, kind) in [
            (r#"{"__type":"AccessDeniedException","Message":"no"}"#, GatewayErrorKind::AccessDenied),
            (r#"{"__type":"InvalidKeyId","message":"no"}"#, GatewayErrorKind::KeyNotAccessible),
        ] {
            let error = Canned::new([(400, body)]).cloud().parameter("/shop/key").await.unwrap_err();
            assert_eq!((error.action, error.kind), ("GetParameter", kind));
        }
    }
}
