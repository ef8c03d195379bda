//! The plan of both delete workers: the oldest expired recovery points, oldest first, up to the ceiling.
//!
//! Each worker supplies the recovery points and the account's other snapshots.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::Instant;
use crate::aws::gateway::RdsGateway;
use crate::model::arn::SnapshotArn;
use crate::model::ids::DatabaseId;
use crate::model::listing::OddRecord;
use crate::model::recovery_point::{RecoveryPoint, Renames, by_database};
use crate::model::retention::{Promise, Retention};
use crate::model::snapshot::{Snapshot, SnapshotStatus};
use crate::model::tags;
use crate::rules::retention::{Verdict, judge, lift_promises};
use crate::rules::{clock, safety};
use crate::run::context::Confirmation;
use crate::run::effects;
use crate::run::effects::Outcome;
use crate::run::error::WorkerError;
use crate::run::plan::{Action, Plan, SkipReason};
use crate::run::unknown_parameters::UnknownParameters;

/// The facts that the plan is made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// All our recovery points in the account and Region.
    pub points: Vec<RecoveryPoint>,
    /// All other manual snapshots there. They are counted and never touched.
    pub others: Vec<Arc<Snapshot>>,
    /// Our own snapshots that cannot be read. None of them is deleted, and none replaces a point that can be read.
    pub odd_points: Vec<OddRecord>,
    /// The other snapshots that cannot be read.
    pub odd_others: Vec<OddRecord>,
}

/// The most deletions of one run. AWS takes some per second at best, and a run has five minutes.
const MOST: usize = 500;

/// The most deletions that wait for the places of refused ones. AWS's default quota is 100 snapshots, so this reaches all that
/// AWS may refuse to delete, and limits the calls if it refuses every deletion.
const LINE: usize = 100;

/// A recovery point to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delete {
    /// The snapshot.
    pub arn: SnapshotArn,
    /// Its age since it was taken. AWS may never have given a failed snapshot a time.
    pub age: Option<TimeDelta>,
    /// The reason for the deletion.
    pub why: Why,
}

/// The reason for which a recovery point is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is older than the retention.
    Expired(TimeDelta),
    /// It failed and therefore contains nothing.
    Failed,
}

impl Action for Delete {
    fn verb(&self) -> &'static str {
        "delete"
    }

    fn subject(&self) -> String {
        self.arn.to_string()
    }

    fn detail(&self) -> String {
        let age = self.age.map_or_else(String::new, |age| format!("{} min old, ", age.num_minutes()));
        match self.why {
            Why::Expired(keep_for) => format!("{age}kept for {} min", keep_for.num_minutes()),
            Why::Failed => format!("{age}failed"),
        }
    }
}

/// The rules of a delete worker.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// `DeleteOldSnapshots`. If it is false, every point stays.
    pub delete: bool,
    /// The parameters that no worker knows. If there are any, every point stays.
    pub unknown: &'a UnknownParameters,
    /// The retention.
    pub retention: Retention,
    /// `KeepRetired`: the time for which the last points of a retired database stay. Without it, they stay for ever.
    pub keep_retired: Option<TimeDelta>,
    /// A person's word that recovery points may be deleted earlier than promised.
    pub confirmation: Option<&'a Confirmation>,
}

impl Rules<'_> {
    fn is_confirmed(&self, database: &DatabaseId) -> bool {
        self.confirmation.is_some_and(|confirmation| confirmation.covers(database))
    }

    /// Checks that a confirmation is about a database that has recovery points here.
    fn check_confirmation<'d>(
        &self,
        mut databases: impl Iterator<Item = &'d DatabaseId> + Clone,
    ) -> Result<(), WorkerError> {
        const LISTED: usize = 10;
        let all = databases.clone();
        match self.confirmation {
            Some(confirmation) if confirmation.of != "*" && !databases.any(|id| confirmation.covers(id)) => {
                let known: Vec<_> = all.take(LISTED).map(ToString::to_string).collect();
                Err(WorkerError::InvalidInput(format!(
                    "delete_early is of '{}', and no recovery point here is of that database; the first ones are of: {}; nothing was deleted",
                    confirmation.of,
                    known.join(", ")
                )))
            }
            _ => Ok(()),
        }
    }

    /// The reason for which every point stays, if there is one.
    fn stop(&self) -> Option<SkipReason> {
        let held = (!self.unknown.is_empty()).then_some(SkipReason::DeletionStopped);
        if self.delete { held } else { Some(SkipReason::TurnedOff) }
    }
}

