//! Durations as people write them: `30m`, `1h`, `7d`, or a bare number in the parameter's old unit.

use chrono::TimeDelta;

/// The unit of a bare number, which the older tools gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareUnit {
    /// Hours, as in `BackupInterval`.
    Hours,
    /// Days, as in `RetentionDays`.
    Days,
}

/// The longest duration: ten years. A longer one is a typing error.
const LONGEST: TimeDelta = TimeDelta::days(3653);

/// Reads a duration of at least a minute and at most ten years.
///
/// # Errors
/// The allowed form.
pub fn parse_duration(text: &str, bare: BareUnit) -> Result<TimeDelta, String> {
    let parse = || {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: i64 = digits.parse().ok()?;
        let unit = match (&text[digits.len()..], bare) {
            ("m", _) => TimeDelta::try_minutes,
            ("h", _) | ("", BareUnit::Hours) => TimeDelta::try_hours,
            ("d", _) | ("", BareUnit::Days) => TimeDelta::try_days,
            _ => return None,
        };
        unit(number).filter(|duration| (TimeDelta::minutes(1)..=LONGEST).contains(duration))
    };
    parse().ok_or_else(|| {
        let unit = match bare {
            BareUnit::Hours => "hours",
            BareUnit::Days => "days",
        };
        format!("give a duration such as 30m, 12h or 7d, from 1m to ten years; a bare number means {unit}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_bare_numbers_keep_their_old_one() {
        for (text, bare, minutes) in [
            ("30m", BareUnit::Hours, 30),
            ("1h", BareUnit::Days, 60),
            ("7d", BareUnit::Hours, 7 * 24 * 60),
            ("24", BareUnit::Hours, 24 * 60),
            ("7", BareUnit::Days, 7 * 24 * 60),
        ] {
            assert_eq!(parse_duration(text, bare), Ok(TimeDelta::minutes(minutes)), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_duration_is_rejected() {
        for text in
            ["", "0", "-3", "+3", "3.5", "h", "30s", "1 h", "1h30m", "3654", "99999999999999999999", "９"]
        {
            assert!(parse_duration(text, BareUnit::Days).is_err(), "{text}");
        }
    }
}
