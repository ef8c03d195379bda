//! The worst age over time. The memory in use does not grow with the length of the simulation.
//!
//! The engine supplies the ages. The command line draws the timeline.

use chrono::TimeDelta;
use pilot_light_domain::Instant;

/// The most buckets. If a simulation is longer, neighboring buckets are merged in pairs, which doubles their width.
const BUCKETS: usize = 720;

/// The most spans that are kept. A picture could not show more of them separately.
const SPANS: usize = 200;

/// The initial width of a bucket, in milliseconds.
const FINEST: i64 = 60_000;

/// The worst age over all databases, from the start of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    start: Instant,
    /// Milliseconds from the start to the end of the last piece.
    length: i64,
    /// Milliseconds.
    width: i64,
    buckets: Vec<Bucket>,
    spans: Vec<Span>,
    more_spans: usize,
}

/// The ages from `at` until `until`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its beginning.
    pub at: Instant,
    /// Its end.
    pub until: Instant,
    /// The maximum of the worst age.
    pub max_minutes: f64,
    /// The mean of the worst age, over the time for which it is known.
    pub mean_minutes: f64,
}

/// A period of time to be shaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub until: Instant,
    /// Its kind.
    pub kind: SpanKind,
    /// Its text for the reader.
    pub label: String,
}

/// The kind of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// A Region or an account does not answer.
    Outage,
    /// Faults can occur.
    Faults,
}

/// Sums in milliseconds, so that merging loses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Bucket {
    worst: i64,
    spent: i64,
    /// Twice the integral of the age over the time spent.
    twice_area: i128,
}

impl Timeline {
    /// An empty timeline of a simulation that starts at `start`.
    pub fn new(start: Instant) -> Self {
        Self { start, length: 0, width: FINEST, buckets: Vec::new(), spans: Vec::new(), more_spans: 0 }
    }

    /// Takes note that the worst age was `age` at `from` and grew with time until just before `to`. The time before the
    /// start is left out.
    pub fn grow(&mut self, from: Instant, to: Instant, age: TimeDelta) {
        let (from, to) = (self.offset(from), self.offset(to));
        let older = age.num_milliseconds() - from;
        self.make_room(to);
        let mut at = from.max(0);
        while at < to {
            let Ok(index) = usize::try_from(at / self.width) else { return };
            let end = ((at / self.width + 1) * self.width).min(to);
            if index >= self.buckets.len() {
                self.buckets.resize(index + 1, Bucket::default());
            }
            self.buckets[index].add(older + at, end - at);
            at = end;
        }
        self.length = self.length.max(to);
    }

    /// Takes note of a span to be shaded.
    pub fn mark(&mut self, span: Span) {
        if self.spans.len() < SPANS {
            self.spans.push(span);
        } else {
            self.more_spans += 1;
        }
    }

    /// The buckets in order of time, without the empty ones.
    pub fn points(&self) -> Vec<Point> {
        let instant = |offset| self.start + TimeDelta::milliseconds(offset);
        let begins = (0..).step_by(usize::try_from(self.width).unwrap_or(1));
        let known = begins.zip(&self.buckets).filter(|(_, bucket)| bucket.spent > 0);
        known
            .map(|(begin, bucket)| Point {
                at: instant(begin),
                until: instant((begin + self.width).min(self.length)),
                max_minutes: minutes(bucket.worst),
                mean_minutes: bucket.mean_minutes(),
            })
            .collect()
    }

    /// The first bucket with the worst age of all. None for an empty timeline.
    pub fn worst(&self) -> Option<Point> {
        self.points().into_iter().rev().max_by(|one, other| one.max_minutes.total_cmp(&other.max_minutes))
    }

    /// The start of the simulation.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The length of the simulation, in minutes.
    pub fn length_minutes(&self) -> f64 {
        minutes(self.length)
    }

    /// The width of a bucket, in minutes.
    pub fn bucket_minutes(&self) -> f64 {
        minutes(self.width)
    }

    /// The first spans that were marked.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The number of further marked spans.
    pub fn more_spans(&self) -> usize {
        self.more_spans
    }

    /// The minutes from the start to `at`.
    pub fn minute(&self, at: Instant) -> f64 {
        minutes(self.offset(at))
    }

    fn offset(&self, at: Instant) -> i64 {
        (at - self.start).num_milliseconds()
    }

    /// Widens the buckets until they reach `to`.
    fn make_room(&mut self, to: i64) {
        while to.div_euclid(self.width) >= BUCKETS as i64 {
            self.buckets = self.buckets.chunks(2).map(Bucket::merged).collect();
            self.width *= 2;
        }
    }
}

impl Bucket {
    fn add(&mut self, age: i64, lasting: i64) {
        self.worst = self.worst.max(age + lasting);
        self.spent += lasting;
        self.twice_area += i128::from(age + age + lasting) * i128::from(lasting);
    }

    fn merged(buckets: &[Self]) -> Self {
        buckets.iter().fold(Self::default(), |sum, bucket| Self {
            worst: sum.worst.max(bucket.worst),
            spent: sum.spent + bucket.spent,
            twice_area: sum.twice_area + bucket.twice_area,
        })
    }

