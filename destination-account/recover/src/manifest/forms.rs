//! The forms of the JSON values of a manifest, and the reports of a value that has another form.

use serde_json::{Map, Value};

use super::Reader;
use crate::problems::cut;

/// The largest size of a quoted value in bytes.
const LONGEST_QUOTE: usize = 80;

impl Reader {
    /// The fields of an object. Reports any other value that has its place.
    pub(super) fn object<'a>(&mut self, place: &str, value: &'a Value) -> Option<&'a Map<String, Value>> {
        if !value.is_object() {
            self.problem(place, format!("is {}; write an object, {{…}}", form_of(value)));
        }
        value.as_object()
    }

    /// The entries of a list, likewise. `absent` is the problem if there is none.
    pub(super) fn list<'a>(
        &mut self,
        place: &str,
        name: &str,
        value: Option<&'a Value>,
        absent: &str,
    ) -> &'a [Value] {
        match value {
            Some(Value::Array(entries)) => return entries,
            None | Some(Value::Null) => self.problem(place, absent),
            Some(other) => {
                let said = format!("has {name} {}; write a list, […]", form_of(other));
                self.problem(place, said);
            }
        }
        &[]
    }
}

/// The form of a value in words.
pub(super) fn form_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => format!("the text '{}'", cut(text, LONGEST_QUOTE)),
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(flag) => flag.to_string(),
    }
}

/// A value as the text that older manifests contain in its place: `true` is `"true"`.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn number_of(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64().and_then(|number| number.try_into().ok()),
    }
}
