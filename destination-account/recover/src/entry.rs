//! A resource of the manifest, ready for decisions: its references are resolved and its parameters are read.
//!
//! The decisions are left to the kinds.

use std::collections::BTreeMap;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::Call;

use crate::facts::Setting;
use crate::fields::{Fields, Given};
use crate::imports::{Imports, Unresolved};
use crate::manifest::Resource;
use crate::problems::Problem;
use crate::registry::AnyKind;
use crate::request::Execution;

/// A resource that is ready for decisions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Its index in the progress.
    pub(crate) index: usize,
    /// Its place in the manifest, in words.
    pub(crate) place: String,
    /// The account, Region and execution in which it is brought up.
    pub(crate) setting: Setting,
    /// The resource with its parameters.
    pub(crate) kind: AnyKind,
    /// The values of its parameters.
    pub(crate) words: Vec<String>,
}

/// The reason that a resource is not ready.
#[derive(Debug)]
pub(crate) enum Unready {
    /// The manifest has problems.
    Invalid(Vec<Problem>),
    /// AWS returned an error for an import.
    Unread(GatewayError),
}

impl Entry {
    /// Resolves and reads the resource at `index`.
    ///
    /// # Errors
    /// Its problems, or the error of AWS.
    pub(crate) fn new(
        index: usize,
        layer: u32,
        resource: &Resource,
        imports: &Imports,
        (call, execution): (&Call, &Execution),
    ) -> Result<Self, Unready> {
        let place = resource.place(layer);
        let setting = Setting {
            account: call.account.clone(),
            region: call.region.clone(),
            execution: execution.name().to_owned(),
            started: execution.started,
            resource: resource.name.clone(),
        };
        let (mut fields, unread) = fields(resource, imports);
        let words = fields.values();
        let kind = AnyKind::read(&resource.kind, &mut fields, &setting);
        let mut problems: Vec<Problem> = fields
            .finish()
            .into_iter()
            .map(|problem| Problem::new(format!("{place}, {}", problem.parameter), problem.what))
            .collect();
        match (kind, unread) {
            (_, Some(error)) if problems.is_empty() => Err(Unready::Unread(error)),
            (Some(kind), None) if problems.is_empty() => Ok(Self { index, place, setting, kind, words }),
            _ => {
                if problems.is_empty() && !resource.has_unusable_values() {
                    let said =
                        "has parameters that do not describe a complete resource; see docs/recovery.md";
                    problems.push(Problem::new(&place, said));
                }
                Err(Unready::Invalid(problems))
            }
        }
    }
}

/// The parameters with every reference resolved, and the error of AWS if a reference could not be read.
fn fields(resource: &Resource, imports: &Imports) -> (Fields, Option<GatewayError>) {
    let mut unread = None;
    let mut given = BTreeMap::new();
    for (name, text) in resource.texts() {
        let value = match text.map(|text| imports.resolve(&text)) {
            Some(Ok(value)) => Given::Text(value),
            Some(Err(Unresolved::Missing(what))) => Given::Unusable(what),
            Some(Err(Unresolved::Unread(error))) => {
                unread = Some(error);
                Given::Unread
            }
            None => Given::Unread,
        };
        given.insert(name.to_owned(), value);
    }
    (Fields::new(given), unread)
}

#[cfg(test)]
mod tests;
