//! The selection of databases by a sentinel, an unanchored regular expression on the identifier, and the opt-in tag.

use std::fmt;

use regex_lite::Regex;

use crate::model::database::{Database, Engine, EngineSupport};
use crate::model::ids::DatabaseName;
use crate::model::listing::OddRecord;
use crate::model::tags;
use crate::model::tags::Tags;
use crate::run::plan::SkipReason;

/// Texts that select every supported database, in the spelling of the older tools.
const SENTINELS: [&str; 3] = ["ALL_INSTANCES", "ALL_CLUSTERS", "ALL_SNAPSHOTS"];

/// A pattern of database identifiers, and one of those that it leaves out.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Option<Regex>,
    except: Option<(String, Regex)>,
}

impl Pattern {
    /// Reads a sentinel or a regular expression. The expression may match anywhere in the identifier.
    ///
    /// # Errors
    /// The problem of an expression that the regular-expression engine does not support, such as Python's look-around
    /// and back-references. Such a pattern must never silently match nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let regex = if SENTINELS.contains(&text) { None } else { Some(regex(text)?) };
        Ok(Self { text: text.to_owned(), regex, except: None })
    }

    /// Reads the pattern of the databases that are left out.
    ///
    /// # Errors
    /// As [`Self::parse`], and for a sentinel, which would leave nothing.
    pub fn parse_exclusion(text: &str) -> Result<(String, Regex), String> {
        if SENTINELS.contains(&text) {
            return Err("it leaves out every database; give a regular expression of some".to_owned());
        }
        Ok((text.to_owned(), regex(text)?))
    }

    /// The pattern without the databases of an exclusion.
    #[must_use]
    pub fn without(self, except: Option<(String, Regex)>) -> Self {
        Self { except, ..self }
    }

    /// True if the pattern selects this database.
    #[must_use]
    pub fn matches(&self, name: &DatabaseName) -> bool {
        let is_matched = |regex: &Regex| regex.is_match(name.as_str());
        self.regex.as_ref().is_none_or(is_matched)
            && !self.except.as_ref().is_some_and(|(_, regex)| is_matched(regex))
    }
}

fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| {
        format!("it is not a supported regular expression ({error}); look-around and back-references are not supported")
    })
}

/// Both patterns, to be written between quotes.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.except.as_ref().map_or(Ok(()), |(text, _)| write!(f, "' without '{text}"))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

/// The selection by name, tag and engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The pattern of identifiers.
    pub pattern: Pattern,
    /// `TaggedInstance`: only instances tagged `CopyDBSnapshot=True`.
    pub tagged_only: bool,
    /// `CustomEngines`: RDS Custom is included.
    pub custom_engines: bool,
}

impl Selection {
    /// Succeeds if an instance is selected and can have snapshots.
    ///
    /// # Errors
    /// The reason why not. An instance that the pattern and the tag select, and that cannot have snapshots, has a reason
    /// of the class [`Blocked`](crate::run::plan::SkipClass::Blocked).
    pub fn of_instance(&self, database: &Database) -> Result<(), SkipReason> {
        if !self.pattern.matches(&database.arn.id.name) {
            return Err(SkipReason::NotSelected);
        }
        if is_tagged(&database.tags, tags::FALSE) {
            return Err(SkipReason::OptedOut);
        }
        if self.tagged_only && !is_tagged(&database.tags, tags::TRUE) {
            return Err(SkipReason::NotTagged);
        }
        if let Some(cluster) = &database.cluster {
            return Err(SkipReason::ClusterMember(cluster.to_string()));
        }
        self.of_engine(&database.engine)
    }

    /// True unless the known parts of an instance's record that cannot be read show that it is not selected.
    #[must_use]
    pub fn may_select(&self, odd: &OddRecord) -> bool {
        let opts_in = !self.tagged_only || is_tagged(&odd.tags, tags::TRUE);
        let opts_out = is_tagged(&odd.tags, tags::FALSE);
        odd.cluster.is_none() && self.may_select_snapshot(odd) && opts_in && !opts_out
    }

    /// True unless the known parts of a snapshot's record that cannot be read show that it is not selected.
    #[must_use]
    pub fn may_select_snapshot(&self, odd: &OddRecord) -> bool {
        let is_named = odd.database.as_ref().is_none_or(|name| self.pattern.matches(name));
        is_named && odd.engine.as_ref().is_none_or(|engine| self.of_engine(engine).is_ok())
    }

    /// Succeeds if a snapshot of the database `name` is selected. Tags do not count, since AWS hides them.
    ///
    /// # Errors
    /// The reason why it is not selected.
    pub fn of_snapshot(&self, name: &DatabaseName, engine: &Engine) -> Result<(), SkipReason> {
        if !self.pattern.matches(name) {
            return Err(SkipReason::NotSelected);
        }
        self.of_engine(engine)
    }

