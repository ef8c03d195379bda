//! The invariant that every database gets its first copy within the bound of the schedule.
//!
//! The time counts from the instant at which the database became available. Databases under an old name are left to
//! `recreated_protected`.

use pilot_light_domain::Instant;

use super::late::{Late, Once};

/// The databases without a first copy, each reported once.
#[derive(Debug, Default)]
pub(super) struct FirstCopyMade(Once);

impl FirstCopyMade {
    /// Returns the violations of late databases that have no copy.
    pub(super) fn check(&mut self, late: &[Late<'_>], now: Instant) -> Vec<String> {
        let is_starved = |late: &&Late<'_>| !late.protection.is_copied() && !late.protection.is_recreated;
        self.0.unreported(late.iter().filter(is_starved)).map(|late| text(late, now)).collect()
    }
}

fn text(late: &Late<'_>, now: Instant) -> String {
    let (age, bound) = (late.protection.age(now).num_minutes(), late.bound.num_minutes());
    let name = &late.protection.name;
    format!(
        "{name} has no usable copy {age} min after it became available, but at most {bound} min are allowed"
    )
}
