//! A cron expression of six fields and the search for its next time, day by day and bounded by its years.

use std::fmt;

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};

use super::days::Days;
use super::field::{Field, Steps};
use pilot_light_domain::Instant;

const MINUTES: Field = Field::plain("minutes", 0, 59);
const HOURS: Field = Field::plain("hours", 0, 23);
const MONTHS: Field = Field {
    name: "month",
    bounds: (1, 12),
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    steps: Steps::Supported,
};
const YEARS: Field = Field::plain("year", 1970, 2199);

/// The span in which the longest gap is searched. Every pattern of days and leap years appears within it.
const HORIZON: TimeDelta = TimeDelta::days(3653);

/// Six fields: minutes, hours, day of month, month, day of week, year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cron {
    text: String,
    /// Minutes since midnight, in order, never empty.
    times: Vec<u32>,
    days: Days,
    months: Vec<u32>,
    years: Vec<u32>,
}

impl Cron {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[minutes, hours, of_month, month, of_week, year] = fields.as_slice() else {
            return Err(format!(
                "a cron expression has 6 fields (minutes hours day-of-month month day-of-week year), as in 0 1 * * ? *; this one has {}",
                fields.len()
            ));
        };
        let minutes = MINUTES.parse(minutes)?;
        let hours = HOURS.parse(hours)?;
        Ok(Self {
            text: fields.join(" "),
            times: hours
                .iter()
                .flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute))
                .collect(),
            days: Days::parse(of_month, of_week)?,
            months: MONTHS.parse(month)?,
            years: YEARS.parse(year)?,
        })
    }

    pub(super) fn next_after(&self, previous: Instant) -> Option<Instant> {
        let today = previous.date_naive();
        let now = previous.hour() * 60 + previous.minute();
        self.dates(today).find_map(|date| {
            let later = |time: &&u32| date > today || **time > now;
            self.times.iter().find(later).and_then(|time| at(date, *time))
        })
    }

    pub(super) fn longest_gap(&self, from: Instant) -> Option<TimeDelta> {
        let (first, last) = (*self.times.first()?, *self.times.last()?);
        let from = from.date_naive();
        let end = from.checked_add_signed(HORIZON)?;
        let dates: Vec<NaiveDate> = self.dates(from).take_while(|date| *date <= end).collect();
        let overnight = TimeDelta::minutes(i64::from(first) - i64::from(last));
        let between = dates.windows(2).map(|pair| pair[1] - pair[0] + overnight).max();
        let within = self.times.windows(2).map(|pair| TimeDelta::minutes(i64::from(pair[1] - pair[0]))).max();
        within.filter(|_| !dates.is_empty()).max(between)
    }

    /// Its days, beginning with `first`.
    fn dates(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let last_year = self.years.last().copied().unwrap_or_default();
        let first_year = self.years.first().copied().unwrap_or_default();
        let start = i32::try_from(first_year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
        let year_of = |date: NaiveDate| u32::try_from(date.year()).unwrap_or_default();
        start
            .map_or(first, |start| start.max(first))
            .iter_days()
            .take_while(move |date| year_of(*date) <= last_year)
            .filter(move |date| {
                self.months.contains(&date.month())
                    && self.years.binary_search(&year_of(*date)).is_ok()
                    && self.days.matches(*date)
            })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn at(date: NaiveDate, minutes: u32) -> Option<Instant> {
    date.and_hms_opt(minutes / 60, minutes % 60, 0).map(|time| time.and_utc())
}
