//! The invariant that every copy in the destination account is encrypted with a key of that account.

use super::action::Action;

/// Returns the violation of `action`, if any.
pub(super) fn check(action: &Action<'_>) -> Option<String> {
    let (record, _) = action.begun_copy()?;
    let owner = &action.terms.homes.destination.account;
    let is_own = record.kms_key.as_ref().is_some_and(|key| key.account == *owner);
    (!is_own).then(|| {
        format!(
            "{} is not encrypted with a key of the destination account: its key is {:?}",
            record.arn, record.kms_key
        )
    })
}
