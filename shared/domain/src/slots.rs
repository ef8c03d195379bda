//! When a snapshot is due: once per slot of the interval, counted from the Unix epoch.
//!
//! Slots are fixed in time, so being late once does not shift what follows, and a retry within a slot finds
//! the slot filled. Schedules (EventBridge's) only decide how often somebody looks.

use chrono::{DateTime, TimeDelta};

use crate::Instant;

/// The start of the slot that `now` is in.
#[must_use]
pub fn slot_start(now: Instant, interval: TimeDelta) -> Instant {
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
    fn a_slot_begins_on_its_boundary_and_ends_before_the_next() {
        let half_hour = TimeDelta::minutes(30);
        for (now, start) in [
            ("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:29:59Z", "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"),
            ("2028-02-29T23:59:59Z", "2028-02-29T23:30:00Z"),
        ] {
            assert_eq!(slot_start(at(now), half_hour), at(start), "{now}");
        }
        assert_eq!(slot_start(at("2026-11-21T13:05:00Z"), TimeDelta::days(1)), at("2026-11-21T00:00:00Z"));
    }
}
