//! The form of every plan: actions that leave no choices, and a reason for everything left alone.
//!
//! The reasons are in [`reason`].

mod reason;
mod text;

use crate::aws::metrics::Metric;
use crate::model::listing::OddRecord;
use crate::run::announcement::Announcement;
use crate::run::subject::Subject;

pub use self::reason::{SkipClass, SkipReason};
pub use self::text::RETIRE;

/// One action of a plan.
pub trait Action: Send + Sync {
    /// The verb of the action as one word for reports: `take`, `share`, `copy`, `delete`.
    fn verb(&self) -> &'static str;
    /// The database or snapshot that the action concerns.
    fn subject(&self) -> String;
    /// The reason or the target of the action, for the report.
    fn detail(&self) -> String;
    /// True if the action takes one of the places for which the line of the plan waits.
    fn is_limited(&self) -> bool {
        true
    }
}

/// The intentions of a run, in a stable order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<A> {
    /// The actions to carry out.
    pub actions: Vec<A>,
    /// The actions for which a limit leaves no place, in their order. They are among the skips. If AWS refuses an action,
    /// the next of them takes its place.
    pub line: Vec<A>,
    /// The databases and snapshots left alone, each with its reason.
    pub skips: Vec<Skip>,
    /// Measurements of the facts, to be published with the report.
    pub metrics: Vec<Metric>,
    /// The messages to send with the report.
    pub announcements: Vec<Announcement>,
}

impl<A> Default for Plan<A> {
    fn default() -> Self {
        Self {
            actions: Vec::new(),
            line: Vec::new(),
            skips: Vec::new(),
            metrics: Vec::new(),
            announcements: Vec::new(),
        }
    }
}

impl<A> Plan<A> {
    /// Leaves `subject` alone because of `reason`.
    pub fn skip(&mut self, subject: impl Into<Subject>, reason: SkipReason) {
        self.skips.push(Skip { subject: subject.into(), reason });
    }

    /// Keeps the first `places` actions. The others wait in line because of `reason`.
    pub fn keep_within(&mut self, places: usize, reason: &SkipReason)
    where
        A: Action,
    {
        self.line = self.actions.split_off(self.actions.len().min(places));
        let waiting = self.line.iter().map(|late| late.subject());
        let skips = waiting.map(|subject| Skip { subject: subject.as_str().into(), reason: reason.clone() });
        self.skips.extend(skips);
    }

    /// The plan as it was carried out: with the first `tried` actions, of which the last come from the line. Their subjects
    /// no longer wait.
    #[must_use]
    pub fn carried_out(mut self, tried: usize) -> Self
    where
        A: Action,
    {
        let from_line = tried.saturating_sub(self.actions.len()).min(self.line.len());
        let begun: Vec<Subject> =
            self.line.iter().take(from_line).map(|action| action.subject().as_str().into()).collect();
        self.skips.retain(|skip| !(skip.reason.is_limit() && begun.contains(&skip.subject)));
        self.actions.extend(self.line.drain(..from_line));
        self
    }

    /// Leaves the records alone that could not be read. Those that `concern` this worker are blocked, so that a person
    /// looks at them. The others are only counted.
    pub fn skip_odd<'a>(
        &mut self,
        odd: impl IntoIterator<Item = &'a OddRecord>,
        concerns: impl Fn(&OddRecord) -> bool,
    ) {
        for record in odd {
            self.skips.push(Skip::of_odd(record, concerns(record)));
        }
    }
}

/// A database or snapshot that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// The database or snapshot.
    pub subject: Subject,
    /// The reason.
    pub reason: SkipReason,
}

impl Skip {
    /// The skip of a record that could not be read.
    #[must_use]
    pub fn of_odd(record: &OddRecord, concerns_us: bool) -> Self {
        let problem = record.problem.clone();
        let reason = match concerns_us {
            true => SkipReason::Unreadable(problem),
            false => SkipReason::UnreadableNotOurs(problem),
        };
        Self { subject: record.to_string().as_str().into(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Deed(&'static str);

    impl Action for Deed {
        fn verb(&self) -> &'static str {
            "take"
        }
        fn subject(&self) -> String {
            self.0.to_owned()
        }
        fn detail(&self) -> String {
            String::new()
        }
    }

    #[test]
    fn the_subjects_of_actions_from_the_line_no_longer_wait() {
        let mut plan = Plan { actions: ["a", "b", "c", "d"].map(Deed).to_vec(), ..Plan::default() };
        plan.keep_within(2, &SkipReason::QuotaFull);
        plan.skip("c", SkipReason::UnknownStatus("odd".to_owned()));
        assert_eq!((plan.actions.len(), plan.line.len(), plan.skips.len()), (2, 2, 3));
        assert_eq!(plan.clone().carried_out(2), plan);
        let done = plan.carried_out(3);
        assert_eq!(done.actions, ["a", "b", "c"].map(Deed));
        let left: Vec<_> =
            done.skips.iter().map(|skip| (skip.subject.to_string(), skip.reason.key())).collect();
        assert_eq!(
            left,
            [("d".to_owned(), "QuotaFull".to_owned()), ("c".to_owned(), "UnknownStatus".to_owned())]
        );
    }
}
