//! Names of snapshots, in the old tool's form and within AWS's limits. Those of copies are in [`crate::model::copy_name`].
//!
//! Names are for people. The workers never read an age or an identity from one. A name only confirms the tags of a snapshot
//! ([`crate::model::ownership`]), and shows whether another account's snapshot may be one of a schedule.

use chrono::NaiveDate;

use crate::Instant;
use crate::model::ids::{DatabaseName, InvalidId, SnapshotId};

/// `YYYY-MM-DD-HH-MM` in UTC, the form used in names and in the tag `CreatedOn`.
#[must_use]
pub fn timestamp(at: Instant) -> String {
    at.format("%Y-%m-%d-%H-%M").to_string()
}

/// The instant of a [`timestamp`].
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Instant> {
    // The names of thousands of snapshots are read in every run, so no format is interpreted for each.
    let (year, mut rest) = leading_number(text, 4)?;
    let mut next = || {
        let (number, after) = leading_number(rest.strip_prefix('-')?, 2)?;
        rest = after;
        Some(number)
    };
    let (month, day, hour, minute) = (next()?, next()?, next()?, next()?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    date.and_hms_opt(hour, minute, 0).filter(|_| rest.is_empty()).map(|naive| naive.and_utc())
}

/// The number of exactly `digits` digits at the beginning of `text`, and the rest.
fn leading_number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    if number.bytes().all(|byte| byte.is_ascii_digit()) { Some((number.parse().ok()?, rest)) } else { None }
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

/// The agreement of a name with the one that this module gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// It is that name.
    Exact,
    /// It is that name with an addition that Pilot Light gives: a number if the name itself is in use, or an account.
    Extended,
    /// It is another name.
    None,
}

/// Compares `id` with the name that [`of_snapshot`] gives, where `stamp` is the [`timestamp`].
#[must_use]
pub fn agrees_with_snapshot(id: &SnapshotId, database: &DatabaseName, stamp: &str) -> Agreement {
    let rest = id.as_str().strip_prefix(database.as_str()).and_then(|rest| rest.strip_prefix('-'));
    rest.and_then(|rest| rest.strip_prefix(stamp)).map_or(Agreement::None, of_rest)
}

fn of_rest(rest: &str) -> Agreement {
    match number_of_rest(rest) {
        Some(1) => Agreement::Exact,
        Some(_) => Agreement::Extended,
        None => Agreement::None,
    }
}

/// The number that `rest` adds to a name: 1 for nothing, 2 for `-2`. `None` for any other addition.
pub(super) fn number_of_rest(rest: &str) -> Option<u32> {
    if rest.is_empty() {
        return Some(1);
    }
    let number = rest.strip_prefix('-').filter(|number| !number.starts_with(['0', '+']))?;
    number.parse().ok().filter(|number| *number > 1)
}

/// `CreateDBSnapshot` and `CopyDBSnapshot`: 1 to 255 characters.
pub(super) const LIMIT_SNAPSHOT: usize = 255;

/// `base`, or the first free one of `base-2`, `base-3`, …, each within `limit`.
pub(super) fn unused(
    base: &str,
    limit: usize,
    is_taken: impl Fn(&SnapshotId) -> bool,
) -> Result<SnapshotId, InvalidId> {
    let mut candidate = SnapshotId::new(&within(base, limit))?;
    let mut number = 2;
    while is_taken(&candidate) {
        candidate = SnapshotId::new(&within(&format!("{base}-{number}"), limit))?;
        number += 1;
    }
    Ok(candidate)
}

/// `name`. If it is too long, a hash of the whole name replaces its end, so that different names stay different.
pub(super) fn within(name: &str, limit: usize) -> String {
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
        for text in [
            "",
            "2027-02-29-00-00",
            "2028-02-29",
            "2028-02-29-23-30-01",
            "2028-2-29-23-30",
            "+028-02-29-23-30",
            "2028-02-29-24-00",
            "2028-02-29-23-3é",
        ] {
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
    fn every_name_that_is_given_agrees_and_no_other() {
        use Agreement::{Exact, Extended, None};
        let orders = DatabaseName::new("orders").unwrap();
        for (name, agreement) in [
            ("orders-2028-02-29-23-30", Exact),
            ("orders-2028-02-29-23-30-2", Extended),
            ("orders-2028-02-29-23-30-11", Extended),
            ("orders-2028-02-29-23-30-1", None),
            ("orders-2028-02-29-23-30-02", None),
            ("orders-2028-02-29-23-30-copy", None),
            ("orders-2028-02-29-23-00", None),
            ("keep-orders-2028-02-29-23-30", None),
        ] {
            assert_eq!(agrees_with_snapshot(&id(name), &orders, "2028-02-29-23-30"), agreement, "{name}");
        }
    }
}
