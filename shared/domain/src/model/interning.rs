//! Equal values held once: a fleet's snapshots have most of their texts in common.

/// Lets `mine` be a clone of `other`, if they are equal anyway: clones of texts and ARNs are held once.
pub(crate) fn reuse<T: Clone + PartialEq>(mine: &mut T, other: &T) {
    if mine == other {
        mine.clone_from(other);
    }
}
