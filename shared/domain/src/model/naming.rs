//! Names of snapshots and copies, in the old tool's form and within AWS's limits.
//!
//! Names are for people. The workers never read an age or an identity from one. A name only confirms the tags of a snapshot
//! ([`crate::model::ownership`]), and shows whether another account's snapshot may be one of a schedule.

use chrono::NaiveDateTime;

use crate::Instant;
use crate::model::ids::{DatabaseKind, DatabaseName, InvalidId, SnapshotId};

/// `YYYY-MM-DD-HH-MM` in UTC, the form used in names and in the tag `CreatedOn`.
#[must_use]
pub fn timestamp(at: Instant) -> String {
    at.format("%Y-%m-%d-%H-%M").to_string()
}

/// The instant of a [`timestamp`].
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Instant> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d-%H-%M").ok().map(|naive| naive.and_utc())
}

/// The name of a snapshot of `database` taken in the interval that begins `at`: `<instance>-YYYY-MM-DD-HH-MM`.
///
/// # Errors
/// None in practice: an instance's identifier has at most 63 characters.
pub fn of_snapshot(
    database: &DatabaseName,
    at: Instant,
    is_taken: impl Fn(&SnapshotId) -> bool,
) -> Result<SnapshotId, InvalidId> {
    unused(&format!("{database}-{}", timestamp(at)), LIMIT_SNAPSHOT, is_taken)
}

/// True for the name of a snapshot that Pilot Light or the old tool took of `database` by schedule. The name ends with
/// the time, or with an addition such as `-2` or `-shared`.
///
/// The tags of another account's snapshot are hidden, and anyone may choose any name. The result is therefore good for an
/// order of preference, and for nothing else.
#[must_use]
pub fn is_of_schedule(id: &SnapshotId, database: &DatabaseName) -> bool {
    let after_name = id.as_str().strip_prefix(database.as_str()).and_then(|rest| rest.strip_prefix('-'));
    let parts = after_name.and_then(|rest| rest.split_at_checked(TIMESTAMP));
    let is_addition = |part: &str| part == "shared" || part.bytes().all(|byte| byte.is_ascii_digit());
    parts.is_some_and(|(time, additions)| {
        parse_timestamp(time).is_some() && additions.split('-').all(is_addition)
    })
}

/// The number of characters of a [`timestamp`].
const TIMESTAMP: usize = 16;

/// The name of a copy: the source snapshot's name, cut to AWS's limit for a copy of that kind.
///
/// # Errors
/// [`InvalidId`] if no valid name can be made from the source's.
pub fn of_copy(
    source: &SnapshotId,
    kind: DatabaseKind,
    is_taken: impl Fn(&SnapshotId) -> bool,
) -> Result<SnapshotId, InvalidId> {
    let (base, limit) = base_of_copy(source.as_str(), kind);
    unused(&base, limit, is_taken)
}

/// The name of a copy before it is cut, and the limit of its length.
fn base_of_copy(source: &str, kind: DatabaseKind) -> (String, usize) {
    let limit = match kind {
        DatabaseKind::Instance => LIMIT_SNAPSHOT,
        DatabaseKind::Cluster => LIMIT_CLUSTER_COPY,
    };
    // The name of an automated snapshot contains a colon, which AWS does not allow in the name of a manual one.
    (source.replace(':', "-").to_ascii_lowercase(), limit)
}

/// The number of the attempt that gave a copy of `source` this name: 1 for the plain name, 2 for `…-2`. `None` for any other
/// name.
#[must_use]
pub fn attempt_of_copy(source: &SnapshotId, name: &SnapshotId) -> Option<u32> {
    let (base, _) = base_of_copy(source.as_str(), DatabaseKind::Instance);
    match name.as_str().strip_prefix(&base)? {
        "" => Some(1),
        rest => rest.strip_prefix('-')?.parse().ok(),
    }
}

/// The agreement of a name with the one that this module gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// It is that name.
    Exact,
    /// It is that name with a number at its end. Pilot Light gives such a name if the name itself is in use.
    Numbered,
    /// It is another name.
    None,
}

