//! The retention of recovery points, and the tag `PromisedRetention` that keeps it on each point.
//!
//! A point is deleted only if the retention under which it was made and today's both let it go. So a longer retention counts at
//! once, and a shorter one only for new points.

use std::fmt;

use chrono::TimeDelta;

use crate::model::duration::{BareUnit, parse_duration};
use crate::model::snapshot::Snapshot;
use crate::model::tags;

/// The time for which points are kept, and the numbers that are kept at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retention {
    /// `RetentionDays`: a point that is strictly older may be deleted.
    pub keep_for: TimeDelta,
    /// `KeepLast`: this many of the newest usable points stay, whatever their age.
    pub keep_last: usize,
    /// `KeepDaily`: of each of the newest days that have any, up to this number, the newest usable point stays. A day is one of UTC,
    /// whatever the time zone of the database, of the account or of the schedule. If an
    /// attacker encrypts the data of a source, new points then cannot displace every good point within hours.
    pub keep_daily: usize,
}

/// The value of the tag, such as `for 12h last 1 daily 7`.
impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keep_for, keep_last, keep_daily } = self;
        write!(f, "for {} last {keep_last} daily {keep_daily}", duration(*keep_for))
    }
}

/// The retention under which a snapshot was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promise {
    /// It has no such tag, like the snapshots of older versions and tools.
    None,
    /// Its tag has this value, which cannot be read. Nobody knows what was promised.
    Unreadable(String),
    /// It was this one.
    Known(Retention),
}

impl Promise {
    /// The promise of a snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        match snapshot.tags.get(tags::RETENTION) {
            None => Self::None,
            Some(text) => read(text).map_or_else(|| Self::Unreadable(text.to_owned()), Self::Known),
        }
    }
}

/// The largest numbers that the parameters allow. Whoever may tag snapshots must not be able to keep them for ever.
const MOST: (usize, usize) = (10_000, 3660);

fn read(text: &str) -> Option<Retention> {
    let words: Vec<_> = text.split_whitespace().collect();
    let ["for", keep_for, "last", keep_last, "daily", keep_daily] = words[..] else { return None };
    Some(Retention {
        keep_for: parse_duration(keep_for, BareUnit::Days).ok()?,
        keep_last: keep_last.parse().ok().filter(|number| *number <= MOST.0)?,
        keep_daily: keep_daily.parse().ok().filter(|number| *number <= MOST.1)?,
    })
}

/// A duration as people write it in parameters.
fn duration(time: TimeDelta) -> String {
    let minutes = time.num_minutes();
    match (minutes % (24 * 60), minutes % 60) {
        (0, _) => format!("{}d", minutes / (24 * 60)),
        (_, 0) => format!("{}h", minutes / 60),
        _ => format!("{minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_read_as_it_was_written() {
        for (minutes, expected) in [
            (720, "for 12h last 1 daily 7"),
            (90, "for 90m last 1 daily 7"),
            (7 * 1440, "for 7d last 1 daily 7"),
        ] {
            let retention = Retention { keep_for: TimeDelta::minutes(minutes), keep_last: 1, keep_daily: 7 };
            assert_eq!(retention.to_string(), expected);
            assert_eq!(read(expected), Some(retention));
        }
    }

    #[test]
    fn a_tag_of_another_form_or_beyond_the_limits_cannot_be_read() {
        for text in [
            "",
            "for 12h",
            "for 12h last x daily 7",
            "for 0h last 1 daily 7",
            "12h 1 7",
            "for 12h last 1 daily 4000",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
