//! `DescribeSecurityGroups`, the only request to EC2.
//!
//! The SDK of EC2 has 1.2 million lines, so the request is signed and its answer is read here.

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use aws_types::service_config::ServiceConfigKey;
use form_urlencoded::Serializer;
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::SecurityGroup;

use crate::sdk_error::of_sdk;

const ACTION: &str = "DescribeSecurityGroups";
/// The version of the EC2 query API.
const VERSION: &str = "2016-11-15";
/// The largest number of values of a filter.
const VALUES: usize = 200;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Those of the security groups that exist in the Region. The filter accepts ids that do not exist.
pub(super) async fn security_groups(
    config: &SdkConfig,
    region: &Region,
    ids: &[String],
) -> Result<Vec<SecurityGroup>, GatewayError> {
    let mut found = Vec::new();
    for ids in ids.chunks(VALUES) {
        let request = signed(config, region, body(ids)).await.map_err(|why| unsigned(&why))?;
        found.extend(send(config, request).await?);
    }
    Ok(found)
}

fn body(ids: &[String]) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", ACTION).append_pair("Version", VERSION);
    form.append_pair("Filter.1.Name", "group-id");
    for (number, id) in ids.iter().enumerate() {
        form.append_pair(&format!("Filter.1.Value.{}", number + 1), id);
    }
    form.finish()
}

fn unsigned(why: &Failure) -> GatewayError {
    GatewayError::new(ACTION, GatewayErrorKind::Unexpected, "signing failure", &why.to_string())
}

async fn signed(config: &SdkConfig, region: &Region, body: String) -> Result<HttpRequest, Failure> {
    let credentials = config.credentials_provider().ok_or("there are no credentials")?;
    let identity = credentials.provide_credentials().await?.into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name("ec2")
        .time(config.time_source().unwrap_or_default().now())
        .settings(SigningSettings::default())
        .build()?;
    let url = endpoint(config, region);
    let form = ("content-type", "application/x-www-form-urlencoded");
    let signable =
        SignableRequest::new("POST", &url, [form].into_iter(), SignableBody::Bytes(body.as_bytes()))?;
    let (instructions, _) = sign(signable, &parameters.into())?.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri(url)?;
    request.headers_mut().insert(form.0, form.1);
    let agent = config.app_name().map(|name| format!("app/{name}"));
    request.headers_mut().insert("user-agent", agent.unwrap_or_else(|| "pilot-light".to_owned()));
    for (name, value) in instructions.headers() {
        request.headers_mut().insert(name.to_owned(), value.to_owned());
    }
    Ok(request)
}

/// The endpoint of EC2: that of the configuration, or that of the Region.
fn endpoint(config: &SdkConfig, region: &Region) -> String {
    let key =
        ServiceConfigKey::builder().service_id("EC2").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = config.service_config().zip(key.ok()).and_then(|(config, key)| config.load_config(key));
    let domain = if region.partition().as_str() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let url = own.or_else(|| config.endpoint_url().map(str::to_owned));
    let url = url.unwrap_or_else(|| format!("https://ec2.{region}.{domain}"));
    format!("{}/", url.trim_end_matches('/'))
}

async fn send(config: &SdkConfig, request: HttpRequest) -> Result<Vec<SecurityGroup>, GatewayError> {
    let mut operation = Operation::builder()
        .service_name("ec2")
        .operation_name(ACTION)
        .endpoint_url(request.uri())
        .no_auth()
        .retry_classifier(HttpStatusCodeClassifier::default())
        .serializer(|request: Signed| request.0.try_clone().ok_or_else(|| "the body is a stream".into()))
        .deserializer(read);
    if let Some(client) = config.http_client() {
        operation = operation.http_client(client);
    }
    if let Some(timeouts) = config.timeout_config() {
        operation = operation.timeout_config(timeouts.clone());
    }
    operation = match config.retry_config().filter(|retries| retries.has_retry()) {
        Some(retries) => operation.standard_retry(retries),
        None => operation.no_retry(),
    };
    operation.build().invoke(Signed(request)).await.map_err(of_sdk(ACTION))
}

/// A request with its signature.
#[derive(Debug)]
struct Signed(HttpRequest);

fn read(answer: &HttpResponse) -> Result<Vec<SecurityGroup>, OrchestratorError<ErrorMetadata>> {
    let text = String::from_utf8_lossy(answer.body().bytes().unwrap_or_default());
    if answer.status().is_success() {
        return groups(&text).map_err(|error| OrchestratorError::response(error.into()));
    }
    let (code, message) = refusal(&text).unwrap_or_default();
    let mut meta = ErrorMetadata::builder();
    if !code.is_empty() {
        meta = meta.code(code).message(message);
    }
    Err(OrchestratorError::operation(meta.build()))
}

/// The groups of an answer. One without its id or its VPC is left out.
fn groups(text: &str) -> Result<Vec<SecurityGroup>, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut found = Vec::new();
    while let Some(mut list) = root.next_tag() {
        if list.start_el().matches("securityGroupInfo") {
            while let Some(mut item) = list.next_tag() {
                found.extend(group(&mut item)?);
            }
        }
    }
    Ok(found)
}

fn group(item: &mut ScopedDecoder<'_, '_>) -> Result<Option<SecurityGroup>, XmlDecodeError> {
    let (mut id, mut vpc) = (None, None);
    while let Some(mut field) = item.next_tag() {
        match field.start_el().local() {
            "groupId" => id = Some(try_data(&mut field)?.into_owned()),
            "vpcId" => vpc = Some(try_data(&mut field)?.into_owned()),
            _ => {}
        }
    }
    Ok(id.zip(vpc).map(|(id, vpc)| SecurityGroup { id, vpc }))
}

/// Code and message of a refusal: `Response`, `Errors`, `Error`.
fn refusal(text: &str) -> Result<(String, String), XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let (mut code, mut message) = (String::new(), String::new());
    while let Some(mut errors) = root.next_tag() {
        while let Some(mut error) = errors.next_tag() {
            while let Some(mut field) = error.next_tag() {
                match field.start_el().local() {
                    "Code" => code = try_data(&mut field)?.into_owned(),
                    "Message" => message = try_data(&mut field)?.into_owned(),
                    _ => {}
                }
            }
        }
    }
    Ok((code, message))
}