    fn of_engine(&self, engine: &Engine) -> Result<(), SkipReason> {
        match engine.support() {
            EngineSupport::Instance => Ok(()),
            EngineSupport::Custom if self.custom_engines => Ok(()),
            EngineSupport::Custom => Err(SkipReason::CustomEngine),
            EngineSupport::Cluster | EngineSupport::Unknown => Err(SkipReason::UnsupportedEngine),
        }
    }
}

/// True if the tag `CopyDBSnapshot` of an instance has that value, in any case.
fn is_tagged(tags: &Tags, wanted: &str) -> bool {
    tags.get(tags::COPY_DB_SNAPSHOT).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(&DatabaseName::new(name).unwrap())
    }

    #[test]
    fn sentinels_mean_everything() {
        for sentinel in SENTINELS {
            assert!(matches(sentinel, "orders"), "{sentinel}");
        }
    }

    #[test]
    fn an_exclusion_leaves_out_what_the_pattern_selects_and_is_named_with_it() {
        let pattern = |except: &str| {
            Pattern::parse("^shop").unwrap().without(Some(Pattern::parse_exclusion(except).unwrap()))
        };
        let matches = |name: &str| pattern("-ci-").matches(&name.parse().unwrap());
        assert_eq!(["shop-1", "shop-ci-7", "other"].map(matches), [true, false, false]);
        assert_eq!(format!("'{}'", pattern("-ci-")), "'^shop' without '-ci-'");
        assert_ne!(pattern("a"), pattern("b"));
        assert!(Pattern::parse_exclusion("ALL_INSTANCES").unwrap_err().contains("leaves out every database"));
        assert!(Pattern::parse_exclusion("(?!x)").unwrap_err().contains("look-around"));
    }

    #[test]
    fn an_instance_opts_out_with_any_case_of_false_whatever_the_parameters_say() {
        for (value, selected) in [("False", false), ("FALSE", false), ("no", true), ("", true)] {
            for tagged_only in [false, true] {
                let pattern = Pattern::parse("ALL_INSTANCES").unwrap();
                let selection = Selection { pattern, tagged_only, custom_engines: false };
                let mut database = crate::testing::database("orders");
                database.tags.insert(tags::COPY_DB_SNAPSHOT, value);
                let expected = match (selected, tagged_only) {
                    (false, _) => Err(SkipReason::OptedOut),
                    (true, true) => Err(SkipReason::NotTagged),
                    (true, false) => Ok(()),
                };
                assert_eq!(selection.of_instance(&database), expected, "{value}, {tagged_only}");
                let odd = OddRecord { tags: database.tags, ..OddRecord::default() };
                assert_eq!(selection.may_select(&odd), expected.is_ok(), "{value}, {tagged_only}");
            }
        }
    }

    #[test]
    fn an_instance_opts_in_with_any_case_of_true_whether_its_record_can_be_read_or_not() {
        let pattern = Pattern::parse("ALL_INSTANCES").unwrap();
        let selection = Selection { pattern, tagged_only: true, custom_engines: false };
        for (value, selected) in [
            ("True", Ok(())),
            ("true", Ok(())),
            ("TRUE", Ok(())),
            ("yes", Err(SkipReason::NotTagged)),
            ("", Err(SkipReason::NotTagged)),
        ] {
            let mut database = crate::testing::database("orders");
            database.tags.insert(tags::COPY_DB_SNAPSHOT, value);
            assert_eq!(selection.of_instance(&database), selected, "{value}");
            let odd = OddRecord { tags: database.tags, ..OddRecord::default() };
            assert_eq!(selection.may_select(&odd), selected.is_ok(), "{value}");
        }
    }

    #[test]
    fn a_member_of_a_cluster_is_named_with_it_only_if_it_is_selected() {
        let pattern = Pattern::parse("^shop").unwrap();
        let selection = Selection { pattern, tagged_only: false, custom_engines: false };
        let member = |name: &str, engine: &str| {
            let cluster = Some("shop".parse().unwrap());
            Database { cluster, engine: Engine(engine.into()), ..crate::testing::database(name) }
        };
        let reason = Err(SkipReason::ClusterMember("shop".to_owned()));
        assert_eq!(selection.of_instance(&member("shop-1", "aurora-mysql")), reason);
        assert_eq!(selection.of_instance(&member("shop-2", "postgres")), reason, "a Multi-AZ DB cluster");
        assert_eq!(selection.of_instance(&member("other-1", "docdb")), Err(SkipReason::NotSelected));
    }

    #[test]
    fn patterns_are_searched_for_and_not_anchored() {
        assert!(matches("ord", "new-orders"));
        assert!(matches("^(orders|billing)$", "billing"));
        assert!(!matches("^ord", "new-orders"));
        assert!(!matches("all_instances", "orders"));
    }

    #[test]
    fn a_pattern_that_only_python_supports_is_rejected_and_never_matches_nothing() {
        for pattern in ["(?!test)prod", "(?<=a)b", r"(a)\1", "(?P=name)", "(", "*", r"prod\Z"] {
            let error = Pattern::parse(pattern).unwrap_err();
            assert!(
                error.contains("look-around and back-references are not supported"),
                "{pattern}: {error}"
            );
        }
    }
}
