//! The parameters of one resource, read one by one. Their problems are collected and reported together.
//!
//! In existing manifests every value is a text: "True", "7", "60". JSON booleans and numbers arrive here as texts too.
//! Resolving references is left to `imports`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use pilot_light_domain::model::ids::{DatabaseName, InvalidId};

/// The parameters of one resource, and their problems so far.
#[derive(Debug)]
pub(crate) struct Fields {
    given: BTreeMap<String, String>,
    taken: BTreeSet<&'static str>,
    problems: Vec<FieldProblem>,
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
    /// The parameters as texts.
    pub(crate) fn new(given: BTreeMap<String, String>) -> Self {
        Self { given, taken: BTreeSet::new(), problems: Vec::new() }
    }

    /// A text. An empty text and `None` count as absent.
    /// The values of all parameters.
    pub(crate) fn values(&self) -> Vec<String> {
        self.given.values().cloned().collect()
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.taken.insert(name);
        let text = self.given.get(name)?.trim();
        (!text.is_empty() && text != "None").then(|| text.to_owned())
    }

    /// A text under its current name or an older one.
    pub(crate) fn text_of(&mut self, names: &[&'static str]) -> Option<String> {
        let found: Vec<_> = names.iter().filter_map(|name| self.text(name)).collect();
        found.into_iter().next()
    }

    /// A text that must be present.
    pub(crate) fn required(&mut self, name: &'static str) -> Option<String> {
        let found = self.text(name);
        if found.is_none() {
            self.problem(name, "is missing; this resourceType requires it");
        }
        found
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
        let found: Vec<_> = names.iter().filter(|name| self.text(name).is_some()).copied().collect();
        match (found.as_slice(), names) {
            ([name, ..], _) => self.instance(name),
            ([], [name, ..]) => self.required(name)?.parse().ok(),
            ([], []) => None,
        }
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

    /// Texts separated by commas.
    pub(crate) fn list(&mut self, name: &'static str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
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
