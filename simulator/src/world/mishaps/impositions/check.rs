//! The check of an imposition before it is in force. Each error names the value and the allowed ones.

use super::names::{ACTIONS, fields};
use super::resource::ResourceKind;
use super::written::{Imposed, ImposedError, Imposition, Selection};

/// An imposition that cannot be put in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidImposition {
    /// A value is not allowed.
    #[error("{part} is '{value}'; allowed: {allowed}")]
    Value {
        /// The part of the imposition, as it is written.
        part: &'static str,
        /// Its value.
        value: String,
        /// The allowed values.
        allowed: String,
    },
    /// A part is missing.
    #[error("{part} is missing, which {what} needs; allowed: {allowed}")]
    Missing {
        /// The missing part.
        part: &'static str,
        /// The part that needs it.
        what: &'static str,
        /// The allowed values.
        allowed: String,
    },
    /// A part has no meaning beside another.
    #[error("{part} has no meaning for {what}; {instead}")]
    Surplus {
        /// The part without meaning.
        part: &'static str,
        /// The other part.
        what: &'static str,
        /// The part to give instead.
        instead: &'static str,
    },
}

/// The kinds, as they are written.
const KINDS: &str =
    "instance, snapshot, cluster, cluster-snapshot, global-cluster, replication-group, global-datastore";

impl Imposition {
    pub(super) fn check(&self) -> Result<(), InvalidImposition> {
        match &self.impose {
            Imposed::Status(status) => {
                on_resources(&self.on, "a status")?;
                check_status(status)?;
            }
            Imposed::Error(error) => {
                on_requests(&self.on)?;
                check_error(error)?;
            }
            Imposed::Missing(name) => check_field(on_resources(&self.on, "a field")?, name)?,
            Imposed::Field(field) => check_field(on_resources(&self.on, "a field")?, &field.name)?,
        }
        self.check_end()
    }

    fn check_end(&self) -> Result<(), InvalidImposition> {
        match (&self.impose, self.times) {
            (Imposed::Error(_), Some(0)) => Err(value("times", "0", "1 or more")),
            (Imposed::Error(_), _) | (_, None) => Ok(()),
            (_, Some(_)) => Err(InvalidImposition::Surplus {
                part: "times",
                what: "a status or a field",
                instead: "give for_seconds, or neither",
            }),
        }
    }
}

/// Checks a selection of resources, and returns their kind.
fn on_resources(on: &Selection, what: &'static str) -> Result<ResourceKind, InvalidImposition> {
    if on.action.is_some() {
        let instead = "give kind";
        return Err(InvalidImposition::Surplus { part: "action", what, instead });
    }
    if on.class.is_some() {
        let instead = "give resource";
        return Err(InvalidImposition::Surplus { part: "class", what, instead });
    }
    let allowed = || KINDS.to_owned();
    let kind =
        on.kind.ok_or_else(|| InvalidImposition::Missing { part: "kind", what, allowed: allowed() })?;
    if kind.is_global() && on.region.is_some() {
        let (what, instead) = ("a resource of all Regions", "leave it out");
        return Err(InvalidImposition::Surplus { part: "region", what, instead });
    }
    Ok(kind)
}

fn on_requests(on: &Selection) -> Result<(), InvalidImposition> {
    if on.kind.is_some() {
        let (what, instead) = ("an error", "give action");
        return Err(InvalidImposition::Surplus { part: "kind", what, instead });
    }
    match &on.action {
        Some(action) if !ACTIONS.contains(&action.as_str()) => {
            Err(value("action", action, &ACTIONS.join(", ")))
        }
        _ => Ok(()),
    }
}

fn check_status(status: &str) -> Result<(), InvalidImposition> {
    let is_word = !status.is_empty() && status.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word { Ok(()) } else { Err(value("status", status, "any text of ASCII letters, digits and signs")) }
}

fn check_error(error: &ImposedError) -> Result<(), InvalidImposition> {
    let is_code = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    if error.code.is_empty() || !error.code.bytes().all(is_code) {
        return Err(value("code", &error.code, "AWS's error code: letters, digits and dots"));
    }
    if !(400..=599).contains(&error.http_status) {
        return Err(value("http_status", &error.http_status.to_string(), "400 to 599"));
    }
    Ok(())
}

fn check_field(kind: ResourceKind, name: &str) -> Result<(), InvalidImposition> {
    if fields(kind).any(|known| known == name) {
        return Ok(());
    }
    Err(value("field", name, &fields(kind).collect::<Vec<_>>().join(", ")))
}

fn value(part: &'static str, value: &str, allowed: &str) -> InvalidImposition {
    InvalidImposition::Value { part, value: value.to_owned(), allowed: allowed.to_owned() }
}
