//! The invariant that only snapshots of listed source accounts are copied. The account of the first snapshot in a
//! chain of copies counts.

use super::action::Action;

/// Returns the violation of `action`, if any.
pub(super) fn check(action: &Action<'_>) -> Option<String> {
    let (record, source) = action.begun_copy()?;
    let root = action.ledger.root(record, Some(source));
    (!action.terms.sources.contains(&root.account))
        .then(|| format!("{} was copied from {root}, whose account is not listed", record.arn))
}
