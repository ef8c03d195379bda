//! The manifest of a recovery, as people have it: layers one after another, their resources side by side.
//!
//! It is read whole, and every fault is told with its place. What the parameters of each type mean is left to
//! the kinds, and what they refer to, to `imports`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::faults::Fault;
use crate::registry::{self, Purpose};

/// How large a manifest may be, in bytes as JSON: a state of Step Functions holds 256 KiB, its progress included.
const LARGEST: usize = 200 * 1024;

/// How long a resource's name may be: it becomes a tag, which takes 256 characters.
const LONGEST_NAME: usize = 128;

/// A manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Its layers in order, those of equal numbers merged.
    pub layers: Vec<Layer>,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
    /// Whether people are to approve first.
    pub approval: bool,
}

/// Resources that are brought up side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Its number: a lower one comes first.
    pub layer: u32,
    /// Its resources.
    pub resources: Vec<Resource>,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `resourceType`.
    #[serde(rename = "resourceType")]
    pub kind: String,
    /// `resourceName`.
    #[serde(rename = "resourceName")]
    pub name: String,
    /// Its parameters as they were given.
    pub parameters: Map<String, Value>,
}

impl Resource {
    /// Its place for people: `layer 2, resource 'orders' (RestoreFromSnapshot)`.
    pub(crate) fn place(&self, layer: u32) -> String {
        format!("layer {layer}, resource '{}' ({})", self.name, self.kind)
    }

    /// Its parameters as texts, nothing resolved.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.parameters.iter().filter_map(|(name, value)| Some((name.as_str(), text_of(value)?)))
    }
}

/// Reads a manifest for a state machine of that purpose.
///
/// # Errors
/// Every fault that can be told from the text alone.
pub fn read(input: &Value, purpose: Purpose) -> Result<Manifest, Vec<Fault>> {
    let (manifest, faults) = read_what_there_is(input, purpose);
    if faults.is_empty() { Ok(manifest) } else { Err(faults) }
}

/// The same, with whatever could be read, so that more faults can be looked for in it.
pub(crate) fn read_what_there_is(input: &Value, purpose: Purpose) -> (Manifest, Vec<Fault>) {
    let mut reader = Reader { purpose, faults: Vec::new(), names: BTreeMap::new() };
    let manifest = reader.manifest(input);
    (manifest, reader.faults)
}

struct Reader {
    purpose: Purpose,
    faults: Vec<Fault>,
    /// The names so far, with their places.
    names: BTreeMap<String, String>,
}

impl Reader {
    fn fault(&mut self, place: &str, what: impl Into<String>) {
        self.faults.push(Fault::new(place, what));
    }

    fn manifest(&mut self, input: &Value) -> Manifest {
        let size = input.to_string().len();
        if size > LARGEST {
            let said = format!("has {size} bytes, and {LARGEST} are allowed; split it into several");
            self.fault("the manifest", said);
        }
        let none = Map::new();
        let fields = input.as_object().unwrap_or(&none);
        for name in
            fields.keys().filter(|name| !["StatePayload", "dry_run", "approval"].contains(&name.as_str()))
        {
            let said = format!("has the unknown field '{name}'; it knows StatePayload, dry_run and approval");
            self.fault("the manifest", said);
        }
        let (dry_run, approval) = (self.flag(fields, "dry_run"), self.flag(fields, "approval"));
        Manifest { layers: self.layers(fields), dry_run, approval }
    }

    /// A misspelt boolean must not become a real recovery.
    fn flag(&mut self, fields: &Map<String, Value>, name: &str) -> bool {
        match fields.get(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                self.fault("the manifest", format!("{name} is {other}; write true or false"));
                false
            }
        }
    }

    fn layers(&mut self, fields: &Map<String, Value>) -> Vec<Layer> {
        let Some(entries) = fields.get("StatePayload").and_then(Value::as_array) else {
            self.fault("the manifest", "has no StatePayload, the list of its layers");
            return Vec::new();
        };
        let mut layers: Vec<Layer> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let Some(layer) = self.layer(index + 1, entry) else { continue };
            match layers.last_mut() {
                Some(last) if last.layer == layer.layer => last.resources.extend(layer.resources),
                Some(last) if last.layer > layer.layer => {
                    let said = format!("stands behind layer {}; put the layers into their order", last.layer);
                    self.fault(&format!("layer {}", layer.layer), said);
                    layers.push(layer);
                }
                _ => layers.push(layer),
            }
        }
        if entries.is_empty() {
            self.fault("the manifest", "has no layers");
        }
        layers
    }

    fn layer(&mut self, position: usize, entry: &Value) -> Option<Layer> {
        let place = format!("entry {position} of StatePayload");
        let Some(number) = entry.get("layer").and_then(number_of) else {
            self.fault(&place, "has no layer, a whole number from 0");
            return None;
        };
        let place = format!("layer {number}");
        let Some(entries) = entry.get("resources").and_then(Value::as_array).filter(|list| !list.is_empty())
        else {
            self.fault(&place, "has no resources");
            return None;
        };
        let resources =
            entries.iter().enumerate().filter_map(|(at, entry)| self.resource(number, at + 1, entry));
        Some(Layer { layer: number, resources: resources.collect() })
    }

    fn resource(&mut self, layer: u32, position: usize, entry: &Value) -> Option<Resource> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let (kind, name) = (text("resourceType"), text("resourceName"));
        let parameters = entry.get("parameters").and_then(Value::as_object).cloned();
        let resource = Resource { kind, name, parameters: parameters.clone().unwrap_or_default() };
        let place = if resource.name.is_empty() {
            format!("layer {layer}, resource {position}")
        } else {
            resource.place(layer)
        };
        self.name(&place, &resource.name);
        if let Err(what) = registry::allowed(&resource.kind, self.purpose) {
            self.fault(&place, what);
        }
        if parameters.is_none() {
            self.fault(&place, "has no parameters, an object of names and values");
        }
        self.values(&place, &resource.parameters);
        Some(resource)
    }

    fn name(&mut self, place: &str, name: &str) {
        if name.is_empty() {
            self.fault(place, "has no resourceName, a text of your own");
        } else if name.chars().count() > LONGEST_NAME {
            self.fault(place, format!("has a resourceName of more than {LONGEST_NAME} characters"));
        } else if let Some(other) = self.names.insert(name.to_owned(), place.to_owned()) {
            self.fault(place, format!("has the same resourceName as {other}; give each its own"));
        }
    }

    fn values(&mut self, place: &str, parameters: &Map<String, Value>) {
        for (name, value) in parameters.iter().filter(|(_, value)| text_of(value).is_none()) {
            let what = match value {
                Value::Null => "null",
                Value::Array(_) => "a list",
                _ => "an object",
            };
            let said = format!("is {what}; write a text, a number or a boolean (a list as 'a,b')");
            self.fault(&format!("{place}, {name}"), said);
        }
    }
}

/// A value as the text that older manifests would have: `true` is `"true"`.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number_of(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64().and_then(|number| number.try_into().ok()),
    }
}

#[cfg(test)]
mod tests;