    fn mean_minutes(&self) -> f64 {
        let doubled = self.twice_area / i128::from(self.spent.max(1));
        minutes(i64::try_from(doubled).unwrap_or(i64::MAX)) / 2.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "a span of time stays far below 2^52 ms")]
fn minutes(milliseconds: i64) -> f64 {
    milliseconds as f64 / 60_000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::UNIX_EPOCH + TimeDelta::seconds(20_000 * 86_400 + seconds)
    }

    fn outage(number: i64) -> Span {
        Span { from: at(number), until: at(number + 60), kind: SpanKind::Outage, label: number.to_string() }
    }

    #[test]
    fn a_growth_across_buckets_is_divided_between_them() {
        let mut timeline = Timeline::new(at(0));
        timeline.grow(at(30), at(120), TimeDelta::minutes(10));
        let point = |from, until, max_minutes, mean_minutes| Point {
            at: at(from),
            until: at(until),
            max_minutes,
            mean_minutes,
        };
        assert_eq!(timeline.points(), [point(0, 60, 10.5, 10.25), point(60, 120, 11.5, 11.0)]);
    }

    #[test]
    fn empty_buckets_give_no_point_and_the_last_point_ends_with_the_simulation() {
        let mut timeline = Timeline::new(at(0));
        timeline.grow(at(-600), at(10), TimeDelta::zero());
        timeline.grow(at(185), at(190), TimeDelta::minutes(1));
        let spans: Vec<_> = timeline.points().iter().map(|point| (point.at, point.until)).collect();
        assert_eq!(spans, [(at(0), at(60)), (at(180), at(190))]);
        assert!((timeline.worst().unwrap().max_minutes - 610.0 / 60.0).abs() < 1e-9, "{timeline:?}");
    }

    #[test]
    fn the_first_of_several_equally_old_buckets_is_the_worst() {
        let mut timeline = Timeline::new(at(0));
        for minute in [0, 60, 120] {
            timeline.grow(at(minute * 60), at(minute * 60 + 60), TimeDelta::minutes(5 + minute % 7));
        }
        timeline.grow(at(9000), at(9060), TimeDelta::minutes(9));
        assert_eq!(timeline.worst().unwrap().at, at(3600));
    }

    #[test]
    fn the_bucket_width_doubles_when_the_simulation_exceeds_the_buckets() {
        let mut timeline = Timeline::new(at(0));
        timeline.grow(at(0), at(720 * 60 - 1), TimeDelta::zero());
        assert_eq!((timeline.bucket_minutes(), timeline.points().len()), (1.0, 720));
        timeline.grow(at(720 * 60 - 1), at(720 * 60 + 1), TimeDelta::zero());
        assert_eq!((timeline.bucket_minutes(), timeline.points().len()), (2.0, 361));
    }

    #[test]
    fn spans_beyond_the_limit_are_only_counted() {
        let mut timeline = Timeline::new(at(0));
        (0..250).for_each(|number| timeline.mark(outage(number)));
        assert_eq!((timeline.spans().len(), timeline.more_spans()), (200, 50));
        assert_eq!(timeline.spans().last(), Some(&outage(199)));
    }

    proptest! {
        /// The property holds for all growths, however often the buckets were merged.
        #[test]
        fn merging_buckets_preserves_the_worst_age_the_time_and_the_area(
            pieces in proptest::collection::vec((0_i64..400_000, 1_i64..400_000, 0_i64..1_000_000), 1..60),
        ) {
            let mut timeline = Timeline::new(at(0));
            let (mut now, mut worst, mut spent, mut area) = (0, 0, 0, 0_i128);
            for (gap, lasting, age) in pieces {
                timeline.grow(at(now + gap), at(now + gap + lasting), TimeDelta::seconds(age));
                now += gap + lasting;
                worst = worst.max(age + lasting);
                spent += lasting;
                area += i128::from(2 * age + lasting) * i128::from(lasting);
                prop_assert!(timeline.buckets.len() <= BUCKETS && timeline.buckets.capacity() <= 2 * BUCKETS);
            }
            let all = Bucket::merged(&timeline.buckets);
            prop_assert_eq!((all.worst, all.spent, all.twice_area), (worst * 1000, spent * 1000, area * 1_000_000));
            let points = timeline.points();
            let highest = points.iter().map(|point| point.max_minutes).fold(0.0, f64::max);
            prop_assert_eq!(highest, minutes(worst * 1000));
            prop_assert_eq!(points.last().unwrap().until, at(now));
            prop_assert!(points.windows(2).all(|pair| pair[0].until <= pair[1].at));
            prop_assert!(points.iter().all(|point| point.mean_minutes <= point.max_minutes));
        }

        #[test]
        fn a_growth_entered_in_two_parts_gives_the_same_timeline(cut in 1_i64..99_999, age in 0_i64..5_000) {
            let (mut whole, mut parts) = (Timeline::new(at(0)), Timeline::new(at(0)));
            whole.grow(at(0), at(100_000), TimeDelta::seconds(age));
            parts.grow(at(0), at(cut), TimeDelta::seconds(age));
            parts.grow(at(cut), at(100_000), TimeDelta::seconds(age + cut));
            prop_assert_eq!(whole, parts);
        }
    }
}
