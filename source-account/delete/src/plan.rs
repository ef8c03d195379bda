//! The plan of the deletions, and of the shares to end if `ShareSnapshots` is `FALSE`.
//!
//! The rules are in [`pilot_light_domain::rules::deletion`], which destination-delete uses too, and in
//! [`pilot_light_domain::rules::sharing`]. With `ShareSnapshots=FALSE` the share worker is not deployed, so this worker
//! ends the shares that it made. A deletion ends the share of its snapshot too, unless AWS refuses it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::rules::deletion;
use pilot_light_domain::rules::deletion::{Delete, Facts, Rules};
use pilot_light_domain::rules::sharing;
use pilot_light_domain::rules::sharing::Sharing;
use pilot_light_domain::run::context::Confirmation;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Action, Plan};
use pilot_light_domain::run::subject::Subject;

/// An action of the delete worker of the source account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// Delete a snapshot.
    Delete {
        /// The deletion.
        delete: Delete,
        /// The end of all our own shares of the snapshot, if AWS refuses to delete it.
        or_end: Option<Sharing>,
    },
    /// End all our own shares of a snapshot that stays.
    Revoke(Sharing),
}

impl Action for Removal {
    fn verb(&self) -> &'static str {
        match self {
            Self::Delete { delete, .. } => delete.verb(),
            Self::Revoke(sharing) => sharing.verb(),
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Delete { delete, .. } => delete.subject(),
            Self::Revoke(sharing) => sharing.subject(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Delete { delete, .. } => delete.detail(),
            Self::Revoke(sharing) => sharing.detail(),
        }
    }

    fn is_limited(&self) -> bool {
        matches!(self, Self::Delete { .. })
    }
}

/// Plans the deletions, and then the shares to end, newest first.
///
/// # Errors
/// `SafetyRefused` if [`pilot_light_domain::rules::safety`] refuses the deletions.
pub fn plan(
    facts: &Facts,
    policy: &SourcePolicy,
    confirmation: Option<&Confirmation>,
    now: Instant,
) -> Result<Plan<Removal>, WorkerError> {
    let SourcePolicy { delete, unknown, retention, .. } = policy;
    let rules = Rules { delete: *delete, unknown, retention: *retention, keep_retired: None, confirmation };
    let Plan { actions, line, mut skips, metrics, announcements } = deletion::plan(facts, rules, now)?;
    let ends = if policy.share { Vec::new() } else { ends(facts) };
    let going: BTreeSet<_> = actions.iter().map(|delete| &delete.arn).collect();
    let (of_going, ends): (Vec<_>, Vec<_>) = ends.into_iter().partition(|end| going.contains(&end.arn));
    let mut of_going: BTreeMap<_, _> = of_going.into_iter().map(|end| (end.arn.clone(), end)).collect();
    let delete = |delete: Delete| Removal::Delete { or_end: of_going.remove(&delete.arn), delete };
    let mut actions: Vec<_> = actions.into_iter().map(delete).collect();
    let ending: BTreeSet<Subject> = ends.iter().map(|end| (&end.arn).into()).collect();
    if !ending.is_empty() {
        skips.retain(|skip| !ending.contains(&skip.subject));
    }
    actions.extend(ends.into_iter().map(Removal::Revoke));
    let line = line.into_iter().map(|delete| Removal::Delete { delete, or_end: None }).collect();
    Ok(Plan { actions, line, skips, metrics, announcements })
}

