//! The sharing, its record in the tag `SharedWith`, and the re-encryption.

use std::collections::BTreeSet;

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags;
use pilot_light_domain::testing::{at, context, snapshot};
use proptest::prelude::*;

use super::*;

mod re_encryption;

const DEFAULT: &str = "arn:aws:kms:us-east-1:111111111111:key/default";
const NOW: &str = "2026-01-01T01:00:00Z";
const OWN: &str = "arn:aws:kms:us-east-1:111111111111:key/own";

fn policy(pairs: &[(&str, &str)]) -> SourcePolicy {
    let given = [("DestinationAccount", "222222222222,333333333333")];
    let parameters: Parameters =
        given.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    SourcePolicy::parse(&parameters, &context("111111111111", "us-east-1", "2026-01-01T00:00:00Z")).unwrap()
}

fn ours(name: &str, minute: u32) -> Snapshot {
    let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), "orders");
    taken.tags = tags::of([(tags::CREATED_BY, tags::TOOL), (tags::SHARE_AND_COPY, tags::YES)]);
    taken.database_time = Some(at(&format!("2026-01-01T00:{minute:02}:00Z")));
    taken
}

fn facts(snapshots: Vec<Snapshot>) -> Facts {
    let snapshots = snapshots.into_iter().map(Arc::new).collect();
    Facts { snapshots, default_key: Some(DEFAULT.parse().unwrap()), ..Facts::default() }
}

/// The actions, each as its verb, the identifier of its subject and its detail, and the reasons of the skips.
fn outcome(facts: &Facts, policy: &SourcePolicy) -> (Vec<String>, Vec<SkipReason>) {
    let plan = plan(facts, policy, at(NOW)).unwrap();
    assert_eq!(plan.actions.len() + plan.skips.len(), facts.snapshots.len());
    let text = |action: &Share| {
        let id = action.subject().rsplit(':').next().map(str::to_owned).unwrap_or_default();
        format!("{} {id} {}", action.verb(), action.detail())
    };
    (plan.actions.iter().map(text).collect(), plan.skips.into_iter().map(|skip| skip.reason).collect())
}

#[test]
fn a_snapshot_that_no_tag_records_as_shared_is_shared() {
    let new = facts(vec![ours("a", 1)]);
    assert_eq!(
        outcome(&new, &policy(&[])),
        (vec!["share a with 222222222222 333333333333".to_owned()], vec![])
    );
}

#[test]
fn a_snapshot_recorded_as_shared_is_skipped_until_the_accounts_change() {
    let mut known = ours("a", 1);
    known.tags.insert(tags::SHARED_WITH, "222222222222 333333333333");
    let facts = facts(vec![known]);
    assert_eq!(unknown(&facts.snapshots, &policy(&[])).count(), 0);
    assert_eq!(outcome(&facts, &policy(&[])), (vec![], vec![SkipReason::AlreadyShared]));
    let more = policy(&[("DestinationAccount", "222222222222,444444444444")]);
    assert_eq!(unknown(&facts.snapshots, &more).count(), 1);
    assert_eq!(outcome(&facts, &more).0, ["share a with 444444444444, no longer with 333333333333"]);
    let fewer = policy(&[("DestinationAccount", "222222222222")]);
    assert_eq!(outcome(&facts, &fewer).0, ["revoke a from 333333333333"]);
}

#[test]
fn foreign_unmarked_and_incomplete_snapshots_are_skipped_with_their_reasons() {
    let mut foreign = ours("a", 1);
    foreign.tags.remove(tags::CREATED_BY);
    let mut unmarked = ours("b", 1);
    unmarked.tags.remove(tags::SHARE_AND_COPY);
    let mut creating = ours("c", 1);
    creating.status = "creating".to_owned().into();
    let mut failed = ours("d", 1);
    failed.status = "failed".to_owned().into();
    let facts = facts(vec![foreign, unmarked, creating, failed]);
    assert_eq!(
        outcome(&facts, &policy(&[])),
        (
            vec![],
            vec![
                SkipReason::NotOurs,
                SkipReason::NotMarked,
                SkipReason::SnapshotInProgress,
                SkipReason::NotUsable("failed".to_owned())
            ]
        )
    );
}

