//! The picture as SVG: the highest age and its mean over time, the target, the bound, and shaded spans.
//!
//! `layers` draws its parts. The page defines colours and fonts.

use std::fmt::Write;

use super::axis::{self, Unit, tenths};
use super::escape::escaped;
use super::frame::{Frame, Scene};
use super::layers;

/// The picture, as an `<svg>` element.
pub(super) fn svg(frame: &Frame, scene: &Scene<'_>) -> String {
    let Frame { name, width, height, left, right, top, bottom, .. } = frame;
    let mut out = format!(
        "<svg class=\"{name}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"{name}-title {name}-desc\" data-plot=\"{left} {right} {width}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n\
         <title id=\"{name}-title\">Age of the newest usable copy over time</title>\n\
         <desc id=\"{name}-desc\">{}</desc>\n",
        escaped(&description(scene))
    );
    let layers = [
        layers::definitions,
        layers::grid,
        layers::shades,
        layers::ages,
        layers::limits,
        layers::summit,
        layers::names,
    ];
    for layer in layers {
        layer(&mut out, frame, scene);
    }
    // The script moves this line to the pointer.
    let _ = writeln!(out, "<path class=\"rule\" d=\"M0 {top}V{bottom}\"/>\n</svg>");
    out
}

/// A description of the picture, for screen readers.
fn description(scene: &Scene<'_>) -> String {
    let unit = Unit::of_step(axis::step(scene.length, 8));
    let length = format!("{} {}s", unit.number(scene.length), unit.name());
    let Some(worst) = scene.worst else {
        return format!("Nothing was measured in {length}.");
    };
    format!(
        "Over {length}, the highest age is {} minutes, reached at {} {}. The target is {} minutes. The schedule \
         allows at most {}.",
        tenths(worst.max_minutes),
        unit.name(),
        unit.number(scene.timeline.minute(worst.at)),
        tenths(scene.target),
        tenths(scene.bound)
    )
}
