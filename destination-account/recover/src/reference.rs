//! A manifest that is too long for a parameter of a schedule: `StatePayload` is then a reference, `resolve:ssm:NAME[:VERSION]`,
//! to an SSM parameter. Several names, separated by commas, are read one after another and joined.
//!
//! The parameter holds the list of layers, or a whole manifest.

use pilot_light_domain::recovery::RecoveryCloud;
use pilot_light_domain::run::error::WorkerError;
use serde_json::Value;

use crate::json::from_text;
use crate::problems::{Problem, refuse};

const PAYLOAD: &str = "StatePayload";

/// The manifest with its layers, if `StatePayload` is a reference. Any other manifest is unchanged.
///
/// # Errors
/// `InvalidInput` if a parameter does not exist or holds no layers, or the error of AWS.
pub async fn resolve<C: RecoveryCloud>(cloud: &C, input: &Value) -> Result<Value, WorkerError> {
    let Some(reference) = input.get(PAYLOAD).and_then(Value::as_str) else { return Ok(input.clone()) };
    let mut text = String::new();
    for name in names(reference)? {
        let found = cloud
            .parameter(name)
            .await
            .map_err(WorkerError::reading(format!("read the manifest in '{name}'")))?;
        let missing = || {
            wrong(format!(
                "is '{reference}', but there is no SSM parameter '{name}' in this Region; create it, or correct the name"
            ))
        };
        text.push_str(&found.ok_or_else(missing)?);
    }
    let read = from_text(&text).map_err(|why| wrong(format!("is '{reference}', whose value {why}")))?;
    let others = read.as_object().into_iter().flatten().map(|(name, _)| name).find(|name| *name != PAYLOAD);
    if let Some(name) = others {
        return Err(wrong(format!(
            "is '{reference}', whose value has the field '{name}'; write {PAYLOAD} only, and the other fields beside the reference"
        )));
    }
    let layers = read.get(PAYLOAD).unwrap_or(&read);
    if !layers.is_array() {
        return Err(wrong(format!(
            "is '{reference}', whose value is neither a list of layers nor a manifest"
        )));
    }
    let mut whole = input.clone();
    whole[PAYLOAD] = layers.clone();
    Ok(whole)
}

/// The names of the parameters.
fn names(reference: &str) -> Result<Vec<&str>, WorkerError> {
    let names = reference.trim().strip_prefix("resolve:ssm:");
    let names: Vec<&str> =
        names.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(wrong(format!("is '{reference}'; write the list of the layers, or resolve:ssm:NAME")));
    }
    Ok(names)
}

fn wrong(what: String) -> WorkerError {
    refuse(&[Problem::new(PAYLOAD, what)])
}
