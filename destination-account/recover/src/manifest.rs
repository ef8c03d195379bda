//! The manifest of a recovery, as people write it: a list of layers, each with its resources.
//!
//! The whole manifest is read, and every problem is reported with its place. The meaning of the parameters is left to the
//! kinds. Resolving references is left to `imports`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::problems::Problem;
use crate::registry::{self, Purpose};

/// The largest size of a manifest in bytes as JSON. A state of Step Functions holds 256 KiB, the progress included.
const LARGEST: usize = 200 * 1024;

/// The largest length of a resource's name in characters. The name becomes a tag, which holds 256 characters.
const LONGEST_NAME: usize = 128;

/// A manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Its layers in order. Layers with the same number are merged.
    pub layers: Vec<Layer>,
    /// True if nothing may be changed.
    pub dry_run: bool,
    /// True if a person must approve first.
    pub approval: bool,
}

/// Resources that are brought up in parallel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Its number. The layer with the lowest number comes first.
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
    /// Its parameters, as the manifest gives them.
    pub parameters: Map<String, Value>,
}

impl Resource {
    /// Its place in words: `layer 2, resource 'orders' (RestoreFromSnapshot)`.
    pub(crate) fn place(&self, layer: u32) -> String {
        format!("layer {layer}, resource '{}' ({})", self.name, self.kind)
    }

    /// Its parameters as texts, with references unresolved. A value that is no text is None.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), text_of(value)))
    }

    /// True if a value is null, a list or an object. Reading the manifest reports it.
    pub(crate) fn has_unusable_values(&self) -> bool {
        self.texts().any(|(_, text)| text.is_none())
    }
}

/// Reads a manifest for a state machine of that purpose.
///
/// # Errors
/// Every problem that the text alone shows.
pub fn read(input: &Value, purpose: Purpose) -> Result<Manifest, Vec<Problem>> {
    let (manifest, problems) = read_partially(input, purpose);
    if problems.is_empty() { Ok(manifest) } else { Err(problems) }
}

/// Reads as much of a manifest as possible, so that the checks that follow can find further problems in it.
pub(crate) fn read_partially(input: &Value, purpose: Purpose) -> (Manifest, Vec<Problem>) {
    let mut reader = Reader { purpose, problems: Vec::new(), names: BTreeMap::new() };
    let manifest = reader.manifest(input);
    (manifest, reader.problems)
}

struct Reader {
    purpose: Purpose,
    problems: Vec<Problem>,
    /// The resource names so far, with their places.
    names: BTreeMap<String, String>,
}

