//! An HTML file with the picture of a run. It needs no network, and it can be printed.
//!
//! `plot` draws the picture. The caller chooses the figures.

use chrono::TimeDelta;
use serde_json::json;

use pilot_light_simulation::measure::timeline::{SpanKind, Timeline};

use super::axis::tenths;
use super::escape::escaped;
use super::frame::{NARROW, Scene, WIDE};
use super::plot;

const TEMPLATE: &str = include_str!("page.html");

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    /// A line that describes the run.
    pub(crate) subtitle: &'a str,
    pub(crate) timeline: &'a Timeline,
    /// The RPO.
    pub(crate) target: TimeDelta,
    /// The greatest age that the schedule allows while nothing goes wrong.
    pub(crate) bound: TimeDelta,
    /// The measured figures: name and value of each.
    pub(crate) figures: &'a [(String, String)],
    /// The command that repeats the run.
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

/// The template with its `{{names}}` replaced, once from front to back. Names in the values are not replaced.
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

/// The result in a sentence: the worst age, and whether the target was kept.
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

/// The legend of the shaded spans, by their kind.
fn legend(timeline: &Timeline) -> String {
    let kinds = [
        (SpanKind::Outage, "outage", "outage of a Region or an account"),
        (SpanKind::Faults, "faults", "faults may be injected"),
    ];
    let mut out = String::new();
    for (kind, class, name) in kinds {
        if timeline.spans().iter().any(|span| span.kind == kind) {
            out.push_str(&format!("<li><i class=\"{class}\"></i>{name}</li>"));
        }
    }
    if timeline.more_spans() > 0 {
        out.push_str(&format!("<li>{} more spans are not shaded</li>", timeline.more_spans()));
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
    format!("<section class=\"violations\"><h2>Problems</h2><ol>{items}</ol></section>")
}

/// The command as HTML in which lines break only between words.
fn command(command: &str) -> String {
    let words: Vec<_> = command.split(' ').map(|word| format!("<span>{}</span>", escaped(word))).collect();
    words.join(" ")
}

/// The data from which the script describes the point under the pointer, as JSON in which no tag can begin.
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
