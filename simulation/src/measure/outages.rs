//! The marks of the faults on a timeline: the time in which faults can occur, and each outage.

use pilot_light_simulator::faults::{Draws, Kind, Moment, Strikes, Window};

use super::timeline::{Span, SpanKind, Timeline};
use crate::scenario::Scenario;

/// An empty timeline with the coming outages. They come from the same draws as those of the world.
pub(crate) fn timeline(scenario: &Scenario, seed: u64, faults: Window) -> Timeline {
    let mut timeline = Timeline::new(faults.start);
    if scenario.faults.are_none() {
        return timeline;
    }
    let label = "faults may strike".to_owned();
    timeline.mark(Span { from: faults.start, until: faults.end, kind: SpanKind::Faults, label });
    for (moment, strike) in Strikes::new(Draws::new(scenario.faults.plan(), seed, faults)) {
        let part = match (moment, strike.kind) {
            (Moment::Begins, Kind::RegionOutage) => "Region",
            (Moment::Begins, Kind::AccountOutage) => "account",
            _ => continue,
        };
        let label = format!("outage of the {:?}'s {part}", strike.side).to_lowercase();
        timeline.mark(Span { from: strike.at, until: strike.until, kind: SpanKind::Outage, label });
    }
    timeline
}