impl Reader {
    fn problem(&mut self, place: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(place, what));
    }

    fn manifest(&mut self, input: &Value) -> Manifest {
        let size = input.to_string().len();
        if size > LARGEST {
            let said =
                format!("has {size} bytes; at most {LARGEST} are allowed; split it into several manifests");
            self.problem("the manifest", said);
        }
        let none = Map::new();
        let fields = input.as_object().unwrap_or(&none);
        self.unknown("the manifest", input, &["StatePayload", "dry_run", "approval"]);
        let (dry_run, approval) = (self.flag(fields, "dry_run"), self.flag(fields, "approval"));
        Manifest { layers: self.layers(fields), dry_run, approval }
    }

    /// Reports the fields of an object that nothing reads.
    fn unknown(&mut self, place: &str, object: &Value, known: &[&str]) {
        let names: Vec<_> = object.as_object().into_iter().flatten().map(|(name, _)| name).collect();
        for name in names.into_iter().filter(|name| !known.contains(&name.as_str())) {
            self.problem(place, format!("has the unknown field '{name}'; allowed are {}", known.join(", ")));
        }
    }

    /// Reads a boolean. A misspelt one is a problem, because a misspelt dry run must not become a real recovery.
    fn flag(&mut self, fields: &Map<String, Value>, name: &str) -> bool {
        match fields.get(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                self.problem(
                    "the manifest",
                    format!("has {name}: {other}; write true or false, without quotes"),
                );
                false
            }
        }
    }

    fn layers(&mut self, fields: &Map<String, Value>) -> Vec<Layer> {
        let Some(entries) = fields.get("StatePayload").and_then(Value::as_array) else {
            self.problem("the manifest", "has no StatePayload; add it, as the list of the layers");
            return Vec::new();
        };
        let mut layers: Vec<Layer> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let Some(layer) = self.layer(index + 1, entry) else { continue };
            match layers.last_mut() {
                Some(last) if last.layer == layer.layer => last.resources.extend(layer.resources),
                Some(last) if last.layer > layer.layer => {
                    let said = format!("comes after layer {}; sort the layers by their numbers", last.layer);
                    self.problem(&format!("layer {}", layer.layer), said);
                    layers.push(layer);
                }
                _ => layers.push(layer),
            }
        }
        if entries.is_empty() {
            self.problem("the manifest", "has no layers; add at least one to StatePayload");
        }
        layers
    }

    fn layer(&mut self, position: usize, entry: &Value) -> Option<Layer> {
        let place = format!("entry {position} of StatePayload");
        let Some(number) = entry.get("layer").and_then(number_of) else {
            let said = match entry.get("layer") {
                Some(given) => format!("has the layer {given}; write a whole number, 0 or greater"),
                None => "has no layer; add its number, 0 or greater".to_owned(),
            };
            self.problem(&place, said);
            return None;
        };
        let place = format!("layer {number}");
        self.unknown(&place, entry, &["layer", "resources"]);
        let Some(entries) = entry.get("resources").and_then(Value::as_array).filter(|list| !list.is_empty())
        else {
            self.problem(&place, "has no resources; add at least one, or remove the layer");
            return None;
        };
        let resources =
            entries.iter().enumerate().filter_map(|(at, entry)| self.resource(number, at + 1, entry));
        Some(Layer { layer: number, resources: resources.collect() })
    }

    fn resource(&mut self, layer: u32, position: usize, entry: &Value) -> Option<Resource> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let (kind, mut name) = (text("resourceType"), text("resourceName"));
        if entry.get("resourceName").is_none_or(Value::is_null) {
            // The name is optional for the DR Orchestrator.
            let kind = if kind.is_empty() { "resource" } else { kind.as_str() };
            name = format!("{kind} {layer}.{position}");
        }
        let parameters = entry.get("parameters").and_then(Value::as_object).cloned();
        let resource = Resource { kind, name, parameters: parameters.clone().unwrap_or_default() };
        let place = if resource.name.is_empty() {
            format!("layer {layer}, resource {position}")
        } else {
            resource.place(layer)
        };
        self.name(&place, &resource.name);
        self.unknown(&place, entry, &["resourceType", "resourceName", "parameters"]);
        if let Err(what) = registry::allowed(&resource.kind, self.purpose) {
            self.problem(&place, what);
        }
        if parameters.is_none() {
            self.problem(&place, "has no parameters; add an object of names and values");
        }
        self.values(&place, &resource.parameters);
        Some(resource)
    }

    fn name(&mut self, place: &str, name: &str) {
        if name.is_empty() {
            self.problem(place, "has no resourceName; add a text of your choice");
        } else if name.chars().count() > LONGEST_NAME {
            let length = name.chars().count();
            let said =
                format!("has a resourceName of {length} characters; at most {LONGEST_NAME} are allowed");
            self.problem(place, said);
        } else if let Some(other) = self.names.insert(name.to_owned(), place.to_owned()) {
            self.problem(
                place,
                format!("has the same resourceName as {other}; give each resource its own name"),
            );
        }
    }

    fn values(&mut self, place: &str, parameters: &Map<String, Value>) {
        for (name, value) in parameters.iter().filter(|(_, value)| text_of(value).is_none()) {
            let what = match value {
                Value::Null => "null",
                Value::Array(_) => "a list",
                _ => "an object",
            };
            let said =
                format!("is {what}; write a text, a number, true or false (a list as the text \"a,b\")");
            self.problem(&format!("{place}, {name}"), said);
        }
    }
}

/// A value as the text that older manifests contain in its place: `true` is `"true"`.
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
