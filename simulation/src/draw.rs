//! Random draws that depend only on the seed and on their purpose, so that one seed gives one history.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::TimeDelta;

/// A number in 0..1, determined by the seed and by the purpose of the draw.
pub(crate) fn draw(seed: u64, purpose: &impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    (seed, purpose).hash(&mut hasher);
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough")]
    let unit = (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64;
    unit
}

/// Seconds as a duration, precise to the millisecond.
pub(crate) fn seconds(seconds: f64) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "minutes at most")]
    let milliseconds = (seconds * 1000.0) as i64;
    TimeDelta::milliseconds(milliseconds)
}
