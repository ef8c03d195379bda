//! The known name that is most like an unknown one, for a suggestion in an error.
//!
//! The names and their meaning belong to the caller.

/// The least likeness for a suggestion. The command line's own suggestions use the same limit.
const ALIKE: f64 = 0.7;

/// The one of `names` that is most like `word`, if any is alike enough.
#[must_use]
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro(&word.to_lowercase(), name);
    let alike = names.iter().filter(|name| likeness(name) > ALIKE);
    alike.max_by(|one, other| likeness(one).total_cmp(&likeness(other))).copied()
}

/// The question, for an error message, whether a name was meant; empty if no name is alike enough.
pub(super) fn meant(word: &str, names: &[&str]) -> String {
    nearest(word, names).map(|name| format!(" did you mean '{name}'?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_gets_a_suggestion_and_another_word_does_not() {
        let names = ["none", "default", "hostile"];
        for (word, meant) in
            [("hostil", Some("hostile")), ("Default", Some("default")), ("deafult", Some("default"))]
        {
            assert_eq!(nearest(word, &names), meant, "{word}");
        }
        for word in ["", "storm.toml", "x"] {
            assert_eq!(nearest(word, &names), None, "{word}");
        }
    }
}
