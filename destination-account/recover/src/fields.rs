//! The parameters of one resource, read one by one. Their problems are collected and reported together.
//!
//! In existing manifests every value is a text: "True", "7", "60". JSON booleans and numbers arrive here as texts too.
//! Resolving references is left to `imports`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use pilot_light_domain::model::ids::{DatabaseName, InvalidId};

/// The parameters of one resource, and their problems so far.
///
/// A kind reads all of its parameters before it gives up. A parameter that has a problem counts as given: one bad parameter
/// neither hides the problems of others nor makes others look wrong.
#[derive(Debug)]
pub(crate) struct Fields {
    given: BTreeMap<String, Given>,
    taken: BTreeSet<&'static str>,
    problems: Vec<FieldProblem>,
}

/// A parameter as the manifest gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// Its text, with references resolved.
    Text(String),
    /// It has no text, for this reason. The reason is reported if the kind uses the parameter.
    Unusable(String),
    /// It has no text, and that is reported elsewhere.
    Unread,
}

impl From<String> for Given {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A problem of one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    /// The parameter's name.
    pub(crate) parameter: String,
    /// The wrong value, and the allowed values.
    pub(crate) what: String,
}

impl Fields {
    /// The parameters.
    pub(crate) fn new(given: BTreeMap<String, impl Into<Given>>) -> Self {
        let given = given.into_iter().map(|(name, value)| (name, value.into())).collect();
        Self { given, taken: BTreeSet::new(), problems: Vec::new() }
    }

    /// The texts of all parameters.
    pub(crate) fn values(&self) -> Vec<String> {
        let text = |given: &Given| match given {
            Given::Text(text) => Some(text.clone()),
            Given::Unusable(_) | Given::Unread => None,
        };
        self.given.values().filter_map(text).collect()
    }

    /// A text. An empty text and `None` count as absent.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        let is_first = self.taken.insert(name);
        match self.given.get(name)?.clone() {
            Given::Text(text) => Some(text.trim()).filter(|text| is_value(text)).map(str::to_owned),
            Given::Unusable(why) => {
                if is_first {
                    self.problem(name, why);
                }
                None
            }
            Given::Unread => None,
        }
    }

    /// A text under its current name or an older one. Different texts under two names are a problem.
    pub(crate) fn text_of(&mut self, names: &[&'static str]) -> Option<String> {
        self.one_of(names).map(|(_, text)| text)
    }

    /// The first name with a text, and the text.
    fn one_of(&mut self, names: &[&'static str]) -> Option<(&'static str, String)> {
        let found: Vec<_> = names.iter().filter_map(|name| Some((*name, self.text(name)?))).collect();
        let (first, text) = found.first()?.clone();
        for (name, other) in found.iter().filter(|(_, other)| *other != text) {
            let said =
                format!("is '{other}', but {first} is '{text}'; both mean the same; give only one of them");
            self.problem(name, said);
        }
        Some((first, text))
    }

    /// A text that must be present.
    pub(crate) fn required(&mut self, name: &'static str) -> Option<String> {
        let found = self.text(name);
        if found.is_none() {
            self.missing(&[name], "is missing; this resourceType requires it");
        }
        found
    }

    /// Adds the problem that the first of `names` is missing, unless one of them is given and has a problem of its own.
    pub(crate) fn missing(&mut self, names: &[&'static str], what: impl Into<String>) {
        let is_given = |name: &&str| match self.given.get(*name) {
            Some(Given::Unusable(_) | Given::Unread) => true,
            Some(Given::Text(_)) => self.problems.iter().any(|problem| problem.parameter == **name),
            None => false,
        };
        if let Some(first) = names.first()
            && !names.iter().any(is_given)
        {
            self.problem(first, what);
        }
    }

    /// A value of a type with its own constructor.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        text.parse().map_err(|error: T::Err| self.problem(name, error.to_string())).ok()
    }

    /// The identifier of an instance, in lower case, as AWS stores it.
    pub(crate) fn instance(&mut self, name: &'static str) -> Option<DatabaseName> {
        let text = self.text(name)?.to_ascii_lowercase();
        text.parse().map_err(|error: InvalidId| self.problem(name, error.to_string())).ok()
    }

    /// The identifier of an instance that must be present, under its current name or an older one.
    pub(crate) fn required_instance(&mut self, names: &[&'static str]) -> Option<DatabaseName> {
        let found = self.one_of(names);
        if found.is_none() {
            self.missing(names, "is missing; this resourceType requires it");
        }
        found.and_then(|(name, _)| self.instance(name))
    }

    /// A value of a type with its own constructor that must be present.
    pub(crate) fn required_parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        self.required(name)?;
        self.parsed(name)
    }

    /// A boolean, in upper or lower case: `"False"` is false.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let text = self.text(name)?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.problem(name, format!("is '{text}'; write true or false"));
                None
            }
        }
    }

    /// A whole number that fits into `T`.
    pub(crate) fn number<T: FromStr>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.problem(
                name,
                format!("is '{text}', not a whole number in the allowed range; write digits only"),
            );
        }
        number
    }

    /// Texts separated by commas, under their current name or an older one.
    pub(crate) fn list(&mut self, names: &[&'static str]) -> Vec<String> {
        let text = self.text_of(names).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// Accepts parameters that older manifests contain and that nothing uses.
    pub(crate) fn unused(&mut self, names: &[&'static str]) {
        self.taken.extend(names);
    }

    /// Adds a problem.
    pub(crate) fn problem(&mut self, parameter: &str, what: impl Into<String>) {
        self.problems.push(FieldProblem { parameter: parameter.to_owned(), what: what.into() });
    }

    /// All problems. A parameter that nothing has read is one of them.
    pub(crate) fn finish(mut self) -> Vec<FieldProblem> {
        let unknown: Vec<String> =
            self.given.keys().filter(|name| !self.taken.contains(name.as_str())).cloned().collect();
        for name in unknown {
            let known: Vec<&str> = self.taken.iter().copied().collect();
            self.problem(
                &name,
                format!("is not a parameter of this resourceType; allowed are {}", known.join(", ")),
            );
        }
        self.problems
    }
}

/// False for an empty text and for `None`, which older tools write for an absent value.
fn is_value(text: &str) -> bool {
    !text.is_empty() && text != "None"
}
