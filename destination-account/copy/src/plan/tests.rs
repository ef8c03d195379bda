use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags;
use pilot_light_domain::testing::{arn, at, context, snapshot};

use super::*;

mod properties;
mod two_hops;

const THEIR_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/theirs";
const OUR_KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/ours";
const OUR_SOURCE_KEY: &str = "arn:aws:kms:us-east-1:222222222222:key/between";
const NOW: &str = "2026-01-01T12:00:00Z";

fn policy(pairs: &[(&str, &str)]) -> DestinationPolicy {
    let mut parameters: Parameters = [
        ("SourceAccounts", "111111111111"),
        ("SourceRegionOverride", "us-east-1"),
        ("KmsKeySource", OUR_SOURCE_KEY),
        ("KmsKeyDestination", OUR_KEY),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    parameters.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    DestinationPolicy::parse(&parameters, &context("222222222222", "us-west-2", NOW)).unwrap()
}

/// A snapshot that 111111111111 shares, of `database` at `minute` past eleven.
fn offer(database: &str, minute: u32) -> Snapshot {
    let mut shared =
        snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{database}-{minute}"), database);
    shared.database_time = Some(at(&format!("2026-01-01T11:{minute:02}:00Z")));
    shared.kms_key = Some(THEIR_KEY.parse().unwrap());
    shared
}

/// Our copy of `offer` in the destination.
fn copy_of(offer: &Snapshot, status: &str) -> Snapshot {
    let mut copy = offer.clone();
    copy.arn = arn(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{}", offer.arn.id));
    copy.kms_key = Some(OUR_KEY.parse().unwrap());
    copy.status = status.to_owned().into();
    copy.copied_from = Some(offer.arn.clone());
    copy.tags =
        tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, &offer.arn.to_string())]);
    copy
}

/// Our copy of `offer` after the first of two hops.
fn halfway_of(offer: &Snapshot, status: &str) -> Snapshot {
    let mut between = copy_of(offer, status);
    between.arn = arn(&format!("arn:aws:rds:us-east-1:222222222222:snapshot:{}", offer.arn.id));
    between.tags.insert(tags::INTERMEDIATE_FOR, "us-west-2");
    between
}

fn facts(offered: &[Snapshot], between: &[Snapshot], here: &[Snapshot]) -> Facts {
    let listed = |snapshots: &[Snapshot]| snapshots.iter().cloned().map(Arc::new).collect();
    Facts {
        offered: listed(offered),
        between: listed(between),
        here: listed(here),
        quota: 100,
        one_step: OneStep::Assumed,
    }
}

fn two_hops(facts: Facts) -> Facts {
    Facts { one_step: OneStep::Refused, ..facts }
}

/// The actions as `hop id` or `remove id why`, in order.
fn actions(facts: &Facts, policy: &DestinationPolicy) -> Vec<String> {
    let told = |action: &Copy| match action {
        Copy::Make { hop, copy, .. } => format!("{hop:?} {}", copy.source.id),
        Copy::Remove { arn, why } => format!("remove {} ({}): {why}", arn.id, arn.region),
    };
    plan(facts, policy, at(NOW)).unwrap().actions.iter().map(told).collect()
}

fn reasons(facts: &Facts, policy: &DestinationPolicy) -> Vec<(String, SkipReason)> {
    let plan = plan(facts, policy, at(NOW)).unwrap();
    plan.skips
        .into_iter()
        .map(|skip| (skip.subject.to_string().rsplit(':').next().unwrap().to_owned(), skip.reason))
        .collect()
}

