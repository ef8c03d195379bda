//! One field of a cron expression as a list of numbers: names, ranges, steps and lists.
//!
//! `L`, `W`, `#` and `?` belong to days and are in `super::days`.

/// The values that a field allows.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name, for messages.
    pub(super) name: &'static str,
    /// The least and the greatest number.
    pub(super) bounds: (u32, u32),
    /// Names for the numbers, beginning with the least one.
    pub(super) names: &'static [&'static str],
    /// Support for steps (`0/15`).
    pub(super) steps: Steps,
}

/// A field's support for steps. Every field except the day of week supports them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Steps {
    Supported,
    Unsupported,
}

impl Field {
    /// A field of plain numbers.
    pub(super) const fn plain(name: &'static str, least: u32, greatest: u32) -> Self {
        Self { name, bounds: (least, greatest), names: &[], steps: Steps::Supported }
    }

    /// All numbers that the text means, in order and each once.
    pub(super) fn parse(&self, text: &str) -> Result<Vec<u32>, String> {
        let mut numbers = Vec::new();
        for part in text.split(',') {
            let (span, step) = self.split_step(part)?;
            let (first, last) = match (span, span.split_once('-')) {
                ("*", _) => self.bounds,
                (_, Some((first, last))) => (self.number(first)?, self.number(last)?),
                (_, None) if step.is_some() => (self.number(span)?, self.bounds.1),
                (_, None) => (self.number(span)?, self.number(span)?),
            };
            if first > last {
                return Err(self.problem(part, "the range runs backwards"));
            }
            numbers.extend((first..=last).step_by(step.unwrap_or(1)));
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// A single number or name.
    pub(super) fn number(&self, text: &str) -> Result<u32, String> {
        let (least, greatest) = self.bounds;
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let named = named.and_then(|index| u32::try_from(index).ok()).map(|index| index + least);
        let written = || {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_number)
        };
        let number = named.or_else(written).filter(|number| (least..=greatest).contains(number));
        number.ok_or_else(|| self.problem(text, "it is not a value of this field"))
    }

    /// The message for a problem of `part`, with the values that this field allows.
    pub(super) fn problem(&self, part: &str, why: &str) -> String {
        let (least, greatest) = self.bounds;
        let names = match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        let steps = if self.steps == Steps::Supported { ", steps such as 0/15" } else { "" };
        format!(
            "{} '{part}': {why}; allowed are {least} to {greatest}{names}, *, ranges{steps} and lists",
            self.name
        )
    }

    fn split_step<'a>(&self, part: &'a str) -> Result<(&'a str, Option<usize>), String> {
        let Some((span, step)) = part.split_once('/') else { return Ok((part, None)) };
        if self.steps == Steps::Unsupported {
            return Err(self.problem(part, "EventBridge does not support steps in this field"));
        }
        let longest = (self.bounds.1 - self.bounds.0 + 1) as usize;
        let is_number = step.bytes().all(|byte| byte.is_ascii_digit());
        let step = step.parse().ok().filter(|step| is_number && (1..=longest).contains(step));
        let step =
            step.ok_or_else(|| self.problem(part, &format!("the step must be from 1 to {longest}")))?;
        Ok((span, Some(step)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: Field = Field::plain("minutes", 0, 59);
    const MONTHS: Field = Field {
        name: "month",
        bounds: (1, 12),
        names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
        steps: Steps::Supported,
    };

    #[test]
    fn lists_ranges_steps_and_names_are_read_as_numbers() {
        for (field, text, numbers) in [
            (&MINUTES, "7", vec![7]),
            (&MINUTES, "0/15", vec![0, 15, 30, 45]),
            (&MINUTES, "1/20", vec![1, 21, 41]),
            (&MINUTES, "*/30", vec![0, 30]),
            (&MINUTES, "10-20/5,12,5,12", vec![5, 10, 12, 15, 20]),
            (&MINUTES, "0/60", vec![0]),
            (&MONTHS, "jan,MAR-May", vec![1, 3, 4, 5]),
            (&MONTHS, "*", (1..=12).collect()),
        ] {
            assert_eq!(field.parse(text), Ok(numbers), "{text}");
        }
    }

    #[test]
    fn an_invalid_field_is_rejected_naming_the_field_the_part_and_the_allowed_values() {
        for (field, text, problem) in [
            (
                &MINUTES,
                "60",
                "minutes '60': it is not a value of this field; allowed are 0 to 59, *, ranges, steps such as 0/15 and lists",
            ),
            (&MINUTES, "5,", "minutes '': it is not a value"),
            (&MINUTES, "+5", "minutes '+5': it is not a value"),
            (&MINUTES, "5-2", "minutes '5-2': the range runs backwards"),
            (&MINUTES, "0/0", "minutes '0/0': the step must be from 1 to 60"),
            (&MINUTES, "0/61", "the step must be from 1 to 60"),
            (&MINUTES, "*/", "the step must be"),
            (&MINUTES, "99999999999", "it is not a value"),
            (&MINUTES, "1-2-3", "minutes '2-3': it is not a value"),
            (
                &MONTHS,
                "MAI",
                "month 'MAI': it is not a value of this field; allowed are 1 to 12 or JAN to DEC",
            ),
        ] {
            let error = field.parse(text).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
