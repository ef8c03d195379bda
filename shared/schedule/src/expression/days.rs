//! The days of a cron expression: day of month or day of week, with `L`, `W` and `#`.
//!
//! AWS's documentation leaves two points open. Here, `31W` in a shorter month is the weekday nearest to its last day,
//! and `L`, `W` and `#` must be the only entry of their field.

use chrono::{Datelike, NaiveDate, Weekday};

use super::field::{Field, Steps};

const OF_MONTH: Field = Field::plain("day of month", 1, 31);
const OF_WEEK: Field = Field {
    name: "day of week",
    bounds: (1, 7),
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    steps: Steps::Unsupported,
};

/// The days of a month on which a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Days {
    /// These days of the month.
    OfMonth(Vec<u32>),
    /// `L`: the month's last day.
    Last,
    /// `LW`: the month's last weekday.
    LastWeekday,
    /// `15W`: the weekday nearest to this day, within the month.
    NearestWeekday(u32),
    /// These days of the week, 1 being Sunday.
    OfWeek(Vec<u32>),
    /// `6L`: the month's last such day of the week.
    LastOfWeek(u32),
    /// `6#3`: the month's nth such day of the week.
    NthOfWeek(u32, u32),
}

impl Days {
    /// Reads both fields, of which exactly one is `?`.
    pub(super) fn parse(of_month: &str, of_week: &str) -> Result<Self, String> {
        match (of_month, of_week) {
            ("?", "?") => {
                Err("day of month and day of week are both ?; one of them must name the days".to_owned())
            }
            (_, "?") => Self::of_month(&of_month.to_ascii_uppercase()),
            ("?", _) => Self::of_week(&of_week.to_ascii_uppercase()),
            _ => Err(format!(
                "day of month '{of_month}' and day of week '{of_week}' cannot both be given; one of them must be ?"
            )),
        }
    }

    fn of_month(text: &str) -> Result<Self, String> {
        match (text, text.strip_suffix('W')) {
            ("L", _) => Ok(Self::Last),
            ("LW", _) => Ok(Self::LastWeekday),
            (_, Some(day)) => OF_MONTH.number(day).map(Self::NearestWeekday).map_err(|_| {
                OF_MONTH.problem(text, "write a nearest weekday as 15W or LW, as the only entry")
            }),
            _ if text.contains('L') => Err(OF_MONTH
                .problem(text, "write the last day as L and the last weekday as LW, as the only entry")),
            _ => OF_MONTH.parse(text).map(Self::OfMonth),
        }
    }

    fn of_week(text: &str) -> Result<Self, String> {
        if let Some((day, nth)) = text.split_once('#') {
            let problem = || {
                OF_WEEK
                    .problem(text, "write the third Friday as 6#3 or FRI#3, with 1 to 5, as the only entry")
            };
            let nth = Field::plain("", 1, 5).number(nth).map_err(|_| problem())?;
            return OF_WEEK.number(day).map(|day| Self::NthOfWeek(day, nth)).map_err(|_| problem());
        }
        match text.strip_suffix('L') {
            // The last day of the week is Saturday.
            Some("") => Ok(Self::OfWeek(vec![7])),
            Some(day) => OF_WEEK.number(day).map(Self::LastOfWeek).map_err(|_| {
                OF_WEEK.problem(text, "write the month's last Friday as 6L or FRIL, as the only entry")
            }),
            None => OF_WEEK.parse(text).map(Self::OfWeek),
        }
    }

    /// True if the schedule fires on this day.
    pub(super) fn matches(&self, date: NaiveDate) -> bool {
        let last = u32::from(date.num_days_in_month());
        let today = date.weekday().number_from_sunday();
        match self {
            Self::OfMonth(days) => days.binary_search(&date.day()).is_ok(),
            Self::Last => date.day() == last,
            Self::LastWeekday => nearest_weekday(date, last) == Some(date),
            Self::NearestWeekday(day) => nearest_weekday(date, (*day).min(last)) == Some(date),
            Self::OfWeek(days) => days.binary_search(&today).is_ok(),
            Self::LastOfWeek(day) => today == *day && date.day() + 7 > last,
            Self::NthOfWeek(day, nth) => today == *day && date.day().div_ceil(7) == *nth,
        }
    }
}

/// The weekday nearest to `day` of that month, never in another month.
fn nearest_weekday(month: NaiveDate, day: u32) -> Option<NaiveDate> {
    let wanted = month.with_day(day)?;
    let last = u32::from(month.num_days_in_month());
    let nearest = match wanted.weekday() {
        Weekday::Sat if day == 1 => 3,
        Weekday::Sat => day - 1,
        Weekday::Sun if day == last => day - 2,
        Weekday::Sun => day + 1,
        _ => day,
    };
    month.with_day(nearest)
}