/// The ends of all our own shares, newest first.
fn ends(facts: &Facts) -> Vec<Sharing> {
    let mut all: Vec<_> = facts.points.iter().map(|point| &point.snapshot).collect();
    all.sort_by_key(|snapshot| (Reverse(snapshot.taken_at()), &snapshot.arn));
    let changeable = all.into_iter().filter(|snapshot| sharing::obstacle(snapshot).is_none());
    changeable.filter_map(|snapshot| sharing::change(snapshot, &BTreeSet::new())).collect()
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::cloud::Parameters;
    use pilot_light_domain::model::recovery_point::RecoveryPoint;
    use pilot_light_domain::model::snapshot::SnapshotStatus;
    use pilot_light_domain::model::tags;
    use pilot_light_domain::run::plan::SkipReason;
    use pilot_light_domain::testing::{at, context, snapshot};

    use super::*;

    const NOW: &str = "2026-03-01T00:00:00Z";

    fn point(name: &str, time: &str) -> RecoveryPoint {
        let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), "orders");
        taken.original_created_at = Some(at(time));
        taken.tags = tags::of([
            (tags::CREATED_BY, tags::TOOL),
            (tags::SHARE_AND_COPY, tags::YES),
            (tags::SHARED_WITH, "222222222222"),
        ]);
        RecoveryPoint::original(taken)
    }

    /// The verb and the identifier of each action, and the reasons of the skips.
    fn outcome(
        points: &[RecoveryPoint],
        parameters: &[(&str, &str)],
    ) -> (Vec<(&'static str, String)>, Vec<SkipReason>) {
        let parameters: Parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let context = context("111111111111", "us-east-1", NOW);
        let policy = SourcePolicy::parse(&parameters, &context).unwrap();
        let facts = Facts { points: points.to_vec(), others: vec![], ..Facts::default() };
        let plan = plan(&facts, &policy, None, context.now).unwrap();
        assert_eq!(plan.actions.len() + plan.skips.len(), points.len(), "everything is accounted for");
        let id = |action: &Removal| action.subject().rsplit(':').next().unwrap().to_owned();
        let actions = plan.actions.iter().map(|action| (action.verb(), id(action))).collect();
        (actions, plan.skips.into_iter().map(|skip| skip.reason).collect())
    }

    fn three() -> [RecoveryPoint; 3] {
        [
            point("expired", "2026-01-01T00:00:00Z"),
            point("middle", "2026-02-27T00:00:00Z"),
            point("new", "2026-02-28T00:00:00Z"),
        ]
    }

    #[test]
    fn only_with_share_snapshots_false_the_shares_of_the_snapshots_that_stay_end_newest_first() {
        let deletes = ("delete", "expired".to_owned());
        let (actions, skips) = outcome(&three(), &[("DestinationAccount", "222222222222")]);
        assert_eq!((actions, skips.len()), (vec![deletes.clone()], 2));
        let (actions, skips) = outcome(&three(), &[("ShareSnapshots", "FALSE")]);
        let revokes = ["new", "middle"].map(|id| ("revoke", id.to_owned()));
        assert_eq!((actions, skips), ([vec![deletes], revokes.to_vec()].concat(), vec![]));
    }

    #[test]
    fn a_deletion_of_a_shared_snapshot_ends_its_shares_if_aws_refuses_it() {
        let ends = |share: &str| {
            let parameters: Parameters = [("ShareSnapshots", share), ("DestinationAccount", "222222222222")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
            let context = context("111111111111", "us-east-1", NOW);
            let policy = SourcePolicy::parse(&parameters, &context).unwrap();
            let facts = Facts { points: three().to_vec(), ..Facts::default() };
            let Removal::Delete { or_end, .. } =
                plan(&facts, &policy, None, context.now).unwrap().actions.remove(0)
            else {
                panic!("no deletion")
            };
            or_end.map(|end| (end.subject(), end.detail()))
        };
        let expired = "arn:aws:rds:us-east-1:111111111111:snapshot:expired".to_owned();
        assert_eq!(ends("FALSE"), Some((expired, "from 222222222222".to_owned())));
        assert_eq!(ends("TRUE"), None);
    }

    #[test]
    fn a_share_ends_although_delete_old_snapshots_is_false() {
        let (actions, skips) =
            outcome(&three(), &[("ShareSnapshots", "FALSE"), ("DeleteOldSnapshots", "FALSE")]);
        assert_eq!((actions.len(), skips), (3, vec![]));
        assert!(actions.iter().all(|(verb, _)| *verb == "revoke"), "{actions:?}");
    }

    #[test]
    fn no_share_ends_that_is_not_in_our_own_tag_or_cannot_be_changed() {
        let changes: [fn(&mut RecoveryPoint); 4] = [
            |point| snapshot_of(point).tags.remove(tags::SHARED_WITH),
            |point| drop(snapshot_of(point).tags.insert(tags::SHARED_WITH, tags::NOBODY)),
            |point| snapshot_of(point).tags.remove(tags::SHARE_AND_COPY),
            |point| snapshot_of(point).status = SnapshotStatus::Creating,
        ];
        for change in changes {
            let mut only = point("only", "2026-02-28T00:00:00Z");
            change(&mut only);
            assert_eq!(outcome(&[only], &[("ShareSnapshots", "FALSE")]).0, vec![]);
        }
    }

    fn snapshot_of(point: &mut RecoveryPoint) -> &mut pilot_light_domain::model::snapshot::Snapshot {
        std::sync::Arc::make_mut(&mut point.snapshot)
    }
}
