//! A writer for the XML of answers.

use std::fmt::Display;

use chrono::SecondsFormat;
use pilot_light_domain::Instant;

use super::service::Service;
use crate::world::FieldEdit;

/// XML that is being written.
#[derive(Debug, Default)]
pub(super) struct Xml {
    text: String,
    /// The edits of the record that is being written, by field.
    edits: Vec<FieldEdit>,
    /// The number of elements that are open within that record.
    depth: usize,
}

impl Xml {
    /// An element with the content that `inside` writes.
    pub(super) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        if self.is_edited(name) {
            return;
        }
        self.open(name, "");
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.close(name);
    }

    /// An element with the fields of one record, and edits of these fields.
    pub(super) fn record(&mut self, name: &str, edits: Vec<FieldEdit>, inside: impl FnOnce(&mut Self)) {
        self.open(name, "");
        let outside = (std::mem::replace(&mut self.edits, edits), std::mem::take(&mut self.depth));
        inside(self);
        let edits;
        (edits, (self.edits, self.depth)) = (std::mem::take(&mut self.edits), outside);
        for FieldEdit { name, value } in edits {
            if let Some(value) = value {
                self.write(&name, &value);
            }
        }
        self.close(name);
    }

    /// True for a field of the record itself that is written otherwise, or not at all.
    fn is_edited(&self, name: &str) -> bool {
        self.depth == 0 && self.edits.iter().any(|edit| edit.name == name)
    }

    /// The outermost element, in a service's namespace.
    pub(super) fn root(service: Service, name: &str, inside: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self::default();
        xml.open(name, &format!(" xmlns=\"{}\"", service.namespace()));
        inside(&mut xml);
        xml.close(name);
        xml.text
    }

    /// An element with text.
    pub(super) fn text(&mut self, name: &str, text: impl Display) {
        if !self.is_edited(name) {
            self.write(name, &text.to_string());
        }
    }

    /// An element with text, if there is any.
    pub(super) fn optional(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An instant as AWS writes it, if there is one.
    pub(super) fn time(&mut self, name: &str, at: Option<Instant>) {
        self.optional(name, at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)));
    }

    fn write(&mut self, name: &str, text: &str) {
        self.open(name, "");
        escape(&mut self.text, text);
        self.close(name);
    }

    fn open(&mut self, name: &str, attributes: &str) {
        self.text.push_str(&format!("<{name}{attributes}>"));
    }

    fn close(&mut self, name: &str) {
        self.text.push_str(&format!("</{name}>"));
    }
}

fn escape(into: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            // XML 1.0 cannot contain control characters at all, but a client's own text may.
            c if c.is_control() && !matches!(c, '\t' | '\n') => into.push('\u{fffd}'),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_characters_that_xml_cannot_contain_are_replaced() {
        let written = Xml::root(Service::Rds, "A", |xml| {
            xml.text("B", "a<b>&\"\u{1}é");
            xml.optional("C", None::<&str>);
            xml.element("D", |_| {});
        });
        assert_eq!(
            written,
            "<A xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><B>a&lt;b&gt;&amp;&quot;\u{fffd}é</B><D></D></A>"
        );
    }

    #[test]
    fn an_edit_concerns_the_fields_of_one_record_and_nothing_within_or_beside_them() {
        let edit = |name: &str, value: Option<&str>| FieldEdit {
            name: name.to_owned(),
            value: value.map(str::to_owned),
        };
        let inside = |xml: &mut Xml| {
            xml.text("Id", 1);
            xml.element("Tags", |xml| xml.text("Id", 2));
            xml.element("Other", |xml| xml.text("Id", 3));
        };
        let mut xml = Xml::default();
        let edits = vec![edit("Id", Some("a&b")), edit("Tags", None), edit("New", Some("n"))];
        xml.record("One", edits, inside);
        xml.record("Two", Vec::new(), inside);
        assert_eq!(
            xml.text,
            "<One><Other><Id>3</Id></Other><Id>a&amp;b</Id><New>n</New></One>\
             <Two><Id>1</Id><Tags><Id>2</Id></Tags><Other><Id>3</Id></Other></Two>"
        );
    }
}
