//! Snapshots under the default key: their re-encrypted twins, and the order in which they are made.

use super::*;

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
fn a_copy_without_a_slot_waits_for_the_place_of_a_refused_one() {
    let (mut busy, mut waiting) = (ours("orders-1", 1), ours("billing-1", 1));
    waiting.database = "billing".parse().unwrap();
    for snapshot in [&mut busy, &mut waiting] {
        snapshot.kms_key = Some(DEFAULT.parse().unwrap());
    }
    let copying = |n| {
        let mut copy = ours(&format!("theirs-{n:02}"), 1);
        copy.status = SnapshotStatus::Copying;
        copy.tags.clear();
        copy
    };
    let mut all: Vec<_> = (0..19).map(copying).collect();
    all.extend([busy, waiting]);
    let facts = Facts { default_key: DEFAULT.parse().ok(), ..facts(all) };
    let plan = plan(&facts, &policy(&[("KmsKeyShare", OWN)]), at(NOW)).unwrap();
    let subjects = |shares: &[Share]| shares.iter().map(Action::subject).collect::<Vec<_>>();
    let all: Vec<_> = subjects(&plan.actions).into_iter().chain(subjects(&plan.line)).collect();
    assert_eq!((plan.actions.len(), plan.line.len()), (1, 1), "{all:?}");
    assert!(plan.skips.iter().any(|skip| {
        skip.reason == SkipReason::NoFreeSlot && skip.subject.to_string() == plan.line[0].subject()
    }));
}

#[test]
fn the_newest_snapshot_of_a_replaced_database_is_re_encrypted_after_that_of_its_successor() {
    let with_key = policy(&[("KmsKeyShare", OWN)]);
    let of = |id: &str, mut snapshot: Snapshot| {
        snapshot.resource_id = Some(id.into());
        snapshot
    };
    let (older, old) = (of("db-A", under_the_default_key("a", 1)), of("db-A", under_the_default_key("b", 2)));
    let new = of("db-B", under_the_default_key("c", 3));
    let mut all = vec![older, old, new.clone()];
    assert_eq!(outcome(&facts(all.clone()), &with_key).0, ["re-encrypt c as c-shared"]);
    all.push(Snapshot { kms_key: Some(OWN.parse().unwrap()), ..twin_of(&new, "available") });
    let actions = outcome(&facts(all), &with_key).0;
    assert_eq!(actions.iter().filter(|action| action.starts_with("re-encrypt")).count(), 1, "{actions:?}");
    assert!(actions.contains(&"re-encrypt b as b-shared".to_owned()), "{actions:?}");
}
