//! The part of KMS that workers and the users of the simulator need, in its JSON protocol.

mod decode;
mod encode;

use serde_json::{Value, json};

use super::credentials::scope;
use super::front::{Front, Incoming, Outgoing, status};
use crate::world::ApiError;

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
    let Some(action) = target.and_then(|target| target.strip_prefix("TrentService.")) else {
        return Err(decode::unknown());
    };
    let body: Value = serde_json::from_slice(incoming.body)
        .map_err(|error| refused("SerializationException", &error.to_string()))?;
    let request = decode::request(action, &body)?;
    Ok(encode::response(&front.call(scope, request, incoming.now)?))
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
