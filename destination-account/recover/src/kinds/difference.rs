//! The differences between a database that exists and the one that a manifest asks for.
//!
//! The decision to refuse such a database is left to the kinds.

use std::collections::BTreeSet;
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

    /// Compares the deletion protection. An instance with more protection than requested is as good.
    pub(super) fn compare_protection(self, found: bool, wanted: Option<bool>) -> Self {
        self.compare("DeletionProtection", Some(found), wanted.filter(|wanted| *wanted))
    }

    /// Compares the class, for which a manifest may name several.
    pub(super) fn compare_class(self, found: &str, wanted: &[String]) -> Self {
        if wanted.is_empty() || wanted.iter().any(|class| class == found) {
            return self;
        }
        self.add(&format!("the class {found}, not {}", wanted.join(" or ")))
    }

    /// Compares groups, whose names AWS stores in lower case.
    pub(super) fn compare_groups<'a>(
        self,
        what: &str,
        found: &[String],
        wanted: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        let lower = |name: &String| name.to_ascii_lowercase();
        let found: BTreeSet<_> = found.iter().map(lower).collect();
        let wanted: BTreeSet<_> = wanted.into_iter().map(lower).collect();
        if found.is_empty() || wanted.is_empty() || found == wanted {
            return self;
        }
        let [found, wanted] = [found, wanted].map(|names| Vec::from_iter(names).join(" and "));
        self.add(&format!("the {what} {found}, not {wanted}"))
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

    #[test]
    fn groups_differ_by_their_names_in_any_order_and_case() {
        let names = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
        let differs = |found: &str, wanted: &str| {
            Differences::default().compare_groups("groups", &names(found), &names(wanted)).in_words()
        };
        for (found, wanted) in [("b a", "A b"), ("a", ""), ("", "a")] {
            assert_eq!(differs(found, wanted), None, "{found}, {wanted}");
        }
        assert_eq!(differs("b a", "a").as_deref(), Some("the groups a and b, not a"));
        assert_eq!(differs("a", "b a").as_deref(), Some("the groups a, not a and b"));
    }
}
