//! Sharing the storage of equal values: a fleet's snapshots have most of their texts in common.

/// Replaces `mine` by a clone of `other` if both are equal. Clones of texts and ARNs share their storage.
pub(crate) fn reuse<T: Clone + PartialEq>(mine: &mut T, other: &T) {
    if mine == other {
        mine.clone_from(other);
    }
}
