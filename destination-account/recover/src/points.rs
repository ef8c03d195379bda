//! The choice of the snapshot for a restore: the usable recovery point that was taken last.
//!
//! `Sources::recovery_point` of the domain determines the database of our own copies. The fields that AWS sets determine
//! the database of all other snapshots. Nothing is concluded from a snapshot's name, not even the day.

mod lost_name;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, DatabaseId, DatabaseKind, DatabaseName};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::recovery_point::{RecoveryPoint, Renames, by_database, newest_usable};
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::DbInstance;

use crate::facts::Facts;
use crate::fields::Fields;
use crate::tagging;

/// The most by which the clock of a person may be ahead.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(10);

/// The requested database, as far as the manifest identifies it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// Its identifier in its own account.
    pub(crate) database: DatabaseName,
    /// Its account, if several accounts have a database of that name.
    pub(crate) account: Option<AccountId>,
    /// The latest time at which the snapshot may have been taken.
    pub(crate) at: Option<Instant>,
    /// False if one of these could not be read. Then no snapshot is chosen.
    pub(crate) is_known: bool,
    /// False if the database could not be read.
    pub(crate) is_named: bool,
}

impl Wanted {
    /// Reads the parameters `SourceAccount` and `At` for the database that one of the parameters `names` names. Their problems
    /// are reported even if there is no name.
    pub(crate) fn read(
        fields: &mut Fields,
        names: &[&'static str],
        database: Option<DatabaseName>,
    ) -> Option<Self> {
        let account = fields.parsed("SourceAccount");
        // Whoever writes At does not mean the newest point.
        if fields.is_empty("At") {
            let said = "has no value; write a time such as 2026-01-31T23:59:00Z, or leave it out for the newest point";
            fields.problem("At", said);
        }
        let at = fields.text("At").and_then(|text| {
            let read = text.parse().ok();
            if read.is_none() {
                fields.problem("At", format!("is '{text}'; write a time such as 2026-01-31T23:59:00Z"));
            }
            read
        });
        let is_named = !fields.has_problem(names);
        let is_known = is_named && !fields.has_problem(&["SourceAccount", "At"]);
        let database = database.or_else(|| fields.stand_in(names.first()?))?;
        Some(Self { database, account, at, is_known, is_named })
    }

    /// The reason that there is no snapshot for the restore, as far as the parameters that could be read show it.
    pub(crate) fn problem(&self, facts: &Facts) -> Option<String> {
        if self.is_known {
            return self.choose(facts).err();
        }
        // A database without any usable point has none for any account and time.
        let any = Self { account: None, at: None, ..self.clone() };
        let points = any.among(&any.points(facts.snapshots.iter(), facts));
        let has_none = self.is_named && !points.iter().any(|point| any.is_usable(point));
        has_none.then(|| any.none_of(&points, facts))
    }

    /// The snapshot for the restore.
    ///
    /// # Errors
    /// The reason that there is none: the database, and the numbers of snapshots that were examined.
    pub(crate) fn choose(&self, facts: &Facts) -> Result<Arc<Snapshot>, String> {
        self.choose_from(facts.snapshots.iter(), facts)
    }

    /// The snapshot for a restore that would have the name of an existing instance. The snapshots of that instance itself
    /// do not count: AWS takes the first one as soon as it is restored.
    ///
    /// # Errors
    /// As in [`Self::choose`].
    pub(crate) fn choose_beside(&self, found: &DbInstance, facts: &Facts) -> Result<Arc<Snapshot>, String> {
        let is_of_it =
            |snapshot: &Snapshot| snapshot.resource_id.as_deref() == Some(found.resource_id.as_str());
        self.choose_from(facts.snapshots.iter().filter(|snapshot| !is_of_it(snapshot)), facts)
    }

    fn choose_from<'a>(
        &self,
        snapshots: impl Iterator<Item = &'a Arc<Snapshot>>,
        facts: &Facts,
    ) -> Result<Arc<Snapshot>, String> {
        if !self.is_known {
            return Err("the manifest does not say which snapshot it needs".to_owned());
        }
        if let Some(at) = self.at.filter(|at| *at > facts.now + CLOCK_SKEW) {
            return Err(format!("At is {}, which is in the future; correct it", tagging::time(at)));
        }
        let all = self.points(snapshots, facts);
        let points = self.among(&all);
        let mut usable: Vec<RecoveryPoint> =
            points.iter().filter(|point| self.is_usable(point)).cloned().collect();
        // The database that had this name then comes before the one that got it later.
        if usable.iter().any(|point| point.snapshot.database == self.database) {
            usable.retain(|point| point.snapshot.database == self.database);
        }
        let databases = by_database(&usable);
        if let Some(why) = self.is_ambiguous(&databases, facts) {
            return Err(why);
        }
        match preferred(&databases, facts).as_slice() {
            [] => Err(self.none_of(&points, facts)),
            [one] => {
                let (point, _) =
                    newest_usable(&databases[one]).ok_or_else(|| self.none_of(&points, facts))?;
                self.has_lost_name(point, &all).map_or_else(|| Ok(point.snapshot.clone()), Err)
            }
            several => {
                let names: Vec<_> = several.iter().map(ToString::to_string).collect();
                let names = names.join(", ");
                Err(format!(
                    "'{}' is the name of several databases: {names}; give SourceAccount",
                    self.database
                ))
            }
        }
    }

