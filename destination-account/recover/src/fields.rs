//! The parameters of one resource, read one by one. Their problems are collected and reported together.
//!
//! In existing manifests every value is a text: "True", "7", "60". JSON booleans and numbers arrive here as texts too.
//! Resolving references is left to `imports`, the forms of the values to `fields::forms`.

mod forms;

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseKind, DatabaseName};

use crate::facts::Setting;
use crate::names;

/// The likeness from which an unknown name counts as a misspelt one: 1 is equal.
const SIMILAR: f64 = 0.7;

/// The parameters of one resource, and their problems so far.
///
/// A kind reads all of its parameters before it gives up. A parameter that has a problem has no value, but counts as given: one
/// bad parameter neither hides the problems of others nor makes others look wrong.
#[derive(Debug)]
pub(crate) struct Fields {
    given: BTreeMap<String, Given>,
    taken: BTreeSet<&'static str>,
    /// Those that are reported as missing.
    missing: BTreeSet<&'static str>,
    problems: Vec<FieldProblem>,
    /// A text that no other resource has, if the resource is only examined.
    examined: Option<String>,
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

impl Given {
    fn has_no_text(&self) -> bool {
        !matches!(self, Self::Text(_))
    }
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
    /// The parameters of a resource that is brought up.
    pub(crate) fn new(given: BTreeMap<String, impl Into<Given>>) -> Self {
        let given = given.into_iter().map(|(name, value)| (name, value.into())).collect();
        let (taken, missing, problems) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        Self { given, taken, missing, problems, examined: None }
    }

    /// The parameters of a resource that is only examined. A name that cannot be read has a stand-in, so that the other
    /// parameters can be examined. `resource` distinguishes the resource from all others of the manifest.
    pub(crate) fn examined(given: BTreeMap<String, impl Into<Given>>, resource: &str) -> Self {
        Self { examined: Some(resource.to_owned()), ..Self::new(given) }
    }

    /// A name that no database has, for a parameter that cannot be read. None if the resource is brought up.
    pub(crate) fn stand_in(&self, parameter: &str) -> Option<DatabaseName> {
        names::stand_in(self.examined.as_ref()?, parameter).ok()
    }

    /// A value, or its stand-in if it cannot be read and the resource is only examined.
    pub(crate) fn or_examined<T>(&self, value: Option<T>, stand_in: T) -> Option<T> {
        value.or_else(|| self.examined.is_some().then_some(stand_in))
    }

    /// The same for a database. It is in this Region, whose lists are read anyway.
    pub(crate) fn stand_in_of(
        &self,
        kind: DatabaseKind,
        parameter: &str,
        setting: &Setting,
    ) -> Option<DatabaseArn> {
        let name = self.stand_in(parameter)?;
        let (account, region) = (setting.account.clone(), setting.region.clone());
        Some(DatabaseArn { partition: region.partition(), id: DatabaseId { account, region, kind, name } })
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

    /// True if the manifest gives the parameter, with whatever value.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// True if the manifest gives the parameter as an empty text or as `None`, which count as absent.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        matches!(self.given.get(name), Some(Given::Text(text)) if !is_value(text.trim()))
    }

    /// A text under its current name or an older one. Different texts under two names are a problem, and there is no text.
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
        (!self.has_problem(names)).then_some((first, text))
    }

    /// A text that must be present.
    pub(crate) fn required(&mut self, name: &'static str) -> Option<String> {
        let found = self.text(name);
        if found.is_none() {
            self.missing(&[name], "is missing; this resourceType requires it");
        }
        found
    }

    /// Adds the problem that the first of `names` is missing, unless one of them has a problem already.
    pub(crate) fn missing(&mut self, names: &[&'static str], what: impl Into<String>) {
        if let Some(first) = names.first()
            && !self.has_problem(names)
        {
            self.missing.insert(first);
            self.problem(first, what);
        }
    }

    /// Accepts parameters that older manifests contain and that nothing uses.
    pub(crate) fn unused(&mut self, names: &[&'static str]) {
        self.taken.extend(names);
    }

    /// Adds a problem.
    pub(crate) fn problem(&mut self, parameter: &str, what: impl Into<String>) {
        self.problems.push(FieldProblem { parameter: parameter.to_owned(), what: what.into() });
    }

    /// True if one of the parameters has a problem so far.
    pub(crate) fn has_problem(&self, names: &[&str]) -> bool {
        let has_no_text = |name: &str| self.given.get(name).is_some_and(Given::has_no_text);
        let is_wrong = |name: &str| self.problems.iter().any(|problem| problem.parameter == name);
        names.iter().any(|name| has_no_text(name) || is_wrong(name))
    }

    /// The parameters that could not be read. A parameter whose name is misspelt is one of them. Nothing may be concluded
    /// from their absence.
    pub(crate) fn unread(&self) -> BTreeSet<String> {
        let without_text = self.given.iter().filter(|(_, given)| given.has_no_text()).map(|(name, _)| name);
        let wrong = self.problems.iter().map(|problem| &problem.parameter);
        let meant = self.unknown().filter_map(|name| self.meant_by(name)).filter(|name| !self.is_given(name));
        without_text.chain(wrong).cloned().chain(meant.map(str::to_owned)).collect()
    }

    /// True if the manifest gives a parameter that is unknown and similar to no known one. It may mean any absent one.
    pub(crate) fn has_stranger(&self) -> bool {
        self.unknown().any(|name| self.meant_by(name).is_none())
    }

    /// All problems. A parameter that nothing has read is one of them.
    pub(crate) fn finish(mut self) -> Vec<FieldProblem> {
        let known: Vec<&str> = self.taken.iter().copied().collect();
        let known = known.join(", ");
        let unknown: Vec<_> = self.unknown().map(|name| (name.to_owned(), self.meant_by(name))).collect();
        // A misspelt parameter is not missing too.
        let is_meant = |name: &str| unknown.iter().any(|(_, meant)| *meant == Some(name));
        self.problems.retain(|FieldProblem { parameter, .. }| {
            !is_meant(parameter) || !self.missing.contains(parameter.as_str())
        });
        for (name, meant) in unknown {
            let said = match meant {
                Some(meant) => format!("did you mean {meant}? Allowed are {known}"),
                None => format!("allowed are {known}"),
            };
            self.problem(&name, format!("is not a parameter of this resourceType; {said}"));
        }
        self.problems
    }

    /// The parameters that nothing has read.
    fn unknown(&self) -> impl Iterator<Item = &str> {
        self.given.keys().map(String::as_str).filter(|name| !self.taken.contains(name))
    }

    /// The parameter that a misspelt name means, if one is similar.
    fn meant_by(&self, unknown: &str) -> Option<&'static str> {
        let likeness = |name: &str| {
            strsim::normalized_damerau_levenshtein(&unknown.to_ascii_lowercase(), &name.to_ascii_lowercase())
        };
        let all = self.taken.iter().map(|name| (likeness(name), *name));
        let (likeness, name) = all.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
        (likeness >= SIMILAR).then_some(name)
    }
}

/// False for an empty text and for `None`, which older tools write for an absent value.
fn is_value(text: &str) -> bool {
    !text.is_empty() && text != "None"
}