#[test]
fn the_newest_offer_is_copied_under_our_key_with_its_origin_on_it() {
    let facts = facts(&[offer("orders", 10), offer("orders", 40)], &[], &[]);
    let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
    let [Copy::Make { hop, region, copy, .. }] = plan.actions.as_slice() else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!((*hop, region.as_str(), copy.target.as_str()), (Hop::OneStep, "us-west-2", "orders-40"));
    assert_eq!(copy.kms_key.as_ref().map(ToString::to_string), Some(OUR_KEY.to_owned()));
    assert_eq!(
        copy.tags,
        tags::of([
            (tags::COPIED_BY, tags::TOOL),
            (tags::SOURCE_SNAPSHOT_ARN, "arn:aws:rds:us-east-1:111111111111:snapshot:orders-40"),
            (tags::SOURCE_ACCOUNT, "111111111111"),
            (tags::DATABASE_TIME, "2026-01-01T11:40:00+00:00"),
        ])
    );
    assert_eq!(plan.skips.len(), 1);
    assert_eq!(plan.skips[0].reason, SkipReason::Superseded);
}

#[test]
fn what_is_here_is_not_copied_again_and_nothing_older_either() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let facts = facts(&[old.clone(), new.clone()], &[], &[copy_of(&new, "available")]);
    assert_eq!(actions(&facts, &policy(&[])), Vec::<String>::new());
    assert_eq!(
        reasons(&facts, &policy(&[])),
        [
            ("orders-10".to_owned(), SkipReason::Superseded),
            ("orders-40".to_owned(), SkipReason::AlreadyCopied)
        ]
    );
}

#[test]
fn on_an_idle_database_the_newest_is_the_one_that_was_taken_last() {
    let (mut old, mut new) = (offer("orders", 10), offer("orders", 10));
    new.arn = arn("arn:aws:rds:us-east-1:111111111111:snapshot:orders-40");
    old.original_created_at = Some(at("2026-01-01T11:13:00Z"));
    new.original_created_at = Some(at("2026-01-01T11:43:00Z"));
    let facts = facts(&[old.clone(), new], &[], &[copy_of(&old, "available")]);
    assert_eq!(actions(&facts, &policy(&[])), ["OneStep orders-40"]);
}

#[test]
fn a_listed_account_that_has_nothing_here_is_named() {
    let both = policy(&[("SourceAccounts", "111111111111,333333333333")]);
    let told = |facts: &Facts| reasons(facts, &both);
    assert_eq!(
        told(&facts(&[offer("orders", 10)], &[], &[])),
        [("account 333333333333 in us-east-1".to_owned(), SkipReason::NothingOffered)]
    );
    assert_eq!(told(&facts(&[], &[], &[])).len(), 2);
}

#[test]
fn one_copy_of_a_database_at_a_time() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    for status in ["creating", "copying"] {
        let facts = facts(&[old.clone(), new.clone()], &[], &[copy_of(&old, status)]);
        assert_eq!(actions(&facts, &policy(&[])), Vec::<String>::new());
        let pending = reasons(&facts, &policy(&[]));
        assert!(pending.iter().all(|(_, reason)| *reason == SkipReason::CopyInProgress), "{pending:?}");
    }
}

#[test]
fn a_failed_copy_is_removed_and_made_again_under_another_name() {
    let new = offer("orders", 40);
    let facts = facts(std::slice::from_ref(&new), &[], &[copy_of(&new, "failed")]);
    let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
    let [Copy::Remove { why, .. }, Copy::Make { copy, .. }] = plan.actions.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!((*why, copy.target.as_str()), ("the copy failed", "orders-40-2"));
}

#[test]
fn only_listed_accounts_are_copied_from_whatever_the_name() {
    let mut foreign = offer("orders", 50);
    foreign.arn = arn("arn:aws:rds:us-east-1:666666666666:snapshot:orders-50");
    foreign.tags = tags::of([(tags::CREATED_BY, tags::TOOL), (tags::SOURCE_ACCOUNT, "111111111111")]);
    let facts = facts(&[foreign, offer("orders", 10)], &[], &[]);
    assert_eq!(actions(&facts, &policy(&[])), ["OneStep orders-10"]);
    assert_eq!(reasons(&facts, &policy(&[])), [("orders-50".to_owned(), SkipReason::ForeignAccount)]);
}

#[test]
fn equal_names_in_two_accounts_are_two_databases() {
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
            ("111111111111/us-east-1/orders".to_owned(), "orders-10".to_owned()),
            ("333333333333/us-east-1/orders".to_owned(), "orders-10-2".to_owned())
        ]
    );
}

