//! The runs under way, each with the state of the world when it began.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;

/// The runs under way, by number.
#[derive(Debug, Default)]
pub(super) struct Runs(BTreeMap<u64, Run>);

/// A run under way.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) began: Instant,
    /// The age of the oldest database at that time.
    pub(super) oldest: Option<TimeDelta>,
    /// True if anybody else began a snapshot meanwhile.
    is_disturbed: bool,
}

impl Runs {
    /// Adds a run.
    pub(super) fn begin(&mut self, number: u64, began: Instant, oldest: Option<TimeDelta>) {
        self.0.insert(number, Run { began, oldest, is_disturbed: false });
    }

    /// Removes a run that is over.
    pub(super) fn end(&mut self, number: u64) {
        self.0.remove(&number);
    }

    pub(super) fn get(&self, number: Option<u64>) -> Option<&Run> {
        number.and_then(|number| self.0.get(&number))
    }

    /// Marks all runs but `number` as disturbed.
    pub(super) fn disturb_others(&mut self, number: Option<u64>) {
        let others = self.0.iter_mut().filter(|(other, _)| Some(**other) != number);
        others.for_each(|(_, run)| run.is_disturbed = true);
    }

    /// True for a run during which nobody else began a snapshot.
    pub(super) fn is_alone(&self, number: Option<u64>) -> bool {
        self.get(number).is_some_and(|run| !run.is_disturbed)
    }
}
