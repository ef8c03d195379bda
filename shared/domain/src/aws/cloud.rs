//! AWS as one worker in one account uses it: RDS by Region, parameters and metrics.
//!
//! `pilot-light-aws` implements the trait over the SDKs, the simulator over its world.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use crate::aws::error::GatewayError;
use crate::aws::gateway::RdsGateway;
use crate::aws::metrics::Metric;
use crate::model::ids::Region;

/// Parameters by name, as they stand in SSM below the worker's path.
pub type Parameters = BTreeMap<String, String>;

/// AWS as one worker in one account sees it.
pub trait Cloud: Send + Sync {
    /// Its RDS.
    type Rds: RdsGateway;

    /// Says that a run begins whose calls to RDS must begin within `time`; those that cannot are refused as
    /// [`OutOfTime`](crate::aws::error::GatewayErrorKind::OutOfTime).
    fn begin(&self, _time: Duration) {}

    /// RDS in `region`.
    fn rds(&self, region: &Region) -> Self::Rds;

    /// All parameters below the worker's path, from one `GetParametersByPath` (paged).
    fn parameters(&self) -> impl Future<Output = Result<Parameters, GatewayError>> + Send;

    /// What the run before this one was given by [`Cloud::parameters`], where one process serves several.
    fn last_parameters(&self) -> Option<Parameters> {
        None
    }

    /// Puts metrics into the `PilotLight` namespace.
    fn publish(&self, metrics: &[Metric]) -> impl Future<Output = Result<(), GatewayError>> + Send;
}
