//! The problems of a manifest, each with its place, and the one error that reports them all.

use std::fmt;

use pilot_light_domain::run::error::WorkerError;

/// The largest size of the error in bytes. Step Functions keeps 32 KiB of a cause.
const LONGEST: usize = 16 * 1024;

/// One problem of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its place: `layer 2, resource 'orders' (RestoreFromSnapshot), DBInstanceClass`.
    pub place: String,
    /// The wrong value, and the allowed values.
    pub what: String,
}

impl Problem {
    pub(crate) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// All problems as the worker's error, each on a line of its own.
pub(crate) fn refuse(problems: &[Problem]) -> WorkerError {
    refuse_partly(problems, &[])
}

/// The same if not everything could be examined. `gaps` are the reasons, each for a line of its own.
pub(crate) fn refuse_partly(problems: &[Problem], gaps: &[String]) -> WorkerError {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let count = counted(problems.len(), "problem");
    let mut text = format!("nothing was changed; the manifest has {count}:\n{}", lines.join("\n"));
    if !gaps.is_empty() {
        text += &format!("\nThere may be more, because AWS did not answer now:\n{}", gaps.join("\n"));
    }
    WorkerError::InvalidInput(cut(&text, LONGEST))
}

/// A number with its noun: `1 layer`, `2 layers`.
pub(crate) fn counted<N: fmt::Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// `text`, shortened to `longest` bytes. A shortened text ends with an ellipsis.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    const MARK: &str = " …";
    if text.len() <= longest {
        return text.to_owned();
    }
    format!("{}{MARK}", &text[..text.floor_char_boundary(longest - MARK.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortened_text_is_within_its_limit_and_ends_with_an_ellipsis() {
        assert_eq!(cut("orders", 6), "orders");
        let long = cut(&"ö".repeat(100), 20);
        assert!(long.len() <= 20 && long.ends_with('…'), "{long}");
    }

    #[test]
    fn only_one_thing_has_a_noun_in_the_singular() {
        assert_eq!([0_usize, 1, 2].map(|count| counted(count, "layer")), ["0 layers", "1 layer", "2 layers"]);
    }

    #[test]
    fn every_problem_is_a_line_of_its_own() {
        let problems = [Problem::new("layer 1", "is empty"), Problem::new("layer 2", "is empty")];
        let said = refuse(&problems).to_string();
        assert_eq!(said.lines().count(), 3, "{said}");
        let many = vec![Problem::new("layer 1", "x".repeat(1000)); 100];
        assert!(refuse(&many).to_string().len() < 17 * 1024);
    }
}
