//! What is wrong with a manifest, each fault with its place, told together.

use std::fmt;

use pilot_light_domain::run::error::WorkerError;

/// How long the message of all faults may be: Step Functions keeps 32 KiB of a cause.
const LONGEST: usize = 16 * 1024;

/// One fault of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: `layer 2, resource 'orders' (RestoreFromSnapshot), DBInstanceClass`.
    pub place: String,
    /// What is wrong, and what is allowed.
    pub what: String,
}

impl Fault {
    pub(crate) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// All faults as the worker's error, one a line.
pub(crate) fn refuse(faults: &[Fault]) -> WorkerError {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let count = if faults.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", faults.len()) };
    let text = format!("nothing was done; {count} in the manifest:\n{}", lines.join("\n"));
    WorkerError::InvalidInput(cut(&text, LONGEST))
}

/// `text`, cut to `longest` bytes with a mark where it was cut.
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
    fn a_cut_text_is_within_its_limit_and_says_so() {
        assert_eq!(cut("orders", 6), "orders");
        let long = cut(&"ö".repeat(100), 20);
        assert!(long.len() <= 20 && long.ends_with('…'), "{long}");
    }

    #[test]
    fn every_fault_is_a_line() {
        let faults = [Fault::new("layer 1", "is empty"), Fault::new("layer 2", "is empty")];
        let said = refuse(&faults).to_string();
        assert_eq!(said.lines().count(), 3, "{said}");
        let many = vec![Fault::new("layer 1", "x".repeat(1000)); 100];
        assert!(refuse(&many).to_string().len() < 17 * 1024);
    }
}
