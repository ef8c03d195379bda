//! Canned HTTP answers under the real SDK clients, for the tests of this crate.

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::body::SdkBody;
use pilot_light_domain::model::ids::Region;

use crate::clients::base_config;
use crate::cloud::AwsCloud;

/// Canned answers in their order, and the requests that were sent.
pub(crate) struct Canned {
    replay: StaticReplayClient,
}

impl Canned {
    /// Answers with these statuses and bodies, one after the other.
    pub(crate) fn new<B: Into<SdkBody>>(answers: impl IntoIterator<Item = (u16, B)>) -> Self {
        let event = |(status, body): (u16, B)| {
            let mut answer = HttpResponse::new(status.try_into().unwrap(), body.into());
            // aws-sdk-cloudwatch reads no answer without this header. The other SDKs ignore it.
            answer.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
            ReplayEvent::new(HttpRequest::new(SdkBody::empty()), answer)
        };
        Self { replay: StaticReplayClient::new(answers.into_iter().map(event).collect()) }
    }

    /// The configuration of clients that receive these answers and do not retry.
    pub(crate) fn config(&self) -> SdkConfig {
        config_over(self.replay.clone().into_shared())
    }

    /// The cloud of a worker in us-east-1 that receives these answers.
    pub(crate) fn cloud(&self) -> AwsCloud {
        AwsCloud::new(self.config(), &region("us-east-1"), "/pilot-light/source/")
    }

    /// The bodies that were sent, as text.
    pub(crate) fn sent(&self) -> Vec<String> {
        let text = |request: &HttpRequest| {
            String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned()
        };
        self.replay.actual_requests().map(text).collect()
    }

    /// A header of the first request.
    pub(crate) fn header(&self, name: &str) -> String {
        let first = self.replay.actual_requests().next();
        first.and_then(|request| request.headers().get(name)).unwrap_or_default().to_owned()
    }

    /// The URLs that were called.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.replay.actual_requests().map(|request| request.uri().to_owned()).collect()
    }
}

/// A configuration with test credentials and without retries, over `http`.
pub(crate) fn config_over(http: SharedHttpClient) -> SdkConfig {
    config_of("AKID", http)
}

/// The same configuration with the given access key.
pub(crate) fn config_of(access_key: &str, http: SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new(access_key, "SECRET", Some("TOKEN".to_owned()), None, "test");
    base_config()
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// Parses a Region.
pub(crate) fn region(text: &str) -> Region {
    text.parse().unwrap()
}

/// An answer of the RDS query API.
pub(crate) fn rds_answer(action: &str, result: &str) -> String {
    format!(
        "<{action}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><{action}Result>{result}\
         </{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// A refusal by the RDS query API.
pub(crate) fn rds_error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )
}

/// The fields of a request of the query API, without action and version.
pub(crate) fn fields(body: &str) -> Vec<(String, String)> {
    let unwanted = |name: &str| ["Action", "Version"].contains(&name);
    let pairs = form_urlencoded::parse(body.as_bytes()).into_owned();
    pairs.filter(|(name, _)| !unwanted(name)).collect()
}

/// The fields of the only request that was sent.
#[track_caller]
pub(crate) fn only_request(canned: &Canned) -> Vec<(String, String)> {
    let sent = canned.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    fields(&sent[0])
}

/// Expected fields, in the form that requests have here.
pub(crate) fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}
