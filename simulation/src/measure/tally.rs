//! The counts of an engine: actions, failed executions, snapshots held, and the times of return after outages.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::SnapshotRecord;

use crate::homes::{Home, Homes};

/// The counts so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The number of successful actions, by verb.
    pub(crate) acted: BTreeMap<String, u64>,
    /// Executions that failed after all their retries.
    pub(crate) failed: u64,
    /// The numbers of manual snapshots in the source and in the destination.
    pub(crate) held: [usize; 2],
    /// The highest values of `held`.
    pub(crate) peaks: [usize; 2],
    /// The end of the last outage, until all ages are within the bound again.
    pub(crate) returning_since: Option<Instant>,
    /// The longest such return so far.
    pub(crate) longest_return: Option<TimeDelta>,
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
