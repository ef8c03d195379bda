//! The sorting of offers by whether they may be copied, and the accounts that offer nothing.

use super::*;

#[test]
fn a_listed_account_of_which_nothing_is_offered_or_held_is_named() {
    let both = policy(&[("SourceAccounts", "111111111111,333333333333")]);
    let reasons_of = |facts: &Facts| reasons(facts, &both);
    assert_eq!(
        reasons_of(&facts(&[offer("orders", 10)], &[], &[])),
        [("account 333333333333 in us-east-1".to_owned(), SkipReason::NothingOffered)]
    );
    assert_eq!(reasons_of(&facts(&[], &[], &[])).len(), 2);
}

#[test]
fn snapshots_of_unlisted_accounts_are_not_copied_whatever_their_names_and_tags() {
    let mut foreign = offer("orders", 50);
    foreign.arn = arn("arn:aws:rds:us-east-1:666666666666:snapshot:orders-50");
    foreign.tags = tags::of([(tags::CREATED_BY, tags::TOOL), (tags::SOURCE_ACCOUNT, "111111111111")]);
    let facts = facts(&[foreign, offer("orders", 10)], &[], &[]);
    assert_eq!(actions(&facts, &policy(&[])), ["OneStep orders-10"]);
    assert_eq!(reasons(&facts, &policy(&[])), [("orders-50".to_owned(), SkipReason::ForeignAccount)]);
}

#[test]
fn each_unusable_offer_is_skipped_with_its_reason() {
    let mut creating = offer("a", 1);
    creating.status = SnapshotStatus::Creating;
    let mut timeless = offer("b", 1);
    timeless.database_time = None;
    let mut aurora = offer("c", 1);
    aurora.engine.0 = "aurora-mysql".into();
    let mut long = offer("d", 1);
    long.arn = arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{}", "d".repeat(220)));
    let old = offer("e", 0);
    let limited = policy(&[("CopyRetentionDays", "30m")]);
    let found: Vec<_> = reasons(&facts(&[creating, timeless, aurora, long, old], &[], &[]), &limited)
        .into_iter()
        .map(|(_, r)| r)
        .collect();
    assert_eq!(
        found,
        [
            SkipReason::SnapshotInProgress,
            SkipReason::UnknownTime,
            SkipReason::UnsupportedEngine,
            SkipReason::TooOldToCopy, // the long name is as old
            SkipReason::TooOldToCopy
        ]
    );
    let mut long = offer("d", 1);
    long.arn = arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{}", "d".repeat(220)));
    assert_eq!(reasons(&facts(&[long], &[], &[]), &policy(&[]))[0].1, SkipReason::NameTooLong);
}

#[test]
fn a_pattern_that_selects_no_offer_is_an_error_unless_nothing_is_offered() {
    let none = policy(&[("SnapshotPattern", "^prod")]);
    let error = plan(&facts(&[offer("orders", 1)], &[], &[]), &none, at(NOW)).unwrap_err();
    assert!(error.to_string().contains("SnapshotPattern '^prod' selects none of the 1 snapshots"), "{error}");
    assert_eq!(actions(&facts(&[], &[], &[]), &none), Vec::<String>::new());
}

/// A source account ends its shares of one database, and shares another one.
#[test]
fn a_pattern_that_selects_no_offer_and_something_that_is_held_stops_nothing() {
    let (orders, billing) = (offer("orders", 10), offer("billing", 40));
    let ours = policy(&[("SnapshotPattern", "^orders")]);
    let offered = std::slice::from_ref(&billing);
    let halfway = facts(offered, &[halfway_of(&orders, "available")], &[]);
    assert_eq!(actions(&halfway, &ours), ["Second orders-10"]);
    assert!(
        reasons(&halfway, &ours)
            .contains(&("SnapshotPattern '^orders'".to_owned(), SkipReason::NothingSelected))
    );
    let held = facts(offered, &[], &[copy_of(&orders, "available")]);
    let metrics = plan(&held, &ours, at(NOW)).unwrap().metrics;
    assert!(
        metrics.contains(&Metric::overall(MetricName::OldestRecoveryPointAge, 50.0 * 60.0)),
        "{metrics:?}"
    );
    let other = facts(offered, &[], &[copy_of(&billing, "available")]);
    assert!(plan(&other, &ours, at(NOW)).is_err());
}

/// An offer under the name that the schedule gives it.
fn scheduled(minute: u32) -> Snapshot {
    let mut scheduled = offer("orders", minute);
    scheduled.arn =
        arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-01-01-11-{minute:02}"));
    scheduled
}

