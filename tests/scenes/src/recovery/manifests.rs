//! Manifests of recovery, as people write them.

use serde_json::{Value, json};

/// A resource of a manifest.
#[must_use]
pub fn resource(kind: &str, name: &str, parameters: Value) -> Value {
    json!({"resourceType": kind, "resourceName": name, "parameters": parameters})
}

/// A resource that restores a database from its newest recovery point.
#[must_use]
pub fn restore(name: &str) -> Value {
    resource("RestoreFromSnapshot", name, json!({"DBInstanceIdentifier": name}))
}

/// The same with more parameters.
///
/// # Panics
/// If `more` is no object.
#[must_use]
pub fn restore_with(name: &str, more: &Value) -> Value {
    let mut restore = restore(name);
    let parameters = restore["parameters"].as_object_mut().unwrap();
    parameters.extend(more.as_object().unwrap().clone());
    restore
}

/// A manifest with these layers of resources.
#[must_use]
pub fn layers(all: &[Vec<Value>]) -> Value {
    let layer = |(at, resources): (usize, &Vec<Value>)| json!({"layer": at + 1, "resources": resources});
    json!({"StatePayload": all.iter().enumerate().map(layer).collect::<Vec<_>>()})
}

/// A manifest with one resource.
#[must_use]
pub fn one(resource: Value) -> Value {
    layers(&[vec![resource]])
}

/// A manifest that restores databases, layer by layer.
#[must_use]
pub fn restores(names: &[&[&str]]) -> Value {
    let layer = |names: &&[&str]| names.iter().map(|name| restore(name)).collect();
    layers(&names.iter().map(layer).collect::<Vec<_>>())
}
