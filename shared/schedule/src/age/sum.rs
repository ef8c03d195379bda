//! An age as a sum of durations, with its terms; or its absence, where copies pile up.

use std::fmt;

use chrono::TimeDelta;

/// A sum of durations with its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What it is made of, in the order of events.
    pub terms: Vec<Term>,
}

/// One line of a sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What takes the time, in words.
    pub name: &'static str,
    /// How long at worst.
    pub time: TimeDelta,
}

/// There is no bound: copies pile up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unbounded {
    /// How long the copies of one interval take, in all slots together.
    pub needed: TimeDelta,
    /// How long they have.
    pub interval: TimeDelta,
}

/// What a snapshot waits for where copies do not keep up.
pub(super) const BEHIND: &str = "the copy before it, which is still in progress";

impl Sum {
    /// True if no snapshot ever waits for an earlier copy of its own database.
    #[must_use]
    pub fn keeps_up(&self) -> bool {
        self.terms.iter().all(|term| term.name != BEHIND)
    }

    /// The terms that take any time.
    pub(super) fn of<const N: usize>(terms: [(&'static str, TimeDelta); N]) -> Self {
        let terms = terms.into_iter().filter(|(_, time)| *time > TimeDelta::zero());
        Self { terms: terms.map(|(name, time)| Term { name, time }).collect() }
    }

    /// All terms together.
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
