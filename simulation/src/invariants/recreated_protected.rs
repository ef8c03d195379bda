//! The invariant that a database that was created under an old name gets a copy of its own within the bound of the
//! schedule. The copies of the earlier database of that name do not protect it.

use pilot_light_domain::Instant;

use super::late::{Late, Once};

/// The recreated databases without a copy of their own, each reported once.
#[derive(Debug, Default)]
pub(super) struct RecreatedProtected(Once);

impl RecreatedProtected {
    /// Returns the violations of late databases that have no copy of their own.
    pub(super) fn check(&mut self, late: &[Late<'_>], now: Instant) -> Vec<String> {
        let is_starved = |late: &&Late<'_>| !late.protection.is_copied() && late.protection.is_recreated;
        self.0.unreported(late.iter().filter(is_starved)).map(|late| text(late, now)).collect()
    }
}

fn text(late: &Late<'_>, now: Instant) -> String {
    let (age, bound) = (late.protection.age(now).num_minutes(), late.bound.num_minutes());
    let name = &late.protection.name;
    format!(
        "{name} was created again under its old name {age} min ago and has no usable copy of its own, but at most {bound} min \
         are allowed"
    )
}
