//! A chart of the worst age over time, in two rows of a terminal.
//!
//! The caller finds out whether the terminal shows colours. Without them, no information is lost.

use chrono::TimeDelta;

use super::axis::{self, Unit, tenths};
use pilot_light_simulation::measure::timeline::Timeline;

/// The width of the chart.
const COLUMNS: u32 = 72;

/// Blocks of zero to eight eighths of a row.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

const RED: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";

/// The use of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// No colours.
    Plain,
    /// Colours, for a terminal.
    Colour,
}

/// The worst age from the start to the end, its scale, and marks where it was above the target.
pub(crate) fn sparkline(timeline: &Timeline, target: TimeDelta, paint: Paint) -> String {
    let Some(worst) = timeline.worst().map(|point| point.max_minutes) else {
        return "nothing was measured\n".to_owned();
    };
    let target = target.as_seconds_f64() / 60.0;
    let highest = worst.max(target);
    let top = axis::round_up(highest, axis::step(highest, 6));
    let ages = columns(timeline);
    let is_above: Vec<bool> = ages.iter().map(|age| age.is_some_and(|age| age > target)).collect();
    let levels: Vec<usize> = ages.iter().map(|age| age.map_or(0, |age| level(age / top))).collect();
    let upper: String = levels.iter().map(|level| BLOCKS[level.saturating_sub(8)]).collect();
    let lower: String = levels.iter().map(|level| BLOCKS[*level.min(&8)]).collect();
    let mut rows = vec![painted(&upper, &is_above, paint), painted(&lower, &is_above, paint)];
    let mut facts = format!("0 … {} min, target {}, worst {}", tenths(top), tenths(target), tenths(worst));
    if is_above.contains(&true) {
        let marks: String = is_above.iter().map(|is_above| if *is_above { '!' } else { ' ' }).collect();
        rows.push(painted(&marks, &is_above, paint));
        facts.push_str(", ! above target");
    }
    rows.push(footer(timeline, &facts));
    rows.iter().map(|row| format!("{}\n", row.trim_end())).collect()
}

/// The worst age in each column, if it is known.
fn columns(timeline: &Timeline) -> Vec<Option<f64>> {
    let column = timeline.length_minutes() / f64::from(COLUMNS);
    let points: Vec<_> = timeline
        .points()
        .iter()
        .map(|point| (timeline.minute(point.at), timeline.minute(point.until), point.max_minutes))
        .collect();
    (0..COLUMNS)
        .map(|number| {
            let (begin, end) = (f64::from(number) * column, f64::from(number + 1) * column);
            let here = points.iter().filter(|(from, until, _)| *from < end && *until > begin);
            here.map(|(_, _, age)| *age).max_by(f64::total_cmp)
        })
        .collect()
}

/// The height of a share in eighths of a row, of which two rows have 16. At least one, so that a known age is visible.
fn level(share: f64) -> usize {
    (1_u8..=16).rev().find(|eighth| share * 16.0 + 0.5 >= f64::from(*eighth)).map_or(1, usize::from)
}

/// The row, with its columns above the target in red if colours are on.
fn painted(row: &str, is_above: &[bool], paint: Paint) -> String {
    if paint == Paint::Plain {
        return row.to_owned();
    }
    let mut out = String::new();
    let mut is_red = false;
    for (block, is_above) in row.chars().zip(is_above) {
        if is_red != *is_above {
            out.push_str(if *is_above { RED } else { RESET });
            is_red = *is_above;
        }
        out.push(block);
    }
    if is_red {
        out.push_str(RESET);
    }
    out
}

/// The line below the rows: the start on the left, the facts in the middle, the end on the right.
fn footer(timeline: &Timeline, facts: &str) -> String {
    let length = timeline.length_minutes();
    let unit = Unit::of_step(axis::step(length, 8));
    let (start, end) = (format!("{} 0", unit.name()), format!("{} {}", unit.name(), unit.number(length)));
    let width = COLUMNS as usize - start.len() - end.len();
    format!("{start}{facts:^width$}{end}")
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::Instant;

    use super::*;

    /// A day of saw teeth from 10 to 50 minutes; `late` minutes more at noon.
    fn day(late: i64) -> Timeline {
        let at = |minute| Instant::UNIX_EPOCH + TimeDelta::minutes(minute);
        let mut timeline = Timeline::new(at(0));
        for tooth in 1..36 {
            let age = TimeDelta::minutes(if tooth == 18 { 10 + late } else { 10 });
            timeline.grow(at(tooth * 40), at(tooth * 40 + 40), age);
        }
        timeline
    }

    fn target() -> TimeDelta {
        TimeDelta::minutes(60)
    }

    #[test]
    fn the_chart_has_a_scale_a_target_and_its_ends_and_fits_the_width() {
        let text = sparkline(&day(0), target(), Paint::Plain);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= 72), "{text}");
        assert!(lines[0].starts_with("  ") && lines[0].ends_with('▅'), "{text}");
        assert_eq!(lines[1].trim_start(), "█".repeat(70));
        assert_eq!(
            lines[2].split_whitespace().collect::<Vec<_>>().join(" "),
            "hour 0 0 … 60 min, target 60, worst 50 hour 24"
        );
    }

    #[test]
    fn columns_above_the_target_are_marked_and_red_if_colours_are_on() {
        let plain = sparkline(&day(90), target(), Paint::Plain);
        let marks = plain.lines().nth(2).unwrap();
        assert_eq!(marks.trim(), "!!", "{plain}");
        assert_eq!(marks.len(), 38, "{plain}");
        assert!(plain.contains("0 … 150 min, target 60, worst 140, ! above target"), "{plain}");
        assert!(!plain.contains('\x1b'), "{plain}");
        let colour = sparkline(&day(90), target(), Paint::Colour);
        assert!(colour.contains("\x1b[31m█"), "{colour}");
        assert_eq!(colour.replace(RED, "").replace(RESET, ""), plain);
        assert_eq!((colour.matches(RED).count(), colour.matches(RESET).count()), (3, 3));
        assert!(!sparkline(&day(0), target(), Paint::Colour).contains('\x1b'));
    }

    #[test]
    fn an_age_on_the_target_is_not_above_it() {
        assert!(!sparkline(&day(10), target(), Paint::Plain).contains('!'));
    }

    #[test]
    fn the_highest_column_is_full_when_the_worst_is_the_top_of_the_scale() {
        let text = sparkline(&day(10), target(), Paint::Plain);
        assert_eq!(text.lines().next().unwrap().matches('█').count(), 1, "{text}");
    }

    #[test]
    fn a_run_without_any_known_age_is_reported_as_not_measured() {
        let nothing = Timeline::new(Instant::UNIX_EPOCH);
        assert_eq!(sparkline(&nothing, target(), Paint::Plain), "nothing was measured\n");
    }
}
