//! Reads parameters one by one and collects every problem, so that all are reported at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::aws::cloud::Parameters;
use crate::run::error::WorkerError;
use crate::run::unknown_parameters::UnknownParameters;

/// Texts that mean "not given". SSM cannot hold an empty value, and the old tool passed these texts on.
const NOT_GIVEN: [&str; 3] = ["", "none", "no"];

/// The parameters of one worker, and the problems found in them so far.
pub(super) struct Reader<'a> {
    parameters: &'a Parameters,
    known: BTreeSet<&'static str>,
    problems: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(parameters: &'a Parameters) -> Self {
        Self { parameters, known: BTreeSet::new(), problems: BTreeMap::new() }
    }

    /// The text of a parameter, if it is given.
    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        self.known.insert(name);
        let text = self.parameters.get(name)?.trim();
        (!NOT_GIVEN.contains(&text.to_ascii_lowercase().as_str())).then_some(text)
    }

    /// Reads a parameter that may be left out.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        parse(text).map_err(|error| self.problem(name, &error)).ok()
    }

    /// Reads a parameter with a default. The default is a text, so that one notation serves both.
    pub(super) fn defaulted<T, E: Display>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name).unwrap_or(default);
        parse(text).map_err(|error| self.problem(name, &error)).ok()
    }

    /// Reads `TRUE` or `FALSE`. For other parameters `NO` means "not given"; here it means `FALSE`.
    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.known.insert(name);
        let text = self.parameters.get(name).map_or("", |text| text.trim()).to_ascii_lowercase();
        match text.as_str() {
            "true" | "yes" => true,
            "false" | "no" => false,
            "" | "none" => default,
            _ => {
                self.problem(name, &"give TRUE or FALSE");
                default
            }
        }
    }

    /// Records a problem of a parameter. Only the first problem of each parameter is kept.
    pub(super) fn problem(&mut self, name: &'static str, allowed: &impl Display) {
        let value = self.parameters.get(name).map_or("not given", String::as_str);
        let value: String = value.chars().take(120).collect();
        self.problems.entry(name.to_owned()).or_insert_with(|| format!("{name} is '{value}': {allowed}"));
    }

    /// Marks parameters as known that others read (the stacks, `doctor`).
    pub(super) fn others(&mut self, names: &[&'static str]) {
        self.known.extend(names);
    }

    /// Returns the parameters that nobody has read or marked, or all problems as one error.
    pub(super) fn finish(self) -> Result<UnknownParameters, WorkerError> {
        if self.problems.is_empty() {
            let unknown = self.parameters.keys().filter(|name| !self.known.contains(name.as_str()));
            return Ok(UnknownParameters::new(unknown, &Vec::from_iter(self.known.iter().copied())));
        }
        let problems: Vec<_> = self.problems.into_values().collect();
        Err(WorkerError::InvalidConfiguration(format!(
            "{} of the parameters cannot be used, and nothing was done: {}",
            problems.len(),
            problems.join("; ")
        )))
    }
}
