//! A writer for the XML of answers.

use std::fmt::Display;

use chrono::SecondsFormat;
use pilot_light_domain::Instant;

use super::service::Service;

/// XML that is being written.
#[derive(Debug, Default)]
pub(super) struct Xml(String);

impl Xml {
    /// An element with the content that `inside` writes.
    pub(super) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.open(name, "");
        inside(self);
        self.0.push_str(&format!("</{name}>"));
    }

    /// The outermost element, in a service's namespace.
    pub(super) fn root(service: Service, name: &str, inside: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self::default();
        xml.open(name, &format!(" xmlns=\"{}\"", service.namespace()));
        inside(&mut xml);
        xml.0.push_str(&format!("</{name}>"));
        xml.0
    }

    /// An element with text.
    pub(super) fn text(&mut self, name: &str, text: impl Display) {
        self.open(name, "");
        escape(&mut self.0, &text.to_string());
        self.0.push_str(&format!("</{name}>"));
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

    fn open(&mut self, name: &str, attributes: &str) {
        self.0.push_str(&format!("<{name}{attributes}>"));
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
}
