//! The invariant that a run never requests more than the free copy slots or the snapshot quota allow.
//!
//! The invariant applies only to a run that could know the state: AWS listed everything, and nobody else began a
//! snapshot meanwhile.

use pilot_light_simulator::world::Happening;

use super::terms::Visibility;

/// The code with which AWS refuses a request beyond the copy slots or the quota.
pub(super) const REFUSAL: &str = "SnapshotQuotaExceeded";

/// Returns the violation of `event`, if any.
pub(super) fn check(event: &Happening, is_alone: bool, visibility: Visibility) -> Option<String> {
    let could_know = is_alone && visibility == Visibility::Complete;
    (could_know && matches!(event, Happening::Refused(REFUSAL, _)))
        .then(|| "a run requested more than the free copy slots or the snapshot quota allow".to_owned())
}
