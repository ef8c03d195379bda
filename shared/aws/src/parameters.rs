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
