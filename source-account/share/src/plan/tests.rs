//! The sharing, its record in the tag `SharedWith`, and the re-encryption.

use std::collections::BTreeSet;

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags;
use pilot_light_domain::testing::{at, context, snapshot};
use proptest::prelude::*;

use super::*;

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
    assert_eq!(
        outcome(&facts, &more).0,
        ["share a with 222222222222 444444444444, no longer with 333333333333"]
    );
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
fn the_default_key_is_reported_once_per_database() {
    let mut snapshots = vec![ours("a", 1), ours("b", 2)];
    for snapshot in &mut snapshots {
        snapshot.kms_key = Some(DEFAULT.parse().unwrap());
    }
    assert_eq!(
        outcome(&facts(snapshots), &policy(&[])),
        (vec![], vec![SkipReason::Superseded, SkipReason::DefaultKey])
    );
}

#[test]
fn with_a_key_to_share_under_the_newest_snapshot_is_re_encrypted_and_its_copy_is_shared() {
    let with_key = policy(&[("KmsKeyShare", OWN)]);
    let mut original = ours("a", 1);
    original.kms_key = Some(DEFAULT.parse().unwrap());
    let before = facts(vec![original.clone()]);
    assert_eq!(outcome(&before, &with_key).0, ["re-encrypt a as a-shared"]);

    let Share::ReEncrypt { copy } = plan(&before, &with_key, at(NOW)).unwrap().actions.remove(0) else {
        panic!("no re-encryption")
    };
    let mut twin = ours("a-shared", 1);
    twin.kms_key = copy.kms_key.map(Into::into);
    twin.tags = copy.tags;
    twin.status = "creating".to_owned().into();
    let during = facts(vec![original.clone(), twin.clone()]);
    assert_eq!(
        outcome(&during, &with_key),
        (vec![], vec![SkipReason::ReEncryptionInProgress, SkipReason::SnapshotInProgress])
    );
    twin.status = "available".to_owned().into();
    let after = facts(vec![original, twin]);
    let (actions, skips) = outcome(&after, &with_key);
    assert_eq!((actions.len(), skips), (1, vec![SkipReason::ReEncrypted]));
    assert!(actions[0].starts_with("share a-shared"), "{actions:?}");
}

