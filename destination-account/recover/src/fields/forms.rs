//! The forms of values: names of databases, booleans, numbers and lists.
//!
//! A name that AWS has listed may have any form that a database can have. A name of a database to create must have the form
//! that AWS accepts.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use pilot_light_domain::model::ids::{DatabaseName, InvalidId};

use super::Fields;
use crate::names;

impl Fields {
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

    /// The identifier of an instance, under its current name or an older one.
    pub(crate) fn instance_of(&mut self, names: &[&'static str]) -> Option<DatabaseName> {
        let (name, _) = self.one_of(names)?;
        self.instance(name)
    }

    /// The identifier of an instance that must be present, under its current name or an older one.
    pub(crate) fn required_instance(&mut self, names: &[&'static str]) -> Option<DatabaseName> {
        self.named_instance(names).map(|(_, instance)| instance)
    }

    /// The identifier of an instance that AWS is going to create, under its current name or an older one.
    pub(crate) fn new_instance(&mut self, names: &[&'static str]) -> Option<DatabaseName> {
        let (name, instance) = self.named_instance(names)?;
        self.checked_new(name, instance)
    }

    fn named_instance(&mut self, names: &[&'static str]) -> Option<(&'static str, DatabaseName)> {
        let Some((name, _)) = self.one_of(names) else {
            self.missing(names, "is missing; this resourceType requires it");
            return None;
        };
        Some((name, self.instance(name)?))
    }

    /// The identifier, if AWS can create it.
    pub(crate) fn checked_new<T: Display>(&mut self, name: &'static str, identifier: T) -> Option<T> {
        match names::refused(&identifier.to_string()) {
            Some(what) => {
                self.problem(name, what);
                None
            }
            None => Some(identifier),
        }
    }

    /// The name of a parameter group or an option group. AWS has no group whose name it would not create.
    pub(crate) fn group(&mut self, name: &'static str) -> Option<String> {
        let group = self.text(name)?;
        self.checked_new(name, group)
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

    /// A whole number. `allowed` says in words which numbers AWS allows.
    pub(crate) fn number<T: FromStr>(&mut self, name: &'static str, allowed: &str) -> Option<T> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
            let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let given =
                if is_whole { format!("is {text}") } else { format!("is '{text}', not a whole number") };
            self.problem(name, format!("{given}; AWS allows {allowed}"));
        }
        number
    }

    /// A number of days within a range.
    pub(crate) fn days(&mut self, name: &'static str, range: RangeInclusive<u16>) -> Option<u16> {
        let allowed = format!("{} to {} days", range.start(), range.end());
        let days = self.number(name, &allowed)?;
        self.allowed(name, days, &allowed, |days| range.contains(days))
    }

    /// The number, if AWS allows it. `allowed` says in words which numbers these are.
    pub(crate) fn allowed<T: Display>(
        &mut self,
        name: &'static str,
        number: T,
        allowed: &str,
        is_allowed: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let fits = is_allowed(&number);
        if !fits {
            self.problem(name, format!("is {number}; AWS allows {allowed}"));
        }
        fits.then_some(number)
    }

    /// Texts separated by commas, under their current name or an older one. A list that is given has at least one.
    pub(crate) fn list(&mut self, names: &[&'static str]) -> Vec<String> {
        let Some((name, text)) = self.one_of(names) else { return Vec::new() };
        let items: Vec<String> =
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
        if items.is_empty() {
            let said = "write one value, or several separated by commas, or leave it out";
            self.problem(name, format!("is '{text}', a list without values; {said}"));
        }
        items
    }

    /// A text that names one thing, where other types of resources accept a list.
    pub(crate) fn single(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?;
        if text.contains(',') {
            self.problem(name, format!("is '{text}'; this resourceType accepts one value, not a list"));
            return None;
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests;
