//! Faults of the world as a whole, in order of time. They are drawn hour by hour, so that months need little memory.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::draws::Draws;
use super::kind::{Kind, Occasion};
use super::plan::{Scripted, Side};
use crate::world::{fraction, hash};

/// One fault that strikes the world for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strike {
    /// The instant at which it begins.
    pub at: Instant,
    /// The instant at which it ends.
    pub until: Instant,
    /// Its kind.
    pub kind: Kind,
    /// The side that it strikes, where there are two.
    pub side: Side,
    /// Picks its target, where there are many.
    pub pick: u64,
}

/// A beginning or an end. At one instant, ends come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The fault is over.
    Ends,
    /// The fault strikes.
    Begins,
}

/// Beginnings and ends of all strikes, in order; the same for the same draws.
#[derive(Debug, Clone)]
pub struct Strikes {
    draws: Draws,
    /// The next hour to be drawn, counted from the start.
    hour: i64,
    pending: BTreeSet<(Instant, Moment, Strike)>,
}

impl Strikes {
    /// The strikes under these draws.
    #[must_use]
    pub fn new(draws: Draws) -> Self {
        Self { draws, hour: 0, pending: BTreeSet::new() }
    }

    /// The instant at which the next one begins or ends.
    #[must_use]
    pub fn next_at(&mut self) -> Option<Instant> {
        while self.hour_begins() < self.draws.window.end
            && self.pending.first().is_none_or(|(at, ..)| *at >= self.hour_begins())
        {
            self.draw_hour();
        }
        self.pending.first().map(|(at, ..)| *at)
    }

    fn hour_begins(&self) -> Instant {
        self.draws.window.start + TimeDelta::hours(self.hour)
    }

    fn draw_hour(&mut self) {
        let begins = self.hour_begins();
        let number = self.hour.to_string();
        self.hour += 1;
        for kind in Kind::ALL.into_iter().filter(|kind| kind.occasion() == Occasion::Day) {
            let seed = self.draws.seed;
            if fraction(seed, &["strike", kind.name(), &number]) < self.draws.plan.rate(kind) / 24.0 {
                let within = hash(seed, &["second", kind.name(), &number]) % 3600;
                let at = begins + TimeDelta::seconds(within as i64);
                let lasts = self.draws.plan.lasting(kind).draw(seed, &["lasts", kind.name(), &number]);
                self.enter(kind, at, at + lasts, None);
            }
        }
        for Scripted { fault, after, lasts, side } in self.draws.plan.script().to_vec() {
            let at = self.draws.window.start + after;
            if begins <= at && at < begins + TimeDelta::hours(1) {
                self.enter(fault, at, at + lasts, side);
            }
        }
    }

    fn enter(&mut self, kind: Kind, at: Instant, until: Instant, side: Option<Side>) {
        if !self.draws.window.contains(at) {
            return;
        }
        let pick = hash(self.draws.seed, &["pick", kind.name(), &at.to_rfc3339()]);
        // The low bits pick the target. The side is drawn from the highest bit, so that each side meets every target.
        let drawn = if pick >> 63 == 0 { Side::Source } else { Side::Destination };
        let until = until.min(self.draws.window.end);
        let strike = Strike { at, until, kind, side: side.unwrap_or(drawn), pick };
        self.pending.insert((at, Moment::Begins, strike));
        self.pending.insert((until, Moment::Ends, strike));
    }
}

impl Iterator for Strikes {
    type Item = (Moment, Strike);

    fn next(&mut self) -> Option<Self::Item> {
        self.next_at()?;
        self.pending.pop_first().map(|(_, moment, strike)| (moment, strike))
    }
}
