//! What an SDK failure means: every one becomes a [`GatewayError`].
//!
//! AWS's codes are looked up in the domain's table, which the simulator shares; only what has no code of
//! AWS's is named here.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use pilot_light_domain::errors::{GatewayError, GatewayErrorKind};

/// Makes a failed call of `action` into the domain's error.
pub(crate) fn of_sdk<E>(action: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> GatewayError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    move |error| match &error {
        SdkError::ServiceError(service) => {
            of_answer(action, service.err().meta(), service.raw().status().as_u16())
        }
        SdkError::ResponseError(response) => of_status(action, response.raw().status().as_u16(), &error),
        SdkError::TimeoutError(_) => without_code(action, GatewayErrorKind::Unavailable, "timeout", &error),
        SdkError::DispatchFailure(failure) => {
            let code = dispatch_code(failure.as_connector_error());
            match first_cause::<CredentialsError>(&error) {
                Some(_) => without_code(action, GatewayErrorKind::AccessDenied, "no credentials", &error),
                None => without_code(action, GatewayErrorKind::Unavailable, code, &error),
            }
        }
        _ => without_code(action, GatewayErrorKind::Unexpected, "construction failure", &error),
    }
}

/// An answer of `action` in which AWS left out, or misspelt, what it documents.
pub(crate) fn missing(action: &'static str, resource: &str, field: &str) -> GatewayError {
    unexpected(action, "missing field", format!("{resource} has no {field}"))
}

/// An answer of `action` with a field that is not what AWS documents.
pub(crate) fn malformed(
    action: &'static str,
    resource: &str,
    field: &str,
    why: impl std::fmt::Display,
) -> GatewayError {
    unexpected(action, "malformed field", format!("{field} of {resource}: {why}"))
}

fn unexpected(action: &'static str, code: &str, message: String) -> GatewayError {
    GatewayError { action, kind: GatewayErrorKind::Unexpected, code: code.to_owned(), message }
}

/// AWS refused: by its code, or by the status where the code is missing or unknown.
fn of_answer(action: &'static str, meta: &ErrorMetadata, status: u16) -> GatewayError {
    let message = meta.message().unwrap_or("AWS gave no message");
    let Some(code) = meta.code() else {
        let kind = kind_of_status(status);
        return GatewayError { action, kind, code: format!("http {status}"), message: message.to_owned() };
    };
    let mut error = GatewayError::of_code(action, code, message);
    if error.kind == GatewayErrorKind::Unexpected {
        error.kind = kind_of_status(status);
    }
    error
}

/// An answer that is not of the protocol at all, such as a load balancer's page.
fn of_status(action: &'static str, status: u16, error: &(dyn Error + 'static)) -> GatewayError {
    without_code(action, kind_of_status(status), &format!("http {status}"), error)
}

fn kind_of_status(status: u16) -> GatewayErrorKind {
    match status {
        429 => GatewayErrorKind::Throttled,
        500.. => GatewayErrorKind::Unavailable,
        _ => GatewayErrorKind::Unexpected,
    }
}

fn dispatch_code(failure: Option<&ConnectorError>) -> &'static str {
    if failure.is_some_and(ConnectorError::is_timeout) { "timeout" } else { "dispatch failure" }
}

fn without_code(
    action: &'static str,
    kind: GatewayErrorKind,
    code: &str,
    error: &(dyn Error + 'static),
) -> GatewayError {
    GatewayError { action, kind, code: code.to_owned(), message: chain(error) }
}

/// Every message of the chain once: the outermost says the least.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in causes(error).map(ToString::to_string) {
        if texts.last() != Some(&text) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

fn first_cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref::<T>())
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
