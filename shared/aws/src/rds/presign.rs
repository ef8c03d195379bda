//! The signed URL of a request across Regions. The request needs it where RDS cannot act in the source Region by itself.
//!
//! Only encrypted copies, replicas and secondary clusters outside the partition `aws` need the URL. AWS requires it in
//! GovCloud and China, and ignores it elsewhere. The SDK for Rust does not make it.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_rds::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use form_urlencoded::Serializer;
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::ids::Region;

/// The version of the RDS query API.
const VERSION: &str = "2014-10-31";
/// The validity of the URL. RDS uses the URL while it accepts the request, which takes seconds. Retries take a minute
/// or two.
const VALID_FOR: Duration = Duration::from_secs(900);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A request to one Region that also acts in another Region.
#[derive(Debug)]
pub(crate) struct Crossing<'a> {
    /// The action of the signed request, which is also the action of the request that carries the URL.
    pub(crate) action: &'static str,
    /// The Region of the source. The URL is signed for this Region.
    pub(crate) from: &'a Region,
    /// The Region that receives the request.
    pub(crate) to: &'a Region,
    /// The key in the Region `to`, if the new resource is to be encrypted.
    pub(crate) key: Option<&'a str>,
    /// The other fields that are the same in both requests.
    pub(crate) fields: Vec<(&'static str, &'a str)>,
}

/// The URL for `copy` into `target`, if one is needed.
pub(crate) async fn url_for_copy(
    config: &SdkConfig,
    copy: &CopySnapshot,
    target: &Region,
) -> Result<Option<String>, GatewayError> {
    let (key, source) = (copy.kms_key.as_ref().map(ToString::to_string), copy.source.to_string());
    let crossing = Crossing {
        action: "CopyDBSnapshot",
        from: &copy.source.region,
        to: target,
        key: key.as_deref(),
        fields: vec![
            ("SourceDBSnapshotIdentifier", &source),
            ("TargetDBSnapshotIdentifier", copy.target.as_str()),
        ],
    };
    url_if_needed(config, &crossing).await
}

/// The URL for a request, if one is needed.
pub(crate) async fn url_if_needed(
    config: &SdkConfig,
    crossing: &Crossing<'_>,
) -> Result<Option<String>, GatewayError> {
    let Some(key) = crossing.key else { return Ok(None) };
    if crossing.from == crossing.to || crossing.from.partition().as_str() == "aws" {
        return Ok(None);
    }
    let url = url(config, crossing, key).await;
    let failure = |why: Failure| {
        GatewayError::new(
            crossing.action,
            GatewayErrorKind::Unexpected,
            "presigning failure",
            &why.to_string(),
        )
    };
    url.map(Some).map_err(failure)
}

/// The URL of a signed `GET` of the same request, for the source Region.
async fn url(config: &SdkConfig, crossing: &Crossing<'_>, key: &str) -> Result<String, Failure> {
    let source = crossing.from.as_str();
    let endpoint =
        DefaultResolver::new().resolve_endpoint(&Params::builder().region(source).build()?).await?;
    let query = Serializer::new(String::new())
        .append_pair("Action", crossing.action)
        .append_pair("Version", VERSION)
        .extend_pairs(&crossing.fields)
        .append_pair("KmsKeyId", key)
        .append_pair("DestinationRegion", crossing.to.as_str())
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
    let query_starts = url.find('?').map_or(url.len(), |mark| mark + 1);
    let mut query = Serializer::for_suffix(url.clone(), query_starts);
    for (name, value) in instructions.params() {
        query.append_pair(name, value);
    }
    Ok(query.finish())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use pilot_light_domain::model::tags::Tags;
    use std::time::SystemTime;

    use aws_types::sdk_config::{SharedTimeSource, TimeSource};

    use super::*;
    use crate::testing::{Canned, region};

    /// Midnight (UTC) on 2026-01-01.
    #[derive(Debug)]
    struct NewYear;

    impl TimeSource for NewYear {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
        }
    }

    fn config() -> SdkConfig {
        let config = Canned::new([(200, "")]).config();
        config.to_builder().time_source(SharedTimeSource::new(NewYear)).build()
    }

    fn copy(source: &str, key: Option<&str>) -> CopySnapshot {
        CopySnapshot {
            source: source.parse().unwrap(),
            target: "s1-copy".parse().unwrap(),
            kms_key: key.map(|key| key.parse().unwrap()),
            option_group: Default::default(),
            tags: Tags::new(),
        }
    }

    #[tokio::test]
    async fn an_encrypted_copy_between_govcloud_regions_carries_a_signed_url_of_the_source_region() {
        let source = "arn:aws-us-gov:rds:us-gov-east-1:111111111111:snapshot:s1";
        let key = "arn:aws-us-gov:kms:us-gov-west-1:222222222222:key/k";
        let url = url_for_copy(&config(), &copy(source, Some(key)), &region("us-gov-west-1")).await;
        let url = url.unwrap().unwrap();
        let (endpoint, query) = url.split_once('?').unwrap();
        assert_eq!(endpoint, "https://rds.us-gov-east-1.amazonaws.com/");
        let pairs: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let expected = [
            ("Action", "CopyDBSnapshot"),
            ("DestinationRegion", "us-gov-west-1"),
            ("KmsKeyId", key),
            ("SourceDBSnapshotIdentifier", source),
            ("TargetDBSnapshotIdentifier", "s1-copy"),
            ("Version", "2014-10-31"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "AKID/20260101/us-gov-east-1/rds/aws4_request"),
            ("X-Amz-Date", "20260101T000000Z"),
            ("X-Amz-Expires", "900"),
            ("X-Amz-Security-Token", "TOKEN"),
            // botocore gives the same request this signature.
            ("X-Amz-Signature", "59f9fad7ab36c74107cd101f3f0a07cf6bedefb5be6d946dc57015e7945bf484"),
            ("X-Amz-SignedHeaders", "host"),
        ];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[tokio::test]
    async fn an_encrypted_copy_in_china_carries_a_url_of_chinas_domain() {
        let source = "arn:aws-cn:rds:cn-north-1:111111111111:snapshot:s1";
        let key = Some("arn:aws-cn:kms:cn-northwest-1:222222222222:key/k");
        let url = url_for_copy(&config(), &copy(source, key), &region("cn-northwest-1")).await;
        assert!(
            url.unwrap()
                .unwrap()
                .starts_with("https://rds.cn-north-1.amazonaws.com.cn/?Action=CopyDBSnapshot&")
        );
    }

    #[tokio::test]
    async fn no_other_copy_carries_a_url() {
        let gov_key = Some("arn:aws-us-gov:kms:us-gov-west-1:222222222222:key/k");
        let gov_source = "arn:aws-us-gov:rds:us-gov-west-1:111111111111:snapshot:s1";
        for (source, key, target) in [
            (gov_source, gov_key, "us-gov-west-1"),
            (gov_source, None, "us-gov-east-1"),
            (
                "arn:aws:rds:us-east-1:111111111111:snapshot:s1",
                Some("arn:aws:kms:us-west-2:222222222222:key/k"),
                "us-west-2",
            ),
        ] {
            let url = url_for_copy(&config(), &copy(source, key), &region(target)).await;
            assert_eq!(url, Ok(None), "{source} to {target}");
        }
    }
}
