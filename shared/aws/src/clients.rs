//! One configuration, one connection pool, and the clients made from them, per Region and on demand.
//!
//! Where the configuration comes from is the bootstrap's matter (workers) or [`crate::AwsCloud`]'s (programs).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cloudwatch::config::Region as SdkRegion;
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::sdk_config::Builder;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::Region;

use crate::rds::paced_call::{End, Lane};

/// RDS answers describes in well under 10 s and accepts a copy within 20 s; a call that takes longer is lost.
const READ_TIMEOUT: Duration = Duration::from_secs(25);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// With all retries; leaves a worker two thirds of its 300 s for the rest and for its report.
const CALL_TIMEOUT: Duration = Duration::from_secs(100);
/// Back-off doubles from 1 s to 20 s: 8 attempts ride out about a minute of throttling.
const MAX_ATTEMPTS: u32 = 8;

/// The clients of one process.
#[derive(Debug)]
pub(crate) struct Clients {
    config: SdkConfig,
    regional: Mutex<BTreeMap<Region, Arc<Regional>>>,
    end: End,
}

/// The clients and remembered facts of one Region.
#[derive(Debug)]
pub(crate) struct Regional {
    pub(crate) region: Region,
    pub(crate) rds: aws_sdk_rds::Client,
    /// The same without the SDK's retries, for calls that [`crate::rds::paced_call`] sends.
    pub(crate) paced_rds: aws_sdk_rds::Client,
    lane: Lane,
    config: SdkConfig,
    kms: OnceLock<aws_sdk_kms::Client>,
    elasticache: OnceLock<aws_sdk_elasticache::Client>,
    quota: Mutex<Option<Quota>>,
    default_key: OnceLock<KmsKeyArn>,
}

#[derive(Debug, Clone, Copy)]
struct Quota {
    max: u32,
    uses_left: u32,
}

impl Clients {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self { config, regional: Mutex::default(), end: End::default() }
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// When the run's calls must have begun.
    pub(crate) fn end(&self) -> &End {
        &self.end
    }

    /// The clients of `region`, made at the first call.
    pub(crate) fn regional(&self, region: &Region) -> Arc<Regional> {
        let mut known = lock(&self.regional);
        let make = || Arc::new(Regional::new(&self.config, region));
        Arc::clone(known.entry(region.clone()).or_insert_with(make))
    }
}

impl Regional {
    fn new(config: &SdkConfig, region: &Region) -> Self {
        let config = config.to_builder().region(SdkRegion::new(region.to_string())).build();
        let retries = config.retry_config().is_some_and(RetryConfig::has_retry);
        let once = config.to_builder().retry_config(RetryConfig::disabled()).build();
        Self {
            region: region.clone(),
            rds: aws_sdk_rds::Client::new(&config),
            paced_rds: aws_sdk_rds::Client::new(&once),
            lane: Lane::new(retries),
            config,
            kms: OnceLock::new(),
            elasticache: OnceLock::new(),
            quota: Mutex::default(),
            default_key: OnceLock::new(),
        }
    }

    /// What calls to RDS go by here.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }

    pub(crate) fn kms(&self) -> &aws_sdk_kms::Client {
        self.kms.get_or_init(|| aws_sdk_kms::Client::new(&self.config))
    }

    pub(crate) fn elasticache(&self) -> &aws_sdk_elasticache::Client {
        self.elasticache.get_or_init(|| aws_sdk_elasticache::Client::new(&self.config))
    }

    /// The quota as last read. It holds for 12 questions, an hour of passes every 5 minutes: a quota that was
    /// raised must not stay unseen for as long as Lambda keeps the process.
    pub(crate) fn remembered_quota(&self) -> Option<u32> {
        let mut quota = lock(&self.quota);
        let known = quota.as_mut()?;
        known.uses_left = known.uses_left.checked_sub(1)?;
        Some(known.max)
    }

    pub(crate) fn remember_quota(&self, max: u32) {
        *lock(&self.quota) = Some(Quota { max, uses_left: 11 });
    }

    /// The default key, once there is one: it never changes.
    pub(crate) fn default_key(&self) -> &OnceLock<KmsKeyArn> {
        &self.default_key
    }
}

/// What every client is made with, whoever brings Region and credentials.
pub(crate) fn base_config() -> Builder {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .retry_config(retries())
        .timeout_config(timeouts())
        .http_client(http_client())
        // A thousand data are some 200 KB inside one Region; compressing them costs more than it saves.
        .disable_request_compression(true)
}

pub(crate) fn retries() -> RetryConfig {
    RetryConfig::adaptive().with_max_attempts(MAX_ATTEMPTS)
}

pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build()
}

/// One connection pool and one set of TLS roots for all services and Regions.
pub(crate) fn http_client() -> SharedHttpClient {
    HttpBuilder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https()
}

/// A panic in another thread leaves these maps whole, so a poisoned lock is taken as it is.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
