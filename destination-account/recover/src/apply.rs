//! Asks AWS for the changes that were decided on, side by side up to a bound, going on past failures.

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{Change, RecoveryCloud, RecoveryGateway};
use pilot_light_domain::run::effects::side_by_side;

/// A change that a resource asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ask {
    /// The resource, by its place in the progress.
    pub(crate) resource: usize,
    /// In which Region.
    pub(crate) region: Region,
    /// What.
    pub(crate) change: Change,
    /// What then is waited for; where it only tidies, what has not happened if AWS refuses.
    pub(crate) then: String,
    /// The resource is up, whatever comes of it.
    pub(crate) is_tidying: bool,
}

/// Asks for all of them; one answer each, in their order.
pub(crate) async fn apply<C: RecoveryCloud>(cloud: &C, asks: &[Ask]) -> Vec<Result<(), GatewayError>> {
    let calls: Vec<_> = asks
        .iter()
        .map(|ask| {
            let gateway = cloud.recovery(&ask.region);
            async move { gateway.change(&ask.change).await }
        })
        .collect();
    side_by_side(calls).await
}
