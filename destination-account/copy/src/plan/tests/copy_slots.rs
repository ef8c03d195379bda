//! The candidates that may start: copy slots, quota, keys and names.

use chrono::TimeDelta;

use super::*;

#[test]
fn databases_of_the_same_name_in_two_accounts_are_kept_apart() {
    let mut other = offer("orders", 20);
    other.arn = arn("arn:aws:rds:us-east-1:333333333333:snapshot:orders-10");
    let both = policy(&[("SourceAccounts", "111111111111,333333333333")]);
    let facts = facts(&[offer("orders", 10), other], &[], &[]);
    let plan = plan(&facts, &both, at(NOW)).unwrap();
    let targets: Vec<_> = plan
        .actions
        .iter()
        .filter_map(|action| match action {
            Copy::Make { database, copy, .. } => Some((database.to_string(), copy.target.to_string())),
            Copy::Remove { .. } => None,
        })
        .collect();
    assert_eq!(
        targets,
        [
            ("111111111111/us-east-1/orders".to_owned(), "orders-10-111111111111".to_owned()),
            ("333333333333/us-east-1/orders".to_owned(), "orders-10-333333333333".to_owned())
        ]
    );
}

#[test]
fn free_copy_slots_go_to_the_databases_with_the_oldest_points() {
    let mut offered = Vec::new();
    let mut here = Vec::new();
    for n in 0..30 {
        let database = format!("db-{n:02}");
        offered.push(offer(&database, 50));
        if n != 7 {
            here.push(copy_of(&offer(&database, n), "available"));
        }
    }
    // Somebody else's copies take 17 of the 20 slots.
    for n in 0..17 {
        let mut foreign = copy_of(&offer(&format!("other-{n}"), 1), "copying");
        foreign.tags.clear();
        here.push(foreign);
    }
    let facts = facts(&offered, &[], &here);
    assert_eq!(actions(&facts, &policy(&[])), ["OneStep db-07-50", "OneStep db-00-50", "OneStep db-01-50"]);
    let waiting =
        reasons(&facts, &policy(&[])).into_iter().filter(|(_, r)| *r == SkipReason::NoFreeSlot).count();
    assert_eq!(waiting, 27);
}

#[test]
fn a_full_quota_is_reported_and_no_copy_is_attempted() {
    let billing = offer("billing", 30);
    let full = Facts {
        quota: 1,
        ..facts(&[offer("orders", 40), billing.clone()], &[], &[copy_of(&billing, "available")])
    };
    let expected = [("billing-30", SkipReason::AlreadyCopied), ("orders-40", SkipReason::QuotaFull)];
    assert_eq!(reasons(&full, &policy(&[])), expected.map(|(name, reason)| (name.to_owned(), reason)));
    let used = plan(&full, &policy(&[]), at(NOW)).unwrap().metrics.pop();
    assert_eq!(used, Some(quota_used(full.here.len(), 1, &policy(&[]).region)));
}

#[test]
fn without_a_key_an_encrypted_snapshot_is_blocked_and_an_unencrypted_one_is_copied() {
    let mut plain = offer("plain", 30);
    plain.kms_key = None;
    let facts = facts(&[offer("orders", 30), plain], &[], &[]);
    let keyless = policy(&[("KmsKeyDestination", "None"), ("KmsKeySource", "None")]);
    assert_eq!(actions(&facts, &keyless), ["OneStep plain-30"]);
    assert_eq!(reasons(&facts, &keyless), [("orders-30".to_owned(), SkipReason::NoKey)]);
}

#[test]
fn a_database_without_any_point_leaves_a_place_in_the_quota_to_each_of_those_that_have_some() {
    let known: Vec<_> = (0..5).map(|n| offer(&format!("db-{n}"), 30)).collect();
    let copies: Vec<_> = known.iter().map(|offer| copy_of(offer, "available")).collect();
    let new: Vec<_> = (0..4).map(|n| offer(&format!("ci-{n}"), 40)).collect();
    let planned = |offered: &[Snapshot], quota: u32| {
        let facts = Facts { quota, ..facts(&[offered, &new].concat(), &[], &copies) };
        let kept = reasons(&facts, &policy(&[])).into_iter().filter_map(|(_, reason)| match reason {
            SkipReason::QuotaKeptFree(places) => Some(places),
            _ => None,
        });
        (actions(&facts, &policy(&[])), kept.collect::<Vec<_>>())
    };
    // Six places are free, and five databases have points.
    assert_eq!(planned(&known, 11), (vec!["OneStep ci-0-40".to_owned()], vec![5; 3]));
    assert_eq!(planned(&known, 10), (vec![], vec![5; 4]));
    assert_eq!(planned(&known, 14).0.len(), 4);
    // Their next copies are due at the same time.
    let due: Vec<_> = (0..5).map(|n| offer(&format!("db-{n}"), 50)).collect();
    let (starts, kept) = planned(&due, 11);
    assert_eq!((starts.len(), kept.len()), (6, 3), "{starts:?}");
    assert!(starts.contains(&"OneStep db-4-50".to_owned()), "{starts:?}");
}