/// Plans the deletions.
///
/// # Errors
/// `SafetyRefused` if [`safety`] refuses the plan. `InvalidInput` if a confirmation names a database without recovery points.
pub fn plan(facts: &Facts, rules: Rules<'_>, now: Instant) -> Result<Plan<Delete>, WorkerError> {
    let Facts { points, others, odd_points, odd_others } = facts;
    let points = &*Renames::followed(points);
    let mut in_use = read_from(points.iter().map(|point| &point.snapshot).chain(others));
    in_use.extend(read_by_odd(odd_points.iter().chain(odd_others)));
    let mut plan = Plan::default();
    plan.skip_odd(odd_points, |_| true);
    plan.skip_odd(odd_others, |_| false);
    let today = now.date_naive().to_string();
    let clock = now;
    let now = clock::proven(points, clock);
    for other in others {
        plan.skip(&other.arn, SkipReason::NotOurs);
    }
    if let Some(reason) = rules.stop() {
        for point in points {
            plan.skip(&point.snapshot.arn, reason.clone());
        }
        plan.skips.extend(rules.unknown.stops().filter(|_| rules.delete));
        return Ok(plan);
    }
    let databases = by_database(points);
    rules.check_confirmation(databases.keys())?;
    let mut promised = 0;
    for (database, points) in databases {
        // A person has looked at the clock, too.
        let now = if rules.is_confirmed(&database) { clock } else { now };
        let mut verdicts = judge(&points, (rules.retention, rules.keep_retired), &in_use, now);
        if rules.is_confirmed(&database) {
            lift_promises(&mut verdicts);
        } else if let Some(number) = guard(&mut verdicts, rules.retention.keep_for) {
            let reason = SkipReason::MassDeletion(Box::new([number, today.clone(), database.to_string()]));
            plan.skip(&database, reason);
        }
        promised += verdicts.iter().filter(|verdict| verdict.keep == [SkipReason::Promised]).count();
        for verdict in verdicts {
            sort(&mut plan, verdict, rules.retention.keep_for);
        }
    }
    if promised > 0 {
        plan.skip("deletion", SkipReason::PromisesKept(Box::new((promised, today))));
    }
    plan.actions.sort_by(|a, b| b.age.cmp(&a.age).then_with(|| a.arn.cmp(&b.arn)));
    let due: Vec<_> = plan.actions.iter().map(|delete| delete.arn.clone()).collect();
    plan.keep_within(MOST, &SkipReason::OverCeiling);
    plan.line.truncate(LINE);
    plan.skips.sort();
    safety::check(&due, points, &in_use, (rules.keep_retired, clock))?;
    safety::check_promises(&due, points, |database| rules.is_confirmed(database), (rules.retention, now))?;
    Ok(plan)
}

/// Holds the deletions of a database back if they are a mass deletion of points without a promised retention
/// ([`safety::is_mass_deletion`]). A retention shortened by mistake must not take them. Returns their number in words.
fn guard(verdicts: &mut [Verdict<'_>], keep_for: TimeDelta) -> Option<String> {
    let is_usable = |verdict: &&mut Verdict<'_>| verdict.point.usable_since().is_some();
    let is_adopted = |verdict: &&mut Verdict<'_>| {
        is_usable(verdict) && Promise::of(&verdict.point.snapshot) == Promise::None
    };
    let usable = verdicts.iter_mut().filter(is_usable).count();
    let adopted = verdicts.iter_mut().filter(is_adopted).count();
    let is_due = |verdict: &&mut Verdict<'_>| verdict.keep.is_empty() && is_adopted(verdict);
    let is_overdue =
        |verdict: &&mut Verdict<'_>| verdict.age.is_some_and(|age| age > keep_for + safety::ORDINARY_DELAY);
    let overdue = verdicts.iter_mut().filter(is_due).filter(is_overdue).count();
    if !safety::is_mass_deletion(overdue, adopted, usable) {
        return None;
    }
    let mut due = 0;
    for verdict in verdicts.iter_mut().filter(is_due) {
        verdict.keep.push(SkipReason::AwaitsConfirmation);
        due += 1;
    }
    Some(format!("{due} of its {adopted} older"))
}

/// Carries the deletions out. At most as many succeed as the plan has actions.
pub async fn apply<R: RdsGateway>(rds: &R, plan: &Plan<Delete>) -> Vec<Outcome> {
    effects::each_in_line(plan, |delete| effects::delete(rds, &delete.arn.id)).await
}

/// The snapshots that a copy still reads from. AWS fails a copy if its source is deleted before the copy is `available`.
/// AWS names the source only across accounts or Regions. Our tag names it everywhere.
fn read_from<'a>(snapshots: impl Iterator<Item = &'a Arc<Snapshot>>) -> BTreeSet<SnapshotArn> {
    snapshots
        .filter(|snapshot| snapshot.status.in_progress())
        .flat_map(|copy| {
            let tagged = copy.tags.get(tags::SOURCE_SNAPSHOT_ARN).and_then(|text| text.parse().ok());
            copy.copied_from.clone().into_iter().chain(tagged)
        })
        .collect()
}

/// The snapshots from which a copy may still be made whose record cannot be read.
fn read_by_odd<'a>(odd: impl Iterator<Item = &'a OddRecord>) -> impl Iterator<Item = SnapshotArn> {
    odd.filter(|record| record.may_be_in_progress()).flat_map(OddRecord::sources)
}

fn sort(plan: &mut Plan<Delete>, verdict: Verdict<'_>, keep_for: TimeDelta) {
    let Snapshot { arn, status, .. } = verdict.point.snapshot.as_ref();
    match verdict.keep.into_iter().next() {
        Some(reason) => plan.skip(arn, reason),
        None => {
            let why = if *status == SnapshotStatus::Failed { Why::Failed } else { Why::Expired(keep_for) };
            plan.actions.push(Delete { arn: arn.clone(), age: verdict.age, why });
        }
    }
}

#[cfg(test)]
mod tests;
