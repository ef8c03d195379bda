//! The parts of the picture, from the back to the front. `plot` puts them together.

use std::fmt::Write;

use super::axis::{self, Unit, tenths};
use super::escape::escaped;
use super::frame::{Frame, Scene};
use pilot_light_simulation::measure::timeline::{Point, SpanKind};

/// The least distance between two labels at the end of lines, in pixels.
const LABEL_HEIGHT: f64 = 16.0;

/// Definitions: the pattern of outages, which is visible without colour too, and the area above the target.
pub(super) fn definitions(out: &mut String, frame: &Frame, scene: &Scene<'_>) {
    let (name, width, target) = (frame.name, frame.width, frame.y(scene, scene.target));
    let _ = writeln!(
        out,
        "<defs><pattern id=\"{name}-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V6\"/></pattern>\
         <clipPath id=\"{name}-above\"><rect width=\"{width}\" height=\"{target:.1}\"/></clipPath></defs>"
    );
}

/// Both axes, with round numbers, thin lines, and each unit named once.
pub(super) fn grid(out: &mut String, frame: &Frame, scene: &Scene<'_>) {
    let Frame { left, right, top, bottom, .. } = *frame;
    for age in axis::ticks(scene.top, scene.step) {
        let y = frame.y(scene, age);
        let class = if age > 0.0 { "grid" } else { "base" };
        let _ = writeln!(out, "<path class=\"{class}\" d=\"M{left} {y:.1}H{right}\"/>");
        text(out, "tick end", (left - 8.0, y + 4.0), &tenths(age));
    }
    text(out, "tick", (2.0, top - 18.0), "minutes");
    let step = axis::step(scene.length, frame.steps);
    let unit = Unit::of_step(step);
    for minute in axis::ticks(scene.length, step) {
        let x = frame.x(scene, minute);
        let _ = writeln!(out, "<path class=\"base\" d=\"M{x:.1} {bottom}v5\"/>");
        text(out, "tick middle", (x, bottom + 20.0), &unit.number(minute));
    }
    text(out, "tick", (right + 22.0, bottom + 20.0), &format!("{}s", unit.name()));
}

/// Outages as areas from top to bottom, and the time of faults as a strip on top, since it is often the whole run.
pub(super) fn shades(out: &mut String, frame: &Frame, scene: &Scene<'_>) {
    for span in scene.timeline.spans() {
        let (from, until) = (scene.timeline.minute(span.from), scene.timeline.minute(span.until));
        let (x, end) = (frame.x(scene, from), frame.x(scene, until));
        let (y, height, fill) = match span.kind {
            SpanKind::Outage => {
                let fill = format!(" style=\"fill:url(#{}-hatch)\"", frame.name);
                (frame.top, frame.bottom - frame.top, fill)
            }
            SpanKind::Faults => (frame.top - 8.0, 4.0, String::new()),
        };
        let class = if span.kind == SpanKind::Outage { "outage" } else { "faults" };
        // Even the shortest span stays visible.
        let width = (end - x).max(1.5);
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"{fill}>\
             <title>{}</title></rect>",
            escaped(&span.label)
        );
    }
}

/// The highest age and its mean in each bucket, with gaps where no age is known.
pub(super) fn ages(out: &mut String, frame: &Frame, scene: &Scene<'_>) {
    let (mut highest, mut area, mut mean) = (String::new(), String::new(), String::new());
    for run in scene.points.chunk_by(|one, next| one.until == next.at) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let begin = frame.x(scene, scene.timeline.minute(first.at));
        let line = steps(frame, scene, run);
        let _ = write!(highest, "M{begin:.1} {line}");
        let _ = write!(area, "M{begin:.1} {}V{line}V{}Z", frame.bottom, frame.bottom);
        for (number, part) in run.chunks(scene.points_to_a_mean).enumerate() {
            let Some((middle, age)) = mean_of(scene, part) else { continue };
            let (x, y) = (frame.x(scene, middle), frame.y(scene, age));
            // The mean is known at the middle of each part. The line reaches the ends of the run all the same.
            let _ = if number == 0 {
                write!(mean, "M{begin:.1} {y:.1}H{x:.1}")
            } else {
                write!(mean, "L{x:.1} {y:.1}")
            };
        }
        let _ = write!(mean, "H{:.1}", frame.x(scene, scene.timeline.minute(last.until)));
    }
    let _ = writeln!(out, "<path class=\"area\" d=\"{area}\"/>");
    if scene.worst.is_some_and(|worst| worst.max_minutes > scene.target) {
        let _ =
            writeln!(out, "<path class=\"above\" clip-path=\"url(#{}-above)\" d=\"{area}\"/>", frame.name);
    }
    let _ = writeln!(out, "<path class=\"mean\" d=\"{mean}\"/>\n<path class=\"highest\" d=\"{highest}\"/>");
}

