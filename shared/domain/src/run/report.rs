//! The report of a run: the worker's output, its one log line, and the source of its metrics.
//!
//! Its size is bounded, since Step Functions accepts at most 256 KiB. Counts are complete. Lists contain the first
//! [`LISTED`] entries of each kind. Long texts are cut.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::aws::metrics::{Metric, MetricName};
use crate::model::ids::{AccountId, Region};
use crate::run::announcement::Announcement;
use crate::run::context::{Context, Mode};
use crate::run::effects::{Effect, Outcome};
use crate::run::error::{ErrorName, WorkerError};
use crate::run::plan::{Action, Plan, Skip, SkipClass, SkipReason};
use crate::run::verdict::Verdict;

/// The most entries of a list. 5 lists of 50 entries with their texts stay below 256 KiB.
pub const LISTED: usize = 50;
/// The most announcements of a run. The newest events come first, because those of earlier runs have been sent.
pub const ANNOUNCED: usize = 20;
/// The most bytes of the verb or the reason's name in an entry.
const WHAT: usize = 40;
/// The most bytes of the subject. The ARN of a snapshot has up to 300 characters.
const SUBJECT: usize = 300;
/// The most bytes of the detail. Our reading of an error takes about 120, AWS's action, code and message up to 640.
const DETAIL: usize = 600;

/// The actions of a run, the things it left alone, and the reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The worker.
    pub worker: String,
    /// The account it ran in.
    pub account: AccountId,
    /// The Region it ran in.
    pub region: Region,
    /// The time of the run.
    pub time: Instant,
    /// True if the run was not allowed to write.
    pub dry_run: bool,
    /// The person who confirmed that recovery points may be deleted earlier than promised, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
    /// The number of databases or snapshots considered.
    pub considered: usize,
    /// The number of actions in the plan.
    pub planned: usize,
    /// Actions carried out, by verb.
    pub acted: BTreeMap<String, usize>,
    /// The number of databases or snapshots left alone, by reason.
    pub skipped: BTreeMap<String, usize>,
    /// The number of those that wait for AWS or for a later run.
    pub pending: usize,
    /// The number of those that stay unprotected until a person acts.
    pub blocked: usize,
    /// Actions that failed.
    pub failed: usize,
    /// The first actions that were carried out. In a dry run, the first actions of the plan.
    pub actions: Vec<Entry>,
    /// The first of those that wait.
    pub waiting: Vec<Entry>,
    /// The first of those that need a person.
    pub blockers: Vec<Entry>,
    /// The first of the failures.
    pub failures: Vec<Entry>,
    /// The first of those left alone for a good reason. Refusals because of which the run took another way come before all others.
    pub settled: Vec<Entry>,
    /// The messages to send, at most [`ANNOUNCED`]. The state machine sends those of a dry run only after a run that failed.
    #[serde(default)]
    pub announcements: Vec<Announcement>,
    /// The one name that represents all failures.
    pub error: Option<ErrorName>,
    /// Measurements of the facts.
    #[serde(skip)]
    pub measurements: Vec<Metric>,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The verb, or the reason's name.
    pub what: String,
    /// The database or snapshot.
    pub subject: String,
    /// The reason or the target.
    pub detail: String,
}

impl Entry {
    fn new(what: impl Into<String>, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        let (what, subject, detail) = (what.into(), subject.into(), detail.into());
        Self { what: cut(what, WHAT), subject: cut(subject, SUBJECT), detail: cut(detail, DETAIL) }
    }
}

/// The longest beginning of `text` that takes at most `most` bytes in JSON.
fn cut(text: String, most: usize) -> String {
    // Nearly every text is short and contains nothing that JSON escapes. Every byte is read, so that many are read at once.
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
    if text.len() <= most && text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        return text;
    }
    let mut room = most;
    let fits = |letter: &char| {
        let bytes = match letter {
            '"' | '\\' => 2,
            letter if letter.is_control() => 6,
            letter => letter.len_utf8(),
        };
        let is_room = bytes <= room;
        room -= bytes.min(room);
        is_room
    };
    text.chars().take_while(fits).collect()
}

