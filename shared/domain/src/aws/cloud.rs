//! The AWS interface of one worker in one account: RDS by Region, parameters and metrics.
//!
//! `pilot-light-aws` implements the trait with the SDKs. `pilot-light-simulator` implements it with a simulated world.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use crate::aws::error::GatewayError;
use crate::aws::gateway::RdsGateway;
use crate::aws::metrics::Metric;
use crate::model::ids::Region;

/// Parameters by name, as stored in SSM below the worker's path.
pub type Parameters = BTreeMap<String, String>;

/// AWS as one worker in one account sees it.
pub trait Cloud: Send + Sync {
    /// The type of the RDS gateways.
    type Rds: RdsGateway;

    /// Announces a run. Each of its calls to RDS must begin within `time`. A later call is refused as
    /// [`OutOfTime`](crate::aws::error::GatewayErrorKind::OutOfTime).
    fn begin(&self, _time: Duration) {}

    /// RDS in `region`.
    fn rds(&self, region: &Region) -> Self::Rds;

    /// All parameters below the worker's path, from one paged `GetParametersByPath`.
    fn parameters(&self) -> impl Future<Output = Result<Parameters, GatewayError>> + Send;

    /// The parameters that [`Cloud::parameters`] returned to the previous run in the same process, if there was one.
    fn last_parameters(&self) -> Option<Parameters> {
        None
    }

    /// Puts metrics into the `PilotLight` namespace.
    fn publish(&self, metrics: &[Metric]) -> impl Future<Output = Result<(), GatewayError>> + Send;
}
