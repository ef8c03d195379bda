//! The signed URL that a copy across Regions needs where RDS cannot act in the source Region by itself.
//!
//! Only encrypted copies outside the partition `aws` need one (AWS requires it in GovCloud and ignores it
//! where it is not needed); the SDK for Rust does not make it.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_rds::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use form_urlencoded::Serializer;
use pilot_light_domain::arn::KmsKeyArn;
use pilot_light_domain::errors::{GatewayError, GatewayErrorKind};
use pilot_light_domain::gateway::CopySnapshot;
use pilot_light_domain::ids::Region;

/// The action that is signed, and that carries the URL.
pub(crate) const ACTION: &str = "CopyDBSnapshot";
/// The version of the RDS query API.
const VERSION: &str = "2014-10-31";
/// RDS uses the URL while it accepts the copy, which is a matter of seconds; retries take a minute or two.
const VALID_FOR: Duration = Duration::from_secs(900);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The URL for `copy` into `target`, where one is needed.
pub(crate) async fn url_if_needed(
    config: &SdkConfig,
    copy: &CopySnapshot,
    target: &Region,
) -> Result<Option<String>, GatewayError> {
    let Some(key) = &copy.kms_key else { return Ok(None) };
    if copy.source.region == *target || copy.source.partition.as_str() == "aws" {
        return Ok(None);
    }
    let url = url(config, copy, key, target).await;
    url.map(Some).map_err(|why| GatewayError {
        action: ACTION,
        kind: GatewayErrorKind::Unexpected,
        code: "presigning failure".to_owned(),
        message: why.to_string(),
    })
}

/// A signed `GET` of the same copy, for the source Region.
async fn url(
    config: &SdkConfig,
    copy: &CopySnapshot,
    key: &KmsKeyArn,
    target: &Region,
) -> Result<String, Failure> {
    let source = copy.source.region.as_str();
    let endpoint =
        DefaultResolver::new().resolve_endpoint(&Params::builder().region(source).build()?).await?;
    let query = Serializer::new(String::new())
        .append_pair("Action", ACTION)
        .append_pair("Version", VERSION)
        .append_pair("SourceDBSnapshotIdentifier", &copy.source.to_string())
        .append_pair("TargetDBSnapshotIdentifier", copy.target.as_str())
        .append_pair("KmsKeyId", &key.to_string())
        .append_pair("DestinationRegion", target.as_str())
        .finish();
    signed(config, source, format!("{}/?{query}", endpoint.url().trim_end_matches('/'))).await
}

async fn signed(config: &SdkConfig, region: &str, url: String) -> Result<String, Failure> {
    let credentials = config.credentials_provider().ok_or("there are no credentials")?;
    let identity = credentials.provide_credentials().await?.into();
    let mut settings = SigningSettings::default();
    settings.expires_in = Some(VALID_FOR);
    settings.signature_location = SignatureLocation::QueryParams;
    let time = config.time_source().unwrap_or_default().now();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("rds")
        .time(time)
        .settings(settings)
        .build()?;
    let request = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::empty())?;
    let (instructions, _) = sign(request, &parameters.into())?.into_parts();
    let mut query = Serializer::for_suffix(url.clone(), url.len());
    for (name, value) in instructions.params() {
        query.append_pair(name, value);
    }
    Ok(query.finish())
}
