//! The exports of CloudFormation stacks. A manifest refers to an export as `!Import NAME`.
//!
//! The recovery worker replaces each reference with the value of its export.

use std::collections::BTreeMap;

use pilot_light_domain::aws::error::GatewayError;

use crate::convert::required;
use crate::sdk_error::of_sdk;

const ACTION: &str = "ListExports";

/// Reads the values of all exports in the client's Region, by name.
pub(crate) async fn read(
    cloudformation: &aws_sdk_cloudformation::Client,
) -> Result<BTreeMap<String, String>, GatewayError> {
    let mut pages = cloudformation.list_exports().into_paginator().send();
    let mut found = BTreeMap::new();
    while let Some(page) = pages.next().await {
        for export in page.map_err(of_sdk(ACTION))?.exports.unwrap_or_default() {
            let name = required(ACTION, "an export", "Name", export.name)?;
            let value = required(ACTION, &name, "Value", export.value)?;
            found.insert(name, value);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::error::GatewayErrorKind;
    use pilot_light_domain::recovery::RecoveryCloud;

    use crate::testing::Canned;

    fn page(members: &str) -> (u16, String) {
        let answer = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
        (
            200,
            format!(
                "<ListExportsResponse xmlns=\"{answer}\"><ListExportsResult>{members}</ListExportsResult>\
                 </ListExportsResponse>"
            ),
        )
    }

    #[tokio::test]
    async fn all_pages_are_read_in_the_workers_own_region() {
        let export = |name, value| {
            let stack = "<ExportingStackId>arn:aws:cloudformation:us-east-1:111111111111:stack/s/1</ExportingStackId>";
            format!("<member>{stack}<Name>{name}</Name><Value>{value}</Value></member>")
        };
        let first =
            format!("<Exports>{}</Exports><NextToken>t</NextToken>", export("orders-instance", "orders"));
        let second = format!("<Exports>{}</Exports>", export("shop-cluster", "shop"));
        let canned = Canned::new([page(&first), page(&second)]);
        let expected = [("orders-instance", "orders"), ("shop-cluster", "shop")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(canned.cloud().exports().await, Ok(expected));
        let request = "Action=ListExports&Version=2010-05-15";
        assert_eq!(canned.sent(), [request.to_owned(), format!("{request}&NextToken=t")]);
        assert_eq!(canned.urls(), ["https://cloudformation.us-east-1.amazonaws.com/"; 2]);
    }

    #[tokio::test]
    async fn an_export_without_a_value_is_an_error_that_names_the_export() {
        let canned = Canned::new([page("<Exports><member><Name>orders</Name></member></Exports>")]);
        let error = canned.cloud().exports().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "AWS gave an unexpected answer (ListExports failed with missing field: orders has no Value)"
        );
        assert_eq!(error.kind, GatewayErrorKind::Unexpected);
    }
}
