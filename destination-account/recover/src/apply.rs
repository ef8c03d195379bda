//! Requests the decided changes from AWS, in parallel up to a limit, and continues after failures.
//!
//! The conclusions from the answers are left to `step`.

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
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
    /// A change that is requested before, because its effect must be visible first.
    pub(crate) first: Option<Change>,
    /// The change.
    pub(crate) change: Change,
    /// The activity that then is in progress. For a tidying change: the consequence if AWS refuses it.
    pub(crate) then: String,
    /// The meaning of a refusal.
    pub(crate) weight: Weight,
}

/// The meaning of a change for its resource, if AWS refuses it for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The resource fails.
    Needed,
    /// The resource is up without it, but as this text says: `without its standby`.
    Adjusting(String),
    /// The resource is up, whether or not this change succeeds.
    Tidying,
}

/// The answer of AWS to an [`Ask`].
#[derive(Debug)]
pub(crate) struct Reply {
    /// The refusal of the first change. The change itself was requested nevertheless.
    pub(crate) first: Option<GatewayError>,
    /// The answer to the change. None if it was not requested, because the first change failed temporarily.
    pub(crate) change: Option<Result<(), GatewayError>>,
}

/// True if the same request may succeed a moment later.
pub(crate) fn is_temporary(error: &GatewayError) -> bool {
    [GatewayErrorKind::Throttled, GatewayErrorKind::Unavailable].contains(&error.kind)
}

/// Requests all changes. The answers are in the order of the changes.
pub(crate) async fn apply<C: RecoveryCloud>(cloud: &C, asks: &[Ask]) -> Vec<Reply> {
    let calls: Vec<_> = asks
        .iter()
        .map(|ask| {
            let gateway = cloud.recovery(&ask.region);
            async move {
                let first = match &ask.first {
                    Some(first) => gateway.change(first).await.err(),
                    None => None,
                };
                if first.as_ref().is_some_and(is_temporary) {
                    return Reply { first, change: None };
                }
                Reply { first, change: Some(gateway.change(&ask.change).await) }
            }
        })
        .collect();
    side_by_side(calls).await
}
