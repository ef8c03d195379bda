//! AWS over the SDKs, as one worker in one account sees it.
//!
//! The calls to each service are in files of their own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cloudwatch::config::Region as SdkRegion;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::ids::{AccountId, InvalidId, Region};
use pilot_light_domain::recovery::RecoveryCloud;

use crate::clients::{self, Clients};
use crate::executions::Executions;
use crate::rds::AwsRds;
use crate::recovery::AwsRecovery;
use crate::{caller, exports, metrics, parameters};

/// AWS as one worker sees it: RDS and ElastiCache in any Region, parameters and exports at home, metrics.
///
/// Each client is made at its first use and then kept. All clients share one connection pool.
#[derive(Debug)]
pub struct AwsCloud {
    clients: Arc<Clients>,
    home: SdkConfig,
    parameter_path: String,
    last_parameters: Mutex<Option<Parameters>>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    cloudformation: OnceLock<aws_sdk_cloudformation::Client>,
}

impl AwsCloud {
    /// The cloud of a worker whose home is `region` and whose parameters are below `parameter_path`.
    pub(crate) fn new(config: SdkConfig, region: &Region, parameter_path: &str) -> Self {
        Self {
            home: config.to_builder().region(SdkRegion::new(region.to_string())).build(),
            clients: Arc::new(Clients::new(config)),
            parameter_path: parameter_path.trim_end_matches('/').to_owned(),
            last_parameters: Mutex::default(),
            ssm: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            cloudformation: OnceLock::new(),
        }
    }

    /// The cloud for a program that a person runs, and its Region. Credentials and Region come from the sources that the
    /// AWS tools use: environment, profile, web identity, instance. The result is `None` if no source gives a Region.
    ///
    /// # Errors
    /// If the value that was found is not a Region.
    pub async fn from_environment(
        parameter_path: &str,
        region: Option<&Region>,
    ) -> Result<Option<(Self, Region)>, InvalidId> {
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(clients::retries())
            .timeout_config(clients::timeouts())
            .http_client(clients::http_client())
            .disable_request_compression(true);
        let loader = match region {
            Some(region) => loader.region(SdkRegion::new(region.to_string())),
            None => loader,
        };
        let config = loader.load().await;
        let Some(region) = config.region().map(|region| Region::new(region.as_ref())).transpose()? else {
            return Ok(None);
        };
        Ok(Some((Self::new(config, &region, parameter_path), region)))
    }

    /// Reads the account of the credentials with one call of `GetCallerIdentity`.
    ///
    /// # Errors
    /// If AWS refuses or does not answer, or if its answer is malformed.
    pub async fn account(&self) -> Result<AccountId, GatewayError> {
        caller::account(&self.home).await
    }

    /// Reads the ARN of the credentials, which names the person, with one call of `GetCallerIdentity`.
    ///
    /// # Errors
    /// If AWS refuses or does not answer, or if its answer is malformed.
    pub async fn caller(&self) -> Result<String, GatewayError> {
        caller::arn(&self.home).await
    }

    /// Step Functions in the home Region of this cloud.
    #[must_use]
    pub fn executions(&self) -> Executions {
        Executions::new(&self.home)
    }

    fn last(&self) -> MutexGuard<'_, Option<Parameters>> {
        // A panic in another thread leaves the parameters complete.
        self.last_parameters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.ssm.get_or_init(|| aws_sdk_ssm::Client::new(&self.home))
    }
}

impl Cloud for AwsCloud {
    type Rds = AwsRds;

    fn begin(&self, time: Duration) {
        self.clients.end().set_in(time);
    }

    fn rds(&self, region: &Region) -> AwsRds {
        AwsRds::new(&self.clients, region)
    }

    async fn parameters(&self) -> Result<Parameters, GatewayError> {
        let parameters = parameters::read(self.ssm(), &self.parameter_path).await?;
        *self.last() = Some(parameters.clone());
        Ok(parameters)
    }

    fn last_parameters(&self) -> Option<Parameters> {
        self.last().clone()
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        let cloudwatch = self.cloudwatch.get_or_init(|| aws_sdk_cloudwatch::Client::new(&self.home));
        metrics::publish(cloudwatch, metrics).await
    }
}

impl RecoveryCloud for AwsCloud {
    type Recovery = AwsRecovery;

    fn recovery(&self, region: &Region) -> AwsRecovery {
        AwsRecovery::new(&self.clients, region)
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        let make = || aws_sdk_cloudformation::Client::new(&self.home);
        exports::read(self.cloudformation.get_or_init(make)).await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        parameters::read_one(self.ssm(), name).await
    }
}
