//! What an engine counts on its way: what was done, what is held, and how long a return took.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::SnapshotRecord;

use super::estate::{Home, Homes};

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) acted: BTreeMap<String, u64>,
    pub(super) failed: u64,
    /// Manual snapshots now, and at most, in the source and in the destination.
    pub(super) held: [usize; 2],
    pub(super) peaks: [usize; 2],
    /// When the last outage ended, while the ages are not back yet.
    pub(super) coming_back_since: Option<Instant>,
    /// The longest that it took.
    pub(super) came_back_in: Option<TimeDelta>,
}

impl Tally {
    pub(super) fn count(&mut self, report: &Report) {
        for (verb, count) in &report.acted {
            *self.acted.entry(verb.clone()).or_default() += *count as u64;
        }
    }

    pub(super) fn hold(&mut self, homes: &Homes, record: &SnapshotRecord, more: isize) {
        let is_in = |home: &Home| record.arn.account == home.account && record.arn.region == home.region;
        let Some(side) = [&homes.source, &homes.destination].into_iter().position(is_in) else { return };
        self.held[side] = self.held[side].saturating_add_signed(more);
        self.peaks[side] = self.peaks[side].max(self.held[side]);
    }
}
