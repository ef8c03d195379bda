//! The caller and the Region of a request, from the credential scope of SigV4. Signatures are not checked.
//!
//! The access key id is the account: 12 digits, as a local AWS gives it to functions. Any other value is an
//! unknown key.

use hyper::HeaderMap;
use pilot_light_domain::model::ids::{AccountId, Region};

use crate::world::ApiError;

/// The caller, and the Region that it calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) account: AccountId,
    pub(super) region: Region,
    /// The application that the client named, if it named one.
    pub(super) principal: Option<String>,
}

/// The service that a request's scope names, if it can be read at all.
pub(super) fn service_name<'a>(headers: &'a HeaderMap, presigned: Option<&'a str>) -> Option<&'a str> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let credential = header.map_or(presigned, |header| of_header(header).ok());
    credential?.split('/').nth(3)
}

/// The scope of a request to `service`, from its `Authorization` header or, presigned, from its query.
pub(super) fn scope(headers: &HeaderMap, presigned: Option<&str>, service: &str) -> Result<Scope, ApiError> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let credential = match (header, presigned) {
        (Some(header), _) => of_header(header)?,
        (None, Some(credential)) => credential,
        (None, None) => {
            return Err(denied("MissingAuthenticationToken", "Request is missing Authentication Token"));
        }
    };
    let scope = of_credential(credential, service)?;
    Ok(Scope { principal: application(headers), ..scope })
}

/// The SDKs write `app/NAME` into one of these; the one for Rust only into the second.
fn application(headers: &HeaderMap) -> Option<String> {
    let agents =
        ["user-agent", "x-amz-user-agent"].into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    let mut words = agents.flat_map(|agent| agent.split(' '));
    words.find_map(|word| word.strip_prefix("app/")).map(str::to_owned)
}

fn of_header(header: &str) -> Result<&str, ApiError> {
    let credential = header
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .and_then(|fields| fields.split(',').find_map(|field| field.trim().strip_prefix("Credential=")));
    credential.ok_or_else(|| ApiError {
        code: "IncompleteSignature",
        message: "Authorization header requires 'Credential' parameter.".to_owned(),
        http_status: 400,
    })
}

fn of_credential(credential: &str, service: &str) -> Result<Scope, ApiError> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [key, _date, region, named, "aws4_request"] = parts[..] else {
        return Err(denied(
            "SignatureDoesNotMatch",
            "Credential should have the form key/date/region/service/aws4_request.",
        ));
    };
    if named != service {
        let message = format!("Credential should be scoped to correct service: '{service}'.");
        return Err(denied("SignatureDoesNotMatch", &message));
    }
    let account = AccountId::new(key).map_err(|_| {
        denied("InvalidClientTokenId", "The security token included in the request is invalid.")
    })?;
    let region = Region::new(region)
        .map_err(|_| denied("SignatureDoesNotMatch", "Credential should be scoped to a valid region."))?;
    Ok(Scope { account, region, principal: None })
}

fn denied(code: &'static str, message: &str) -> ApiError {
    ApiError { code, message: message.to_owned(), http_status: 403 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(authorization: &str) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", authorization.parse().unwrap());
        scope(&headers, None, "rds").map_or_else(|error| error.code, |_| "accepted")
    }

    #[test]
    fn only_a_complete_credential_scope_of_an_account_is_accepted() {
        for (credential, expected) in [
            ("111111111111/20260101/us-east-1/rds/aws4_request", "accepted"),
            ("AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/rds/aws4_request", "InvalidClientTokenId"),
            ("11111111111/20260101/us-east-1/rds/aws4_request", "InvalidClientTokenId"),
            ("111111111111/20260101/us-east-1/kms/aws4_request", "SignatureDoesNotMatch"),
            ("111111111111/20260101/nowhere/rds/aws4_request", "SignatureDoesNotMatch"),
            ("111111111111/us-east-1/rds/aws4_request", "SignatureDoesNotMatch"),
        ] {
            let header =
                format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00");
            assert_eq!(code(&header), expected, "{credential}");
        }
        assert_eq!(code("Bearer abc"), "IncompleteSignature");
        assert_eq!(
            scope(&HeaderMap::new(), None, "rds").map_err(|e| e.code),
            Err("MissingAuthenticationToken")
        );
    }

    #[test]
    fn a_presigned_request_names_its_scope_in_the_query() {
        let credential = "222222222222/20260101/us-west-2/rds/aws4_request";
        let scope = scope(&HeaderMap::new(), Some(credential), "rds").unwrap();
        assert_eq!((scope.account.as_str(), scope.region.as_str()), ("222222222222", "us-west-2"));
    }
}
