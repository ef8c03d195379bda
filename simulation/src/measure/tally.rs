//! What an engine counts on its way: what was done, what is held, and how long a return took.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::SnapshotRecord;

use crate::homes::{Home, Homes};

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) acted: BTreeMap<String, u64>,
    pub(crate) failed: u64,
    /// Manual snapshots now, and at most, in the source and in the destination.
    pub(crate) held: [usize; 2],
    pub(crate) peaks: [usize; 2],
    /// When the last outage ended, while the ages are not back yet.
    pub(crate) coming_back_since: Option<Instant>,
    /// The longest that it took.
    pub(crate) came_back_in: Option<TimeDelta>,
}

impl Tally {
    pub(crate) fn count(&mut self, report: &Report) {
        for (verb, count) in &report.acted {
            *self.acted.entry(verb.clone()).or_default() += *count as u64;
        }
    }

    pub(crate) fn hold(&mut self, homes: &Homes, record: &SnapshotRecord, more: isize) {
        let is_in = |home: &Home| record.arn.account == home.account && record.arn.region == home.region;
        let Some(side) = [&homes.source, &homes.destination].into_iter().position(is_in) else { return };
        self.held[side] = self.held[side].saturating_add_signed(more);
        self.peaks[side] = self.peaks[side].max(self.held[side]);
    }
}