#[test]
fn a_snapshot_of_the_schedule_goes_before_one_that_a_person_shares_which_follows() {
    let (planned, by_hand) = (scheduled(30), offer("orders", 40));
    let both = [planned.clone(), by_hand.clone()];
    let first = facts(&both, &[], &[]);
    assert_eq!(actions(&first, &policy(&[])), ["OneStep orders-2026-01-01-11-30"]);
    assert_eq!(reasons(&first, &policy(&[])), [("orders-40".to_owned(), SkipReason::CopyInProgress)]);

    let arrived = facts(&both, &[], &[copy_of(&planned, "available")]);
    assert_eq!(actions(&arrived, &policy(&[])), ["OneStep orders-40"]);
    // It came first: it was shared before the worker shared the other one.
    let overtaken = facts(&both, &[], &[copy_of(&by_hand, "available")]);
    assert_eq!(actions(&overtaken, &policy(&[])), ["OneStep orders-2026-01-01-11-30"]);
    let next = facts(&[scheduled(50), by_hand.clone()], &[], &[]);
    assert_eq!(actions(&next, &policy(&[])), ["OneStep orders-2026-01-01-11-50"]);
    assert_eq!(reasons(&next, &policy(&[])), [("orders-40".to_owned(), SkipReason::Superseded)]);
}

#[test]
fn an_intermediate_of_the_schedule_is_copied_on_although_a_newer_one_of_a_person_has_arrived() {
    let (planned, by_hand) = (scheduled(30), offer("orders", 40));
    let halfway = two_hops(facts(
        &[planned.clone(), by_hand.clone()],
        &[halfway_of(&planned, "available")],
        &[copy_of(&by_hand, "available")],
    ));
    assert_eq!(actions(&halfway, &policy(&[])), ["Second orders-2026-01-01-11-30"]);
    let other = two_hops(facts(&[planned], &[halfway_of(&by_hand, "available")], &[]));
    assert_eq!(actions(&other, &policy(&[])), ["First orders-2026-01-01-11-30", "Second orders-40"]);
}

/// A snapshot with a name of the schedule, and a newer one that a person shares.
fn scheduled_and_by_hand() -> (Snapshot, Snapshot) {
    let mut scheduled = offer("orders", 10);
    scheduled.arn = arn("arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-01-01-11-00");
    (scheduled, offer("orders", 40))
}

fn instead(facts: &Facts) -> Vec<(String, String)> {
    let made = super::super::plan(facts, &policy(&[]), at(NOW)).unwrap().instead;
    let source = |copy: &Copy| copy.source().unwrap().id.to_string();
    made.iter().map(|(of, copy)| (of.id.to_string(), source(copy))).collect()
}

#[test]
fn a_snapshot_by_hand_takes_the_place_of_a_refused_one_of_the_schedule() {
    let (scheduled, by_hand) = scheduled_and_by_hand();
    let both = [scheduled.clone(), by_hand.clone()];
    let pair = [("orders-2026-01-01-11-00".to_owned(), "orders-40".to_owned())];
    for one_step in [OneStep::Assumed, OneStep::Refused] {
        assert_eq!(instead(&Facts { one_step, ..facts(&both, &[], &[]) }), pair);
    }
    assert_eq!(instead(&facts(&both[..1], &[], &[])), []);
    assert_eq!(instead(&facts(&both[1..], &[], &[])), []);
    // It is not tried again once it is here.
    let mut older_here = copy_of(&by_hand, "available");
    older_here.original_created_at = by_hand.database_time;
    assert_eq!(instead(&facts(&both, &[], &[older_here])), []);
}

#[test]
fn a_snapshot_by_hand_is_copied_if_no_key_is_configured_for_the_one_of_the_schedule() {
    let (scheduled, mut by_hand) = scheduled_and_by_hand();
    by_hand.kms_key = None;
    let facts = facts(&[scheduled, by_hand], &[], &[]);
    let no_key = policy(&[("KmsKeyDestination", "None"), ("KmsKeySource", "None")]);
    assert_eq!(actions(&facts, &no_key), ["OneStep orders-40"]);
    assert_eq!(reasons(&facts, &no_key), [("orders-2026-01-01-11-00".to_owned(), SkipReason::NoKey)]);
}

#[test]
fn a_snapshot_by_hand_whose_first_hop_failed_still_takes_the_place_of_a_refused_one() {
    let (scheduled, by_hand) = scheduled_and_by_hand();
    let failed = two_hops(facts(&[scheduled, by_hand.clone()], &[halfway_of(&by_hand, "failed")], &[]));
    assert_eq!(instead(&failed), [("orders-2026-01-01-11-00".to_owned(), "orders-40".to_owned())]);
}
