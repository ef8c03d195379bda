//! The invariant that `destination-copy` soon removes an intermediate copy that nothing needs any longer.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;

use super::ledger::{Held, Ledger};
use super::terms::Terms;

/// The time for which runs may leave an intermediate that nothing needs: until AWS's lists surely show its readers.
const TOLERANCE: TimeDelta = TimeDelta::minutes(20);

/// The intermediates that earlier runs left although nothing needed them.
#[derive(Debug, Default)]
pub(super) struct IntermediatesRemoved {
    /// Each with the time of the first such run.
    left: BTreeMap<SnapshotArn, Instant>,
}

impl IntermediatesRemoved {
    /// Returns the violations after a successful run of `destination-copy`.
    pub(super) fn check(&mut self, terms: &Terms, ledger: &Ledger, now: Instant) -> Vec<String> {
        let unneeded = ledger.intermediates().filter(|held| is_unneeded(terms, ledger, held));
        let unneeded: Vec<SnapshotArn> = unneeded.map(|held| held.record.arn.clone()).collect();
        self.left.retain(|arn, _| unneeded.contains(arn));
        let mut violations = Vec::new();
        for arn in unneeded {
            let since = *self.left.entry(arn.clone()).or_insert(now);
            if now - since > TOLERANCE {
                violations.push(format!("the intermediate copy {arn} still exists, but nothing needs it"));
            }
        }
        violations
    }
}

/// True if nothing needs an intermediate any longer, and AWS would delete it.
fn is_unneeded(terms: &Terms, ledger: &Ledger, held: &Held) -> bool {
    let record = &held.record;
    if ledger.is_read(&record.arn) {
        return false;
    }
    match held.usable_since() {
        Some(taken) => ledger.newest_usable(&held.database(), None) >= Some(taken),
        None => record.status.as_str() == "failed" && terms.failed_can_be_deleted,
    }
}
