//! The invariants: conditions that hold whatever goes wrong, checked from outside the workers after every event.
//!
//! `each_action` judges each event, `each_run` the state that a worker's run leaves, and `ledger` keeps what there
//! really is. Nothing here comes from a worker. The bugs that each invariant exists for are in `planted_bugs`.

mod each_action;
mod each_run;
mod ledger;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_simulator::world::{Happening, JournalEvent};

use self::ledger::Ledger;
pub(crate) use self::terms::{Sight, Terms};
use crate::measure::summary::Violation;

/// The most violations that are told of one seed; one is enough to fail.
const TOLD: usize = 10;

/// Violations so far, and what is needed to see them.
#[derive(Debug)]
pub(crate) struct Invariants {
    terms: Terms,
    ledger: Ledger,
    running: BTreeMap<u64, Run>,
    /// Since when passes have left an intermediate that had served.
    left: BTreeMap<SnapshotArn, Instant>,
    is_late: bool,
    told: BTreeSet<String>,
    violations: Vec<(Instant, String)>,
}

/// A run under way.
#[derive(Debug)]
struct Run {
    /// Whether anybody else began a snapshot meanwhile.
    disturbed: Disturbed,
    began: Instant,
    /// The age of the oldest database then.
    oldest: Option<TimeDelta>,
}

/// Whether a run can know what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disturbed {
    No,
    Yes,
}

impl Invariants {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            ledger: Ledger::new(terms.homes.destination.clone()),
            terms,
            running: BTreeMap::new(),
            left: BTreeMap::new(),
            is_late: false,
            told: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    /// A run begins.
    pub(crate) fn begins(&mut self, run: u64, now: Instant) {
        let oldest = self.ledger.oldest_age(now);
        self.running.insert(run, Run { disturbed: Disturbed::No, began: now, oldest });
    }

    /// A run is over.
    pub(crate) fn ends(&mut self, run: u64) {
        self.running.remove(&run);
    }

    /// Judges an event, done by `run` if it is one of ours, and takes note of it.
    pub(crate) fn see(&mut self, event: &JournalEvent, run: Option<u64>, sight: Sight) {
        if event.by.is_some() {
            for complaint in each_action::judge(&self.terms, &self.ledger, &event.what, event.at) {
                self.tell(event.at, complaint);
            }
        }
        match &event.what {
            Happening::Begun(..) => self.disturb_others(run),
            Happening::Refused("SnapshotQuotaExceeded") if sight == Sight::Clear && self.is_alone(run) => {
                self.tell(event.at, "a run asked for more than the free slots or the quota allow".to_owned());
            }
            _ => {}
        }
        self.ledger.enter(&event.what);
    }

    /// True if `arn` is a copy of ours in the destination that is usable now.
    pub(crate) fn is_usable_copy(&self, arn: &SnapshotArn) -> bool {
        let held = self.ledger.get(arn);
        held.is_some_and(|held| self.ledger.is_copy(&held.record) && held.usable_since().is_some())
    }

    /// Judges how old the oldest database has become by `now`.
    pub(crate) fn measure(&mut self, oldest: TimeDelta, now: Instant) {
        let is_late = now > self.terms.holds_from && oldest > self.terms.bound;
        if is_late && !self.is_late {
            let (age, bound) = (oldest.num_minutes(), self.terms.bound.num_minutes());
            self.tell(now, format!("a newest copy is {age} min old where at most {bound} are allowed: the system has not come back by itself"));
        }
        self.is_late = is_late;
    }

    /// The first violations, in order.
    pub(crate) fn into_violations(self, seed: u64) -> Vec<Violation> {
        self.violations.into_iter().map(|(at, what)| Violation { seed, at, what }).collect()
    }

    fn disturb_others(&mut self, run: Option<u64>) {
        let others = self.running.iter_mut().filter(|(number, _)| Some(**number) != run);
        others.for_each(|(_, run)| run.disturbed = Disturbed::Yes);
    }

    fn is_alone(&self, run: Option<u64>) -> bool {
        let run = run.and_then(|run| self.running.get(&run));
        run.is_some_and(|run| run.disturbed == Disturbed::No)
    }

    fn tell(&mut self, at: Instant, what: String) {
        // One of a kind is enough: what follows is often the same fault seen again.
        if self.violations.len() < TOLD && self.told.insert(what.clone()) {
            self.violations.push((at, what));
        }
    }
}
