//! The parameters of one resource, taken one by one; what is wrong with each is gathered and told together.
//!
//! In the manifests that people have every value is a text: "True", "7", "60". JSON's own booleans and numbers do as
//! well. Imports are resolved before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use pilot_light_domain::model::ids::{DatabaseName, InvalidId};

/// The parameters of one resource, and what is wrong with them.
#[derive(Debug)]
pub(crate) struct Fields {
    given: BTreeMap<String, String>,
    taken: BTreeSet<&'static str>,
    faults: Vec<FieldFault>,
}

/// What is wrong with one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldFault {
    /// The parameter's name.
    pub(crate) parameter: String,
    /// What is wrong, and what is allowed.
    pub(crate) what: String,
}

impl Fields {
    /// The parameters as texts.
    pub(crate) fn new(given: BTreeMap<String, String>) -> Self {
        Self { given, taken: BTreeSet::new(), faults: Vec::new() }
    }

    /// A text; empty and `None` mean not given.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.taken.insert(name);
        let text = self.given.get(name)?.trim();
        (!text.is_empty() && text != "None").then(|| text.to_owned())
    }

    /// A text under its name or an older one.
    pub(crate) fn text_of(&mut self, names: &[&'static str]) -> Option<String> {
        let found: Vec<_> = names.iter().filter_map(|name| self.text(name)).collect();
        found.into_iter().next()
    }

    /// A text that must be given.
    pub(crate) fn required(&mut self, name: &'static str) -> Option<String> {
        let found = self.text(name);
        if found.is_none() {
            self.fault(name, "is missing");
        }
        found
    }

    /// A value of a type with its own constructor.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        text.parse().map_err(|error: T::Err| self.fault(name, error.to_string())).ok()
    }

    /// The identifier of an instance, in lower case as AWS stores it.
    pub(crate) fn instance(&mut self, name: &'static str) -> Option<DatabaseName> {
        let text = self.text(name)?.to_ascii_lowercase();
        text.parse().map_err(|error: InvalidId| self.fault(name, error.to_string())).ok()
    }

    /// The same, where it must be given, under its name or an older one.
    pub(crate) fn required_instance(&mut self, names: &[&'static str]) -> Option<DatabaseName> {
        let found: Vec<_> = names.iter().filter(|name| self.text(name).is_some()).copied().collect();
        match (found.as_slice(), names) {
            ([name, ..], _) => self.instance(name),
            ([], [name, ..]) => self.required(name)?.parse().ok(),
            ([], []) => None,
        }
    }

    /// The same, where it must be given.
    pub(crate) fn required_parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        self.required(name)?;
        self.parsed(name)
    }

    /// A boolean: true or false in any case. `"False"` is false.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let text = self.text(name)?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.fault(name, format!("is '{text}'; write true or false"));
                None
            }
        }
    }

    /// A whole number.
    pub(crate) fn number<T: FromStr>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(name, format!("is '{text}', which is no such number"));
        }
        number
    }

    /// Texts separated by commas.
    pub(crate) fn list(&mut self, name: &'static str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// Accepts parameters that older manifests carry and nothing uses.
    pub(crate) fn unused(&mut self, names: &[&'static str]) {
        self.taken.extend(names);
    }

    /// Adds a fault that lies in more than the text itself.
    pub(crate) fn fault(&mut self, parameter: &str, what: impl Into<String>) {
        self.faults.push(FieldFault { parameter: parameter.to_owned(), what: what.into() });
    }

    /// All faults; a parameter that nobody asked for is one.
    pub(crate) fn finish(mut self) -> Vec<FieldFault> {
        let unknown: Vec<String> =
            self.given.keys().filter(|name| !self.taken.contains(name.as_str())).cloned().collect();
        for name in unknown {
            let known: Vec<&str> = self.taken.iter().copied().collect();
            self.fault(&name, format!("is no parameter of this type; it knows {}", known.join(", ")));
        }
        self.faults
    }
}
