//! Requests the decided changes from AWS, in parallel up to a limit, and continues after failures.
//!
//! The conclusions from the answers are left to `step`.

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{Change, RecoveryCloud, RecoveryGateway};
use pilot_light_domain::run::effects::side_by_side;

/// A change that a resource requests.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ask {
    /// The index of the resource in the progress.
    pub(crate) resource: usize,
    /// The Region of the change.
    pub(crate) region: Region,
    /// A change whose acceptance is required before.
    pub(crate) first: Option<Change>,
    /// The change.
    pub(crate) change: Change,
    /// The activity that then is in progress. For a tidying change: the consequence if AWS refuses it.
    pub(crate) then: String,
    /// True if the resource is up, whether or not this change succeeds.
    pub(crate) is_tidying: bool,
}

/// Requests all changes. The answers are in the order of the changes.
pub(crate) async fn apply<C: RecoveryCloud>(cloud: &C, asks: &[Ask]) -> Vec<Result<(), GatewayError>> {
    let calls: Vec<_> = asks
        .iter()
        .map(|ask| {
            let gateway = cloud.recovery(&ask.region);
            async move {
                if let Some(first) = &ask.first {
                    gateway.change(first).await?;
                }
                gateway.change(&ask.change).await
            }
        })
        .collect();
    side_by_side(calls).await
}
