//! The invariants: conditions that must hold whatever goes wrong, checked from outside the workers after every event.
//!
//! There is one file for each invariant.
//!
//! | Checked after | Invariants |
//! |---|---|
//! | an action of an account | `only_ours_deleted`, `newest_kept`, `source_of_copy_kept`, `retention_met`, `own_key`, `listed_accounts` |
//! | a refused request | `limits_respected` |
//! | a successful run | `expired_deleted`, `intermediates_removed` |
//! | a published metric | `metric_truthful` |
//! | a change of ages | `age_bound` |
//!
//! `ledger` keeps the real state of the world, from the world's own journal. `crate::planted_bugs` shows for each
//! invariant a bug that it finds.

mod action;
mod age_bound;
mod expired_deleted;
mod intermediates_removed;
mod ledger;
mod limits_respected;
mod listed_accounts;
mod metric_truthful;
mod newest_kept;
mod only_ours_deleted;
mod own_key;
mod retention_met;
mod runs;
mod source_of_copy_kept;
mod terms;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::run::plan::SkipReason;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_simulator::world::{Happening, JournalEvent};

use self::action::Action;
use self::age_bound::AgeBound;
use self::intermediates_removed::IntermediatesRemoved;
use self::ledger::Ledger;
use self::metric_truthful::Published;
use self::runs::Runs;
pub(crate) use self::terms::{Terms, Visibility};
use crate::measure::summary::Violation;

/// The most violations that are kept of one seed. One is enough to fail.
const MOST_VIOLATIONS: usize = 10;

/// The invariants of one simulation, with the state that they need and the violations so far.
#[derive(Debug)]
pub(crate) struct Invariants {
    terms: Terms,
    ledger: Ledger,
    runs: Runs,
    intermediates_removed: IntermediatesRemoved,
    age_bound: AgeBound,
    known: BTreeSet<String>,
    violations: Vec<(Instant, String)>,
}

impl Invariants {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            ledger: Ledger::new(terms.homes.destination.clone()),
            terms,
            runs: Runs::default(),
            intermediates_removed: IntermediatesRemoved::default(),
            age_bound: AgeBound::default(),
            known: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    /// Takes note that a run begins.
    pub(crate) fn run_begins(&mut self, run: u64, now: Instant) {
        self.runs.begin(run, now, self.ledger.oldest_age(now));
    }

    /// Takes note that a run is over.
    pub(crate) fn run_ends(&mut self, run: u64) {
        self.runs.end(run);
    }

    /// Checks an event, and then enters it in the ledger. `run` is the run that caused it, if a worker did.
    pub(crate) fn check_event(&mut self, event: &JournalEvent, run: Option<u64>, visibility: Visibility) {
        if event.by.is_some() {
            let violations = self.check_action(&event.what, event.at);
            self.report(event.at, violations);
        }
        let violation = limits_respected::check(&event.what, self.runs.is_alone(run), visibility);
        self.report(event.at, violation);
        if matches!(event.what, Happening::Begun(..)) {
            self.runs.disturb_others(run);
        }
        self.ledger.enter(&event.what);
    }

    /// Checks the state after `worker` reported success.
    pub(crate) fn check_run(
        &mut self,
        worker: WorkerName,
        report: &Report,
        now: Instant,
        visibility: Visibility,
    ) {
        if visibility == Visibility::Incomplete || report.failed > 0 {
            return;
        }
        // A run that reached its ceiling leaves the rest to the next run.
        let is_complete = !report.skipped.contains_key(&SkipReason::OverCeiling.key());
        let violations = match worker {
            WorkerName::DestinationCopy => self.intermediates_removed.check(&self.ledger, now),
            _ if is_complete => expired_deleted::check(&self.terms, &self.ledger, worker, now),
            _ => Vec::new(),
        };
        self.report(now, violations);
    }

    /// Checks a metric that `run` published.
    pub(crate) fn check_metric(&mut self, metric: &Metric, run: Option<u64>, now: Instant) {
        let published = Published { metric, run: self.runs.get(run), at: now };
        let violation = metric_truthful::check(&self.terms, &self.ledger, &published);
        self.report(now, violation);
    }

    /// Checks the age of the oldest database.
    pub(crate) fn check_age(&mut self, oldest: TimeDelta, now: Instant) {
        let violation = self.age_bound.check(&self.terms, oldest, now);
        self.report(now, violation);
    }

    /// True if `arn` is a copy of Pilot Light in the destination that is usable now.
    pub(crate) fn is_usable_copy(&self, arn: &SnapshotArn) -> bool {
        let held = self.ledger.get(arn);
        held.is_some_and(|held| self.ledger.is_copy(&held.record) && held.usable_since().is_some())
    }

    /// The first violations, in order.
    pub(crate) fn into_violations(self, seed: u64) -> Vec<Violation> {
        self.violations.into_iter().map(|(at, text)| Violation { seed, at, text }).collect()
    }

    fn check_action(&self, event: &Happening, at: Instant) -> Vec<String> {
        let action = Action { terms: &self.terms, ledger: &self.ledger, event };
        let checks = [
            only_ours_deleted::check(&action),
            newest_kept::check(&action),
            source_of_copy_kept::check(&action),
            retention_met::check(&action, at),
            own_key::check(&action),
            listed_accounts::check(&action),
        ];
        checks.into_iter().flatten().collect()
    }

    fn report(&mut self, at: Instant, violations: impl IntoIterator<Item = String>) {
        for violation in violations {
            // One of a kind is enough, because later ones are often the same violation seen again.
            if self.violations.len() < MOST_VIOLATIONS && self.known.insert(violation.clone()) {
                self.violations.push((at, violation));
            }
        }
    }
}