/// A copy of `offer` that failed, as AWS shows it: without any time except that in our tag.
fn failed_copy_of(offer: &Snapshot) -> Snapshot {
    let mut copy = copy_of(offer, "failed");
    copy.tags.insert(tags::DATABASE_TIME, offer.taken_at().unwrap().to_rfc3339());
    (copy.database_time, copy.original_created_at, copy.created_at) = (None, None, None);
    copy
}

#[test]
fn databases_whose_copy_failed_go_last_except_one_and_leave_a_place_for_each_other_one() {
    let failing: Vec<_> = (0..30).map(|n| offer(&format!("a-{n:02}"), 50)).collect();
    let healthy: Vec<_> = (0..3).map(|n| offer(&format!("db-{n}"), 40)).collect();
    let failed: Vec<_> = failing.iter().map(failed_copy_of).collect();
    let all = facts(&[failing.clone(), healthy.clone()].concat(), &[], &failed);
    let first: Vec<_> =
        actions(&all, &policy(&[])).into_iter().filter(|action| action.starts_with("OneStep")).collect();
    let begin =
        ["OneStep a-00-50", "OneStep db-0-40", "OneStep db-1-40", "OneStep db-2-40", "OneStep a-01-50"];
    assert_eq!(first[..5], begin);
    assert_eq!(first.len(), 20);

    // The others have a copy already. Their places stay free.
    let here: Vec<_> = healthy.iter().map(|offer| copy_of(offer, "available")).collect();
    let idle = facts(&[failing, healthy].concat(), &[], &[failed, here].concat());
    let starts = actions(&idle, &policy(&[])).into_iter().filter(|action| action.starts_with("OneStep"));
    assert_eq!(starts.count(), 17);
}

#[test]
fn a_failed_copy_stays_until_the_next_copy_of_its_database_starts_unless_the_quota_is_full() {
    let new = offer("orders", 40);
    let busy: Vec<_> = (0..20).map(|n| copy_of(&offer(&format!("db-{n:02}"), 1), "copying")).collect();
    let waiting = facts(std::slice::from_ref(&new), &[], &[busy, vec![failed_copy_of(&new)]].concat());
    assert_eq!(actions(&waiting, &policy(&[])), Vec::<String>::new());
    let full = Facts { quota: 21, ..waiting };
    assert_eq!(actions(&full, &policy(&[])), ["remove orders-40 (us-west-2): the copy failed"]);
    let arrived = facts(&[], &[], &[copy_of(&offer("orders", 50), "available"), failed_copy_of(&new)]);
    assert_eq!(actions(&arrived, &policy(&[])), ["remove orders-40 (us-west-2): the copy failed"]);
}

#[test]
fn the_wait_for_the_next_attempt_doubles_with_each_failed_copy_that_stays_up_to_a_day() {
    let new = offer("orders", 40);
    let attempts_after = |failures: usize, age: TimeDelta| {
        let mut failed = failed_copy_of(&new);
        failed.created_at = Some(at(NOW) - age);
        let facts = facts(std::slice::from_ref(&new), &[], &vec![failed; failures]);
        actions(&facts, &policy(&[])).iter().any(|action| action.starts_with("OneStep"))
    };
    for (failures, minutes) in [(1, 0), (2, 15), (3, 30), (4, 60), (8, 960), (9, 1440), (90, 1440)] {
        let wait = TimeDelta::minutes(minutes);
        assert!(attempts_after(failures, wait), "{failures}");
        assert!(failures == 1 || !attempts_after(failures, wait - TimeDelta::seconds(1)), "{failures}");
    }
}

#[test]
fn a_database_whose_failed_copies_stay_takes_only_places_in_the_quota_that_no_other_one_needs() {
    let new = offer("orders", 40);
    let healthy: Vec<_> = (0..3).map(|n| offer(&format!("db-{n}"), 30)).collect();
    let known = Snapshot { database_time: Some(at("2025-12-29T00:00:00Z")), ..offer("orders", 10) };
    let earlier = [healthy.clone(), vec![known]].concat();
    let copies: Vec<_> = earlier.iter().map(|offer| copy_of(offer, "available")).collect();
    let offered = [healthy, vec![new.clone()]].concat();
    let planned = |failures: usize, free: u32| {
        let mut failed = failed_copy_of(&new);
        failed.created_at = Some(at("2025-12-30T00:00:00Z"));
        let here = [copies.clone(), vec![failed; failures]].concat();
        let quota = u32::try_from(here.len()).unwrap() + free;
        let facts = Facts { quota, ..facts(&offered, &[], &here) };
        let waits = reasons(&facts, &policy(&[])).contains(&("orders-40".to_owned(), SkipReason::RetryLater));
        (actions(&facts, &policy(&[])).contains(&"OneStep orders-40".to_owned()), waits)
    };
    assert_eq!(planned(1, 1), (true, false), "AWS may delete it");
    assert_eq!(planned(2, 3), (false, true));
    assert_eq!(planned(2, 4), (true, false));
}