/// The middle of some points, and their mean weighted by time.
fn mean_of(scene: &Scene<'_>, points: &[Point]) -> Option<(f64, f64)> {
    let minute = |at| scene.timeline.minute(at);
    let (from, until) = (minute(points.first()?.at), minute(points.last()?.until));
    let area: f64 =
        points.iter().map(|point| point.mean_minutes * (minute(point.until) - minute(point.at))).sum();
    Some((f64::midpoint(from, until), area / (until - from)))
}

/// The path of the highest ages as steps, beginning with the height of the first.
fn steps(frame: &Frame, scene: &Scene<'_>, run: &[Point]) -> String {
    let step = |point: &Point| {
        let (y, x) = (frame.y(scene, point.max_minutes), frame.x(scene, scene.timeline.minute(point.until)));
        format!("{y:.1}H{x:.1}")
    };
    run.iter().map(step).collect::<Vec<_>>().join("V")
}

/// The dashed lines of the target and the bound.
pub(super) fn limits(out: &mut String, frame: &Frame, scene: &Scene<'_>) {
    for (class, age) in [("bound", scene.bound), ("target", scene.target)] {
        let y = frame.y(scene, age);
        let _ = writeln!(out, "<path class=\"{class}\" d=\"M{} {y:.1}H{}\"/>", frame.left, frame.right);
    }
}

/// A dot on the highest age of all, with its number.
pub(super) fn summit(out: &mut String, frame: &Frame, scene: &Scene<'_>) {
    let Some(worst) = scene.worst else { return };
    let middle = f64::midpoint(scene.timeline.minute(worst.at), scene.timeline.minute(worst.until));
    let (x, y) = (frame.x(scene, middle), frame.y(scene, worst.max_minutes));
    let _ = writeln!(out, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>");
    // Near an edge, the number is written towards the middle.
    let class = if x - frame.left < 60.0 {
        "worst"
    } else if frame.right - x < 60.0 {
        "worst end"
    } else {
        "worst middle"
    };
    text(out, class, (x, y - 10.0), &format!("worst {} min", tenths(worst.max_minutes)));
}

/// The name of each line, at its end.
pub(super) fn names(out: &mut String, frame: &Frame, scene: &Scene<'_>) {
    let limit = |name: &str, age: f64| format!("{name} {}{}", tenths(age), frame.suffix);
    let mut labels = vec![
        ("target", limit("target", scene.target), frame.y(scene, scene.target)),
        ("bound", limit("bound", scene.bound), frame.y(scene, scene.bound)),
    ];
    if let Some(last) = scene.points.last() {
        labels.push(("highest", "highest".to_owned(), frame.y(scene, last.max_minutes)));
    }
    let begin = scene.points.len().saturating_sub(scene.points_to_a_mean);
    if let Some((_, mean)) = mean_of(scene, &scene.points[begin..]) {
        labels.push(("mean", "mean".to_owned(), frame.y(scene, mean)));
    }
    labels.sort_by(|one, other| one.2.total_cmp(&other.2));
    let heights: Vec<f64> = labels.iter().map(|label| label.2).collect();
    for ((class, name, _), y) in labels.iter().zip(apart(&heights, frame.bottom - 6.0)) {
        text(out, &format!("name {class}"), (frame.right + 8.0, y + 4.0), name);
    }
}

/// Heights in order, moved down where they are too close to each other, and up again where they would be below `bottom`.
fn apart(heights: &[f64], bottom: f64) -> Vec<f64> {
    let mut lowest = f64::NEG_INFINITY;
    let mut moved: Vec<f64> = heights
        .iter()
        .map(|y| {
            lowest = y.max(lowest + LABEL_HEIGHT);
            lowest
        })
        .collect();
    let mut highest = bottom;
    for y in moved.iter_mut().rev() {
        *y = y.min(highest);
        highest = *y - LABEL_HEIGHT;
    }
    moved
}

fn text(out: &mut String, class: &str, (x, y): (f64, f64), content: &str) {
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(content));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_stay_above_the_bottom() {
        assert_eq!(apart(&[10.0, 100.0], 200.0), [10.0, 100.0]);
        assert_eq!(apart(&[10.0, 12.0, 13.0], 200.0), [10.0, 26.0, 42.0]);
        assert_eq!(apart(&[190.0, 195.0, 199.0], 200.0), [168.0, 184.0, 200.0]);
    }
}
