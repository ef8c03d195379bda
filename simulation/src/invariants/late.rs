//! The databases that are late: the bound holds, and the age of each exceeds it.
//!
//! Several invariants judge them, each in a file of its own.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::terms::Allowed;
use crate::measure::protection::{Protection, Protections, ResourceId};

/// A database that is late.
#[derive(Debug, Clone, Copy)]
pub(super) struct Late<'a> {
    pub(super) id: &'a ResourceId,
    pub(super) protection: &'a Protection,
    /// The bound that its age exceeds.
    pub(super) bound: TimeDelta,
}

/// The databases that an invariant has reported, until they are no longer late.
#[derive(Debug, Default)]
pub(super) struct Once(BTreeSet<ResourceId>);

/// All late databases, by name. There is none while the bound does not hold.
pub(super) fn all<'a>(allowed: &Allowed, protections: &'a Protections, now: Instant) -> Vec<Late<'a>> {
    if now <= allowed.holds_from {
        return Vec::new();
    }
    let bound = allowed.bound;
    let is_late = |(_, protection): &(&ResourceId, &Protection)| protection.age(now) > bound;
    let late = protections.all().filter(is_late);
    let mut late: Vec<_> = late.map(|(id, protection)| Late { id, protection, bound }).collect();
    late.sort_by_key(|late| &late.protection.name);
    late
}

impl Once {
    /// The late databases that were not reported yet.
    pub(super) fn unreported<'l, 'a: 'l>(
        &mut self,
        late: impl Iterator<Item = &'l Late<'a>>,
    ) -> std::vec::IntoIter<&'l Late<'a>> {
        let late: Vec<_> = late.collect();
        self.0.retain(|id| late.iter().any(|late| late.id == id));
        let new: Vec<_> = late.into_iter().filter(|late| self.0.insert(late.id.clone())).collect();
        new.into_iter()
    }
}
