//! Which snapshot a database is restored from: the newest usable recovery point, by when it was taken.
//!
//! Whose it is goes by [`Sources::recovery_point`](pilot_light_domain::model::recovery_point::Sources::recovery_point) for our copies, and by AWS's own word for others. Neither
//! the day nor anything else is read from a name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, DatabaseId, DatabaseKind, DatabaseName};
use pilot_light_domain::model::recovery_point::{RecoveryPoint, by_database, newest_usable};
use pilot_light_domain::model::snapshot::Snapshot;

use crate::facts::Facts;
use crate::fields::Fields;

/// The database that is wanted, as far as the manifest names it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// Its identifier in its own account.
    pub(crate) database: DatabaseName,
    /// Its account, where several have one of that name.
    pub(crate) account: Option<AccountId>,
    /// Only what was taken by then.
    pub(crate) at: Option<Instant>,
}

impl Wanted {
    /// The database of that name, with the parameters `SourceAccount` and `At`, whose faults are told in any case.
    pub(crate) fn read(fields: &mut Fields, database: Option<DatabaseName>) -> Option<Self> {
        let account = fields.parsed("SourceAccount");
        let at = fields.text("At").and_then(|text| {
            let read = text.parse().ok();
            if read.is_none() {
                fields.fault("At", format!("is '{text}', no time such as 2026-01-31T23:59:00Z"));
            }
            read
        });
        Some(Self { database: database?, account, at })
    }

    /// The snapshot to restore from.
    ///
    /// # Errors
    /// Why there is none: the database, and what was looked through.
    pub(crate) fn choose(&self, facts: &Facts) -> Result<Arc<Snapshot>, String> {
        let points: Vec<RecoveryPoint> =
            facts.snapshots.iter().filter_map(|found| self.point(found, facts)).collect();
        let usable: Vec<RecoveryPoint> =
            points.iter().filter(|point| self.is_usable(point)).cloned().collect();
        let databases = by_database(&usable);
        match preferred(&databases, facts).as_slice() {
            [] => Err(self.none_of(&points, facts)),
            [one] => newest_usable(&databases[one])
                .map(|(point, _)| point.snapshot.clone())
                .ok_or_else(|| self.none_of(&points, facts)),
            several => {
                let names: Vec<_> = several.iter().map(ToString::to_string).collect();
                Err(format!("could be any of {}; give SourceAccount", names.join(", ")))
            }
        }
    }

    /// The recovery point that a snapshot is, if it is one of the database that is wanted.
    fn point(&self, snapshot: &Arc<Snapshot>, facts: &Facts) -> Option<RecoveryPoint> {
        if snapshot.database != self.database || snapshot.kind() != DatabaseKind::Instance {
            return None;
        }
        let point = if snapshot.is_copied_by_us() {
            facts.sources.recovery_point(snapshot.clone())
        } else {
            // Somebody's copy from another account is no database of ours, whatever it is called.
            let origin = snapshot.copied_from.as_ref().unwrap_or(&snapshot.arn);
            let is_own = origin.account == facts.account;
            is_own.then(|| RecoveryPoint { origin: origin.clone(), snapshot: snapshot.clone() })?
        };
        let is_of_account = self.account.as_ref().is_none_or(|account| point.origin.account == *account);
        is_of_account.then_some(point)
    }

    fn is_usable(&self, point: &RecoveryPoint) -> bool {
        point.usable_since().is_some_and(|taken| self.at.is_none_or(|at| taken <= at))
    }

    fn none_of(&self, points: &[RecoveryPoint], facts: &Facts) -> String {
        let account =
            self.account.as_ref().map(|account| format!(" of account {account}")).unwrap_or_default();
        let until = self.at.map(|at| format!(" taken by {}", at.to_rfc3339())).unwrap_or_default();
        format!(
            "there is no usable recovery point of '{}'{account}{until}: looked through {} snapshots in {}, {} of them of that database",
            self.database,
            facts.snapshots.len(),
            facts.region,
            points.len()
        )
    }
}

/// The databases that may be meant: those that are copied from come before the account's own, which after a recovery
/// has snapshots of the restored one besides.
fn preferred(databases: &BTreeMap<DatabaseId, Vec<&RecoveryPoint>>, facts: &Facts) -> Vec<DatabaseId> {
    let sources = &facts.sources;
    let is_copied = |id: &DatabaseId| sources.accounts.contains(&id.account) && id.region == sources.region;
    let copied: Vec<_> = databases.keys().filter(|id| is_copied(id)).cloned().collect();
    if copied.is_empty() { databases.keys().cloned().collect() } else { copied }
}

/// The names of all databases that copies are kept of: nothing else may take them.
pub(crate) fn protected_names(facts: &Facts) -> BTreeSet<&DatabaseName> {
    let copies = facts.snapshots.iter().filter(|snapshot| snapshot.is_copied_by_us());
    copies.map(|snapshot| &snapshot.database).collect()
}

#[cfg(test)]
mod tests;