/// Compares `id` with the name that [`of_snapshot`] gives, where `stamp` is the [`timestamp`].
#[must_use]
pub fn agrees_with_snapshot(id: &SnapshotId, database: &DatabaseName, stamp: &str) -> Agreement {
    let rest = id.as_str().strip_prefix(database.as_str()).and_then(|rest| rest.strip_prefix('-'));
    rest.and_then(|rest| rest.strip_prefix(stamp)).map_or(Agreement::None, of_rest)
}

/// Compares `id` with the name that [`of_copy`] gives to a copy of `source`.
#[must_use]
pub fn agrees_with_copy(id: &SnapshotId, source: &str, kind: DatabaseKind) -> Agreement {
    if id.as_str() == source {
        return Agreement::Exact;
    }
    let (base, limit) = base_of_copy(source, kind);
    let is = |name: &str| within(name, limit) == id.as_str();
    if is(&base) {
        return Agreement::Exact;
    }
    let number = id.as_str().rsplit('-').next().unwrap_or_default();
    let is_numbered = match id.as_str().strip_prefix(&base) {
        Some(rest) => of_rest(rest) == Agreement::Numbered,
        // The hash at the end of a name that was cut hides its number.
        None => number.len() == 16 && (2..100).any(|number| is(&format!("{base}-{number}"))),
    };
    if is_numbered { Agreement::Numbered } else { Agreement::None }
}

fn of_rest(rest: &str) -> Agreement {
    let number = rest.strip_prefix('-').filter(|number| !number.starts_with(['0', '+']));
    match number.and_then(|number| number.parse::<u32>().ok()) {
        _ if rest.is_empty() => Agreement::Exact,
        Some(2..) => Agreement::Numbered,
        _ => Agreement::None,
    }
}

/// `CreateDBSnapshot` and `CopyDBSnapshot`: 1 to 255 characters.
const LIMIT_SNAPSHOT: usize = 255;
/// `CopyDBClusterSnapshot`: the target has at most 63.
const LIMIT_CLUSTER_COPY: usize = 63;

/// `base`, or the first free one of `base-2`, `base-3`, …, each within `limit`.
fn unused(base: &str, limit: usize, is_taken: impl Fn(&SnapshotId) -> bool) -> Result<SnapshotId, InvalidId> {
    let mut candidate = SnapshotId::new(&within(base, limit))?;
    let mut number = 2;
    while is_taken(&candidate) {
        candidate = SnapshotId::new(&within(&format!("{base}-{number}"), limit))?;
        number += 1;
    }
    Ok(candidate)
}

/// `name`. If it is too long, a hash of the whole name replaces its end, so that different names stay different.
fn within(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let hash = format!("{:016x}", fnv1a(name.as_bytes()));
    let kept: String = name.chars().take(limit - hash.len() - 1).collect();
    format!("{}-{hash}", kept.trim_end_matches('-'))
}

