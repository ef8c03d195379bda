//! The conversion of each error of an SDK into a [`GatewayError`].
//!
//! The domain's table gives the kind of each code of AWS. The simulator uses the same table. Only errors without a
//! code of AWS get their code here.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};

/// Returns a function that converts the error of a failed call of `action`.
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

/// The error for an answer of `action` without a field that AWS documents. A misspelt field counts as missing.
pub(crate) fn missing(action: &'static str, resource: &str, field: &str) -> GatewayError {
    unexpected(action, "missing field", format!("{resource} has no {field}"))
}

/// The error for an answer of `action` with a value of `field` that AWS does not document.
pub(crate) fn malformed(
    action: &'static str,
    resource: &str,
    field: &str,
    why: impl std::fmt::Display,
) -> GatewayError {
    unexpected(action, "malformed field", format!("{field} of {resource}: {why}"))
}

fn unexpected(action: &'static str, code: &str, message: String) -> GatewayError {
    GatewayError::new(action, GatewayErrorKind::Unexpected, code, &message)
}

/// Converts a refusal by AWS. Its code determines the kind. If the code is missing or unknown, the HTTP status does.
fn of_answer(action: &'static str, meta: &ErrorMetadata, status: u16) -> GatewayError {
    let message = meta.message().unwrap_or("AWS gave no message");
    let Some(code) = meta.code() else {
        let kind = kind_of_status(status);
        return GatewayError::new(action, kind, &format!("http {status}"), message);
    };
    let error = GatewayError::of_code(action, code, message);
    match error.kind {
        GatewayErrorKind::Unexpected => error.read_as(kind_of_status(status)),
        _ => error,
    }
}

/// Converts an answer outside the protocol, such as the page of a load balancer.
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
    GatewayError::new(action, kind, code, &chain(error))
}

/// Joins the messages of the whole chain of causes, because the outermost message contains the least information.
/// A message that is equal to the one before it is left out.
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

#[cfg(test)]
mod tests {
    use aws_credential_types::credential_fn::provide_credentials_fn;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_smithy_http_client::test_util::NeverClient;
    use aws_smithy_runtime_api::shared::IntoShared;
    use pilot_light_domain::aws::cloud::Cloud;
    use pilot_light_domain::aws::gateway::RdsGateway;

    use super::*;
    use crate::clients;
    use crate::cloud::AwsCloud;
    use crate::testing::{Canned, config_over, rds_answer, rds_error, region};

    async fn deletion_fails(cloud: &AwsCloud) -> GatewayError {
        let id = "s1".parse().unwrap();
        cloud.rds(&region("us-east-1")).delete_snapshot(&id).await.unwrap_err()
    }

    async fn refused(status: u16, body: &str) -> GatewayError {
        deletion_fails(&Canned::new([(status, body.to_owned())]).cloud()).await
    }

    #[tokio::test]
    async fn each_code_of_aws_has_the_kind_of_the_domains_table() {
        use GatewayErrorKind as Kind;
        for (status, code, message, kind) in [
            (400, "Throttling", "Rate exceeded", Kind::Throttled),
            (503, "ServiceUnavailable", "", Kind::Unavailable),
            (400, "InvalidDBSnapshotState", "", Kind::InvalidState),
            (
                400,
                "SnapshotQuotaExceeded",
                "Cannot create more than 100 manual snapshots",
                Kind::TooManySnapshots,
            ),
            (400, "SnapshotQuotaExceeded", "the maximum of 20 in-progress copies", Kind::TooManyCopies),
            (403, "AccessDenied", "User: x is not authorized", Kind::AccessDenied),
            (400, "KMSKeyNotAccessibleFault", "", Kind::KeyNotAccessible),
            (404, "DBSnapshotNotFound", "", Kind::NotFound),
            (400, "DBSnapshotAlreadyExists", "", Kind::AlreadyExists),
            (400, "InvalidParameterValue", "", Kind::InvalidRequest),
            (400, "SomethingNew", "", Kind::Unexpected),
            (500, "SomethingNew", "", Kind::Unavailable),
        ] {
            let error = refused(status, &rds_error(code, message)).await;
            let seen = (error.action, error.kind, error.code.as_str(), error.message.as_str());
            assert_eq!(seen, ("DeleteDBSnapshot", kind, code, message), "{status}");
        }
    }

    #[tokio::test]
    async fn an_answer_outside_the_protocol_has_the_kind_of_its_http_status() {
        for (status, body, kind) in [
            (503, "<html>try later</html>", GatewayErrorKind::Unavailable),
            (502, "", GatewayErrorKind::Unavailable),
            (429, "", GatewayErrorKind::Throttled),
            (403, "<html>a proxy's page</html>", GatewayErrorKind::Unexpected),
        ] {
            let error = refused(status, body).await;
            assert_eq!((error.kind, error.code), (kind, format!("http {status}")), "{status} {body}");
        }
    }

    #[tokio::test]
    async fn an_unreadable_answer_is_an_unexpected_error() {
        let canned = Canned::new([(200, "no XML")]);
        let error = canned.cloud().rds(&region("us-east-1")).own_snapshots().await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (GatewayErrorKind::Unexpected, "http 200"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_never_answered_times_out_before_the_worker_does() {
        let started = tokio::time::Instant::now();
        let cloud = AwsCloud::new(config_over(NeverClient::new().into_shared()), &region("us-east-1"), "/p");
        let error = deletion_fails(&cloud).await;
        assert_eq!((error.kind, error.code.as_str()), (GatewayErrorKind::Unavailable, "timeout"));
        assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_refused_connection_is_an_unavailable_service() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = config_over(clients::http_client()).to_builder();
        let config = config.endpoint_url(format!("http://{free}")).build();
        let error = deletion_fails(&AwsCloud::new(config, &region("us-east-1"), "/p")).await;
        assert_eq!((error.kind, error.code.as_str()), (GatewayErrorKind::Unavailable, "dispatch failure"));
        assert!(error.message.contains("refused"), "{}", error.message);
    }

    #[tokio::test]
    async fn missing_credentials_are_an_access_denied_error() {
        let config = config_over(clients::http_client()).to_builder();
        let nobody = provide_credentials_fn(|| async { Err(CredentialsError::not_loaded_no_source()) });
        let nobody = SharedCredentialsProvider::new(nobody);
        let config = config.credentials_provider(nobody).build();
        let error = deletion_fails(&AwsCloud::new(config, &region("us-east-1"), "/p")).await;
        assert_eq!((error.kind, error.code.as_str()), (GatewayErrorKind::AccessDenied, "no credentials"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_call_is_repeated_until_aws_accepts_it() {
        let throttled = || (400, rds_error("Throttling", "Rate exceeded"));
        let canned =
            Canned::new([throttled(), throttled(), throttled(), (200, rds_answer("DeleteDBSnapshot", ""))]);
        let config = canned.config().to_builder().retry_config(clients::retries()).build();
        let cloud = AwsCloud::new(config, &region("us-east-1"), "/p");
        let deleted = cloud.rds(&region("us-east-1")).delete_snapshot(&"s1".parse().unwrap()).await;
        assert_eq!((deleted, canned.sent().len()), (Ok(()), 4));
    }
}
