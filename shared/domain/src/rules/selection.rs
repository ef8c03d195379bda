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

/// A pattern of database identifiers.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Option<Regex>,
}

impl Pattern {
    /// Reads a sentinel or a regular expression. The expression may match anywhere in the identifier.
    ///
    /// # Errors
    /// The problem of an expression that the regular-expression engine does not support, such as Python's look-around
    /// and back-references. Such a pattern must never silently match nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let regex = if SENTINELS.contains(&text) {
            None
        } else {
            Some(Regex::new(text).map_err(|error| {
                format!("it is not a supported regular expression ({error}); look-around and back-references are not supported")
            })?)
        };
        Ok(Self { text: text.to_owned(), regex })
    }

    /// True if the pattern selects this database.
    #[must_use]
    pub fn matches(&self, name: &DatabaseName) -> bool {
        self.regex.as_ref().is_none_or(|regex| regex.is_match(name.as_str()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
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
        if self.tagged_only && !opts_in(&database.tags) {
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
        let is_tagged = !self.tagged_only || opts_in(&odd.tags);
        odd.cluster.is_none() && self.may_select_snapshot(odd) && is_tagged
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

/// True if the tags of an instance have `CopyDBSnapshot=True`, in any case.
fn opts_in(tags: &Tags) -> bool {
    tags.get(tags::COPY_DB_SNAPSHOT).is_some_and(|value| value.eq_ignore_ascii_case(tags::TRUE))
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
