//! Reads parameters one by one and collects every fault, so that all are told at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::aws::cloud::Parameters;
use crate::run::error::WorkerError;

/// Texts that mean "not given"; SSM cannot hold an empty value, and the old tool passed these on.
const NOT_GIVEN: [&str; 3] = ["", "none", "no"];

/// The parameters of one worker, and what is wrong with them so far.
pub(super) struct Reader<'a> {
    parameters: &'a Parameters,
    known: BTreeSet<&'static str>,
    faults: BTreeMap<String, String>,
    are_others_ignored: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(parameters: &'a Parameters) -> Self {
        Self { parameters, known: BTreeSet::new(), faults: BTreeMap::new(), are_others_ignored: false }
    }

    /// The text of a parameter, if it is given.
    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        self.known.insert(name);
        let text = self.parameters.get(name)?.trim();
        (!NOT_GIVEN.contains(&text.to_ascii_lowercase().as_str())).then_some(text)
    }

    /// A parameter that may be left out.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        parse(text).map_err(|error| self.fault(name, &error)).ok()
    }

    /// A parameter with a default, which is given as its text so that one notation serves both.
    pub(super) fn defaulted<T, E: Display>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name).unwrap_or(default);
        parse(text).map_err(|error| self.fault(name, &error)).ok()
    }

    /// `TRUE` or `FALSE`. `NO` means not given elsewhere, and here the same as `FALSE`.
    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.known.insert(name);
        let text = self.parameters.get(name).map_or("", |text| text.trim()).to_ascii_lowercase();
        match text.as_str() {
            "true" | "yes" => true,
            "false" | "no" => false,
            "" | "none" => default,
            _ => {
                self.fault(name, &"give TRUE or FALSE");
                default
            }
        }
    }

    /// Records what is wrong with a parameter; the first thing said of it stays.
    pub(super) fn fault(&mut self, name: &'static str, allowed: &impl Display) {
        let value = self.parameters.get(name).map_or("not given", String::as_str);
        let value: String = value.chars().take(120).collect();
        self.faults.entry(name.to_owned()).or_insert_with(|| format!("{name} is '{value}': {allowed}"));
    }

    /// Marks parameters that others read (the stacks, `doctor`).
    pub(super) fn others(&mut self, names: &[&'static str]) {
        self.known.extend(names);
    }

    /// Leaves every parameter that was not asked for to those who ask for it.
    pub(super) fn ignore_others(&mut self) {
        self.are_others_ignored = true;
    }

    /// All faults as one error, unknown parameters among them.
    pub(super) fn finish(mut self) -> Result<(), WorkerError> {
        let is_unknown = |name: &&String| !self.are_others_ignored && !self.known.contains(name.as_str());
        for name in self.parameters.keys().filter(is_unknown) {
            let known: Vec<_> = self.known.iter().copied().collect();
            let said = format!("{name} is unknown: the names are {}", known.join(", "));
            self.faults.insert(name.clone(), said);
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        let faults: Vec<_> = self.faults.into_values().collect();
        Err(WorkerError::InvalidConfiguration(format!(
            "{} of the parameters cannot be used, and nothing was done: {}",
            faults.len(),
            faults.join("; ")
        )))
    }
}
