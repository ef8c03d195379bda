//! The invariant that a database whose copies AWS refuses does not delay the copies of others.
//!
//! A late database is a violation if AWS refused copies of other databases lately, and none of its own.

use std::collections::BTreeMap;

use pilot_light_domain::Instant;
use pilot_light_simulator::world::Happening;

use super::late::{Late, Once};
use super::ledger::Ledger;
use super::limits_respected::REFUSAL;
use crate::measure::protection::ResourceId;

/// The refused copies.
#[derive(Debug, Default)]
pub(super) struct RefusalsContained {
    /// The last refusal of a copy of each database.
    refused: BTreeMap<ResourceId, Instant>,
    reported: Once,
}

impl RefusalsContained {
    /// Takes note of a refused copy. A refusal for lack of copy slots or quota concerns no single database.
    pub(super) fn note(&mut self, event: &Happening, ledger: &Ledger, now: Instant) {
        let Happening::Refused(code, Some(source)) = event else { return };
        if let Some(held) = ledger.get(source).filter(|_| *code != REFUSAL) {
            self.refused.insert(held.record.shape.resource_id.clone(), now);
        }
    }

    /// Returns the violations of databases that are late while AWS refuses the copies of others.
    pub(super) fn check(&mut self, late: &[Late<'_>], now: Instant) -> Vec<String> {
        let Self { refused, reported } = self;
        let is_healthy = |late: &&Late<'_>| {
            refused.get(late.id).is_none_or(|refused| *refused < late.protection.protected_until())
        };
        let others = |late: &Late<'_>| {
            let lately = refused.iter().filter(|(id, at)| *id != late.id && now - **at <= late.bound);
            lately.count()
        };
        let is_delayed = |late: &&Late<'_>| is_healthy(late) && others(late) > 0;
        let text = |late: &Late<'_>| {
            let (name, others) = (&late.protection.name, others(late));
            let age = late.protection.age(now).num_minutes();
            format!(
                "{name} has waited {age} min for a copy while AWS refused the copies of {others} other databases"
            )
        };
        reported.unreported(late.iter().filter(is_delayed)).map(text).collect()
    }
}
