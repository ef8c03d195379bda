//! The invariant that `destination-copy` soon removes an intermediate copy that nothing needs any longer.
//!
//! A copy of another database that had the same name does not replace it: `DbiResourceId` distinguishes them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;

use super::held::Held;
use super::ledger::Ledger;
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
///
/// Of the failed ones of a database, the newest is needed until a copy of data as new arrives: it shows that the database
/// must queue behind others.
fn is_unneeded(terms: &Terms, ledger: &Ledger, held: &Held) -> bool {
    let record = &held.record;
    if ledger.is_read(&record.arn) {
        return false;
    }
    match held.usable_since() {
        Some(taken) => ledger.has_copy_since(held, taken),
        None => {
            // AWS may give a failed copy no time. Its original has one.
            let original = || ledger.get(&held.root)?.record.original_created_at;
            let taken = record.original_created_at.or_else(original).unwrap_or(record.database_time);
            let has_arrived = || ledger.has_copy_since(held, taken);
            let is_later = |other: &Held| other.instance() == held.instance() && age(other) > age(held);
            let is_followed = || ledger.intermediates().any(|other| is_failed(other) && is_later(other));
            is_failed(held) && terms.failed_can_be_deleted && (has_arrived() || is_followed())
        }
    }
}

fn is_failed(held: &Held) -> bool {
    held.record.status.as_str() == "failed"
}

/// Failed copies by the age of their data. Of several copies of one snapshot, the last has the longest name.
fn age(held: &Held) -> (Instant, usize, &SnapshotArn) {
    (held.record.database_time, held.record.arn.id.as_str().len(), &held.record.arn)
}
