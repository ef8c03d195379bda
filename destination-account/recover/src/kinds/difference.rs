//! The differences between a database that exists and the one that a manifest asks for.
//!
//! The decision to refuse such a database is left to the kinds.

use std::fmt::Display;

/// The properties that differ.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<String>);

impl Differences {
    /// Compares a property. It does not differ if the manifest leaves it out or AWS does not show it.
    pub(super) fn compare<T: PartialEq + Display>(
        self,
        what: &str,
        found: Option<T>,
        wanted: Option<T>,
    ) -> Self {
        match (found, wanted) {
            (Some(found), Some(wanted)) if found != wanted => {
                self.add(&format!("{what} {found}, not {wanted}"))
            }
            _ => self,
        }
    }

    /// Compares the class, for which a manifest may name several.
    pub(super) fn compare_class(self, found: &str, wanted: &[String]) -> Self {
        if wanted.is_empty() || wanted.iter().any(|class| class == found) {
            return self;
        }
        self.add(&format!("the class {found}, not {}", wanted.join(" or ")))
    }

    /// Adds a difference in words.
    pub(super) fn add(mut self, difference: &str) -> Self {
        self.0.push(difference.to_owned());
        self
    }

    /// All differences in one text, or none.
    pub(super) fn in_words(self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_manifest_gives_and_aws_shows_can_differ() {
        let differs = |found: Option<u16>, wanted: Option<u16>| {
            Differences::default().compare("the port", found, wanted).in_words()
        };
        assert_eq!(differs(Some(1), Some(2)).as_deref(), Some("the port 1, not 2"));
        for (found, wanted) in [(Some(1), Some(1)), (None, Some(1)), (Some(1), None)] {
            assert_eq!(differs(found, wanted), None);
        }
        let class = |wanted: &[String]| Differences::default().compare_class("a", wanted).in_words();
        assert_eq!(class(&["b".to_owned(), "c".to_owned()]).as_deref(), Some("the class a, not b or c"));
        assert_eq!(class(&["b".to_owned(), "a".to_owned()]), None);
        assert_eq!(class(&[]), None);
    }
}
