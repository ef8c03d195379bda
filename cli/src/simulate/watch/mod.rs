//! What must hold whatever goes wrong, looked at from outside the workers after every event.
//!
//! `acts` judges each event, `passes` what a worker's run left behind, `book` keeps what there really is, and
//! `bugs` plants for each invariant the fault that it exists for.

mod acts;
mod book;
#[cfg(test)]
mod bugs;
mod passes;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::policy::{DestinationPolicy, SourcePolicy};
use pilot_light_simulator::world::{Happening, JournalEvent};

use super::estate::Homes;

use self::book::Book;

/// The most violations that are told of one seed; one is enough to fail.
const TOLD: usize = 10;

/// What is to hold.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) homes: Homes,
    pub(crate) source: SourcePolicy,
    pub(crate) destination: DestinationPolicy,
    /// `RpoTarget`.
    pub(crate) rpo: TimeDelta,
    /// The worst age that the schedule allows.
    pub(crate) bound: TimeDelta,
    /// From then on the bound holds; faults are over long enough.
    pub(crate) holds_from: Instant,
}

/// Violations so far, and what is needed to see them.
#[derive(Debug)]
pub(crate) struct Watch {
    terms: Terms,
    book: Book,
    running: BTreeMap<u64, Run>,
    /// Since when passes have left an intermediate that had served.
    left: BTreeMap<SnapshotArn, Instant>,
    is_late: bool,
    told: BTreeSet<String>,
    violations: Vec<String>,
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

/// What a run could not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Everything is listed with its tags.
    Clear,
    /// AWS does not list something yet.
    Clouded,
}

impl Watch {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            book: Book::new(terms.homes.destination.clone()),
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
        let oldest = self.book.oldest_age(now);
        self.running.insert(run, Run { disturbed: Disturbed::No, began: now, oldest });
    }

    /// A run is over.
    pub(crate) fn ends(&mut self, run: u64) {
        self.running.remove(&run);
    }

    /// Judges an event, done by `run` if it is one of ours, and takes note of it.
    pub(crate) fn see(&mut self, event: &JournalEvent, run: Option<u64>, sight: Sight) {
        if event.by.is_some() {
            for complaint in acts::judge(&self.terms, &self.book, &event.what, event.at) {
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
        self.book.enter(&event.what);
    }

    /// True if `arn` is a copy of ours in the destination that is usable now.
    pub(crate) fn is_usable_copy(&self, arn: &SnapshotArn) -> bool {
        let held = self.book.get(arn);
        held.is_some_and(|held| self.book.is_copy(&held.record) && held.usable_since().is_some())
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
    pub(crate) fn into_violations(self) -> Vec<String> {
        self.violations
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
            self.violations.push(format!("{}: {what}", at.format("%Y-%m-%dT%H:%M:%SZ")));
        }
    }
}

impl Terms {
    /// True if snapshots of this account may be copied.
    fn is_listed(&self, account: &AccountId) -> bool {
        self.destination.sources.accounts.contains(account)
    }
}
