//! The retirement of a database: a person's word, in the destination, that no new copies of it are expected.
//!
//! It is a tag on a copy of the database. It holds for the instance of which that copy was made, and for the name that the
//! instance had then: another instance under that name, and the same one under another name, are not retired.

use std::fmt;

use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeDelta};

use crate::Instant;
use crate::model::recovery_point::RecoveryPoint;
use crate::model::tags;

/// A person's word that a database is retired.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retirement {
    /// The time of the command.
    pub since: Instant,
    /// The person, as AWS names the credentials.
    pub by: String,
    /// The time at which it ends by itself. Without one, it lasts until a person undoes it.
    pub until: Option<Instant>,
}

impl Retirement {
    /// True from the time on at which it ends by itself.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// True once the last copies of the database may be deleted: `KeepRetired` has passed since the retirement.
    ///
    /// Without `KeepRetired`, that is never. A retirement with an end is of a database that is expected back, so its copies stay.
    #[must_use]
    pub fn lets_last_copies_go(&self, keep_retired: Option<TimeDelta>, now: Instant) -> bool {
        self.until.is_none() && keep_retired.is_some_and(|keep_for| now - self.since > keep_for)
    }
}

/// The value of the tag, such as `2026-11-30T15:00:00Z by jane until 2026-12-15T00:00:00Z`.
impl fmt::Display for Retirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", in_seconds(self.since), in_alphabet(&self.by))?;
        self.until.map_or(Ok(()), |until| write!(f, " until {}", in_seconds(until)))
    }
}

/// The value of the tag after a person has undone a retirement. It overwrites the earlier value and shows who did it.
#[must_use]
pub fn undone(now: Instant, by: &str) -> String {
    format!("{UNDONE}{} by {}", in_seconds(now), in_alphabet(by))
}

/// The beginning of the value after a retirement was undone.
const UNDONE: &str = "undone ";

/// The longest name of a person, in characters.
const LONGEST_NAME: usize = 100;

/// The retirement of a database, as the tags of its copies show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// There is none.
    None,
    /// A tag has this value, which cannot be read. The database is not retired.
    Unreadable(String),
    /// This one, which may be over.
    Known(Retirement),
}

impl Mark {
    /// The mark on one copy.
    ///
    /// It counts only on a copy that our own account made. AWS hides the tags of shared snapshots, and within one account, a copy
    /// never takes over a tag of ours. A copy of the older tool has all tags of its source, so it counts only with the
    /// tag that this account gives to its own copies.
    #[must_use]
    pub fn of(point: &RecoveryPoint) -> Self {
        let Some(text) = point.snapshot.tags.get(tags::RETIRED) else { return Self::None };
        if Self::can_be_on(point) { read(text) } else { Self::None }
    }

    /// True for a copy on which a mark counts.
    #[must_use]
    pub fn can_be_on(point: &RecoveryPoint) -> bool {
        let is_of_us = point.snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN)
            || point.origin.account != point.snapshot.arn.account;
        is_of_us && point.snapshot.is_copied_by_us() && point.name == point.snapshot.database
    }

    /// The mark on the points of one instance: the latest of all. A value that cannot be read comes before all others.
    pub fn of_all<'a>(points: impl Iterator<Item = &'a RecoveryPoint>) -> Self {
        points.map(Self::of).fold(Self::None, |one, other| match (one, other) {
            (Self::Unreadable(text), _) | (_, Self::Unreadable(text)) => Self::Unreadable(text),
            (Self::None, other) => other,
            (one, Self::None) => one,
            (Self::Known(one), Self::Known(other)) => Self::Known(one.max(other)),
        })
    }

    /// The retirement that is in force.
    #[must_use]
    pub fn in_force(&self, now: Instant) -> Option<&Retirement> {
        match self {
            Self::Known(retirement) => Some(retirement).filter(|retirement| !retirement.is_over(now)),
            Self::None | Self::Unreadable(_) => None,
        }
    }
}

fn read(text: &str) -> Mark {
    let is_undone = text.strip_prefix(UNDONE).is_some_and(|rest| parse(rest).is_some());
    if is_undone {
        return Mark::None;
    }
    parse(text).map_or_else(|| Mark::Unreadable(text.to_owned()), Mark::Known)
}

