//! The part of KMS that workers use, in its JSON protocol.

use serde_json::{Value, json};

use super::credentials::scope;
use super::front::{Front, Incoming, Outgoing, status};
use crate::world::{ApiError, KeyOrigin, KeyRecord, KeyState, Request, Response};

pub(super) fn answer(front: &mut Front, incoming: Incoming<'_>, request_id: String) -> Outgoing {
    let (code, body) = match attempt(front, incoming) {
        Ok(body) => (200, body),
        Err(error) => (error.http_status, json!({"__type": error.code, "message": error.message})),
    };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Outgoing { status: status(code), content_type: "application/x-amz-json-1.1", request_id, body }
}

fn attempt(front: &mut Front, incoming: Incoming<'_>) -> Result<Value, ApiError> {
    let target = incoming.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let scope = scope(incoming.headers, None, "kms").map_err(as_kms_names_it)?;
    let order: fn(String) -> Request = match target.and_then(|target| target.strip_prefix("TrentService.")) {
        Some("DescribeKey") => Request::DescribeKey,
        Some("EnableKey") => Request::EnableKey,
        Some("DisableKey") => Request::DisableKey,
        _ => return Err(refused("UnknownOperationException", "The simulator does not know this operation.")),
    };
    let body: Value = serde_json::from_slice(incoming.body)
        .map_err(|error| refused("SerializationException", &error.to_string()))?;
    let Some(key) = body.get("KeyId").and_then(Value::as_str) else {
        return Err(refused("ValidationException", "KeyId must not be null"));
    };
    match front.call(scope, order(key.to_owned()), incoming.now)? {
        Response::Key(key) => Ok(json!({"KeyMetadata": metadata(&key)})),
        _ => Ok(Value::Null),
    }
}

fn metadata(key: &KeyRecord) -> Value {
    json!({
        "AWSAccountId": key.arn.account,
        "KeyId": key.arn.key,
        "Arn": key.arn,
        "CreationDate": key.created_at.timestamp(),
        "Enabled": key.state == KeyState::Enabled,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state,
        "Origin": "AWS_KMS",
        "KeyManager": match key.origin { KeyOrigin::Aws => "AWS", KeyOrigin::Customer => "CUSTOMER" },
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
    })
}

/// JSON services have other names for the same refusals.
fn as_kms_names_it(error: ApiError) -> ApiError {
    let code = match error.code {
        "MissingAuthenticationToken" => "MissingAuthenticationTokenException",
        "InvalidClientTokenId" => "UnrecognizedClientException",
        "IncompleteSignature" => "IncompleteSignatureException",
        _ => "InvalidSignatureException",
    };
    ApiError { code, http_status: 400, ..error }
}

fn refused(code: &'static str, message: &str) -> ApiError {
    ApiError { code, message: message.to_owned(), http_status: 400 }
}