#[test]
fn free_slots_go_to_the_databases_with_the_oldest_points() {
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
fn a_full_quota_is_said_and_not_run_into() {
    let full = Facts {
        quota: 1,
        ..facts(&[offer("orders", 40)], &[], &[copy_of(&offer("billing", 1), "available")])
    };
    assert_eq!(reasons(&full, &policy(&[])), [("orders-40".to_owned(), SkipReason::QuotaFull)]);
    let used = plan(&full, &policy(&[]), at(NOW)).unwrap().metrics.pop();
    assert_eq!(used, Some(quota_used(full.here.len(), 1, &policy(&[]).region)));
}

#[test]
fn without_a_key_an_encrypted_snapshot_is_blocked_and_an_unencrypted_one_goes() {
    let mut plain = offer("plain", 1);
    plain.kms_key = None;
    let facts = facts(&[offer("orders", 1), plain], &[], &[]);
    let keyless = policy(&[("KmsKeyDestination", "None"), ("KmsKeySource", "None")]);
    assert_eq!(actions(&facts, &keyless), ["OneStep plain-1"]);
    assert_eq!(reasons(&facts, &keyless), [("orders-1".to_owned(), SkipReason::NoKey)]);
}

#[test]
fn the_route_follows_accounts_regions_and_partition() {
    use ways::{Route, route};
    let same_region = policy(&[("DestinationRegion", "us-east-1"), ("KmsKeyDestination", OUR_SOURCE_KEY)]);
    let same_account = policy(&[("CrossAccountCopy", "FALSE")]);
    assert_eq!(route(&same_region, OneStep::Refused), Route::Direct(Hop::Only));
    assert_eq!(route(&same_account, OneStep::Refused), Route::Direct(Hop::Only));
    assert_eq!(route(&policy(&[]), OneStep::Assumed), Route::Direct(Hop::OneStep));
    assert_eq!(route(&policy(&[]), OneStep::Refused), Route::TwoHops);
    let china = policy(&[
        ("SourceRegionOverride", "cn-north-1"),
        ("DestinationRegion", "cn-northwest-1"),
        ("KmsKeySource", "None"),
        ("KmsKeyDestination", "None"),
    ]);
    assert_eq!(route(&china, OneStep::Assumed), Route::TwoHops);
}

#[test]
fn same_account_copies_carry_created_by_over() {
    let mut taken = offer("orders", 10);
    taken.arn = arn("arn:aws:rds:us-east-1:222222222222:snapshot:orders-10");
    taken.tags = tags::of([(tags::CREATED_BY, tags::TOOL)]);
    let plan = plan(&facts(&[taken], &[], &[]), &policy(&[("CrossAccountCopy", "FALSE")]), at(NOW)).unwrap();
    let [Copy::Make { hop, copy, .. }] = plan.actions.as_slice() else { panic!("{plan:?}") };
    assert_eq!(*hop, Hop::Only);
    assert!(copy.tags.has(tags::CREATED_BY, tags::TOOL) && copy.tags.has(tags::COPIED_BY, tags::TOOL));
}

#[test]
fn unusable_offers_are_left_with_their_reason() {
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
fn a_pattern_that_selects_nothing_offered_is_an_error_and_no_offer_at_all_is_none() {
    let none = policy(&[("SnapshotPattern", "^prod")]);
    let error = plan(&facts(&[offer("orders", 1)], &[], &[]), &none, at(NOW)).unwrap_err();
    assert!(error.to_string().contains("SnapshotPattern '^prod' selects none of the 1 snapshots"), "{error}");
    assert_eq!(actions(&facts(&[], &[], &[]), &none), Vec::<String>::new());
}

#[test]
fn a_database_that_was_never_copied_is_as_old_as_its_oldest_offer() {
    let facts = facts(&[offer("orders", 10), offer("orders", 40)], &[], &[]);
    let metrics = plan(&facts, &policy(&[]), at(NOW)).unwrap().metrics;
    assert!(
        metrics.contains(&Metric::overall(MetricName::OldestRecoveryPointAge, 50.0 * 60.0)),
        "{metrics:?}"
    );
}
