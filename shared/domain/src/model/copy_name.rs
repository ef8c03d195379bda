//! Names of copies: that of the original, with its account where a destination has several, and a number where it is in use.
//!
//! The original alone determines the name. AWS's lists may lack a new copy for minutes, so a name that depended on the other
//! copies would differ from run to run, and one snapshot would be copied twice. The number is the exception: it counts the
//! attempts after a failed copy, and avoids a name that somebody else uses.

use crate::model::arn::SnapshotArn;
use crate::model::ids::{DatabaseKind, InvalidId, SnapshotId};
use crate::model::naming::{Agreement, LIMIT_SNAPSHOT, number_of_rest, unused, within};

/// `CopyDBClusterSnapshot`: the target has at most 63 characters.
const LIMIT_CLUSTER_COPY: usize = 63;

/// The greatest number for which a name that was cut is recognised. The hash at its end hides the number.
const MOST_ATTEMPTS: u32 = 1000;
/// The length of the longest of these numbers, with its hyphen.
const LONGEST_NUMBER: usize = 4;

/// The name of the copies of one snapshot, without a number and before it is cut to AWS's limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyName {
    base: String,
    limit: usize,
}

impl CopyName {
    /// The name of the original, for a copy of that kind.
    #[must_use]
    pub fn plain(original: &str, kind: DatabaseKind) -> Self {
        let limit = match kind {
            DatabaseKind::Instance => LIMIT_SNAPSHOT,
            DatabaseKind::Cluster => LIMIT_CLUSTER_COPY,
        };
        // The name of an automated snapshot contains a colon, which AWS does not allow in the name of a manual one.
        Self { base: original.replace(':', "-").to_ascii_lowercase(), limit }
    }

    /// The name of the original and its account. Databases of two accounts may have the same name, and their snapshots too.
    #[must_use]
    pub fn with_account(origin: &SnapshotArn) -> Self {
        Self::plain(&format!("{}-{}", origin.id, origin.account), origin.kind)
    }

    /// The first name that is free: the name itself, or the name with a number.
    ///
    /// # Errors
    /// [`InvalidId`] if no valid name can be made from that of the original.
    pub fn unused(&self, is_taken: impl Fn(&SnapshotId) -> bool) -> Result<SnapshotId, InvalidId> {
        unused(&self.base, self.limit, is_taken)
    }

    /// The number of the attempt that gave this name to a copy: 1 for the name itself, 2 for `…-2`. `None` for any other name.
    #[must_use]
    pub fn attempt_of(&self, id: &SnapshotId) -> Option<u32> {
        let id = id.as_str();
        if within(&self.base, self.limit) == id {
            return Some(1);
        }
        if let Some(number) = id.strip_prefix(&self.base).and_then(number_of_rest) {
            return Some(number);
        }
        let is_cut = self.base.len() + LONGEST_NUMBER > self.limit;
        let mut numbers = if is_cut { 2..MOST_ATTEMPTS } else { 0..0 };
        numbers.find(|number| within(&format!("{}-{number}", self.base), self.limit) == id)
    }
}

/// Compares `id` with the names that Pilot Light gives to a copy of `origin`. Only the plain name is [`Agreement::Exact`].
#[must_use]
pub fn agreement(id: &SnapshotId, origin: &SnapshotArn) -> Agreement {
    // Usually both are equal, and then no name need be made.
    if *id == origin.id {
        return Agreement::Exact;
    }
    match CopyName::plain(origin.id.as_str(), origin.kind).attempt_of(id) {
        Some(1) => Agreement::Exact,
        Some(_) => Agreement::Extended,
        None if CopyName::with_account(origin).attempt_of(id).is_some() => Agreement::Extended,
        None => Agreement::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::arn;

    fn id(text: &str) -> SnapshotId {
        SnapshotId::new(text).unwrap()
    }

    fn origin(name: &str) -> SnapshotArn {
        arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"))
    }

    #[test]
    fn a_copy_keeps_the_name_of_its_source_where_it_fits() {
        let of = |name: &str, kind| CopyName::plain(name, kind).unused(|_| false).unwrap();
        assert_eq!(of("orders-2026-01-01-00-00", DatabaseKind::Instance), id("orders-2026-01-01-00-00"));
        assert_eq!(
            of("rds:orders-2026-01-01-00-00", DatabaseKind::Instance),
            id("rds-orders-2026-01-01-00-00")
        );
        assert_eq!(of(&"a".repeat(63), DatabaseKind::Cluster), id(&"a".repeat(63)));

        let long = of(&"a".repeat(64), DatabaseKind::Cluster);
        let other = of(&format!("{}b", "a".repeat(64)), DatabaseKind::Cluster);
        assert_eq!((long.as_str().len(), other.as_str().len()), (63, 63));
        assert_ne!(long, other);
    }

    #[test]
    fn the_name_of_a_copy_shows_the_number_of_its_attempt() {
        let name = CopyName::plain("rds:Orders-2026-01-01-00-00", DatabaseKind::Instance);
        let attempt = |text: &str| name.attempt_of(&id(text));
        assert_eq!(attempt("rds-orders-2026-01-01-00-00"), Some(1));
        assert_eq!(attempt("rds-orders-2026-01-01-00-00-12"), Some(12));
        for text in
            ["orders-2026-01-01-00-00", "rds-orders-2026-01-01-00-00-x", "rds-orders-2026-01-01-00-001"]
        {
            assert_eq!(attempt(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_that_was_cut_shows_the_number_of_its_attempt() {
        for (source, kind) in [
            ("a".repeat(255), DatabaseKind::Instance),
            ("a".repeat(254), DatabaseKind::Instance),
            ("a".repeat(253), DatabaseKind::Instance),
            ("b".repeat(99), DatabaseKind::Cluster),
            ("b".repeat(63), DatabaseKind::Cluster),
        ] {
            let name = CopyName::plain(&source, kind);
            let mut given: Vec<SnapshotId> = Vec::new();
            for attempt in 1..30 {
                let next = name.unused(|id| given.contains(id)).unwrap();
                assert_eq!(name.attempt_of(&next), Some(attempt), "{source}");
                given.push(next);
            }
            assert_eq!(name.attempt_of(&id("orders")), None);
        }
    }

    #[test]
    fn every_name_that_is_given_agrees_and_no_other() {
        let of = |name: &str| agreement(&id(name), &origin("orders-1"));
        for (name, expected) in [
            ("orders-1", Agreement::Exact),
            ("orders-1-2", Agreement::Extended),
            ("orders-1-111111111111", Agreement::Extended),
            ("orders-1-111111111111-2", Agreement::Extended),
            ("orders-1-333333333333", Agreement::None),
            ("orders-1-1", Agreement::None),
            ("orders-1-02", Agreement::None),
            ("orders-1-copy", Agreement::None),
            ("orders", Agreement::None),
            ("keep-orders-1", Agreement::None),
        ] {
            assert_eq!(of(name), expected, "{name}");
        }
    }

    #[test]
    fn a_cut_name_has_no_double_hyphen() {
        let source = format!("{}-bbbbbbbbbbbbbbbbbbbbbbbb", "a".repeat(45));
        let name = CopyName::plain(&source, DatabaseKind::Cluster).unused(|_| false);
        assert!(!name.unwrap().as_str().contains("--"));
    }
}
