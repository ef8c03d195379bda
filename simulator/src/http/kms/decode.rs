//! From the JSON of an action of KMS to the world's request.

use serde_json::Value;

use super::refused;
use crate::world::{ApiError, CreateKey, KmsPage, KmsRequest, Request};

/// The request of `action`.
///
/// # Errors
/// `UnknownOperationException`, and `ValidationException` for a parameter that is missing.
pub(super) fn request(action: &str, body: &Value) -> Result<Request, ApiError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let required = |name: &str| {
        text(name).ok_or_else(|| refused("ValidationException", &format!("{name} must not be null")))
    };
    let page = || KmsPage { limit: body.get("Limit").and_then(Value::as_u64), marker: text("Marker") };
    let request = match action {
        "DescribeKey" => return required("KeyId").map(Request::DescribeKey),
        "EnableKey" => return required("KeyId").map(Request::EnableKey),
        "DisableKey" => return required("KeyId").map(Request::DisableKey),
        "CreateKey" => create_key(body, &text)?,
        "ListKeys" => KmsRequest::ListKeys(page()),
        "ListAliases" => KmsRequest::ListAliases(text("KeyId"), page()),
        "CreateAlias" => KmsRequest::CreateAlias(required("AliasName")?, required("TargetKeyId")?),
        "DeleteAlias" => KmsRequest::DeleteAlias(required("AliasName")?),
        "GetKeyPolicy" => KmsRequest::GetKeyPolicy(required("KeyId")?),
        "PutKeyPolicy" => KmsRequest::PutKeyPolicy(required("KeyId")?, required("Policy")?),
        _ => return Err(unknown()),
    };
    Ok(Request::Kms(Box::new(request)))
}

pub(super) fn unknown() -> ApiError {
    refused("UnknownOperationException", "The simulator does not know this operation.")
}

/// RDS encrypts with symmetric keys of KMS only, so the simulator creates no others.
fn create_key(body: &Value, text: &impl Fn(&str) -> Option<String>) -> Result<KmsRequest, ApiError> {
    let kinds = [("KeyUsage", "ENCRYPT_DECRYPT"), ("KeySpec", "SYMMETRIC_DEFAULT"), ("Origin", "AWS_KMS")];
    for (name, only) in kinds {
        if text(name).is_some_and(|given| given != only) || body["MultiRegion"] == true {
            let message = format!("The simulator creates only single-Region keys with {name} {only}.");
            return Err(refused("UnsupportedOperationException", &message));
        }
    }
    let description = text("Description").unwrap_or_default();
    Ok(KmsRequest::CreateKey(CreateKey { description, policy: text("Policy") }))
}