fn parse(text: &str) -> Option<Retirement> {
    let (since, rest) = text.split_once(" by ")?;
    let (by, until) = match rest.rsplit_once(" until ") {
        Some((by, until)) => (by, Some(parse_until(until).ok()?)),
        None => (rest, None),
    };
    let by = by.trim();
    (!by.is_empty()).then_some(())?;
    Some(Retirement { since: since.parse().ok()?, by: by.to_owned(), until })
}

/// Reads the end of a retirement: a day, which means its beginning in UTC, or a time.
///
/// # Errors
/// The allowed form.
pub fn parse_until(text: &str) -> Result<Instant, String> {
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
    let until = text.parse().ok().or_else(day);
    until.ok_or_else(|| {
        format!("'{text}' is not a date; give a day such as 2026-12-15, which begins at 00:00 UTC, or a time such as 2026-12-15T06:00:00Z")
    })
}

fn in_seconds(time: Instant) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A name in the letters that RDS accepts in the value of a tag.
fn in_alphabet(name: &str) -> String {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.:/=+-@".contains(letter);
    let letters = name.trim().chars().take(LONGEST_NAME);
    let name: String = letters.map(|letter| if is_allowed(letter) { letter } else { '-' }).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::recovery_point::Sources;
    use crate::model::snapshot::Snapshot;
    use crate::testing::{arn, at, snapshot};

    const VALUE: &str = "2026-11-30T15:00:00Z by jane until 2026-12-15T00:00:00Z";

    /// Our own copy of a snapshot of `orders`, with a mark.
    fn copy(value: &str) -> Snapshot {
        let mut copy = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:orders-1", "orders");
        copy.copied_from = Some(arn("arn:aws:rds:us-east-1:111111111111:snapshot:orders-1"));
        copy.tags = tags::of([
            (tags::COPIED_BY, tags::TOOL),
            (tags::SOURCE_SNAPSHOT_ARN, "arn:aws:rds:us-east-1:111111111111:snapshot:orders-1"),
            (tags::RETIRED, value),
        ]);
        copy
    }

    fn point(copy: Snapshot) -> RecoveryPoint {
        let sources = Sources {
            accounts: ["111111111111".parse().unwrap()].into(),
            region: "us-east-1".parse().unwrap(),
        };
        sources.recovery_point(copy)
    }

    #[test]
    fn the_tag_is_read_as_it_was_written_and_has_only_letters_that_rds_accepts() {
        let since = at("2026-11-30T15:00:00.5Z");
        for (by, until, text) in [
            ("jane", Some(at("2026-12-15T00:00:00Z")), VALUE),
            ("Jöhn, Doe", None, "2026-11-30T15:00:00Z by J-hn--Doe"),
            (" ", None, "2026-11-30T15:00:00Z by -"),
        ] {
            let written = Retirement { since, by: by.to_owned(), until }.to_string();
            assert_eq!(written, text);
            let Mark::Known(read) = Mark::of(&point(copy(&written))) else { panic!("{written}") };
            assert_eq!((read.to_string(), read.until), (written, until));
        }
        let longest = Retirement { since, by: "a".repeat(300), until: Some(since) }.to_string();
        assert!(longest.len() <= tags::LONGEST_VALUE);
    }

    #[test]
    fn a_value_that_cannot_be_read_retires_nothing_and_is_named() {
        for text in [
            "",
            "yes",
            "true by jane",
            "2026-11-30T15:00:00Z",
            "2026-11-30T15:00:00Z by ",
            "2026-11-30T15:00:00Z by jane until tomorrow",
            "undone",
        ] {
            let mark = Mark::of(&point(copy(text)));
            assert_eq!(mark, Mark::Unreadable(text.to_owned()));
            assert_eq!(mark.in_force(at("2026-12-01T00:00:00Z")), None);
        }
        assert_eq!(Mark::of(&point(copy(&undone(at("2026-12-01T00:00:00Z"), "jane")))), Mark::None);
    }

    #[test]
    fn a_retirement_ends_at_its_date() {
        let mark = Mark::of(&point(copy("2026-11-30T15:00:00Z by jane until 2026-12-15")));
        assert!(mark.in_force(at("2026-12-14T23:59:59Z")).is_some());
        assert!(mark.in_force(at("2026-12-15T00:00:00Z")).is_none());
        assert!(parse_until("15.12.2026").unwrap_err().contains("such as 2026-12-15"));
    }

    #[test]
    fn the_last_copies_may_go_after_keep_retired_and_never_before_the_end_of_a_retirement() {
        let retired = Retirement { since: at("2026-11-30T15:00:00Z"), by: "jane".to_owned(), until: None };
        let (day, week) = (Some(TimeDelta::days(1)), at("2026-12-07T15:00:00Z"));
        assert!(retired.lets_last_copies_go(day, week) && !retired.lets_last_copies_go(None, week));
        assert!(!retired.lets_last_copies_go(day, at("2026-12-01T15:00:00Z")));
        let planned = Retirement { until: Some(at("2026-12-15T00:00:00Z")), ..retired };
        assert!(!planned.lets_last_copies_go(day, week));
    }

    #[test]
    fn only_a_copy_that_our_own_account_made_can_carry_a_retirement() {
        assert!(matches!(Mark::of(&point(copy(VALUE))), Mark::Known(_)));
        let changes: [fn(&mut Snapshot); 4] = [
            // A copy without the tag of our own copies, as the older tool makes it within one account.
            |copy| copy.tags.remove(tags::COPIED_BY),
            // A person's copy with all tags: another name.
            |copy| copy.arn = arn("arn:aws:rds:us-west-2:222222222222:snapshot:by-hand"),
            // A copy of another snapshot.
            |copy| copy.copied_from = Some(arn("arn:aws:rds:us-east-1:111111111111:snapshot:other")),
            // The snapshot of a source account, with any tags that it likes.
            |copy| {
                copy.arn = arn("arn:aws:rds:us-east-1:111111111111:snapshot:orders-1");
                copy.copied_from = None;
                copy.tags.remove(tags::SOURCE_SNAPSHOT_ARN);
            },
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut other = copy(VALUE);
            change(&mut other);
            assert_eq!(Mark::of(&point(other)), Mark::None, "{number}");
        }
    }

    #[test]
    fn within_one_account_a_copy_of_the_older_tool_brings_no_retirement_in() {
        let within = Sources {
            accounts: ["222222222222".parse().unwrap()].into(),
            region: "us-east-1".parse().unwrap(),
        };
        let mut copy = copy(VALUE);
        // It carries over all tags that somebody gave to the source.
        copy.tags.remove(tags::SOURCE_SNAPSHOT_ARN);
        copy.tags.insert(tags::CREATED_BY, tags::TOOL);
        copy.copied_from = Some(arn("arn:aws:rds:us-east-1:222222222222:snapshot:orders-1"));
        let point = within.recovery_point(copy);
        assert!(within.is_copy(&point.snapshot));
        assert_eq!(Mark::of(&point), Mark::None);
    }

    #[test]
    fn a_retirement_does_not_follow_a_renamed_instance_to_the_name_of_another_one() {
        let mut renamed = point(copy(VALUE));
        renamed.name = "shop".parse().unwrap();
        assert_eq!(Mark::of(&renamed), Mark::None);
    }

    #[test]
    fn of_several_marks_the_latest_counts_and_one_that_cannot_be_read_comes_first() {
        let later = "2026-12-01T00:00:00Z by jim";
        let all = |values: &[&str]| {
            let points: Vec<_> = values.iter().map(|value| point(copy(value))).collect();
            Mark::of_all(points.iter())
        };
        assert!(matches!(all(&[later, VALUE]), Mark::Known(Retirement { by, .. }) if by == "jim"));
        assert_eq!(all(&[VALUE, "yes"]), Mark::Unreadable("yes".to_owned()));
        let plain = point(Snapshot { tags: crate::model::tags::Tags::new(), ..copy(VALUE) });
        assert_eq!(Mark::of_all([&plain].into_iter()), Mark::None);
        assert_eq!(Arc::strong_count(&plain.snapshot), 1);
    }
}
