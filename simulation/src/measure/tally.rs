//! The counts of an engine: actions, failed executions, snapshots held, and the times of return after outages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::world::SnapshotRecord;

use super::protection::{Protections, ResourceId};
use crate::homes::{Home, Homes};

/// The counts so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The number of successful actions, by verb.
    pub(crate) acted: BTreeMap<String, u64>,
    /// The number of copies of the databases that became usable in the destination.
    pub(crate) arrived: u64,
    /// Executions that failed after all their retries.
    pub(crate) failed: u64,
    /// The numbers of manual snapshots in the source and in the destination.
    pub(crate) held: [usize; 2],
    /// The highest values of `held`.
    pub(crate) peaks: [usize; 2],
    /// The return after the last outage, until it is complete.
    pub(crate) returning: Option<Return>,
    /// The longest such return so far.
    pub(crate) longest_return: Option<TimeDelta>,
}

/// A return after an outage. Each database returns by itself, because other faults may strike others meanwhile.
#[derive(Debug)]
pub(crate) struct Return {
    /// The end of the outage.
    pub(crate) since: Instant,
    /// The databases that have not been within the bound since then.
    pub(crate) waiting: BTreeSet<ResourceId>,
}

impl Tally {
    pub(crate) fn count(&mut self, report: &Report) {
        for (verb, count) in &report.acted {
            *self.acted.entry(verb.clone()).or_default() += *count as u64;
        }
    }

    /// Begins to measure the return after an outage that ended `now`.
    pub(crate) fn outage_ended(&mut self, protections: &Protections, now: Instant) {
        let waiting = protections.all().map(|(id, _)| id.clone()).collect();
        self.returning = Some(Return { since: now, waiting });
    }

    /// Takes note of the ages `now`. The return is complete when every database has been within the bound.
    pub(crate) fn note_return(&mut self, protections: &Protections, bound: TimeDelta, now: Instant) {
        let Some(returning) = &mut self.returning else { return };
        let is_late = |id: &ResourceId| protections.get(id).is_some_and(|found| found.age(now) > bound);
        returning.waiting.retain(is_late);
        if returning.waiting.is_empty() {
            self.longest_return = self.longest_return.max(Some(now - returning.since));
            self.returning = None;
        }
    }

    pub(crate) fn hold(&mut self, homes: &Homes, record: &SnapshotRecord, more: isize) {
        let is_in = |home: &Home| record.arn.account == home.account && record.arn.region == home.region;
        let Some(side) = [&homes.source, &homes.destination].into_iter().position(is_in) else { return };
        self.held[side] = self.held[side].saturating_add_signed(more);
        self.peaks[side] = self.peaks[side].max(self.held[side]);
    }
}
