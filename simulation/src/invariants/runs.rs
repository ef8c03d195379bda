//! The runs under way, each with the state of the world when it began.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::terms::Visibility;

/// The runs under way, by number.
#[derive(Debug, Default)]
pub(super) struct Runs(BTreeMap<u64, Run>);

/// A run under way.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) began: Instant,
    /// The age of the oldest database at that time.
    pub(super) oldest: Option<TimeDelta>,
    /// The number of snapshots that it has deleted.
    pub(super) deleted: usize,
    /// The part of the world that AWS's lists showed at that time.
    visibility: Visibility,
    /// True if anybody else began a snapshot meanwhile.
    is_disturbed: bool,
}

impl Runs {
    /// Adds a run that begins now.
    pub(super) fn begin(
        &mut self,
        number: u64,
        began: Instant,
        oldest: Option<TimeDelta>,
        visibility: Visibility,
    ) {
        self.0.insert(number, Run { began, oldest, deleted: 0, visibility, is_disturbed: false });
    }

    /// Removes a run that is over.
    pub(super) fn end(&mut self, number: u64) {
        self.0.remove(&number);
    }

    pub(super) fn get(&self, number: Option<u64>) -> Option<&Run> {
        number.and_then(|number| self.0.get(&number))
    }

    /// Counts a snapshot that a run has deleted.
    pub(super) fn count_deleted(&mut self, number: Option<u64>) {
        if let Some(run) = number.and_then(|number| self.0.get_mut(&number)) {
            run.deleted += 1;
        }
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

    /// The part of the world that a run could see: everything only if AWS's lists showed it both when the run began and
    /// `now`.
    pub(super) fn seen_by(&self, number: Option<u64>, now: Visibility) -> Visibility {
        self.get(number).map_or(now, |run| if now == Visibility::Complete { run.visibility } else { now })
    }
}