#[test]
fn a_failed_re_encryption_is_reported_and_not_repeated_until_it_is_removed() {
    let mut original = ours("a", 1);
    original.kms_key = Some(DEFAULT.parse().unwrap());
    let mut twin = ours("a-shared", 1);
    twin.tags.insert(tags::SOURCE_SNAPSHOT_ARN, original.arn.to_string());
    twin.status = "failed".to_owned().into();
    let facts = facts(vec![original, twin]);
    assert_eq!(
        outcome(&facts, &policy(&[("KmsKeyShare", OWN)])),
        (vec![], vec![SkipReason::ReEncryptionFailed, SkipReason::NotUsable("failed".to_owned())])
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
fn copies_that_others_started_occupy_slots_and_the_database_in_greatest_need_goes_first() {
    let mut snapshots = Vec::new();
    for number in 0..30 {
        let mut original = ours(&format!("s-{number:02}"), 40);
        original.database = format!("db-{number:02}").parse().unwrap();
        original.kms_key = Some(DEFAULT.parse().unwrap());
        if number != 7 {
            let mut twin = ours(&format!("gone-{number:02}-shared"), number);
            twin.database = original.database.clone();
            twin.kms_key = Some(OWN.parse().unwrap());
            twin.tags.insert(tags::SHARED_WITH, "222222222222 333333333333");
            let gone = format!("arn:aws:rds:us-east-1:111111111111:snapshot:gone-{number:02}");
            twin.tags.insert(tags::SOURCE_SNAPSHOT_ARN, gone);
            snapshots.push(twin);
        }
        snapshots.push(original);
    }
    for (number, status) in (0..17).zip(["copying", "pending"].into_iter().cycle()) {
        let mut foreign =
            snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:x-{number}"), "other");
        foreign.status = status.to_owned().into();
        snapshots.push(foreign);
    }
    let (actions, skips) = outcome(&facts(snapshots), &policy(&[("KmsKeyShare", OWN)]));
    let starts = [
        "re-encrypt s-07 as s-07-shared",
        "re-encrypt s-00 as s-00-shared",
        "re-encrypt s-01 as s-01-shared",
    ];
    assert_eq!(actions.len(), 3);
    assert_eq!(starts.iter().filter(|start| actions.iter().any(|action| action == *start)).count(), 3);
    assert_eq!(skips.iter().filter(|reason| **reason == SkipReason::NoFreeSlot).count(), 27);
}

/// A snapshot under the default key.
fn under_the_default_key(name: &str, minute: u32) -> Snapshot {
    Snapshot { kms_key: Some(DEFAULT.parse().unwrap()), ..ours(name, minute) }
}

/// The twin of `original` in this status.
fn twin_of(original: &Snapshot, status: &str) -> Snapshot {
    let mut twin = ours(&format!("{}-shared", original.arn.id), 0);
    twin.database_time = original.database_time;
    twin.status = status.to_owned().into();
    twin.tags.insert(tags::SOURCE_SNAPSHOT_ARN, original.arn.to_string());
    twin
}

#[test]
fn the_newest_snapshot_waits_while_the_twin_of_an_older_one_is_in_progress() {
    let (old, new) = (under_the_default_key("a", 1), under_the_default_key("b", 2));
    let re_encrypted = |twin: Snapshot| {
        let facts = facts(vec![old.clone(), new.clone(), twin]);
        let made = plan(&facts, &policy(&[("KmsKeyShare", OWN)]), at(NOW)).unwrap();
        let of =
            |arn: &SnapshotArn| made.skips.iter().find(|skip| skip.subject.to_string() == arn.to_string());
        let reasons = [&old.arn, &new.arn].map(|arn| Some(of(arn)?.reason.clone()));
        (made.actions.iter().map(Action::detail).collect::<Vec<_>>(), reasons)
    };
    let waiting = (vec![], [Some(SkipReason::ReEncryptionInProgress), Some(SkipReason::CopyInProgress)]);
    for status in ["creating", "pending", "copying", "a-status-of-next-year"] {
        assert_eq!(re_encrypted(twin_of(&old, status)), waiting, "{status}");
    }
    let mut stuck = twin_of(&old, "a-status-of-next-year");
    stuck.tags.insert(tags::CREATED_ON, "2025-12-30-00-00");
    stuck.database_time = None;
    assert_eq!(re_encrypted(stuck).0, ["as b-shared"], "a stuck twin keeps no other from being made");
    // AWS may list the tags of a new twin late.
    let mut untagged = twin_of(&old, "creating");
    untagged.tags.clear();
    assert_eq!(re_encrypted(untagged.clone()), waiting);
    untagged.status = SnapshotStatus::Available;
    untagged.created_at = Some(at("2026-01-01T00:55:00Z"));
    assert_eq!(re_encrypted(untagged.clone()), waiting);
    untagged.created_at = Some(at("2026-01-01T00:50:00Z"));
    assert_eq!(re_encrypted(untagged).0, ["as b-shared"], "it belongs to somebody else");
}

#[test]
fn of_two_snapshots_taken_at_the_same_time_one_is_re_encrypted() {
    let facts = facts(vec![under_the_default_key("a", 1), under_the_default_key("b", 1)]);
    let (actions, skips) = outcome(&facts, &policy(&[("KmsKeyShare", OWN)]));
    assert_eq!((actions.len(), skips), (1, vec![SkipReason::CopyInProgress]));
}

#[test]
fn databases_whose_last_re_encryption_failed_queue_behind_all_others() {
    let mut snapshots = Vec::new();
    for number in 0..26 {
        let mut three = [1, 2, 3].map(|minute| {
            let mut original =
                under_the_default_key(&format!("db-{number:02}-2026-01-01-00-{minute:02}"), minute);
            original.tags.insert(tags::CREATED_ON, format!("2026-01-01-00-{minute:02}"));
            original.database = format!("db-{number:02}").parse().unwrap();
            original
        });
        // The first 20 failed last, the next 5 never had a copy, and the last one succeeded after a failure.
        let ends: &[&str] = match number {
            0..20 => &["available", "failed"],
            20..25 => &[],
            _ => &["failed", "available"],
        };
        for (original, status) in three.iter().zip(ends) {
            let mut twin = twin_of(original, status);
            twin.database = original.database.clone();
            twin.tags.extend(original.tags.iter());
            snapshots.push(twin);
        }
        three.reverse();
        snapshots.extend(three);
    }
    let made = plan(&facts(snapshots), &policy(&[("KmsKeyShare", OWN)]), at(NOW)).unwrap();
    let sources: BTreeSet<_> = made
        .actions
        .iter()
        .filter_map(|action| match action {
            Share::ReEncrypt { copy } => Some(copy.source.id.to_string()),
            Share::Change(_) => None,
        })
        .collect();
    let healthy = (20..26).filter(|number| sources.contains(&format!("db-{number}-2026-01-01-00-03")));
    assert_eq!((sources.len(), healthy.count()), (20, 6));
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
