//! A worker's parameters, from SSM, by names relative to its path.

use pilot_light_domain::cloud::Parameters;
use pilot_light_domain::errors::GatewayError;

use crate::convert::required;
use crate::errors::of_sdk;

const ACTION: &str = "GetParametersByPath";
/// The most parameters that SSM gives in one page.
const PAGE: i32 = 10;

/// All parameters below `path`, which has no slash at its end.
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

#[cfg(test)]
mod tests {
    use pilot_light_domain::cloud::Cloud;
    use pilot_light_domain::errors::GatewayErrorKind;

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
}
