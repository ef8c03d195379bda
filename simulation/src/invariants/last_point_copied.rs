//! The invariant that the last snapshot of a database that is gone is copied nevertheless, also if another database has its name
//! by then.
//!
//! It applies once the faults have been over for long enough, and as long as the snapshot exists. `predecessor_kept` checks
//! that its copy stays.

use std::collections::BTreeSet;

use pilot_light_domain::model::arn::SnapshotArn;

use super::held::Instance;
use super::ledger::Ledger;
use super::runs::Run;
use super::terms::Terms;

/// The number of databases that had one name after the other, beyond which the last snapshots of some are not copied.
const MOST: usize = 8;

/// The databases whose last snapshots were reported.
#[derive(Debug, Default)]
pub(super) struct LastPointCopied(BTreeSet<Instance>);

impl LastPointCopied {
    /// Returns the violations after a successful run of `destination-copy`.
    pub(super) fn check(&mut self, terms: &Terms, ledger: &Ledger, run: &Run) -> Vec<String> {
        if run.began < terms.ages.holds_from {
            return Vec::new();
        }
        let lost: Vec<_> =
            ledger.gone().filter_map(|gone| Some((gone, missing(terms, ledger, run, gone)?))).collect();
        lost.into_iter().filter(|(gone, _)| self.0.insert((*gone).clone())).map(|(_, text)| text).collect()
    }
}

/// The violation, if the last snapshot of an instance is neither copied nor being copied.
fn missing(terms: &Terms, ledger: &Ledger, run: &Run, gone: &Instance) -> Option<String> {
    let is_in_source = |arn: &SnapshotArn| arn.account == terms.homes.source.account;
    let (taken, last) = ledger.complete().of(gone).rev().find(|(_, arn)| is_in_source(arn))?;
    let held = ledger.get(last)?;
    let is_on_its_way =
        || ledger.is_read(last) || ledger.complete().of(gone).any(|(_, arn)| ledger.is_read(arn));
    let database = ledger.database(held);
    let is_kept = ledger.complete().instances(&database).count() <= MOST;
    let age = run.began - *taken;
    let is_missing =
        age > terms.ages.bound && is_kept && !ledger.has_copy_since(held, *taken) && !is_on_its_way();
    is_missing.then(|| {
        format!(
            "{last} is the last snapshot of {}, which is gone, and it was not copied within {} min",
            database.1,
            age.num_minutes()
        )
    })
}
