//! The time at which a snapshot is due: once in each interval of `BackupInterval`, counted from the Unix epoch.
//!
//! Intervals are fixed in time. A late snapshot does not shift the ones after it, and a retry within an interval
//! finds the snapshot that was already taken. EventBridge's schedules only decide how often a worker looks.

use chrono::{DateTime, TimeDelta};

use crate::Instant;

/// The start of the interval that contains `now`.
#[must_use]
pub fn interval_start(now: Instant, interval: TimeDelta) -> Instant {
    let length = interval.num_seconds().max(1);
    let start = now.timestamp().div_euclid(length) * length;
    DateTime::from_timestamp(start, 0).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn an_interval_begins_on_its_boundary_and_ends_before_the_next() {
        let half_hour = TimeDelta::minutes(30);
        for (now, start) in [
            ("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:29:59Z", "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"),
            ("2028-02-29T23:59:59Z", "2028-02-29T23:30:00Z"),
        ] {
            assert_eq!(interval_start(at(now), half_hour), at(start), "{now}");
        }
        assert_eq!(
            interval_start(at("2026-11-21T13:05:00Z"), TimeDelta::days(1)),
            at("2026-11-21T00:00:00Z")
        );
    }
}
