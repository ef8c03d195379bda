//! The databases that are due, the names of their snapshots, and the quota.

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::testing::{at, context, database, snapshot};
use proptest::prelude::*;

use super::*;

const NOW: &str = "2026-03-29T01:42:00Z";

fn policy(pairs: &[(&str, &str)]) -> SourcePolicy {
    let given = [("DestinationAccount", "222222222222")];
    let parameters: Parameters =
        given.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    SourcePolicy::parse(&parameters, &context("111111111111", "us-east-1", NOW)).unwrap()
}

fn ours(database: &str, name: &str, time: Option<&str>, status: &str) -> Snapshot {
    let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), database);
    taken.tags = tags::of([(tags::CREATED_BY, tags::TOOL)]);
    taken.original_created_at = time.map(at);
    taken.status = status.to_owned().into();
    taken
}

fn facts(snapshots: Vec<Snapshot>) -> Facts {
    let snapshots = snapshots.into_iter().map(Arc::new).collect();
    Facts { databases: vec![database("orders")], snapshots, quota: 100, ..Facts::default() }
}

fn outcome(snapshots: Vec<Snapshot>) -> Result<String, SkipReason> {
    let plan = plan(&facts(snapshots), &policy(&[]), at(NOW)).unwrap();
    match (plan.actions.as_slice(), plan.skips.as_slice()) {
        ([take], []) => Ok(take.create.id.to_string()),
        ([], [skip]) => Err(skip.reason.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_database_without_a_usable_snapshot_in_the_interval_is_due() {
    let due = Ok("orders-2026-03-29-01-30".to_owned());
    assert_eq!(outcome(vec![]), due);
    assert_eq!(outcome(vec![ours("orders", "a", Some("2026-03-29T01:29:59Z"), "available")]), due);
    assert_eq!(outcome(vec![ours("billing", "a", Some("2026-03-29T01:35:00Z"), "available")]), due);
    assert_eq!(outcome(vec![ours("orders", "a", Some("2026-03-29T01:35:00Z"), "failed")]), due);
}

#[test]
fn a_database_with_a_snapshot_in_the_interval_is_not_due() {
    let at = |time| outcome(vec![ours("orders", "a", time, "available")]);
    assert_eq!(at(Some("2026-03-29T01:30:00Z")), Err(SkipReason::NotDue));
    assert_eq!(outcome(vec![ours("orders", "a", None, "creating")]), Err(SkipReason::SnapshotInProgress));
}

#[test]
fn a_snapshot_in_an_unknown_status_is_waited_for_and_after_a_day_reported() {
    let odd = |time| ours("orders", "a", time, "a-status-of-next-year");
    assert_eq!(outcome(vec![odd(Some("2026-03-28T01:42:00Z"))]), Err(SkipReason::SnapshotInProgress));
    let plan = plan(&facts(vec![odd(Some("2026-03-28T01:41:59Z"))]), &policy(&[]), at(NOW)).unwrap();
    assert_eq!(plan.actions.len(), 1, "the database is protected by its next snapshot");
    assert_eq!(plan.skips[0].reason, SkipReason::UnknownStatus("a-status-of-next-year".to_owned()));
}

#[test]
fn a_snapshot_that_will_never_be_usable_does_not_count_for_the_interval() {
    for status in ["failed", "deleting", "incompatible-restore"] {
        let lost = ours("orders", "a", Some("2026-03-29T01:35:00Z"), status);
        assert_eq!(outcome(vec![lost]), Ok("orders-2026-03-29-01-30".to_owned()), "{status}");
    }
}

#[test]
fn a_snapshot_counts_for_the_interval_in_which_it_was_begun() {
    let with = |created_on: &str, complete: &str, database_time: &str| {
        let mut snapshot = ours("orders", &format!("orders-{created_on}"), Some(complete), "available");
        snapshot.tags.insert(tags::CREATED_ON, created_on);
        snapshot.database_time = Some(at(database_time));
        outcome(vec![snapshot])
    };
    let due = Ok("orders-2026-03-29-01-30".to_owned());
    assert_eq!(with("2026-03-29-01-00", "2026-03-29T01:33:00Z", "2026-03-29T01:29:00Z"), due);
    assert_eq!(
        with("2026-03-29-01-30", "2026-03-29T01:33:00Z", "2026-03-01T00:00:00Z"),
        Err(SkipReason::NotDue)
    );
    // A tag with a future time does not keep the database unprotected.
    assert_eq!(with("2027-03-29-01-30", "2026-03-29T01:03:00Z", "2026-03-29T01:00:00Z"), due);
}

/// AWS documents no snapshot that is complete and has no time, and excludes none.
#[test]
fn a_complete_snapshot_without_any_time_does_not_end_the_snapshots_of_its_database() {
    let timeless = |id: &str, created_on: Option<&str>| {
        let mut found = ours("orders", id, None, "available");
        found.tags.extend(created_on.map(|stamp| (tags::CREATED_ON, stamp)));
        let made = plan(&facts(vec![found]), &policy(&[]), at(NOW)).unwrap();
        let reasons: Vec<_> = made.skips.into_iter().map(|skip| skip.reason).collect();
        (made.actions.len(), reasons)
    };
    assert_eq!(timeless("by-hand", None), (1, vec![SkipReason::WithoutTime]));
    let stamped = |stamp: &str| timeless(&format!("orders-{stamp}"), Some(stamp));
    assert_eq!(stamped("2026-03-28-01-30"), (1, vec![SkipReason::WithoutTime]));
    assert_eq!(stamped("2026-03-29-01-00"), (1, vec![]));
    assert_eq!(stamped("2026-03-29-01-30"), (0, vec![SkipReason::NotDue]));
    assert_eq!(stamped("2027-03-29-01-30"), (1, vec![]), "a tag with a future time");
}

#[test]
fn an_instance_created_within_the_interval_gets_one_snapshot() {
    let mut snapshot = ours("orders", "orders-2026-03-29-01-30", Some("2026-03-29T01:41:00Z"), "available");
    snapshot.tags.insert(tags::CREATED_ON, "2026-03-29-01-30");
    let mut facts = facts(vec![snapshot]);
    facts.databases[0].created_at = Some(at("2026-03-29T01:40:00Z"));
    assert_eq!(plan(&facts, &policy(&[]), at(NOW)).unwrap().skips[0].reason, SkipReason::NotDue);
}

#[test]
fn after_a_failed_snapshot_the_next_gets_another_name() {
    let failed = ours("orders", "orders-2026-03-29-01-30", Some("2026-03-29T01:31:00Z"), "failed");
    assert_eq!(outcome(vec![failed]), Ok("orders-2026-03-29-01-30-2".to_owned()));
}

#[test]
fn snapshots_of_others_and_our_own_copies_do_not_count_for_the_interval() {
    let mut foreign = ours("orders", "a", Some("2026-03-29T01:35:00Z"), "available");
    foreign.tags.clear();
    let mut copy = ours("orders", "b", Some("2026-03-29T01:35:00Z"), "available");
    copy.tags.insert(tags::COPIED_BY, tags::TOOL);
    assert!(outcome(vec![foreign, copy]).is_ok());
}

#[test]
fn a_re_encryption_in_progress_delays_no_snapshot() {
    let mut twin = ours("orders", "orders-2026-03-29-01-00-shared", None, "creating");
    let source = "arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-03-29-01-00";
    twin.tags.insert(tags::SOURCE_SNAPSHOT_ARN, source);
    assert!(outcome(vec![twin]).is_ok());
}

#[test]
fn an_instance_created_again_under_its_name_is_due_at_once() {
    let mut facts = facts(vec![ours("orders", "a", Some("2026-03-29T01:31:00Z"), "available")]);
    facts.databases[0].created_at = Some(at("2026-03-29T01:40:00Z"));
    assert_eq!(plan(&facts, &policy(&[]), at(NOW)).unwrap().actions.len(), 1);
}

/// AWS creates the green instance of a blue/green deployment before it gives it the name.
#[test]
fn an_instance_that_took_over_a_name_is_due_at_once_and_before_all_others() {
    let of = |id: &str, mut taken: Snapshot| {
        taken.resource_id = Some(id.into());
        taken
    };
    let taken = || ours("orders", "a", Some("2026-03-29T01:31:00Z"), "available");
    let mut facts = facts(vec![
        of("db-BLUE", taken()),
        of("db-BLUE", ours("orders", "b", None, "creating")),
        ours("billing", "c", Some("2026-03-29T01:29:00Z"), "available"),
    ]);
    facts.databases.insert(0, database("billing"));
    facts.databases[1].resource_id = Some("db-GREEN".into());
    let due = |facts: &Facts| -> Vec<String> {
        let plan = plan(facts, &policy(&[]), at(NOW)).unwrap();
        plan.actions.iter().map(|take| take.database.name.to_string()).collect()
    };
    assert_eq!(due(&facts), ["orders", "billing"]);
    facts.snapshots.push(Arc::new(of("db-GREEN", taken())));
    assert_eq!(due(&facts), ["billing"]);
}

#[test]
fn a_renamed_instance_and_one_of_unknown_id_have_their_snapshot_of_the_interval() {
    for (of_database, of_snapshot) in
        [(Some("db-A"), Some("db-A")), (None, Some("db-A")), (Some("db-A"), None)]
    {
        let mut facts = facts(vec![ours("orders", "a", Some("2026-03-29T01:31:00Z"), "available")]);
        facts.databases[0].resource_id = of_database.map(Into::into);
        Arc::make_mut(&mut facts.snapshots[0]).resource_id = of_snapshot.map(Into::into);
        let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
        assert_eq!(plan.skips[0].reason, SkipReason::NotDue, "{of_database:?}, {of_snapshot:?}");
    }
}

#[test]
fn a_busy_instance_is_skipped_until_it_accepts_a_snapshot() {
    let mut facts = facts(vec![]);
    facts.databases[0].status.0 = "modifying".to_owned();
    let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
    assert_eq!(plan.skips[0].reason, SkipReason::InstanceBusy("modifying".to_owned()));
}

#[test]
fn a_broken_instance_is_blocked_until_someone_repairs_it() {
    for status in [
        "storage-full",
        "upgrade-failed",
        "unsupported-configuration",
        "inaccessible-encryption-credentials",
        "incompatible-network",
    ] {
        let mut facts = facts(vec![]);
        facts.databases[0].status.0 = status.to_owned();
        let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
        assert_eq!(plan.skips[0].reason, SkipReason::InstanceBroken(status.to_owned()));
    }
}

#[test]
fn selecting_nothing_is_an_error_that_names_the_pattern() {
    let error = plan(&facts(vec![]), &policy(&[("InstanceNamePattern", "^prod")]), at(NOW)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "InstanceNamePattern '^prod' selects none of the 1 DB instances in us-east-1, so nothing is protected"
    );
}

#[test]
fn a_database_without_any_snapshot_leaves_a_place_in_the_quota_to_each_of_those_that_have_some() {
    let taken = |free: u32| {
        let mut facts = facts(
            ["orders", "billing"]
                .map(|name| ours(name, name, Some("2026-03-29T00:40:00Z"), "available"))
                .to_vec(),
        );
        facts.databases = ["billing", "ci-1", "ci-2", "orders"].map(database).to_vec();
        facts.quota = 2 + free;
        let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
        let names: Vec<_> = plan.actions.iter().map(|take| take.database.name.to_string()).collect();
        (
            names.join(" "),
            plan.skips.iter().filter(|skip| skip.reason == SkipReason::QuotaKeptFree(2)).count(),
        )
    };
    assert_eq!(taken(4), ("ci-1 ci-2 billing orders".to_owned(), 0));
    assert_eq!(taken(3), ("ci-1 billing orders".to_owned(), 1));
    assert_eq!(taken(2), ("billing orders".to_owned(), 2));
}

#[test]
fn databases_with_the_oldest_snapshots_come_first_and_the_quota_is_not_exceeded() {
    let mut facts = facts(vec![
        ours("a", "a-1", Some("2026-03-29T00:40:00Z"), "available"),
        ours("b", "b-1", Some("2026-03-29T00:10:00Z"), "available"),
        ours("c", "c-1", Some("2026-03-28T23:40:00Z"), "available"),
    ]);
    facts.databases = ["a", "b", "c"].map(database).to_vec();
    facts.quota = 5;
    let plan = plan(&facts, &policy(&[]), at(NOW)).unwrap();
    let names: Vec<_> = plan.actions.iter().map(|take| take.database.name.as_str()).collect();
    assert_eq!(names, ["c", "b"]);
    assert_eq!(plan.skips[0].reason, SkipReason::QuotaFull);
    assert_eq!(plan.metrics, [quota_used(facts.snapshots.len(), 5, &policy(&[]).region)]);
}

proptest! {
    #[test]
    fn the_plan_does_not_depend_on_the_order_of_the_facts(
        minutes in proptest::collection::vec(0_i64..240, 0..12),
        seed in any::<prop::sample::Index>(),
    ) {
        let names = ["a", "b", "c", "d"];
        let snapshots: Vec<_> = minutes.iter().enumerate().map(|(n, minute)| {
            let time = (at(NOW) - chrono::TimeDelta::minutes(*minute)).to_rfc3339();
            Arc::new(ours(names[n % 4], &format!("s-{n}"), Some(&time), "available"))
        }).collect();
        let facts = Facts { databases: names.map(database).to_vec(), snapshots, quota: 100, ..Facts::default() };
        let mut turned = facts.clone();
        turned.databases.rotate_left(seed.index(4));
        turned.snapshots.reverse();
        let now = at(NOW);
        let made = plan(&facts, &policy(&[]), now).unwrap();
        prop_assert_eq!(&made, &plan(&turned, &policy(&[]), now).unwrap());
        prop_assert_eq!(made.actions.len() + made.skips.len(), 4);

        // After every action has been applied, a second plan has no action.
        let mut after = facts;
        for take in &made.actions {
            let mut taken = ours(take.create.database.as_str(), take.create.id.as_str(), Some(NOW), "available");
            taken.tags = take.create.tags.clone();
            after.snapshots.push(Arc::new(taken));
        }
        prop_assert!(plan(&after, &policy(&[]), now).unwrap().actions.is_empty());
    }
}