    /// The reason not to choose between the copies of a database and the newer snapshots of one in this account: after a
    /// failover the database lives here, and its copies are old.
    fn is_ambiguous(
        &self,
        databases: &BTreeMap<DatabaseId, Vec<&RecoveryPoint>>,
        facts: &Facts,
    ) -> Option<String> {
        let newest = |is_wanted: &dyn Fn(&DatabaseId) -> bool| {
            let all = databases.iter().filter(|(id, _)| is_wanted(id));
            all.filter_map(|(id, points)| Some((newest_usable(points)?, id)))
                .max_by_key(|((_, taken), _)| *taken)
        };
        let ((copy, copied), of) = newest(&|id| is_copied(id, facts))?;
        let ((own, taken), here) = newest(&|id| !is_copied(id, facts))?;
        let describe = |point: &RecoveryPoint, taken: Instant, of: &DatabaseId| {
            format!("{} of {}, data of {}", point.snapshot.arn.id, of.account, tagging::time(taken))
        };
        let is_one_account = of.account == here.account;
        let way_out = if is_one_account {
            format!(
                "give At: {} for the copy, or restore the newer snapshot with the AWS CLI",
                tagging::time(copied)
            )
        } else {
            format!("give SourceAccount: {} or {}", of.account, here.account)
        };
        (taken > copied && (self.account.is_none() || is_one_account)).then(|| {
            format!(
                "'{}' has copies ({}) and newer snapshots of this account's own database of that name ({}); {way_out}",
                self.database,
                describe(copy, copied, of),
                describe(own, taken, here),
            )
        })
    }

