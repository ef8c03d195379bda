//! The invariant that the newest usable copy of every database is younger than the bound of the schedule, and that
//! ages return to that bound without help after the faults are over.
//!
//! Databases without any copy are left to `first_copy_made` and `recreated_protected`.

use pilot_light_domain::Instant;

use super::late::{Late, Once};

/// The databases that exceed the bound: one violation for each time above it is enough.
#[derive(Debug, Default)]
pub(super) struct AgeBound(Once);

impl AgeBound {
    /// Returns the violations of databases that exceed the bound for the first time since they were within it.
    pub(super) fn check(&mut self, late: &[Late<'_>], now: Instant) -> Vec<String> {
        let copied = late.iter().filter(|late| late.protection.is_copied());
        self.0.unreported(copied).map(|late| text(late, now)).collect()
    }
}

fn text(late: &Late<'_>, now: Instant) -> String {
    let (age, bound) = (late.protection.age(now).num_minutes(), late.bound.num_minutes());
    let name = &late.protection.name;
    format!(
        "the newest usable copy of {name} is {age} min old, but at most {bound} min are allowed: the system did not return \
         to its bound by itself"
    )
}
