//! The manifest of a recovery, as people write it: a list of layers, each with its resources.
//!
//! The whole manifest is read, and every problem is reported with its place. The meaning of the parameters is left to the
//! kinds, resolving references to `imports`, and the forms of JSON values to `manifest::forms`.

mod forms;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::problems::Problem;
use crate::registry::{self, Purpose};

use self::forms::{form_of, number_of, text_of};

/// The largest size of a manifest in bytes as JSON. A state of Step Functions holds 256 KiB, the progress included.
const LARGEST: usize = 200 * 1024;

/// The largest length of a resource's name in characters. The name becomes a tag, which holds 256 characters.
const LONGEST_NAME: usize = 128;

/// A manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// Its layers in order. Layers with the same number are merged.
    pub layers: Vec<Layer>,
    /// True if nothing may be changed.
    pub dry_run: bool,
    /// True if a person must approve first.
    pub approval: bool,
    /// True if it begins another recovery, even if an earlier one of the same manifest is unfinished.
    pub new: bool,
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
    let mut reader =
        Reader { purpose, problems: Vec::new(), names: BTreeMap::new(), positions: BTreeMap::new() };
    let manifest = reader.manifest(input).unwrap_or_default();
    (manifest, reader.problems)
}

struct Reader {
    purpose: Purpose,
    problems: Vec<Problem>,
    /// The resource names so far, with their places.
    names: BTreeMap<String, String>,
    /// The number of resources in each layer so far.
    positions: BTreeMap<u32, usize>,
}

impl Reader {
    fn problem(&mut self, place: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(place, what));
    }

    fn manifest(&mut self, input: &Value) -> Option<Manifest> {
        let size = input.to_string().len();
        if size > LARGEST {
            let said =
                format!("has {size} bytes; at most {LARGEST} are allowed; split it into several manifests");
            self.problem("the manifest", said);
        }
        let none = Map::new();
        let fields = if input.is_null() { &none } else { self.object("the manifest", input)? };
        self.unknown("the manifest", input, &["StatePayload", "dry_run", "approval", "new"]);
        let [dry_run, approval, new] = ["dry_run", "approval", "new"].map(|name| self.flag(fields, name));
        Some(Manifest { layers: self.layers(fields), dry_run, approval, new })
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
        let absent = "has no StatePayload; add it, as the list of the layers";
        let given = fields.get("StatePayload");
        let entries = self.list("the manifest", "a StatePayload that is", given, absent);
        let mut layers: Vec<Layer> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let before = layers.last().map_or(0, |last| last.layer);
            let Some(layer) = self.layer(index + 1, entry, before) else { continue };
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
        if given.and_then(Value::as_array).is_some_and(Vec::is_empty) {
            self.problem("the manifest", "has no layers; add at least one to StatePayload");
        }
        layers
    }

    /// A layer. One whose number cannot be read is examined with the number of the layer before.
    fn layer(&mut self, position: usize, entry: &Value, before: u32) -> Option<Layer> {
        let place = format!("entry {position} of StatePayload");
        let fields = self.object(&place, entry)?;
        let number = fields.get("layer").and_then(number_of);
        if number.is_none() {
            let said = match fields.get("layer") {
                Some(given) => {
                    format!("has the layer {given}; write a whole number, 0 or greater, at most {}", u32::MAX)
                }
                None => "has no layer; add its number, 0 or greater".to_owned(),
            };
            self.problem(&place, said);
        }
        let place = number.map_or(place, |number| format!("layer {number}"));
        self.unknown(&place, entry, &["layer", "resources"]);
        let absent = "has no resources; add at least one, or remove the layer";
        let given = fields.get("resources");
        let is_empty = given.is_none_or(|given| given.as_array().is_some_and(Vec::is_empty));
        if is_empty {
            if number.is_some() {
                self.problem(&place, absent);
            }
            return None;
        }
        let entries = self.list(&place, "resources that are", given, absent);
        let layer = number.unwrap_or(before);
        let resources: Vec<Resource> =
            entries.iter().filter_map(|entry| self.resource(layer, entry)).collect();
        (!entries.is_empty()).then_some(Layer { layer, resources })
    }

    /// A resource. None if it has no parameters to examine.
    fn resource(&mut self, layer: u32, entry: &Value) -> Option<Resource> {
        let position = self.positions.entry(layer).or_default();
        *position += 1;
        let position = *position;
        let unnamed = format!("layer {layer}, resource {position}");
        let fields = self.object(&unnamed, entry)?;
        let text =
            |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let (kind, mut name) = (text("resourceType"), text("resourceName"));
        if fields.get("resourceName").is_none_or(Value::is_null) {
            // The name is optional for the DR Orchestrator.
            let kind = if kind.is_empty() { "resource" } else { kind.as_str() };
            name = format!("{kind} {layer}.{position}");
        }
        let parameters = fields.get("parameters").and_then(Value::as_object);
        let resource = Resource { kind, name, parameters: parameters.cloned().unwrap_or_default() };
        let place = if resource.name.is_empty() { unnamed } else { resource.place(layer) };
        self.name(&place, &resource.name, fields.get("resourceName"));
        self.unknown(&place, entry, &["resourceType", "resourceName", "parameters"]);
        self.kind(&place, &resource.kind, fields.get("resourceType"));
        self.parameters(&place, fields.get("parameters"));
        parameters.is_some().then_some(resource)
    }

    fn kind(&mut self, place: &str, kind: &str, given: Option<&Value>) {
        if let Some(given) = given.filter(|given| !given.is_string() && !given.is_null()) {
            self.problem(place, format!("has a resourceType that is {}; write a text", form_of(given)));
        } else if let Err(what) = registry::allowed(kind, self.purpose) {
            self.problem(place, what);
        }
    }

    fn name(&mut self, place: &str, name: &str, given: Option<&Value>) {
        if let Some(given) = given.filter(|given| !given.is_string() && !given.is_null()) {
            let said = format!("has a resourceName that is {}; write a text", form_of(given));
            self.problem(place, said);
        } else if name.is_empty() {
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

    fn parameters(&mut self, place: &str, given: Option<&Value>) {
        let parameters = match given {
            Some(Value::Object(parameters)) => parameters,
            None | Some(Value::Null) => {
                return self.problem(place, "has no parameters; add an object of names and values");
            }
            Some(other) => {
                let said = "write an object of names and values";
                return self.problem(place, format!("has parameters that are {}; {said}", form_of(other)));
            }
        };
        for (name, value) in parameters.iter().filter(|(_, value)| text_of(value).is_none()) {
            let what = form_of(value);
            let said =
                format!("is {what}; write a text, a number, true or false (a list as the text \"a,b\")");
            self.problem(&format!("{place}, {name}"), said);
        }
    }
}

#[cfg(test)]
mod tests;