impl Report {
    /// The report of a plan before any action is carried out.
    #[must_use]
    pub fn of_plan<A: Action>(worker: &str, context: &Context, plan: &Plan<A>) -> Self {
        let mut report = Self {
            worker: worker.to_owned(),
            account: context.account.clone(),
            region: context.region.clone(),
            time: context.now,
            dry_run: context.mode == Mode::DryRun,
            confirmed_by: context.confirmation.as_ref().map(|confirmation| confirmation.by.clone()),
            considered: plan.actions.len() + plan.skips.len(),
            planned: plan.actions.len(),
            acted: BTreeMap::new(),
            skipped: BTreeMap::new(),
            pending: 0,
            blocked: 0,
            failed: 0,
            actions: Vec::new(),
            waiting: Vec::new(),
            blockers: Vec::new(),
            failures: Vec::new(),
            settled: Vec::new(),
            announcements: plan.announcements.iter().take(ANNOUNCED).cloned().collect(),
            error: None,
            measurements: plan.metrics.clone(),
        };
        for action in plan.actions.iter().take(LISTED) {
            report.actions.push(Entry::new(action.verb(), action.subject(), action.detail()));
        }
        let mut by_reason: BTreeMap<&SkipReason, usize> = BTreeMap::new();
        let is_noted = |skip: &&Skip| skip.reason.class() == SkipClass::Noted;
        let is_late = |skip: &&Skip| skip.reason.is_late();
        let others = plan.skips.iter().filter(|skip| !is_noted(skip));
        let noted = plan.skips.iter().filter(|skip| is_noted(skip) && !is_late(skip));
        for skip in plan.skips.iter().filter(is_late).chain(noted).chain(others) {
            *by_reason.entry(&skip.reason).or_default() += 1;
            let reason = &skip.reason;
            let entry = || Entry::new(reason.key(), skip.subject.to_string(), reason.to_string());
            match skip.reason.class() {
                SkipClass::Noted | SkipClass::Settled => list(&mut report.settled, entry),
                SkipClass::Pending => {
                    report.pending += 1;
                    list(&mut report.waiting, entry);
                }
                SkipClass::Blocked => {
                    report.blocked += 1;
                    list(&mut report.blockers, entry);
                }
            }
        }
        for (reason, count) in by_reason {
            *report.skipped.entry(reason.key()).or_default() += count;
        }
        report
    }

    /// The report after the actions were carried out, with one outcome each.
    #[must_use]
    pub fn with_outcomes(mut self, outcomes: &[Outcome]) -> Self {
        self.actions.clear();
        for outcome in outcomes {
            match &outcome.result {
                Ok(Effect::Done | Effect::AlreadyDone) => {
                    *self.acted.entry(outcome.verb.to_owned()).or_default() += 1;
                    list(&mut self.actions, || {
                        Entry::new(outcome.verb, outcome.subject.as_str(), outcome.detail.as_str())
                    });
                }
                Err(error) => {
                    let entry = || Entry::new(outcome.verb, outcome.subject.as_str(), error.to_string());
                    let (count, entries) = match error.kind.verdict() {
                        Verdict::Waits => (&mut self.pending, &mut self.waiting),
                        Verdict::Blocked => (&mut self.blocked, &mut self.blockers),
                        Verdict::Failed => (&mut self.failed, &mut self.failures),
                    };
                    *count += 1;
                    list(entries, entry);
                }
            }
        }
        self.error = ErrorName::of_many(
            outcomes
                .iter()
                .filter_map(|outcome| outcome.result.as_ref().err())
                .filter(|error| error.kind.verdict() == Verdict::Failed)
                .map(|error| error.kind.name()),
        );
        self
    }

    /// The metrics to publish: the measurements and the counts.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        let count = |name, value: usize| {
            #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
            Metric::of_worker(name, &self.worker, value as f64)
        };
        let mut metrics = self.measurements.clone();
        metrics.push(count(MetricName::Pending, self.pending));
        metrics.push(count(MetricName::Failed, self.failed));
        metrics.push(count(MetricName::Blocked, self.blocked));
        metrics
    }

    /// The error that the run ends with, if any action failed.
    #[must_use]
    pub fn worker_error(&self) -> Option<WorkerError> {
        let name = self.error?;
        let first = self.failures.first();
        Some(WorkerError::Actions {
            failed: self.failed,
            attempted: self.planned,
            first: first.map_or_else(String::new, |entry| {
                format!("{} {}: {}", entry.what, entry.subject, entry.detail)
            }),
            name,
        })
    }
}

fn list(entries: &mut Vec<Entry>, entry: impl FnOnce() -> Entry) {
    if entries.len() < LISTED {
        entries.push(entry());
    }
}

#[cfg(test)]
mod tests;
