//! The cloud that a run receives. When the run reads its parameters, their `LogLevel` becomes the level of the logs.
//!
//! Everything else is left to the cloud itself.

use std::collections::BTreeMap;

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::RecoveryCloud;

use crate::lambda::telemetry::{LOG_LEVEL, Telemetry};

/// A cloud that sets the level of the logs each time its parameters are read.
pub(super) struct Observed<'a, C> {
    pub(super) cloud: &'a C,
    pub(super) telemetry: &'a Telemetry,
}

impl<C: Cloud> Cloud for Observed<'_, C> {
    type Rds = C::Rds;

    fn rds(&self, region: &Region) -> C::Rds {
        self.cloud.rds(region)
    }

    async fn parameters(&self) -> Result<Parameters, GatewayError> {
        let parameters = self.cloud.parameters().await?;
        self.telemetry.set_level(parameters.get(LOG_LEVEL).map(String::as_str));
        Ok(parameters)
    }

    fn last_parameters(&self) -> Option<Parameters> {
        self.cloud.last_parameters()
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        self.cloud.publish(metrics).await
    }
}

impl<C: RecoveryCloud> RecoveryCloud for Observed<'_, C> {
    type Recovery = C::Recovery;

    fn recovery(&self, region: &Region) -> C::Recovery {
        self.cloud.recovery(region)
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        self.cloud.exports().await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        self.cloud.parameter(name).await
    }
}