#[test]
fn a_backlog_is_shared_newest_first_and_the_newest_of_every_database_before_any_second() {
    let mut backlog = vec![ours("a-old", 1), ours("b-mid", 2), ours("a-mid", 3), ours("a-new", 4)];
    let mut timeless = ours("c-timeless", 5);
    timeless.database_time = None;
    backlog.push(timeless);
    backlog[1].database = "billing".parse().unwrap();
    let shared: Vec<_> =
        plan(&facts(backlog), &policy(&[]), at(NOW)).unwrap().actions.iter().map(Action::subject).collect();
    let names: Vec<_> = shared.iter().filter_map(|arn| arn.rsplit(':').next()).collect();
    assert_eq!(names, ["a-new", "b-mid", "a-mid", "a-old", "c-timeless"]);
}

#[test]
fn twenty_accounts_fit_into_one_tag() {
    let accounts: Vec<_> = (0..20).map(|n| format!("{:012}", 222_222_222_200_u64 + n)).collect();
    let many = policy(&[("DestinationAccount", &accounts.join(","))]);
    let made = plan(&facts(vec![ours("a", 1)]), &many, at(NOW)).unwrap();
    let [Share::Change(Sharing { memory, .. })] = made.actions.as_slice() else { panic!("{made:?}") };
    assert!(memory.get(tags::SHARED_WITH).unwrap().len() <= 256);
    let mut known = ours("a", 1);
    known.tags.extend(memory.clone());
    assert_eq!(outcome(&facts(vec![known]), &many), (vec![], vec![SkipReason::AlreadyShared]));
}

#[test]
fn a_worker_that_is_turned_off_skips_every_snapshot() {
    let off = policy(&[("ShareSnapshots", "FALSE")]);
    let facts = facts(vec![ours("a", 1)]);
    assert_eq!(unknown(&facts.snapshots, &off).count(), 0);
    assert_eq!(outcome(&facts, &off), (vec![], vec![SkipReason::TurnedOff]));
}

proptest! {
    #[test]
    fn the_plan_does_not_depend_on_order_and_is_empty_once_applied(
        states in proptest::collection::vec(0_u8..5, 0..20),
        turn in any::<prop::sample::Index>(),
    ) {
        let snapshots: Vec<_> = states.iter().enumerate().map(|(n, state)| {
            let mut snapshot = ours(&format!("s-{n}"), u32::try_from(n).unwrap());
            match state {
                0 => snapshot.status = "creating".to_owned().into(),
                1 => snapshot.kms_key = Some(DEFAULT.parse().unwrap()),
                2 => snapshot.tags.clear(),
                3 => { snapshot.tags.insert(tags::SHARED_WITH, "222222222222"); }
                _ => {}
            }
            snapshot
        }).collect();
        let facts = facts(snapshots);
        let made = plan(&facts, &policy(&[]), at(NOW)).unwrap();
        let mut turned = facts.clone();
        if !turned.snapshots.is_empty() {
            let by = turn.index(turned.snapshots.len());
            turned.snapshots.rotate_left(by);
        }
        prop_assert_eq!(&made, &plan(&turned, &policy(&[]), at(NOW)).unwrap());

        let mut after = facts;
        for action in &made.actions {
            let Share::Change(Sharing { arn, memory, .. }) = action else { continue };
            let shared = after.snapshots.iter_mut().find(|snapshot| snapshot.arn == *arn).unwrap();
            Arc::make_mut(shared).tags.extend(memory.clone());
        }
        prop_assert_eq!(plan(&after, &policy(&[]), at(NOW)).unwrap().actions, vec![]);
    }
}