/// FNV-1a with 64 bits. It is short and will never change. It protects no secret.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> SnapshotId {
        SnapshotId::new(text).unwrap()
    }

    #[test]
    fn timestamps_are_read_back() {
        let at = "2028-02-29T23:30:00Z".parse().unwrap();
        assert_eq!(parse_timestamp(&timestamp(at)), Some(at));
        for text in ["", "2027-02-29-00-00", "2028-02-29", "2028-02-29-23-30-01"] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn a_snapshot_gets_the_name_that_the_old_tool_gave() {
        let orders = DatabaseName::new("orders").unwrap();
        let at = "2028-02-29T23:30:00Z".parse().unwrap();
        assert_eq!(of_snapshot(&orders, at, |_| false), Ok(id("orders-2028-02-29-23-30")));
        let first = id("orders-2028-02-29-23-30");
        let second = id("orders-2028-02-29-23-30-2");
        assert_eq!(of_snapshot(&orders, at, |id| *id == first), Ok(second.clone()));
        assert_eq!(
            of_snapshot(&orders, at, |id| [&first, &second].contains(&id)),
            Ok(id("orders-2028-02-29-23-30-3"))
        );
    }

    #[test]
    fn a_copy_keeps_the_name_of_its_source_where_it_fits() {
        let of = |name: &str, kind| of_copy(&id(name), kind, |_| false).unwrap();
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
    fn only_a_name_with_the_database_and_a_time_is_one_of_a_schedule() {
        let orders = DatabaseName::new("orders").unwrap();
        for name in
            ["2026-03-01-00-30", "2026-03-01-00-30-2", "2026-03-01-00-30-shared", "2026-03-01-00-30-shared-3"]
        {
            assert!(is_of_schedule(&id(&format!("orders-{name}")), &orders), "{name}");
            assert!(!is_of_schedule(&id(&format!("other-{name}")), &orders), "{name}");
        }
        for name in [
            "orders",
            "orders-1",
            "before-the-upgrade",
            "orders-2026-03-01",
            "orders-2026-13-01-00-30",
            "orders-2026-03-01-00-30-before-the-upgrade",
            "orders-2026-03-01-00-30x",
            "orders2026-03-01-00-30",
        ] {
            assert!(!is_of_schedule(&id(name), &orders), "{name}");
        }
    }

    #[test]
    fn the_name_of_a_copy_shows_the_number_of_its_attempt() {
        let source = id("rds:Orders-2026-01-01-00-00");
        let attempt = |name: &str| attempt_of_copy(&source, &id(name));
        assert_eq!(attempt("rds-orders-2026-01-01-00-00"), Some(1));
        assert_eq!(attempt("rds-orders-2026-01-01-00-00-12"), Some(12));
        for name in
            ["orders-2026-01-01-00-00", "rds-orders-2026-01-01-00-00-x", "rds-orders-2026-01-01-00-001"]
        {
            assert_eq!(attempt(name), None, "{name}");
        }
    }

    #[test]
    fn every_name_that_is_given_agrees_and_no_other() {
        use Agreement::{Exact, None, Numbered};
        let orders = DatabaseName::new("orders").unwrap();
        for (name, agreement) in [
            ("orders-2028-02-29-23-30", Exact),
            ("orders-2028-02-29-23-30-2", Numbered),
            ("orders-2028-02-29-23-30-11", Numbered),
            ("orders-2028-02-29-23-30-1", None),
            ("orders-2028-02-29-23-30-02", None),
            ("orders-2028-02-29-23-30-copy", None),
            ("orders-2028-02-29-23-00", None),
            ("keep-orders-2028-02-29-23-30", None),
        ] {
            assert_eq!(agrees_with_snapshot(&id(name), &orders, "2028-02-29-23-30"), agreement, "{name}");
            let copied = agrees_with_copy(&id(name), "orders-2028-02-29-23-30", DatabaseKind::Instance);
            assert_eq!(copied, agreement, "{name}");
        }
        for (source, kind) in [
            ("rds:orders-1".to_owned(), DatabaseKind::Instance),
            ("a".repeat(255), DatabaseKind::Instance),
            ("a".repeat(254), DatabaseKind::Instance),
            ("b".repeat(63), DatabaseKind::Cluster),
            ("b".repeat(99), DatabaseKind::Cluster),
        ] {
            let first = of_copy(&id(&source), kind, |_| false).unwrap();
            let second = of_copy(&id(&source), kind, |name| *name == first).unwrap();
            let of = |name| agrees_with_copy(name, &source, kind);
            assert_eq!((of(&first), of(&second)), (Exact, Numbered), "{source}");
            assert_eq!(of(&id("orders")), None, "{source}");
        }
    }

    #[test]
    fn a_cut_name_has_no_double_hyphen() {
        let name = of_copy(
            &id(&format!("{}-bbbbbbbbbbbbbbbbbbbbbbbb", "a".repeat(45))),
            DatabaseKind::Cluster,
            |_| false,
        );
        assert!(!name.unwrap().as_str().contains("--"));
    }
}
