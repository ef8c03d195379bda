//! The times that the older tool reads from names of snapshots. The reads of AWS's own times are left to the tool itself.

use chrono::NaiveDateTime;
use pilot_light_domain::Instant;

/// The form of the time in a name.
pub(super) const FORMAT: &str = "%Y-%m-%d-%H-%M";

/// The time in a name, if nothing follows it.
pub(super) fn instant(name: &str, database: &str) -> Option<Instant> {
    let (_, rest) = name.split_once(&format!("{database}-"))?;
    parse(rest)
}

/// The time in a name without its minutes. Anything may follow it.
pub(super) fn hour(name: &str, database: &str) -> Option<Instant> {
    let (_, rest) = name.split_once(&format!("{database}-"))?;
    let is_minutes = |at: &usize| {
        let after = &rest.as_bytes()[*at..];
        after.len() >= 3 && after[0] == b'-' && after[1..3].iter().all(u8::is_ascii_digit)
    };
    let end = (1..rest.len()).rev().find(is_minutes)?;
    parse(&format!("{}-00", &rest[..end]))
}

fn parse(text: &str) -> Option<Instant> {
    NaiveDateTime::parse_from_str(text, FORMAT).ok().map(|naive| naive.and_utc())
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::testing::at;

    use super::*;

    #[test]
    fn the_tool_reads_the_time_of_deletion_only_where_nothing_follows_it() {
        let expected = Some(at("2026-03-01T00:30:00Z"));
        for (name, found) in [
            ("orders-2026-03-01-00-30", expected),
            ("orders-2026-03-01-00-30-2", None),
            ("orders-before-the-migration", None),
            ("billing-2026-03-01-00-30", None),
        ] {
            assert_eq!(instant(name, "orders"), found, "{name}");
        }
    }

    #[test]
    fn the_tool_ignores_the_minutes_for_the_question_whether_a_snapshot_is_due() {
        let expected = Some(at("2026-03-01T00:00:00Z"));
        for (name, found) in [
            ("orders-2026-03-01-00-30", expected),
            ("orders-2026-03-01-00-30-2", expected),
            ("orders-before-the-migration", None),
        ] {
            assert_eq!(hour(name, "orders"), found, "{name}");
        }
    }
}
