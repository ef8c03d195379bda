//! A resource of the manifest, ready for decisions: its references are resolved and its parameters are read.
//!
//! The decisions are left to the kinds.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::Call;

use crate::facts::Setting;
use crate::fields::{FieldProblem, Fields, Given};
use crate::identity::Recovery;
use crate::imports::{Imports, Unresolved};
use crate::manifest::Resource;
use crate::problems::Problem;
use crate::readiness::DEFAULTED;
use crate::registry::AnyKind;

/// A resource that is ready for decisions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Its index in the progress.
    pub(crate) index: usize,
    /// Its place in the manifest, in words.
    pub(crate) place: String,
    /// The account, Region and recovery in which it is brought up.
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
    /// Resolves and reads the resource at `index`, which is to be brought up.
    ///
    /// # Errors
    /// Its problems, or the error of AWS.
    pub(crate) fn new(
        index: usize,
        layer: u32,
        resource: &Resource,
        imports: &Imports,
        (call, recovery): (&Call, &Recovery),
    ) -> Result<Self, Unready> {
        let (given, unread) = given(resource, imports);
        let setting = setting(resource, call, recovery);
        let (entry, problems) = read(index, resource.place(layer), resource, (Fields::new(given), setting));
        match (entry, unread) {
            (_, Some(error)) if problems.is_empty() => Err(Unready::Unread(error)),
            (Some(entry), None) if problems.is_empty() => Ok(entry),
            _ => Err(Unready::Invalid(problems)),
        }
    }

    /// Resolves and reads the resource at `index`, which is only examined. A resource with problems is examined as far as its
    /// other parameters allow.
    pub(crate) fn examine(
        index: usize,
        layer: u32,
        resource: &Resource,
        imports: &Imports,
        (call, recovery): (&Call, &Recovery),
    ) -> Examined {
        let (given, unread) = given(resource, imports);
        let setting = setting(resource, call, recovery);
        // Several resources may have the same name, or none.
        let place = resource.place(layer);
        let fields = Fields::examined(given, &format!("{index} {}", resource.name));
        let (entry, mut problems) = read(index, place.clone(), resource, (fields, setting));
        let (passing, permanent): (Vec<_>, Vec<_>) =
            unread.into_iter().partition(|error| error.kind.name().is_retryable());
        let import = |error| Problem::new(&place, format!("an import cannot be read: {error}"));
        problems.extend(permanent.into_iter().map(import));
        Examined { entry, problems, gap: passing.into_iter().next() }
    }
}

/// A resource that is only examined.
#[derive(Debug)]
pub(crate) struct Examined {
    /// The resource, as far as its parameters describe one.
    pub(crate) entry: Option<Entry>,
    /// Its problems.
    pub(crate) problems: Vec<Problem>,
    /// The error of AWS for a reference of it, if the error may end by itself.
    pub(crate) gap: Option<GatewayError>,
}

fn setting(resource: &Resource, call: &Call, recovery: &Recovery) -> Setting {
    Setting {
        account: call.account.clone(),
        region: call.region.clone(),
        recovery: recovery.clone(),
        resource: resource.name.clone(),
        refusals: 0,
        lacks: BTreeSet::new(),
        unread: BTreeSet::new(),
    }
}

/// The resource as far as its parameters describe one, and their problems.
fn read(
    index: usize,
    place: String,
    resource: &Resource,
    (mut fields, mut setting): (Fields, Setting),
) -> (Option<Entry>, Vec<Problem>) {
    let words = fields.values();
    let kind = AnyKind::read(&resource.kind, &mut fields, &setting);
    setting.unread = fields.unread();
    if fields.has_stranger() {
        let absent = DEFAULTED.iter().copied().flatten().filter(|name| !fields.is_given(name));
        setting.unread.extend(absent.map(ToString::to_string));
    }
    let of_parameter =
        |problem: FieldProblem| Problem::new(format!("{place}, {}", problem.parameter), problem.what);
    let mut problems: Vec<Problem> = fields.finish().into_iter().map(of_parameter).collect();
    if kind.is_none() && problems.is_empty() && setting.unread.is_empty() {
        let said = "has parameters that do not describe a complete resource; see docs/recovery.md";
        problems.push(Problem::new(&place, said));
    }
    (kind.map(|kind| Entry { index, place, setting, kind, words }), problems)
}

/// The parameters with every reference resolved, and the error of AWS if a reference could not be read.
fn given(resource: &Resource, imports: &Imports) -> (BTreeMap<String, Given>, Option<GatewayError>) {
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
    (given, unread)
}

#[cfg(test)]
mod tests;
