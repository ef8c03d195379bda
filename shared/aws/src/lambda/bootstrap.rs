//! The start of a worker or an operator as a Lambda function. Configuration and clients are made once, for all events.
//!
//! This is the only place in all workers that reads the clock and the environment. The answer to one event is made in
//! [`crate::lambda::invocation`].

use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::app_name::AppName;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use bytes::Bytes;
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::{LambdaInvocation, Runtime, service_fn};
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::Operator;
use pilot_light_domain::run::worker::Worker;
use serde_json::Value;
use tower::util::MapRequestLayer;

use crate::clients::base_config;
use crate::cloud::AwsCloud;
use crate::lambda::invocation::operator::OperatorFunction;
use crate::lambda::invocation::worker::WorkerFunction;
use crate::lambda::invocation::{Function, Surroundings};
use crate::lambda::telemetry::Telemetry;

/// The variables that Lambda sets for every function. Lambda's runtime cannot start without them.
const REQUIRED: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

type Failure = Box<dyn Error + Send + Sync>;

/// Runs `worker` as a Lambda function until Lambda ends the process. The `main` of every worker calls this function.
///
/// Credentials, Region and endpoints come from the variables that Lambda and the AWS SDKs define. The path of the
/// parameters is the value of `PARAMETER_PATH`. Without this variable, the worker's name determines the path:
/// `/pilot-light/source` for `source-take`.
pub fn serve(worker: impl Worker) -> ExitCode {
    let name = worker.name();
    serve_function(name, |surroundings| WorkerFunction { worker, surroundings })
}

/// Runs `operator` as a Lambda function in the same way. The `main` of an operator, which answers requests, calls this
/// function.
pub fn serve_operator(operator: impl Operator) -> ExitCode {
    let name = operator.name();
    serve_function(name, |surroundings| OperatorFunction { operator, surroundings })
}

fn serve_function<F: Function>(name: &str, make: impl FnOnce(Surroundings<AwsCloud>) -> F) -> ExitCode {
    let telemetry = Telemetry::install();
    let ran = surroundings(name, telemetry).and_then(|surroundings| run(&make(surroundings)));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("the worker cannot run: {why}");
            ExitCode::FAILURE
        }
    }
}

fn surroundings(name: &str, telemetry: Telemetry) -> Result<Surroundings<AwsCloud>, Failure> {
    if let Some(missing) = REQUIRED.into_iter().find(|name| variable(name).is_none()) {
        return Err(format!("{missing} is not set; this program runs only as a Lambda function").into());
    }
    let region = Region::new(&variable("AWS_REGION").ok_or("AWS_REGION is not set")?)?;
    let side = name.split('-').next().unwrap_or_default();
    let path = variable("PARAMETER_PATH").unwrap_or_else(|| format!("/pilot-light/{side}"));
    let cloud = AwsCloud::new(config(name)?, &region, &path);
    Ok(Surroundings { cloud, telemetry, region, clock })
}

fn run(function: &impl Function) -> Result<(), Failure> {
    log_panics();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        Runtime::new(service_fn(|event| function.invoke(event)))
            .layer(MapRequestLayer::new(json_or_null))
            .layer(TracingLayer::new())
            .run()
            .await
    })
}

/// The SDKs' configuration from the variables that Lambda sets. The SDK's own loader would also search profiles, roles
/// and instance metadata, which a function does not have. Every request names the worker in its `User-Agent`.
/// CloudTrail shows this name.
fn config(worker: &str) -> Result<SdkConfig, Failure> {
    let is_set = |name| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut config = base_config()
        .app_name(AppName::new(format!("pilot-light-{worker}"))?)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .use_fips(is_set("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_set("AWS_USE_DUALSTACK_ENDPOINT"))
        .service_config(Endpoints);
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// The endpoints of single services, from `AWS_ENDPOINT_URL_RDS` and similar variables.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        (key.env() == "AWS_ENDPOINT_URL").then(|| variable(&format!("AWS_ENDPOINT_URL_{service}")))?
    }
}

/// Replaces a body that is not JSON with `null`, which the worker refuses as `InvalidInput`. Lambda's runtime would
/// answer such a body with the name of a Rust type.
fn json_or_null(mut invocation: LambdaInvocation) -> LambdaInvocation {
    if serde_json::from_slice::<Value>(&invocation.body).is_err() {
        invocation.body = Bytes::from_static(b"null");
    }
    invocation
}

/// Logs each panic with its place in one line, like everything else.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
}

#[expect(clippy::disallowed_methods, reason = "the bootstrap reads the environment for all workers")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The current time, for the code that starts a run. All other code receives the time as an argument.
#[expect(clippy::disallowed_methods, reason = "the bootstrap reads the clock, once a run")]
#[must_use]
pub fn clock() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Instant::from_timestamp(seconds, since.subsec_nanos()).unwrap_or(Instant::MAX_UTC)
}
