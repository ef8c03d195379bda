//! The invariant that the newest usable recovery point of a database in the destination is never deleted, whatever
//! happens in the source.

use super::action::Action;

/// Returns the violation of `action`, if any.
pub(super) fn check(action: &Action<'_>) -> Option<String> {
    let record = action.deleted()?;
    let held = action.held(record).filter(|_| action.ledger.is_copy(record))?;
    let taken = held.usable_since()?;
    let newest_other = action.ledger.newest_usable(&action.ledger.database(held), Some(&record.arn));
    let was_newest = newest_other.is_none_or(|other| other < taken);
    was_newest.then(|| {
        format!(
            "{} was deleted, but it was the newest usable recovery point of {}",
            record.arn, record.database
        )
    })
}
