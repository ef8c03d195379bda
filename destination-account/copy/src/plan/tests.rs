//! The choice among offers and the actions in one step, with the facts that all tests of the plan share.

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags;
use pilot_light_domain::testing::{arn, at, context, snapshot};

use super::*;

mod copy_slots;
mod incarnations;
mod known;
mod leftovers;
mod names;
mod offers;
mod properties;
mod states;
mod two_hops;
mod unconfirmed;

const THEIR_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/theirs";
const OUR_KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/ours";
const OUR_SOURCE_KEY: &str = "arn:aws:kms:us-east-1:222222222222:key/between";
const NOW: &str = "2026-01-01T12:00:00Z";

fn plan(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Result<Plan<Copy>, WorkerError> {
    super::plan(facts, policy, now).map(|planned| planned.plan)
}

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

/// A snapshot of `database` that the account 111111111111 shares, taken at `minute` past eleven.
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
    copy.created_at = copy.is_available().then(|| at("2026-01-01T11:45:00Z"));
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
        odd: Odd::default(),
    }
}

fn two_hops(facts: Facts) -> Facts {
    Facts { one_step: OneStep::Refused, ..facts }
}

/// The actions as `hop id` or `remove id why`, in order.
fn actions(facts: &Facts, policy: &DestinationPolicy) -> Vec<String> {
    actions_at(facts, policy, NOW)
}

fn actions_at(facts: &Facts, policy: &DestinationPolicy, now: &str) -> Vec<String> {
    let text = |action: &Copy| match action {
        Copy::Make { hop, copy, .. } => format!("{hop:?} {}", copy.source.id),
        Copy::Remove { arn, why } => format!("remove {} ({}): {why}", arn.id, arn.region),
    };
    plan(facts, policy, at(now)).unwrap().actions.iter().map(text).collect()
}

fn reasons(facts: &Facts, policy: &DestinationPolicy) -> Vec<(String, SkipReason)> {
    let plan = plan(facts, policy, at(NOW)).unwrap();
    plan.skips
        .into_iter()
        .map(|skip| (skip.subject.to_string().rsplit(':').next().unwrap().to_owned(), skip.reason))
        .collect()
}

#[test]
fn the_newest_offer_is_copied_under_our_key_and_tagged_with_its_origin() {
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
            (tags::RETENTION, "for 7d last 1 daily 0"),
        ])
    );
    assert_eq!(plan.skips.len(), 1);
    assert_eq!(plan.skips[0].reason, SkipReason::Superseded);
}

#[test]
fn an_offer_is_not_copied_if_it_or_a_newer_one_has_been_copied() {
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
fn on_an_idle_database_the_snapshot_taken_last_is_the_newest() {
    let (mut old, mut new) = (offer("orders", 10), offer("orders", 10));
    new.arn = arn("arn:aws:rds:us-east-1:111111111111:snapshot:orders-40");
    old.original_created_at = Some(at("2026-01-01T11:13:00Z"));
    new.original_created_at = Some(at("2026-01-01T11:43:00Z"));
    let facts = facts(&[old.clone(), new], &[], &[copy_of(&old, "available")]);
    assert_eq!(actions(&facts, &policy(&[])), ["OneStep orders-40"]);
}

#[test]
fn a_database_has_at_most_one_copy_in_progress() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    for status in ["creating", "pending", "copying", "a-status-of-next-year"] {
        let facts = facts(&[old.clone(), new.clone()], &[], &[copy_of(&old, status)]);
        assert_eq!(actions(&facts, &policy(&[])), Vec::<String>::new());
        let pending = reasons(&facts, &policy(&[]));
        assert!(pending.iter().all(|(_, reason)| *reason == SkipReason::CopyInProgress), "{pending:?}");
    }
}

#[test]
fn a_copy_in_an_unknown_status_is_reported_after_a_day_and_keeps_its_slot() {
    let (mut old, new) = (offer("orders", 10), offer("orders", 40));
    let mut stuck = copy_of(&old, "a-status-of-next-year");
    let verdicts = |stuck: &Snapshot, old: &Snapshot| {
        let facts = facts(&[old.clone(), new.clone()], &[], std::slice::from_ref(stuck));
        assert_eq!(actions(&facts, &policy(&[])), Vec::<String>::new());
        reasons(&facts, &policy(&[])).into_iter().map(|(_, reason)| reason).collect::<Vec<_>>()
    };
    assert!(verdicts(&stuck, &old).iter().all(|reason| *reason == SkipReason::CopyInProgress));
    stuck.created_at = Some(at("2025-12-31T11:59:59Z"));
    old.database_time = Some(at("2025-12-31T11:00:00Z"));
    let unknown = SkipReason::UnknownStatus("a-status-of-next-year".to_owned());
    assert!(verdicts(&stuck, &old).contains(&unknown));
}

#[test]
fn a_failed_copy_is_made_again_under_the_next_name_and_the_last_failed_one_stays_until_a_copy_arrives() {
    let new = offer("orders", 40);
    let attempt = |number: u32, status: &str| {
        let name = if number == 1 { "orders-40".to_owned() } else { format!("orders-40-{number}") };
        Snapshot {
            arn: arn(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{name}")),
            ..copy_of(&new, status)
        }
    };
    let of = |here: &[Snapshot]| {
        let facts = facts(std::slice::from_ref(&new), &[], here);
        let text = |action: &Copy| match action {
            Copy::Make { copy, .. } => format!("make {}", copy.target),
            Copy::Remove { arn, .. } => format!("remove {}", arn.id),
        };
        plan(&facts, &policy(&[]), at(NOW)).unwrap().actions.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(of(&[attempt(1, "failed")]), ["make orders-40-2"]);
    assert_eq!(of(&[attempt(1, "failed"), attempt(2, "pending")]), Vec::<String>::new());
    // A run at the same time may have removed the first one. The name is not used again.
    assert_eq!(of(&[attempt(2, "failed")]), ["make orders-40-3"]);
    let both = [attempt(2, "failed"), attempt(3, "pending"), attempt(1, "failed")];
    assert_eq!(of(&both), ["remove orders-40"]);
    assert_eq!(of(&[attempt(2, "failed"), attempt(3, "available")]), ["remove orders-40-2"]);
}

#[test]
fn the_route_depends_on_accounts_regions_and_partition() {
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
fn copies_within_one_account_keep_the_tag_created_by() {
    let mut taken = offer("orders", 10);
    taken.arn = arn("arn:aws:rds:us-east-1:222222222222:snapshot:orders-10");
    taken.tags = tags::of([(tags::CREATED_BY, tags::TOOL)]);
    let plan = plan(&facts(&[taken], &[], &[]), &policy(&[("CrossAccountCopy", "FALSE")]), at(NOW)).unwrap();
    let [Copy::Make { hop, copy, .. }] = plan.actions.as_slice() else { panic!("{plan:?}") };
    assert_eq!(*hop, Hop::Only);
    assert!(copy.tags.has(tags::CREATED_BY, tags::TOOL) && copy.tags.has(tags::COPIED_BY, tags::TOOL));
}

#[test]
fn the_age_of_a_database_that_was_never_copied_is_that_of_its_oldest_offer() {
    let facts = facts(&[offer("orders", 10), offer("orders", 40)], &[], &[]);
    let metrics = plan(&facts, &policy(&[]), at(NOW)).unwrap().metrics;
    assert!(
        metrics.contains(&Metric::overall(MetricName::OldestRecoveryPointAge, 50.0 * 60.0)),
        "{metrics:?}"
    );
}
