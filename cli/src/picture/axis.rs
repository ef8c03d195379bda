//! Round numbers for axes, and short numbers for people. `layers` draws the axes.

/// The steps in minutes that people are used to, up to a day. Longer steps are whole days.
const STEPS: [f64; 15] =
    [1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0, 240.0, 360.0, 480.0, 720.0, DAY];

const DAY: f64 = 1440.0;

/// A unit of time along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
}

impl Unit {
    /// The largest unit in which a step of so many minutes is at least one.
    pub(crate) fn of_step(step: f64) -> Self {
        if step < 60.0 {
            Self::Minute
        } else if step < DAY {
            Self::Hour
        } else {
            Self::Day
        }
    }

    /// The name of the unit, in the singular.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// So many minutes, written as a number of this unit.
    pub(crate) fn number(self, minutes: f64) -> String {
        tenths(match self {
            Self::Minute => minutes,
            Self::Hour => minutes / 60.0,
            Self::Day => minutes / DAY,
        })
    }
}

/// The least round step in minutes for which at most `most` steps reach `minutes`.
pub(crate) fn step(minutes: f64, most: u32) -> f64 {
    let is_enough = |step: &f64| step * f64::from(most) >= minutes;
    let days = (0..12).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * DAY * 10_f64.powi(power)));
    // The last step is longer than any time between two instants.
    STEPS.into_iter().chain(days).find(is_enough).unwrap_or(f64::INFINITY)
}

/// All multiples of a step from 0 on that do not exceed `minutes`.
pub(crate) fn ticks(minutes: f64, step: f64) -> Vec<f64> {
    (0_u32..).map(|number| f64::from(number) * step).take_while(|tick| *tick <= minutes).collect()
}

/// The first multiple of a step that reaches `minutes`.
pub(crate) fn round_up(minutes: f64, step: f64) -> f64 {
    (minutes / step).ceil().max(1.0) * step
}

/// A number with at most one decimal.
pub(crate) fn tenths(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_the_least_round_one_that_reaches_the_end() {
        for (minutes, most, expected) in [
            (0.0, 6, 1.0),
            (60.0, 6, 10.0),
            (60.1, 6, 15.0),
            (142.3, 6, 30.0),
            (1440.0, 8, 180.0),
            (30.0 * 1440.0, 8, 5.0 * 1440.0),
            (3660.0 * 1440.0, 8, 500.0 * 1440.0),
        ] {
            assert_eq!(step(minutes, most), expected, "{minutes} in {most}");
        }
    }

    #[test]
    fn ticks_run_from_zero_to_the_last_multiple_within_the_axis() {
        assert_eq!(ticks(60.0, 20.0), [0.0, 20.0, 40.0, 60.0]);
        assert_eq!(ticks(59.9, 20.0), [0.0, 20.0, 40.0]);
        assert_eq!((round_up(60.0, 20.0), round_up(60.1, 20.0), round_up(0.0, 1.0)), (60.0, 80.0, 1.0));
    }

    #[test]
    fn numbers_have_at_most_one_decimal() {
        assert_eq!([57.44, 60.0, 59.96, 0.04].map(tenths), ["57.4", "60", "60", "0"]);
        assert_eq!(Unit::of_step(180.0).number(1440.0), "24");
        assert_eq!(Unit::of_step(1440.0).number(3600.0), "2.5");
    }
}
