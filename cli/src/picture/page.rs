//! One HTML file with the picture of a run: it asks nothing of a network and reads well on paper.
//!
//! The picture itself is drawn by `plot`; what the figures are is decided by whoever asks.

use chrono::TimeDelta;
use serde_json::json;

use pilot_light_simulation::measure::timeline::{SpanKind, Timeline};

use super::axis::tenths;
use super::escape::escaped;
use super::frame::{NARROW, Scene, WIDE};
use super::plot;

const TEMPLATE: &str = include_str!("page.html");

/// What the page tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    /// What was run, in a line.
    pub(crate) subtitle: &'a str,
    pub(crate) timeline: &'a Timeline,
    /// The RPO.
    pub(crate) target: TimeDelta,
    /// The worst that the schedule allows while nothing goes wrong.
    pub(crate) bound: TimeDelta,
    /// What is measured, and how much it is.
    pub(crate) figures: &'a [(String, String)],
    /// Runs the same again.
    pub(crate) command: &'a str,
    pub(crate) violations: &'a [String],
}

/// The whole file.
pub(crate) fn html(page: &Page<'_>) -> String {
    let scene = Scene::new(page.timeline, page.target, page.bound);
    fill(
        TEMPLATE,
        &[
            ("title", escaped(page.title)),
            ("subtitle", escaped(page.subtitle)),
            ("verdict", verdict(page)),
            ("wide", plot::svg(&WIDE, &scene)),
            ("narrow", plot::svg(&NARROW, &scene)),
            ("legend", legend(page.timeline)),
            ("bucket", tenths(page.timeline.bucket_minutes())),
            ("mean", tenths(page.timeline.bucket_minutes() * scene.points_to_a_mean as f64)),
            ("figures", figures(page.figures)),
            ("violations", violations(page.violations)),
            ("command", command(page.command)),
            ("data", data(page.timeline)),
        ],
    )
}

/// The template with its `{{names}}` replaced in one pass: what is filled in is not looked at again.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut parts = template.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        out.push_str(value);
        out.push_str(rest);
    }
    out
}

/// The main thing, in a sentence.
fn verdict(page: &Page<'_>) -> String {
    let target = page.target.as_seconds_f64() / 60.0;
    let Some(worst) = page.timeline.worst() else {
        return "Nothing was measured.".to_owned();
    };
    let (worst, limit) = (worst.max_minutes, tenths(target));
    if worst > target {
        format!(
            "At worst, the newest usable copy of a database was <strong class=\"bad\">{} minutes</strong> old. \
             That is above the target of {limit} minutes.",
            tenths(worst)
        )
    } else {
        format!(
            "The newest usable copy of a database was never older than <strong>{} minutes</strong>. \
             The target of {limit} minutes was kept.",
            tenths(worst)
        )
    }
}

/// What is shaded, by kind.
fn legend(timeline: &Timeline) -> String {
    let kinds = [
        (SpanKind::Outage, "outage", "outage of a Region or an account"),
        (SpanKind::Faults, "faults", "faults may strike"),
    ];
    let mut out = String::new();
    for (kind, class, name) in kinds {
        if timeline.spans().iter().any(|span| span.kind == kind) {
            out.push_str(&format!("<li><i class=\"{class}\"></i>{name}</li>"));
        }
    }
    if timeline.more_spans() > 0 {
        out.push_str(&format!("<li>{} more are not shaded</li>", timeline.more_spans()));
    }
    if out.is_empty() { out } else { format!("<ul class=\"legend\">{out}</ul>") }
}

fn figures(figures: &[(String, String)]) -> String {
    let row = |(label, value): &(String, String)| {
        format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(label), escaped(value))
    };
    figures.iter().map(row).collect()
}

fn violations(violations: &[String]) -> String {
    if violations.is_empty() {
        return String::new();
    }
    let items: String =
        violations.iter().map(|violation| format!("<li>{}</li>\n", escaped(violation))).collect();
    format!("<section class=\"violations\"><h2>Violated</h2><ol>{items}</ol></section>")
}

/// A command that is broken between its words only.
fn command(command: &str) -> String {
    let words: Vec<_> = command.split(' ').map(|word| format!("<span>{}</span>", escaped(word))).collect();
    words.join(" ")
}

/// What the script needs to say what is under the pointer, as JSON in which no tag can begin.
fn data(timeline: &Timeline) -> String {
    let rounded = |number: f64| (number * 10.0).round() / 10.0;
    let points: Vec<_> = timeline
        .points()
        .iter()
        .map(|point| {
            [timeline.minute(point.at), timeline.minute(point.until), point.max_minutes, point.mean_minutes]
                .map(rounded)
        })
        .collect();
    let spans: Vec<_> = timeline
        .spans()
        .iter()
        .filter(|span| span.kind == SpanKind::Outage)
        .map(|span| {
            json!([rounded(timeline.minute(span.from)), rounded(timeline.minute(span.until)), span.label])
        })
        .collect();
    let start = timeline.start().timestamp_millis();
    let all = json!({"start": start, "minutes": timeline.length_minutes(), "points": points, "spans": spans});
    all.to_string().replace('<', "\\u003c")
}
