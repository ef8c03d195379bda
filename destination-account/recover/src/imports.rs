//! Values that stand elsewhere: `!Import NAME` is a CloudFormation export of the worker's Region, and
//! `resolve:ssm:PATH[:VERSION]` an SSM parameter.
//!
//! They are read anew in every call, so that no secret stands in a state. One that cannot be resolved is a fault,
//! never an empty value.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::RecoveryCloud;
use pilot_light_domain::run::effects::side_by_side;

use crate::manifest::Resource;

/// What the values of some resources refer to, as AWS has it now.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    exports: Option<Result<BTreeMap<String, String>, GatewayError>>,
    parameters: BTreeMap<String, Result<Option<String>, GatewayError>>,
}

/// Why a value could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// There is no such thing.
    Missing(String),
    /// AWS could not be asked.
    Unread(GatewayError),
}

#[derive(Debug, PartialEq, Eq)]
enum Reference<'a> {
    Export(&'a str),
    Parameter(&'a str),
}

impl Imports {
    /// Asks AWS for everything that the values of `resources` refer to: the exports once, each parameter once.
    pub(crate) async fn read<C: RecoveryCloud>(cloud: &C, resources: &[&Resource]) -> Self {
        let texts: Vec<String> =
            resources.iter().flat_map(|found| found.texts()).map(|(_, text)| text).collect();
        let references: Vec<_> = texts.iter().filter_map(|text| reference(text)).collect();
        let has_exports = references.iter().any(|found| matches!(found, Reference::Export(_)));
        let exports = if has_exports { Some(cloud.exports().await) } else { None };
        let names: BTreeSet<&str> = references.iter().filter_map(Reference::parameter).collect();
        let calls: Vec<_> = names.iter().map(|name| cloud.parameter(name)).collect();
        let found = side_by_side(calls).await;
        Self { exports, parameters: names.into_iter().map(str::to_owned).zip(found).collect() }
    }

    /// The value itself, or what it refers to.
    ///
    /// # Errors
    /// Why it could not be resolved.
    pub(crate) fn resolve(&self, text: &str) -> Result<String, Unresolved> {
        match reference(text) {
            None => Ok(text.to_owned()),
            Some(Reference::Export(name)) => self.export(name),
            Some(Reference::Parameter(name)) => self.parameter(name),
        }
    }

    fn export(&self, name: &str) -> Result<String, Unresolved> {
        let missing = || {
            let said = format!(
                "there is no CloudFormation export '{name}' in this Region; see `aws cloudformation list-exports`"
            );
            Unresolved::Missing(said)
        };
        match &self.exports {
            Some(Ok(exports)) => given(exports.get(name)).ok_or_else(missing),
            Some(Err(error)) => Err(Unresolved::Unread(error.clone())),
            None => Err(missing()),
        }
    }

    fn parameter(&self, name: &str) -> Result<String, Unresolved> {
        let missing = || Unresolved::Missing(format!("there is no SSM parameter '{name}' in this Region"));
        match self.parameters.get(name) {
            Some(Ok(found)) => given(found.as_ref()).ok_or_else(missing),
            Some(Err(error)) => Err(Unresolved::Unread(error.clone())),
            None => Err(missing()),
        }
    }
}

/// A value with something in it: an import of nothing must not look as if a parameter were left out.
fn given(found: Option<&String>) -> Option<String> {
    found.filter(|text| !text.trim().is_empty()).cloned()
}

fn reference(text: &str) -> Option<Reference<'_>> {
    let text = text.trim();
    let bare = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}")).unwrap_or(text).trim();
    match bare.strip_prefix("resolve:ssm:").or_else(|| bare.strip_prefix("resolve:ssm-secure:")) {
        Some(name) => Some(Reference::Parameter(name.trim())),
        None => bare.strip_prefix("!Import").map(|name| Reference::Export(name.trim())),
    }
}

impl<'a> Reference<'a> {
    fn parameter(&self) -> Option<&'a str> {
        match self {
            Self::Parameter(name) => Some(name),
            Self::Export(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports() -> Imports {
        let exports = [("orders-db", "orders"), ("nothing", " ")];
        let exports = exports.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let parameters = [
            ("/db/class".to_owned(), Ok(Some("db.r6g.large".to_owned()))),
            ("/db/class:3".to_owned(), Ok(Some("db.r6g.xlarge".to_owned()))),
            ("/db/gone".to_owned(), Ok(None)),
        ];
        Imports { exports: Some(Ok(exports.into())), parameters: parameters.into() }
    }

    #[test]
    fn references_are_resolved_and_other_texts_stay() {
        for (text, value) in [
            ("orders", "orders"),
            ("True", "True"),
            ("!Import orders-db", "orders"),
            ("  !Import   orders-db ", "orders"),
            ("resolve:ssm:/db/class", "db.r6g.large"),
            ("resolve:ssm:/db/class:3", "db.r6g.xlarge"),
            ("{{resolve:ssm:/db/class}}", "db.r6g.large"),
        ] {
            assert_eq!(imports().resolve(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_there_is_not_is_never_an_empty_value() {
        for text in [
            "!Import other",
            "!Import",
            "!Import nothing",
            "resolve:ssm:/db/gone",
            "resolve:ssm:",
            "resolve:ssm:/x",
        ] {
            assert!(matches!(imports().resolve(text), Err(Unresolved::Missing(_))), "{text}");
        }
    }

    #[test]
    fn what_aws_did_not_tell_is_not_missing() {
        let error = GatewayError::of_code("ListExports", "Throttling", "");
        let imports = Imports { exports: Some(Err(error.clone())), ..Imports::default() };
        assert_eq!(imports.resolve("!Import orders-db"), Err(Unresolved::Unread(error)));
    }
}
