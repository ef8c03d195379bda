//! Parts of an answer that several resources share: tags, and a page of a list.

use pilot_light_domain::model::tags::Tags;

use crate::http::xml::Xml;
use crate::world::{FieldEdit, Listing};

pub(in crate::http) fn tags(xml: &mut Xml, tags: &Tags) {
    xml.element("TagList", |xml| {
        for (key, value) in tags.iter() {
            xml.element("Tag", |xml| {
                xml.text("Key", key);
                xml.text("Value", value);
            });
        }
    });
}

/// A page of a list, with the names of the list and of its items, and the edits of each item.
pub(in crate::http) fn list<T>(
    xml: &mut Xml,
    (name, item): (&str, &str),
    found: &Listing<T>,
    edits: impl Fn(&T) -> Vec<FieldEdit>,
    write: impl Fn(&mut Xml, &T),
) {
    xml.optional("Marker", found.marker.as_ref());
    xml.element(name, |xml| {
        for record in &found.items {
            xml.record(item, edits(record), |xml| write(xml, record));
        }
    });
}