    /// The recovery points of the requested account, each under the newest name of its database.
    fn points<'a>(
        &self,
        snapshots: impl Iterator<Item = &'a Arc<Snapshot>>,
        facts: &Facts,
    ) -> Vec<RecoveryPoint> {
        let instances = snapshots.filter(|snapshot| snapshot.kind() == DatabaseKind::Instance);
        let mut points: Vec<_> = instances.filter_map(|snapshot| self.point(snapshot, facts)).collect();
        Renames::among(points.iter()).follow(points.iter_mut());
        points
    }

    /// Those of the requested database. They include those of the database that has this name now, under its earlier names, and
    /// those of an earlier database of this name.
    fn among(&self, all: &[RecoveryPoint]) -> Vec<RecoveryPoint> {
        let is_its =
            |point: &&RecoveryPoint| point.name == self.database || point.snapshot.database == self.database;
        let named = |point: &RecoveryPoint| RecoveryPoint { name: self.database.clone(), ..point.clone() };
        all.iter().filter(is_its).map(named).collect()
    }

    /// The snapshot as a recovery point of the requested account.
    fn point(&self, snapshot: &Arc<Snapshot>, facts: &Facts) -> Option<RecoveryPoint> {
        let point = if facts.sources.is_copy(snapshot) {
            facts.sources.recovery_point(snapshot.clone())
        } else {
            // A copy that somebody made from another account belongs to that account's database, whatever its name.
            let origin = snapshot.copied_from.as_ref().unwrap_or(&snapshot.arn);
            let is_own = origin.account == facts.account;
            is_own.then(|| RecoveryPoint::of(origin.clone(), snapshot.clone()))?
        };
        let is_of_account = self.account.as_ref().is_none_or(|account| point.origin.account == *account);
        is_of_account.then_some(point)
    }

    fn is_usable(&self, point: &RecoveryPoint) -> bool {
        self.at.map_or_else(|| point.usable_since().is_some(), |at| point.is_usable_by(at))
    }

    fn none_of(&self, points: &[RecoveryPoint], facts: &Facts) -> String {
        let account =
            self.account.as_ref().map(|account| format!(" of account {account}")).unwrap_or_default();
        let until = self.at.map(|at| format!(" taken by {}", tagging::time(at))).unwrap_or_default();
        format!(
            "there is no usable recovery point of '{}'{account}{until} among the snapshots in {}: \
             examined {}, of that database {}{}{}",
            self.database,
            facts.region,
            facts.snapshots.len(),
            points.len(),
            self.states(points),
            self.odd(facts)
        )
    }

    /// The newest points that are not usable, each with the reason.
    fn states(&self, points: &[RecoveryPoint]) -> String {
        const MOST: usize = 3;
        let mut newest: Vec<&RecoveryPoint> = points.iter().collect();
        newest.sort_by_key(|point| std::cmp::Reverse(point.snapshot.taken_at()));
        let state = |point: &&RecoveryPoint| {
            let snapshot = &point.snapshot;
            let id = &snapshot.arn.id;
            match (point.usable_since(), snapshot.is_available()) {
                (Some(taken), _) => format!("; {id} has data of {}", tagging::time(taken)),
                (None, true) => format!("; {id} has no time"),
                (None, false) => format!("; {id} is '{}'", snapshot.status),
            }
        };
        newest.iter().take(MOST).map(state).collect()
    }

    /// The snapshots that cannot be read and may be of the database, in words.
    fn odd(&self, facts: &Facts) -> String {
        let is_its = |odd: &&OddRecord| odd.database.as_ref().is_none_or(|name| *name == self.database);
        let odd = facts.odd_snapshots().iter().filter(is_its);
        odd.map(|odd| format!("; {odd} cannot be read: {}", odd.problem)).collect()
    }
}

/// The databases that the manifest may refer to. Databases with copies here take precedence over the account's own: after
/// a recovery the account also has snapshots of the restored database.
fn preferred(databases: &BTreeMap<DatabaseId, Vec<&RecoveryPoint>>, facts: &Facts) -> Vec<DatabaseId> {
    let copied: Vec<_> = databases.keys().filter(|id| is_copied(id, facts)).cloned().collect();
    if copied.is_empty() { databases.keys().cloned().collect() } else { copied }
}

/// True if the database is one of those whose snapshots are copied here.
fn is_copied(id: &DatabaseId, facts: &Facts) -> bool {
    facts.sources.accounts.contains(&id.account) && id.region == facts.sources.region
}

/// The names of all databases with copies here. No other instance may take these names.
pub(crate) fn protected_names(facts: &Facts) -> BTreeSet<&DatabaseName> {
    let copies = facts.snapshots.iter().filter(|snapshot| facts.sources.is_copy(snapshot));
    let odd = facts.odd_snapshots().iter().filter(|odd| odd.is_copied_by_us());
    copies.map(|snapshot| &snapshot.database).chain(odd.filter_map(|odd| odd.database.as_ref())).collect()
}

#[cfg(test)]
mod tests;
