//! The size of a picture, the figures that are drawn in it, and the position of each figure.

use chrono::TimeDelta;
use pilot_light_simulation::measure::timeline::{Point, Timeline};

use super::axis;

/// The least time over which a mean is drawn, in minutes.
const MEAN_MINUTES: f64 = 120.0;

/// The size of a picture in pixels, and the margins around the drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// The name that distinguishes its parts from those of another picture on the page.
    pub(super) name: &'static str,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// The greatest number of steps along the axis of time.
    pub(super) steps: u32,
    /// The text after a number at the end of a line.
    pub(super) suffix: &'static str,
}

/// The picture for a window or a sheet of paper.
pub(super) const WIDE: Frame = Frame {
    name: "wide",
    width: 1000.0,
    height: 420.0,
    left: 44.0,
    right: 880.0,
    top: 34.0,
    bottom: 384.0,
    steps: 10,
    suffix: " min",
};

/// The picture for a telephone.
pub(super) const NARROW: Frame = Frame {
    name: "narrow",
    width: 380.0,
    height: 320.0,
    left: 34.0,
    right: 292.0,
    top: 34.0,
    bottom: 288.0,
    steps: 5,
    suffix: "",
};

/// The figures that are drawn, in minutes.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) points: Vec<Point>,
    pub(super) worst: Option<Point>,
    pub(super) length: f64,
    pub(super) target: f64,
    pub(super) bound: f64,
    /// The number of points of which one mean is drawn.
    pub(super) points_to_a_mean: usize,
    /// The step of the axis of ages.
    pub(super) step: f64,
    /// The top of the axis of ages.
    pub(super) top: f64,
}

impl<'a> Scene<'a> {
    pub(super) fn new(timeline: &'a Timeline, target: TimeDelta, bound: TimeDelta) -> Self {
        let minutes = |delta: TimeDelta| delta.as_seconds_f64() / 60.0;
        let (target, bound) = (minutes(target), minutes(bound));
        let worst = timeline.worst();
        let highest = worst.map_or(0.0, |point| point.max_minutes).max(target).max(bound);
        let step = axis::step(highest, 6);
        Self {
            timeline,
            points: timeline.points(),
            worst,
            length: timeline.length_minutes().max(1.0),
            target,
            bound,
            points_to_a_mean: points_to_a_mean(timeline),
            step,
            top: axis::round_up(highest, step),
        }
    }
}

impl Frame {
    pub(super) fn x(&self, scene: &Scene<'_>, minute: f64) -> f64 {
        self.left + (self.right - self.left) * (minute / scene.length).clamp(0.0, 1.0)
    }

    pub(super) fn y(&self, scene: &Scene<'_>, age: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * (age / scene.top)
    }
}

/// The number of points of which one mean is drawn. Over a shorter time, the mean would only repeat the saw teeth.
pub(super) fn points_to_a_mean(timeline: &Timeline) -> usize {
    let enough = |points: &usize| timeline.bucket_minutes() * (*points as f64) >= MEAN_MINUTES;
    (1..).find(enough).unwrap_or(1)
}
