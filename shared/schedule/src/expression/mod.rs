//! EventBridge's schedule expressions `rate(…)` and `cron(…)`, read as EventBridge reads them, in UTC.
//!
//! The fields of a cron expression are in `field`, its days in `days`. The lateness of EventBridge is the callers'
//! concern.

mod cron;
mod days;
mod field;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::TimeDelta;

use self::cron::Cron;
use pilot_light_domain::Instant;

/// A schedule that EventBridge accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Rate { number: i64, unit: Unit },
    Cron(Cron),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
}

const ALLOWED: &str =
    "allowed are rate(5 minutes), cron(0 1 * * ? *), or the six fields alone, as in 0 1 * * ? *";
const RATES: &str =
    "a rate reads rate(1 minute), rate(5 minutes), rate(1 hour), rate(12 hours), rate(1 day) or rate(7 days)";

/// The longest period of a rate: ten years. A longer one is a typing error.
const LONGEST: TimeDelta = TimeDelta::days(3653);

impl Schedule {
    /// Reads an expression, or six bare cron fields, which older tools used.
    ///
    /// # Errors
    /// The problem, and the allowed forms.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let inside = |name| text.strip_prefix(name).map(|rest| rest.strip_suffix(')'));
        match (inside("rate("), inside("cron(")) {
            (Some(Some(rate)), _) => parse_rate(rate).map(Self),
            (_, Some(Some(fields))) => Cron::parse(fields).map(Kind::Cron).map(Self),
            (Some(None), _) | (_, Some(None)) => Err(format!("the closing bracket is missing; {ALLOWED}")),
            (None, None) if text.split_whitespace().count() == 6 => {
                Cron::parse(text).map(Kind::Cron).map(Self)
            }
            (None, None) => Err(format!("'{text}' is not a schedule; {ALLOWED}")),
        }
    }

    /// The first time it fires after `previous`, if there is one.
    ///
    /// A rate counts from `anchor`, the creation of its rule, and first fires one period later. A cron expression
    /// depends on the time of day in UTC only.
    #[must_use]
    pub fn next_after(&self, previous: Instant, anchor: Instant) -> Option<Instant> {
        match &self.0 {
            Kind::Rate { number, unit } => {
                let period = unit.times(*number)?;
                let elapsed = (previous - anchor).max(TimeDelta::zero());
                let whole = elapsed.num_seconds() / period.num_seconds() + 1;
                anchor.checked_add_signed(TimeDelta::try_seconds(whole.checked_mul(period.num_seconds())?)?)
            }
            Kind::Cron(cron) => cron.next_after(previous),
        }
    }

    /// Fails if it never fires after `now`, because it names no existing day or only past years.
    ///
    /// # Errors
    /// The schedule, and the fields to check.
    pub fn ensure_fires_after(&self, now: Instant) -> Result<(), String> {
        match self.next_after(now, now) {
            Some(_) => Ok(()),
            None => Err(format!(
                "{self} never fires after {}: no such day follows; check its day, month and year (* for every one)",
                now.format("%Y-%m-%dT%H:%MZ")
            )),
        }
    }

    /// True for a rate, which counts from the creation of its rule.
    #[must_use]
    pub fn is_rate(&self) -> bool {
        matches!(self.0, Kind::Rate { .. })
    }

    /// The longest time between two firings in the ten years from `from`. For a rate, this is its period. None if it
    /// does not fire twice in them.
    #[must_use]
    pub fn longest_gap(&self, from: Instant) -> Option<TimeDelta> {
        match &self.0 {
            Kind::Rate { number, unit } => unit.times(*number),
            Kind::Cron(cron) => cron.longest_gap(from),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Rate { number, unit } => write!(f, "rate({number} {})", unit.name(*number)),
            Kind::Cron(cron) => write!(f, "cron({cron})"),
        }
    }
}

fn parse_rate(text: &str) -> Result<Kind, String> {
    let mut words = text.split_whitespace();
    let (Some(number), Some(name), None) = (words.next(), words.next(), words.next()) else {
        return Err(format!("'rate({text})' is not a rate; {RATES}"));
    };
    let unit = match name {
        "minute" | "minutes" => Unit::Minute,
        "hour" | "hours" => Unit::Hour,
        "day" | "days" => Unit::Day,
        _ => return Err(format!("'{name}' is not a unit of a rate; {RATES}")),
    };
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let value = number.parse().ok().filter(|value| is_number && *value > 0);
    let value = value.ok_or_else(|| format!("'{number}' must be a whole number above 0; {RATES}"))?;
    if unit.times(value).is_none_or(|period| period > LONGEST) {
        return Err(format!("a rate of {number} {name} is longer than ten years"));
    }
    let right = unit.name(value);
    if name != right {
        return Err(format!("EventBridge requires the singular for 1 and only for 1: rate({value} {right})"));
    }
    Ok(Kind::Rate { number: value, unit })
}

impl Unit {
    fn times(self, number: i64) -> Option<TimeDelta> {
        match self {
            Self::Minute => TimeDelta::try_minutes(number),
            Self::Hour => TimeDelta::try_hours(number),
            Self::Day => TimeDelta::try_days(number),
        }
    }

    fn name(self, number: i64) -> &'static str {
        match (self, number) {
            (Self::Minute, 1) => "minute",
            (Self::Minute, _) => "minutes",
            (Self::Hour, 1) => "hour",
            (Self::Hour, _) => "hours",
            (Self::Day, 1) => "day",
            (Self::Day, _) => "days",
        }
    }
}
