//! The invariants: conditions that must hold whatever goes wrong, checked from outside the workers after every event.
//!
//! There is one file for each invariant.
//!
//! | Checked after | Invariants |
//! |---|---|
//! | a deletion | `only_ours_deleted`, `newest_kept`, `source_of_copy_kept`, `retention_met`, `promise_kept`, `predecessor_kept` |
//! | a new copy | `own_key`, `listed_accounts`, `copied_once` |
//! | a refused request | `limits_respected` |
//! | a successful run | `expired_deleted`, `intermediates_removed`, `late_announced`, `last_point_copied` |
//! | an execution | `failures_contained` |
//! | a published metric | `metric_truthful` |
//! | a change of ages | `age_bound`, `first_copy_made`, `recreated_protected`, `refusals_contained` |
//!
//! The invariants are computed from the world alone and share no code with the workers: `crate::independence` checks
//! their imports. `ledger` keeps the real state of the world, from the world's own journal. `crate::planted_bugs` shows
//! for each invariant a bug that it finds.

mod action;
mod age_bound;
mod copied_once;
mod expired_deleted;
mod failures_contained;
mod first_copy_made;
mod held;
mod intermediates_removed;
mod last_point_copied;
mod late;
mod late_announced;
mod ledger;
mod limits_respected;
mod listed_accounts;
mod metric_truthful;
mod newest_kept;
mod only_ours_deleted;
mod own_key;
mod points;
mod predecessor_kept;
mod promise_kept;
mod recreated_protected;
mod refusals_contained;
mod retention_met;
mod runs;
mod source_of_copy_kept;
mod terms;

use std::collections::BTreeSet;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_simulator::world::{Happening, JournalEvent};

use self::action::Action;
use self::age_bound::AgeBound;
pub(crate) use self::failures_contained::Ended;
use self::failures_contained::FailuresContained;
use self::first_copy_made::FirstCopyMade;
use self::intermediates_removed::IntermediatesRemoved;
use self::last_point_copied::LastPointCopied;
use self::late_announced::LateAnnounced;
use self::ledger::Ledger;
pub(crate) use self::metric_truthful::Offered;
use self::metric_truthful::{MetricTruthful, Published, Reality};
use self::recreated_protected::RecreatedProtected;
use self::refusals_contained::RefusalsContained;
use self::runs::Runs;
pub(crate) use self::terms::{Allowed, Terms, Visibility};
use crate::measure::protection::Protections;
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
    late_announced: LateAnnounced,
    last_point_copied: LastPointCopied,
    failures_contained: FailuresContained,
    metric_truthful: MetricTruthful,
    age_bound: AgeBound,
    first_copy_made: FirstCopyMade,
    recreated_protected: RecreatedProtected,
    refusals_contained: RefusalsContained,
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
            late_announced: LateAnnounced::default(),
            last_point_copied: LastPointCopied::default(),
            failures_contained: FailuresContained::default(),
            metric_truthful: MetricTruthful::default(),
            age_bound: AgeBound::default(),
            first_copy_made: FirstCopyMade::default(),
            recreated_protected: RecreatedProtected::default(),
            refusals_contained: RefusalsContained::default(),
            known: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    /// Takes note that a run begins.
    pub(crate) fn run_begins(
        &mut self,
        run: u64,
        now: Instant,
        protections: &Protections,
        visibility: Visibility,
    ) {
        let reality = Reality { terms: &self.terms, ledger: &self.ledger, protections };
        self.runs.begin(run, now, reality.oldest_age(now), visibility);
    }

    /// Takes note that a run is over.
    pub(crate) fn run_ends(&mut self, run: u64) {
        self.runs.end(run);
    }

    /// Checks an event, and then enters it in the ledger. `run` is the run that caused it, if a worker did.
    pub(crate) fn check_event(&mut self, event: &JournalEvent, run: Option<u64>, visibility: Visibility) {
        let visibility = self.runs.seen_by(run, visibility);
        if event.by.is_some() {
            let violations = self.check_action(&event.what, event.at, visibility);
            self.report(event.at, violations);
        }
        let violation = limits_respected::check(&event.what, self.runs.is_alone(run), visibility);
        self.report(event.at, violation);
        self.refusals_contained.note(&event.what, &self.ledger, event.at);
        match event.what {
            Happening::Begun(..) => self.runs.disturb_others(run),
            Happening::Gone(..) => self.runs.count_deleted(run),
            _ => {}
        }
        self.ledger.enter(&event.what, event.at);
    }

    /// Checks the state after a run of `worker` succeeded with `report`.
    pub(crate) fn check_run(
        &mut self,
        (worker, report): (WorkerName, &Report),
        run: u64,
        now: Instant,
        visibility: Visibility,
    ) {
        let visibility = self.runs.seen_by(Some(run), visibility);
        let Some(run) = self.runs.get(Some(run)).filter(|_| visibility == Visibility::Complete) else {
            return;
        };
        let violations = match worker {
            WorkerName::DestinationCopy => {
                let left = self.intermediates_removed.check(&self.terms, &self.ledger, now);
                let unannounced = self.late_announced.check((&self.terms, &self.ledger), run, report);
                let uncopied = self.last_point_copied.check(&self.terms, &self.ledger, run);
                [left, unannounced, uncopied].concat()
            }
            _ => expired_deleted::check(&self.terms, &self.ledger, worker, run),
        };
        self.report(now, violations);
    }

    /// Checks an execution of a worker's state machine that has ended.
    pub(crate) fn check_execution(&mut self, ended: Ended, now: Instant) {
        let violation = self.failures_contained.check(ended, self.terms.ages.holds_from);
        self.report(now, violation);
    }

    /// Checks a metric that `run` published. `offered` looks at the offers in the world.
    pub(crate) fn check_metric(
        &mut self,
        (metric, run): (&Metric, Option<u64>),
        now: Instant,
        protections: &Protections,
        offered: impl FnOnce() -> Offered,
    ) {
        let published = Published { metric, run: self.runs.get(run), at: now };
        let reality = Reality { terms: &self.terms, ledger: &self.ledger, protections };
        let violation = self.metric_truthful.check(&reality, &published, offered);
        self.report(now, violation);
    }

    /// Checks the ages of all databases.
    pub(crate) fn check_ages(&mut self, protections: &Protections, now: Instant) {
        let late = late::all(&self.terms.ages, protections, now);
        // The explanation of a late database comes before the mere fact, of which there may be many.
        let violations = [
            self.refusals_contained.check(&late, now),
            self.age_bound.check(&late, now),
            self.first_copy_made.check(&late, now),
            self.recreated_protected.check(&late, now),
        ];
        self.report(now, violations.concat());
    }

    /// The first violations, in order.
    pub(crate) fn into_violations(self, seed: u64) -> Vec<Violation> {
        self.violations.into_iter().map(|(at, text)| Violation { seed, at, text }).collect()
    }

    fn check_action(&self, event: &Happening, at: Instant, visibility: Visibility) -> Vec<String> {
        let action = Action { terms: &self.terms, ledger: &self.ledger, event };
        let checks = [
            only_ours_deleted::check(&action),
            newest_kept::check(&action),
            source_of_copy_kept::check(&action),
            retention_met::check(&action, at),
            promise_kept::check(&action, at),
            predecessor_kept::check(&action, at),
            own_key::check(&action),
            listed_accounts::check(&action),
            copied_once::check(&action, visibility),
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
