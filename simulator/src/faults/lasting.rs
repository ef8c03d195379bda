//! Durations of faults as people write them: `90s`, `30m`, `8h`, `2d`, and spans such as `30m..8h`.
//!
//! The draw from a span is in `crate::world`.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::world::SecondsRange;

/// A time in whole seconds, written with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(u32);

/// A span of times, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span(pub(super) SecondsRange);

/// Text that is not a time or a span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidTime {
    #[error("'{0}' is not a time: give a number and a unit, such as 90s, 30m, 8h or 2d; ten years at most")]
    Time(String),
    #[error("'{0}' is not a span: give A..B such as 30m..8h, A not above B, or one time such as 8h")]
    Span(String),
}

/// Seconds of each unit, the largest first.
const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A longer time than ten years is a typing error.
const LONGEST: u32 = 3_653 * 86_400;

impl FromStr for Time {
    type Err = InvalidTime;
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let read = || {
            let (digits, seconds) =
                UNITS.into_iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
            // `parse` alone would accept a sign, too.
            let number: u32 =
                digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
            number.checked_mul(seconds).filter(|seconds| *seconds <= LONGEST)
        };
        read().map(Self).ok_or_else(|| InvalidTime::Time(text.to_owned()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, seconds) =
            UNITS.into_iter().find(|(_, seconds)| self.0.is_multiple_of(*seconds)).unwrap_or(('s', 1));
        // 0 is a whole number of days, but people write it in seconds.
        if self.0 == 0 { f.write_str("0s") } else { write!(f, "{}{unit}", self.0 / seconds) }
    }
}

impl FromStr for Span {
    type Err = InvalidTime;
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let invalid = |_| InvalidTime::Span(text.to_owned());
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let [Time(from), Time(to)] = [from.parse().map_err(invalid)?, to.parse().map_err(invalid)?];
        SecondsRange::new(from, to).map(Self).map_err(|_| InvalidTime::Span(text.to_owned()))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.ends() {
            (from, to) if from == to => Time(from).fmt(f),
            (from, to) => write!(f, "{}..{}", Time(from), Time(to)),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_str(Written("a span of time as text, such as \"30m..8h\" or \"8h\"", Self::from_str))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a time.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeDelta, D::Error> {
    let read = |text: &str| text.parse().map(|Time(seconds)| TimeDelta::seconds(seconds.into()));
    deserializer.deserialize_str(Written("a time as text, such as \"90s\", \"30m\", \"8h\" or \"2d\"", read))
}

/// Writes a time as it is read.
pub(super) fn serialize<S: Serializer>(time: &TimeDelta, serializer: S) -> Result<S::Ok, S::Error> {
    let seconds = time.num_seconds().try_into().map_err(serde::ser::Error::custom)?;
    serializer.collect_str(&Time(seconds))
}

/// A value that is written as text: the expected form, for errors, and the function that reads it.
struct Written<F>(&'static str, F);

impl<T, F: FnOnce(&str) -> Result<T, InvalidTime>> serde::de::Visitor<'_> for Written<F> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.1)(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_their_largest_whole_unit() {
        for (text, seconds, written) in [
            ("0s", 0, "0s"),
            ("0d", 0, "0s"),
            ("90s", 90, "90s"),
            ("120s", 120, "2m"),
            ("60m", 3_600, "1h"),
            ("36h", 129_600, "36h"),
            ("48h", 172_800, "2d"),
            ("3653d", LONGEST, "3653d"),
        ] {
            let time: Time = text.parse().unwrap();
            assert_eq!((time, time.to_string().as_str()), (Time(seconds), written), "{text}");
        }
    }

    #[test]
    fn an_invalid_time_or_span_is_rejected() {
        for text in ["", "5", "m", "-5m", "+5m", "1.5h", "5 m", "5M", "1h30m", "3654d", "9999999999s", "٣m"]
        {
            assert_eq!(text.parse::<Time>(), Err(InvalidTime::Time(text.to_owned())));
            assert_eq!(text.parse::<Span>(), Err(InvalidTime::Span(text.to_owned())));
        }
        for text in ["..", "1h..", "..1h", "1h..5m", "1m..2m..3m", "5..10m", "1m...2m"] {
            assert_eq!(text.parse::<Span>(), Err(InvalidTime::Span(text.to_owned())));
        }
    }

    #[test]
    fn spans_are_read_and_written_back() {
        for (text, ends, written) in [
            ("30m..8h", (1_800, 28_800), "30m..8h"),
            ("0s..90s", (0, 90), "0s..90s"),
            ("8h", (28_800, 28_800), "8h"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.0.ends(), span.to_string().as_str()), (ends, written), "{text}");
        }
    }
}
