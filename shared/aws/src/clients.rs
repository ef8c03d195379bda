//! The clients of all services. They share one configuration and one connection pool, and are made for each Region on
//! demand.
//!
//! The bootstrap reads the configuration of a worker. [`crate::AwsCloud`] reads that of a program that a person runs.

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
use pilot_light_domain::aws::retries::SDK_ATTEMPTS;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::Region;

use crate::rds::paced_call::{End, Lane};

/// RDS answers a describe call in well under 10 s and accepts a copy within 20 s. A call that takes longer is lost.
const READ_TIMEOUT: Duration = Duration::from_secs(25);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// The limit of a call with all its retries. It leaves a worker two thirds of its 300 s for other work and its report.
const CALL_TIMEOUT: Duration = Duration::from_secs(100);
/// The limit of a call whose answer nothing depends on. It is shorter than the 15 s between two checks of a recovery.
const BRIEF_CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The clients of one process.
#[derive(Debug)]
pub(crate) struct Clients {
    config: SdkConfig,
    regional: Mutex<BTreeMap<Region, Arc<Regional>>>,
    end: End,
}

/// The clients of one Region, and the facts about it that the process remembers.
#[derive(Debug)]
pub(crate) struct Regional {
    pub(crate) region: Region,
    pub(crate) rds: aws_sdk_rds::Client,
    /// The RDS client without the SDK's retries, for the calls that [`crate::rds::paced_call`] sends.
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

    /// The time after which the run may not begin a call.
    pub(crate) fn end(&self) -> &End {
        &self.end
    }

    /// The clients of `region`. They are made at the first call.
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

    /// The order and the pace of the calls to RDS in this Region.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }

    /// The configuration of the clients of this Region.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub(crate) fn kms(&self) -> &aws_sdk_kms::Client {
        self.kms.get_or_init(|| aws_sdk_kms::Client::new(&self.config))
    }

    pub(crate) fn elasticache(&self) -> &aws_sdk_elasticache::Client {
        self.elasticache.get_or_init(|| aws_sdk_elasticache::Client::new(&self.config))
    }

    /// ElastiCache, for a list that a recovery can do without. It is read once in a recovery, so the client is not kept.
    pub(crate) fn brief_elasticache(&self) -> aws_sdk_elasticache::Client {
        let timeouts = timeouts().to_builder().operation_timeout(BRIEF_CALL_TIMEOUT).build();
        let config = self.config.to_builder().timeout_config(timeouts).build();
        aws_sdk_elasticache::Client::new(&config)
    }

    /// The quota as it was last read. It serves 12 requests, the one that read it included. That is an hour of runs at
    /// an interval of 5 minutes. A raised quota must not stay unseen for as long as Lambda keeps the process.
    pub(crate) fn remembered_quota(&self) -> Option<u32> {
        let mut quota = lock(&self.quota);
        let known = quota.as_mut()?;
        known.uses_left = known.uses_left.checked_sub(1)?;
        Some(known.max)
    }

    pub(crate) fn remember_quota(&self, max: u32) {
        *lock(&self.quota) = Some(Quota { max, uses_left: 11 });
    }

    /// The default key, as soon as it exists. It never changes after that.
    pub(crate) fn default_key(&self) -> &OnceLock<KmsKeyArn> {
        &self.default_key
    }
}

/// The settings of every client. The caller adds Region and credentials.
pub(crate) fn base_config() -> Builder {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .retry_config(retries())
        .timeout_config(timeouts())
        .http_client(http_client())
        // A thousand data points are about 200 KB, sent within one Region. Compressing them costs more than it saves.
        .disable_request_compression(true)
}

pub(crate) fn retries() -> RetryConfig {
    RetryConfig::adaptive().with_max_attempts(SDK_ATTEMPTS)
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

/// Locks `mutex`. A panic in another thread leaves these values complete, so a poisoned lock is safe to use.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
