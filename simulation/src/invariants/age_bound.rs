//! The invariant that the newest usable copy of every database is younger than the bound of the schedule, and that
//! ages return to that bound without help after the faults are over.

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::terms::Terms;

/// The ages so far, as far as they matter: one violation for each time above the bound is enough.
#[derive(Debug, Default)]
pub(super) struct AgeBound {
    is_exceeded: bool,
}

impl AgeBound {
    /// Returns the violation if the oldest database exceeds the bound for the first time since it was within it.
    pub(super) fn check(&mut self, terms: &Terms, oldest: TimeDelta, now: Instant) -> Option<String> {
        let is_exceeded = now > terms.holds_from && oldest > terms.bound;
        let is_new = is_exceeded && !self.is_exceeded;
        self.is_exceeded = is_exceeded;
        is_new.then(|| {
            let (age, bound) = (oldest.num_minutes(), terms.bound.num_minutes());
            format!(
                "the newest usable copy of a database is {age} min old, but at most {bound} min are allowed: \
                 the system did not return to its bound by itself"
            )
        })
    }
}
