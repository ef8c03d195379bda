//! A resource of the manifest made ready: its imports resolved, its parameters read.

use std::collections::BTreeMap;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::Call;

use crate::facts::Setting;
use crate::faults::Fault;
use crate::fields::Fields;
use crate::imports::{Imports, Unresolved};
use crate::manifest::Resource;
use crate::registry::AnyKind;
use crate::request::Execution;

/// A resource made ready.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Its place in the progress.
    pub(crate) index: usize,
    /// Its place for people.
    pub(crate) place: String,
    /// Where it is brought up.
    pub(crate) setting: Setting,
    /// What it is.
    pub(crate) kind: AnyKind,
}

/// Why a resource could not be made ready.
#[derive(Debug)]
pub(crate) enum Unready {
    /// The manifest is at fault.
    Faulty(Vec<Fault>),
    /// AWS could not be asked for an import.
    Unread(GatewayError),
}

impl Entry {
    /// Makes the resource at `index` ready.
    ///
    /// # Errors
    /// Its faults, or what AWS said.
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
        let mut fields = fields(resource, imports, &place)?;
        let kind = AnyKind::read(&resource.kind, &mut fields, &setting);
        let mut faults: Vec<Fault> = fields
            .finish()
            .into_iter()
            .map(|fault| Fault::new(format!("{place}, {}", fault.parameter), fault.what))
            .collect();
        match kind {
            Some(kind) if faults.is_empty() => Ok(Self { index, place, setting, kind }),
            _ => {
                if faults.is_empty() {
                    faults.push(Fault::new(&place, "cannot be read; its parameters do not make one"));
                }
                Err(Unready::Faulty(faults))
            }
        }
    }
}

/// The parameters as texts, every import resolved.
fn fields(resource: &Resource, imports: &Imports, place: &str) -> Result<Fields, Unready> {
    let (mut faults, mut unread) = (Vec::new(), None);
    let mut given = BTreeMap::new();
    for (name, text) in resource.texts() {
        match imports.resolve(&text) {
            Ok(value) => drop(given.insert(name.to_owned(), value)),
            Err(Unresolved::Missing(what)) => faults.push(Fault::new(format!("{place}, {name}"), what)),
            Err(Unresolved::Unread(error)) => unread = Some(error),
        }
    }
    match unread {
        _ if !faults.is_empty() => Err(Unready::Faulty(faults)),
        Some(error) => Err(Unready::Unread(error)),
        None => Ok(Fields::new(given)),
    }
}
