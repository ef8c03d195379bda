//! The text of a manifest as JSON. A key that an object has twice is refused, because serde_json would keep only its last value.
//!
//! The meaning of the manifest is left to `manifest`.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a text as JSON. A byte order mark at its beginning, as some editors write it, is ignored.
///
/// # Errors
/// The reason, to follow the name of the text: `is not valid JSON: …`, or every key that is given twice, with line and place.
pub fn from_text(text: &str) -> Result<Value, String> {
    let seen = Seen { line: Cell::new(1), repeated: RefCell::default() };
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text).as_bytes();
    let mut json = serde_json::Deserializer::from_reader(Lines { rest, line: &seen.line });
    let root = Node { place: String::new(), seen: &seen };
    let read = root.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    let value = read.map_err(|error| format!("is not valid JSON: {error}"))?;
    match seen.repeated.take().as_slice() {
        [] => Ok(value),
        [one] => Err(format!("has a key twice in one object: {one}; remove one of them")),
        several => {
            let lines = several.join("\n  ");
            Err(format!("has keys twice in one object; remove one of each:\n  {lines}"))
        }
    }
}

/// The reading so far.
struct Seen {
    /// The line that is being read.
    line: Cell<usize>,
    /// The repeated keys, with their lines and places.
    repeated: RefCell<Vec<String>>,
}

/// A text that counts its lines. serde_json reads no byte in advance, except the one that ends a number.
struct Lines<'a> {
    rest: &'a [u8],
    line: &'a Cell<usize>,
}

impl io::Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some((first, rest)), Some(to)) = (self.rest.split_first(), buffer.first_mut()) else {
            return Ok(0);
        };
        self.line.set(self.line.get() + usize::from(*first == b'\n'));
        (self.rest, *to) = (rest, *first);
        Ok(1)
    }
}

/// The value at one place, such as `StatePayload[0].resources`.
struct Node<'a> {
    place: String,
    seen: &'a Seen,
}

impl Node<'_> {
    fn inner(&self, place: String) -> Node<'_> {
        Node { place, seen: self.seen }
    }

    fn repeats(&self, key: &str) {
        let (line, place) = (self.seen.line.get(), &self.place);
        let of = if place.is_empty() { String::new() } else { format!(" of {place}") };
        self.seen.repeated.borrow_mut().push(format!("line {line}, '{key}'{of}"));
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) =
            entries.next_element_seed(self.inner(format!("{}[{}]", self.place, list.len())))?
        {
            list.push(value);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                self.repeats(&key);
            }
            let dot = if self.place.is_empty() { "" } else { "." };
            let value = entries.next_value_seed(self.inner(format!("{}{dot}{key}", self.place)))?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(text: &str) -> String {
        from_text(text).unwrap_err()
    }

    #[test]
    fn every_kind_of_value_is_read_as_serde_json_reads_it() {
        let text = r#"{"a": [null, true, -1, 18446744073709551615, 1.5, "ö\n\"", {}], "b": {"a": 1e300}}"#;
        assert_eq!(from_text(text), Ok(serde_json::from_str(text).unwrap()));
        assert_eq!(from_text("\u{feff}{\"a\": 1}"), Ok(json!({"a": 1})));
    }

    #[test]
    fn a_key_that_an_object_has_twice_is_refused_with_its_line_and_place() {
        let text = "{\"StatePayload\": [{\"layer\": 1, \"resources\": [\n{\"parameters\": {\n  \"At\": \"a\",\n  \"At\": \"a\"}}]}]}";
        assert_eq!(
            refused(text),
            "has a key twice in one object: line 4, 'At' of StatePayload[0].resources[0].parameters; remove one of them"
        );
    }

    #[test]
    fn all_repeated_keys_are_reported_and_equal_keys_of_different_objects_are_not() {
        let several = refused("{\"a\": 1, \"b\": {\"a\": 1, \"a\": 2},\n\"\\u0061\": 3}");
        assert_eq!(
            several,
            "has keys twice in one object; remove one of each:\n  line 1, 'a' of b\n  line 2, 'a'"
        );
        assert_eq!(from_text(r#"{"a": {"b": 1}, "b": 1}"#), Ok(json!({"a": {"b": 1}, "b": 1})));
    }

    #[test]
    fn a_text_that_is_not_json_is_refused_with_its_place() {
        let trailing = refused("{}\n{}");
        assert!(trailing.starts_with("is not valid JSON: ") && trailing.contains("line 2"), "{trailing}");
        assert!(refused("{\"a\":\n1,}").contains("line 2"), "the place is missing");
        assert!(refused(&"[".repeat(1000)).contains("recursion limit"), "the depth is unlimited");
    }
}
