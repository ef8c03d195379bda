//! The invariant that no snapshot is copied into the destination while another copy of it exists there or is in progress.
//!
//! The invariant applies only while AWS lists everything. A copy that AWS does not list yet cannot be known.

use super::action::Action;
use super::terms::Visibility;

/// Returns the violation of `action`, if any.
pub(super) fn check(action: &Action<'_>, visibility: Visibility) -> Option<String> {
    let (record, source) = action.begun_copy()?;
    if visibility == Visibility::Incomplete || !action.ledger.is_copy(record) {
        return None;
    }
    let mut others = action.ledger.other_copies(record, source);
    let other = others.find(|other| other.is_usable_or_under_way())?;
    Some(format!("{source} is copied again as {}, but {} is a copy of it", record.arn, other.record.arn))
}
