//! The invariant that no snapshot is deleted while a copy reads from it.

use super::action::Action;

/// Returns the violation of `action`, if any.
pub(super) fn check(action: &Action<'_>) -> Option<String> {
    let record = action.deleted()?;
    let reader = action.readers_of_deleted().first()?;
    Some(format!("{} was deleted while {reader} was still being copied from it", record.arn))
}
