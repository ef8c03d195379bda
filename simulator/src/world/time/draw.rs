//! Seeded draws that depend on their subject, never on the order of requests.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// A span of whole seconds, both ends included, written `A..B` or `A`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecondsRange {
    from: u32,
    to: u32,
}

/// Text that is not a span of seconds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a span of seconds: give A..B with A not above B, or one number")]
pub struct InvalidRange(String);

impl SecondsRange {
    /// Seconds from `from` to `to`.
    ///
    /// # Errors
    /// [`InvalidRange`] if `from` is above `to`.
    pub fn new(from: u32, to: u32) -> Result<Self, InvalidRange> {
        if from > to { Err(InvalidRange(format!("{from}..{to}"))) } else { Ok(Self { from, to }) }
    }

    pub(crate) const fn of(from: u32, to: u32) -> Self {
        Self { from, to }
    }

    /// The least and the greatest number of seconds.
    pub(crate) const fn ends(self) -> (u32, u32) {
        (self.from, self.to)
    }

    /// The same span for the same seed and parts, always.
    pub(crate) fn draw(self, seed: u64, parts: &[&str]) -> TimeDelta {
        let width = u64::from(self.to - self.from) + 1;
        TimeDelta::seconds(i64::from(self.from) + (hash(seed, parts) % width) as i64)
    }
}

impl FromStr for SecondsRange {
    type Err = InvalidRange;
    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        let invalid = || InvalidRange(text.to_owned());
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let seconds = |part: &str| part.trim().parse().map_err(|_| invalid());
        Self::new(seconds(from)?, seconds(to)?).map_err(|_| invalid())
    }
}

impl fmt::Display for SecondsRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl TryFrom<String> for SecondsRange {
    type Error = InvalidRange;
    fn try_from(text: String) -> Result<Self, InvalidRange> {
        text.parse()
    }
}

impl From<SecondsRange> for String {
    fn from(range: SecondsRange) -> String {
        range.to_string()
    }
}

/// A well-mixed number for `seed` and `parts`: FNV-1a over the text, then the finaliser of SplitMix64.
pub(crate) fn hash(seed: u64, parts: &[&str]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325 ^ seed;
    for part in parts {
        // 0xff occurs in no UTF-8 text, so ("ab", "c") differs from ("a", "bc").
        for byte in part.bytes().chain([0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// The same number from 0 to below 1 for the same seed and parts, always.
pub(crate) fn fraction(seed: u64, parts: &[&str]) -> f64 {
    // An f64 holds 53 bits exactly.
    (hash(seed, parts) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_and_written_back() {
        for (text, written) in [("3..6", "3..6"), ("0..0", "0..0"), ("7", "7..7"), (" 1 .. 2 ", "1..2")] {
            assert_eq!(text.parse::<SecondsRange>().map(|range| range.to_string()), Ok(written.to_owned()));
        }
        for text in ["", "..", "6..3", "-1..2", "a..b", "1...2", "1.5..2"] {
            assert_eq!(text.parse::<SecondsRange>(), Err(InvalidRange(text.to_owned())));
        }
    }

    #[test]
    fn draws_stay_within_the_range_reach_both_ends_and_repeat() {
        let range = SecondsRange::of(10, 12);
        let draws: Vec<i64> =
            (0..100).map(|n: i32| range.draw(7, &["copy", &n.to_string()]).num_seconds()).collect();
        assert_eq!((draws.iter().min(), draws.iter().max()), (Some(&10), Some(&12)));
        assert_eq!(range.draw(7, &["copy", "1"]), range.draw(7, &["copy", "1"]));
        assert_ne!(hash(7, &["a"]), hash(8, &["a"]));
        assert_ne!(hash(7, &["ab", "c"]), hash(7, &["a", "bc"]));
    }
}
