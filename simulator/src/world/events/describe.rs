//! `DescribeEvents`: the events of a place from the last 14 days, the earliest first.

use std::ops::Bound;

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::record::RdsEvent;
use super::request::DescribeEvents;
use super::{KEPT, subscriptions};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value};
use crate::world::api::paging::{Listing, behind, page, page_size};
use crate::world::place::Place;

impl World {
    pub(super) fn describe_events(
        &self,
        place: &Place,
        ask: &DescribeEvents,
    ) -> Result<Listing<RdsEvent>, ApiError> {
        let size = page_size(&ask.page)?;
        check(ask)?;
        let (from, to) = self.span(ask)?;
        let (after, _) = behind(&ask.page, |marker| marker.parse::<u64>().ok())?;
        let events = self.events.by_place.get(place).into_iter().flatten();
        let found = events
            .filter(|(number, _)| !matches!(after, Bound::Excluded(last) if *number <= last))
            .filter(|(_, event)| from <= event.at && event.at <= to)
            .map(|(number, event)| (number, event.described()))
            .filter(|(_, event)| admits(ask, event));
        let Listing { items, marker } = page(found, size, |(number, _)| number.to_string());
        Ok(Listing { items: items.into_iter().map(|(_, event)| event).collect(), marker })
    }

    /// The first and the last instant of the requested events: the last hour, if the request names no time.
    fn span(&self, ask: &DescribeEvents) -> Result<(Instant, Instant), ApiError> {
        let minutes = TimeDelta::minutes(ask.minutes.unwrap_or(60).clamp(0, KEPT.num_minutes()));
        let (from, to) = match (ask.from, ask.to) {
            (Some(from), Some(to)) => (from, to),
            (Some(from), None) if ask.minutes.is_some() => (from, from + minutes),
            (Some(from), None) => (from, self.now),
            (None, to) => {
                let to = to.unwrap_or(self.now);
                (to - minutes, to)
            }
        };
        if from > to {
            return Err(invalid_combination("The parameter StartTime must be before EndTime."));
        }
        Ok((from.max(self.now - KEPT), to))
    }
}

fn check(ask: &DescribeEvents) -> Result<(), ApiError> {
    if ask.source.is_some() && ask.source_type.is_none() {
        return Err(invalid_combination(
            "The parameter SourceType must be provided if SourceIdentifier is provided.",
        ));
    }
    match &ask.source_type {
        Some(unknown) if subscriptions::categories_of(unknown).is_none() => {
            Err(invalid_value(format!("Invalid source type: {unknown}")))
        }
        _ => Ok(()),
    }
}

fn admits(ask: &DescribeEvents, event: &RdsEvent) -> bool {
    ask.source_type.as_ref().is_none_or(|wanted| wanted == event.source_type)
        && ask.source.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(&event.source))
        && (ask.categories.is_empty() || ask.categories.iter().any(|wanted| wanted == event.category))
}
