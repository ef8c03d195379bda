//! Parameter values that are references: `!Import NAME` is a CloudFormation export of the worker's Region, and
//! `resolve:ssm:PATH[:VERSION]` is an SSM parameter. A text that looks like another kind of reference is a problem.
//!
//! Every call reads the values again, so that no state of the state machine contains a secret. A reference that cannot be
//! resolved is a problem, never an empty value. The meaning of the values is left to the kinds.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::RecoveryCloud;
use pilot_light_domain::run::effects::side_by_side;

use crate::manifest::Resource;

/// The current values in AWS of all references of some resources.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    exports: Option<Result<BTreeMap<String, String>, GatewayError>>,
    parameters: BTreeMap<String, Result<Option<String>, GatewayError>>,
}

/// The reason that a value could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// AWS has no such value.
    Missing(String),
    /// AWS returned an error.
    Unread(GatewayError),
}

#[derive(Debug, PartialEq, Eq)]
enum Reference<'a> {
    Export(&'a str),
    Parameter(&'a str),
    /// A reference of a form that is not supported.
    Unknown(&'a str),
}

impl Imports {
    /// Reads everything that the values of `resources` refer to: the list of exports once, and each SSM parameter once.
    pub(crate) async fn read<C: RecoveryCloud>(cloud: &C, resources: &[&Resource]) -> Self {
        let texts: Vec<String> =
            resources.iter().flat_map(|found| found.texts()).filter_map(|(_, text)| text).collect();
        let references: Vec<_> = texts.iter().filter_map(|text| reference(text)).collect();
        let has_exports = references.iter().any(|found| matches!(found, Reference::Export(_)));
        let exports = if has_exports { Some(cloud.exports().await) } else { None };
        let names: BTreeSet<&str> = references.iter().filter_map(Reference::parameter).collect();
        let calls: Vec<_> = names.iter().map(|name| cloud.parameter(name)).collect();
        let found = side_by_side(calls).await;
        Self { exports, parameters: names.into_iter().map(str::to_owned).zip(found).collect() }
    }

    /// The value that a reference refers to, or any other text unchanged.
    ///
    /// # Errors
    /// The reason that the reference could not be resolved.
    pub(crate) fn resolve(&self, text: &str) -> Result<String, Unresolved> {
        match reference(text) {
            None => Ok(text.to_owned()),
            Some(Reference::Export(name)) => self.export(name),
            Some(Reference::Parameter(name)) => self.parameter(name),
            Some(Reference::Unknown(text)) => Err(Unresolved::Missing(format!(
                "is '{text}', a reference of an unknown form; write `!Import NAME`, `resolve:ssm:PATH`, or the value itself"
            ))),
        }
    }

    fn export(&self, name: &str) -> Result<String, Unresolved> {
        let missing = || {
            let said = format!(
                "there is no CloudFormation export '{name}' with a value in this Region; see `aws cloudformation list-exports`"
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
        let missing = || {
            let said = format!(
                "there is no SSM parameter '{name}' with a value in this Region; create it, or correct the path"
            );
            Unresolved::Missing(said)
        };
        match self.parameters.get(name) {
            Some(Ok(found)) => given(found.as_ref()).ok_or_else(missing),
            Some(Err(error)) => Err(Unresolved::Unread(error.clone())),
            None => Err(missing()),
        }
    }
}

/// A value that is not blank. A reference to a blank value must not look like an omitted parameter.
fn given(found: Option<&String>) -> Option<String> {
    found.filter(|text| !text.trim().is_empty()).cloned()
}

/// The reference that a text is, if it is one. `!import NAME` and `! Import NAME` count as `!Import NAME`.
fn reference(text: &str) -> Option<Reference<'_>> {
    let text = text.trim();
    let bare = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}")).unwrap_or(text).trim();
    if let Some(name) = bare.strip_prefix("resolve:ssm:").or_else(|| bare.strip_prefix("resolve:ssm-secure:"))
    {
        return Some(Reference::Parameter(name.trim()));
    }
    if let Some(name) = bare.strip_prefix('!').and_then(|bare| import(bare.trim_start())) {
        return Some(Reference::Export(name.trim()));
    }
    let lower = text.to_ascii_lowercase();
    let looks_like_one = text.starts_with('!') || lower.starts_with("resolve:");
    let contains_one = ["{{", "}}", "!import", "resolve:ssm"].iter().any(|mark| lower.contains(mark));
    (looks_like_one || contains_one).then_some(Reference::Unknown(text))
}

/// The part behind the word `Import`, in upper or lower case.
fn import(text: &str) -> Option<&str> {
    const WORD: &str = "import";
    let (word, name) = (text.get(..WORD.len())?, text.get(WORD.len()..)?);
    let is_word = word.eq_ignore_ascii_case(WORD) && !name.starts_with(|c: char| c.is_alphanumeric());
    is_word.then_some(name)
}

impl<'a> Reference<'a> {
    fn parameter(&self) -> Option<&'a str> {
        match self {
            Self::Parameter(name) => Some(name),
            Self::Export(_) | Self::Unknown(_) => None,
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
    fn references_are_resolved_and_other_texts_are_unchanged() {
        for (text, value) in [
            ("orders", "orders"),
            ("True", "True"),
            ("!Import orders-db", "orders"),
            ("  !Import   orders-db ", "orders"),
            ("!import orders-db", "orders"),
            ("! Import orders-db", "orders"),
            ("resolve:ssm:/db/class", "db.r6g.large"),
            ("resolve:ssm:/db/class:3", "db.r6g.xlarge"),
            ("{{resolve:ssm:/db/class}}", "db.r6g.large"),
        ] {
            assert_eq!(imports().resolve(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_reference_to_a_missing_or_blank_value_is_reported_as_missing() {
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
    fn a_text_that_looks_like_another_reference_is_never_taken_for_a_value() {
        for text in [
            "!ImportValue orders-db",
            "!Ref Orders",
            "{{resolve:secretsmanager:orders}}",
            "{{orders}}",
            "resolve:ssmx:/db/class",
            "sg-1,!Import other",
            "{{resolve:ssm:/db/class",
        ] {
            let Err(Unresolved::Missing(said)) = imports().resolve(text) else { panic!("{text}") };
            assert!(said.contains("a reference of an unknown form"), "{said}");
        }
    }

    #[test]
    fn a_value_that_aws_failed_to_return_is_not_reported_as_missing() {
        let error = GatewayError::of_code("ListExports", "Throttling", "");
        let imports = Imports { exports: Some(Err(error.clone())), ..Imports::default() };
        assert_eq!(imports.resolve("!Import orders-db"), Err(Unresolved::Unread(error)));
    }
}
