//! The sharing, its record in the tag `SharedWith`, and the re-encryption.

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::testing::{at, context, snapshot};
use proptest::prelude::*;

use super::*;

const DEFAULT: &str = "arn:aws:kms:us-east-1:111111111111:key/default";
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
    let plan = plan(facts, policy).unwrap();
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
fn a_snapshot_recorded_as_shared_is_skipped_until_another_account_is_added() {
    let mut known = ours("a", 1);
    known.tags.insert(tags::SHARED_WITH, "222222222222 333333333333");
    let facts = facts(vec![known]);
    assert_eq!(unknown(&facts.snapshots, &policy(&[])).count(), 0);
    assert_eq!(outcome(&facts, &policy(&[])), (vec![], vec![SkipReason::AlreadyShared]));
    let more = policy(&[("DestinationAccount", "222222222222,444444444444")]);
    assert_eq!(unknown(&facts.snapshots, &more).count(), 1);
    assert_eq!(outcome(&facts, &more).0, ["share a with 222222222222 444444444444"]);
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

    let Share::ReEncrypt { copy } = plan(&before, &with_key).unwrap().actions.remove(0) else {
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
fn twenty_accounts_fit_into_one_tag() {
    let accounts: Vec<_> = (0..20).map(|n| format!("{:012}", 222_222_222_200_u64 + n)).collect();
    let many = policy(&[("DestinationAccount", &accounts.join(","))]);
    let made = plan(&facts(vec![ours("a", 1)]), &many).unwrap();
    let [Share::With { memory, .. }] = made.actions.as_slice() else { panic!("{made:?}") };
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
        let made = plan(&facts, &policy(&[])).unwrap();
        let mut turned = facts.clone();
        if !turned.snapshots.is_empty() {
            let by = turn.index(turned.snapshots.len());
            turned.snapshots.rotate_left(by);
        }
        prop_assert_eq!(&made, &plan(&turned, &policy(&[])).unwrap());

        let mut after = facts;
        for action in &made.actions {
            let Share::With { arn, memory, .. } = action else { continue };
            let shared = after.snapshots.iter_mut().find(|snapshot| snapshot.arn == *arn).unwrap();
            Arc::make_mut(shared).tags.extend(memory.clone());
        }
        prop_assert_eq!(plan(&after, &policy(&[])).unwrap().actions, vec![]);
    }
}
