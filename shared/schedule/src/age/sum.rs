//! An age as a sum of durations with its terms, or the absence of a bound where copies pile up.

use std::fmt;

use chrono::TimeDelta;

/// A sum of durations with its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The terms, in the order of events.
    pub terms: Vec<Term>,
}

/// One term of a sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The part of a snapshot's way that takes the time, in words.
    pub name: &'static str,
    /// The longest time that it takes.
    pub time: TimeDelta,
}

/// There is no bound, since copies pile up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unbounded {
    /// The time that the copies of one interval take in all copy slots together.
    pub needed: TimeDelta,
    /// The time available for them.
    pub interval: TimeDelta,
}

/// The name of the term for the wait of a snapshot where copies do not keep up.
pub(super) const BEHIND: &str = "the copy before it, which is still in progress";

impl Sum {
    /// True if no snapshot ever waits for an earlier copy of its own database.
    #[must_use]
    pub fn keeps_up(&self) -> bool {
        self.terms.iter().all(|term| term.name != BEHIND)
    }

    /// A sum of the given terms, without those that take no time.
    pub(super) fn of<const N: usize>(terms: [(&'static str, TimeDelta); N]) -> Self {
        let terms = terms.into_iter().filter(|(_, time)| *time > TimeDelta::zero());
        Self { terms: terms.map(|(name, time)| Term { name, time }).collect() }
    }

    /// The sum of all terms.
    #[must_use]
    pub fn total(&self) -> TimeDelta {
        self.terms.iter().map(|term| term.time).sum()
    }
}

impl fmt::Display for Unbounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (needed, interval) = (self.needed.num_minutes(), self.interval.num_minutes());
        write!(
            f,
            "no bound: the copies of one interval take {needed} minutes and the next are due after {interval}, so they pile up"
        )
    }
}
