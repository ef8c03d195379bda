//! Defects of the older tools, each as a scene that ends well here.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::model::tags;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::error::ErrorName;
use pilot_light_domain::run::report::Report;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::{
    CreateDbInstance, CreateDbSnapshot, KeyState, ModifyDbSnapshotAttribute, Request, SnapshotDump,
};
use pilot_light_tests::{BILLING_KEY, DESTINATION, SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// A scene whose snapshots of one interval have been taken, shared and copied.
fn protected(way: Way) -> Scene {
    let scene = Scene::new(way);
    protect(&scene);
    scene
}

fn protect(scene: &Scene) {
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    for _ in 0..3 {
        scene.run_cleanly(&DestinationCopy);
        scene.simulation.settle();
    }
}

fn databases(snapshots: &[SnapshotDump]) -> Vec<&str> {
    snapshots.iter().map(|snapshot| snapshot.database.as_str()).collect()
}

fn blockers(report: &Report) -> Vec<(&str, &str)> {
    report.blockers.iter().map(|entry| (entry.what.as_str(), entry.subject.as_str())).collect()
}

/// Takes a manual snapshot of a database in any account, and shares it with the destination account.
fn share_one(scene: &Scene, owner: &AccountId, database: &str, id: &str) {
    let place = region("us-east-1");
    let create = CreateDbSnapshot { database: database.to_owned(), id: id.to_owned(), tags: None };
    scene.simulation.request(owner, &place, Request::CreateDbSnapshot(create)).unwrap();
    scene.simulation.settle();
    let share = ModifyDbSnapshotAttribute {
        id: id.to_owned(),
        attribute: "restore".to_owned(),
        add: vec![DESTINATION.to_owned()],
        remove: vec![],
    };
    scene.simulation.request(owner, &place, Request::ModifyDbSnapshotAttribute(share)).unwrap();
}

#[test]
fn a_snapshot_under_the_default_key_is_reported_and_all_others_arrive_under_the_destinations_key() {
    let scene = Scene::new(Way::OneStep);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    let shared = scene.run_cleanly(&SourceShare);
    assert_eq!(
        blockers(&shared),
        [("DefaultKey", "arn:aws:rds:us-east-1:111111111111:snapshot:archive-2026-03-01-00-00")]
    );
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    let copies = scene.copies();
    assert_eq!(databases(&copies), ["billing", "orders", "plain"]);
    assert!(
        copies.iter().all(|copy| copy.kms_key.as_ref().map(ToString::to_string) == Some(scene.way.key()))
    );
}

#[test]
fn a_refused_lookup_of_the_default_key_blocks_only_the_snapshot_under_that_key() {
    let scene = Scene::new(Way::OneStep);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    // The first two calls read the parameters and the one page of snapshots. The third call reads the default key.
    let (code, message) = ("AccessDeniedException".to_owned(), String::new());
    scene.simulation.inject(Fault::Fail { call: 3, effect: Effect::Before, code, message });
    let report = scene.run_cleanly(&SourceShare);
    assert_eq!(report.acted.get("share"), Some(&3));
    assert_eq!(
        blockers(&report),
        [("share", "arn:aws:rds:us-east-1:111111111111:snapshot:archive-2026-03-01-00-00")]
    );
}

#[test]
fn snapshots_that_are_already_shared_cost_no_further_calls() {
    let scene = protected(Way::OneStep);
    let before = scene.simulation.total_calls();
    scene.run_cleanly(&SourceShare);
    // The calls read the parameters, one page of snapshots, and the default key of the snapshot that cannot be shared.
    assert_eq!(scene.simulation.total_calls() - before, 3);
}

#[test]
fn an_attacker_who_deletes_all_source_snapshots_removes_nothing_from_the_destination() {
    for way in [Way::OneStep, Way::TwoHops, Way::SameRegion] {
        let scene = protected(way);
        for snapshot in scene.snapshots(&account(SOURCE), &region("us-east-1")) {
            scene
                .simulation
                .request(&account(SOURCE), &region("us-east-1"), Request::DeleteDbSnapshot(snapshot.id))
                .unwrap();
        }
        for _ in 0..40 {
            scene.wait(24 * 60);
            scene.run_cleanly(&DestinationCopy);
            scene.run_cleanly(&DestinationDelete);
        }
        assert_eq!(databases(&scene.copies()), ["billing", "orders", "plain"], "{way:?}");
    }
}

#[test]
fn a_snapshot_with_a_matching_name_from_an_unknown_account_is_not_copied() {
    let scene = protected(Way::OneStep);
    let stranger = account("666666666666");
    let create = CreateDbInstance { name: "orders".into(), engine: "postgres".into(), ..Default::default() };
    scene.simulation.request(&stranger, &region("us-east-1"), Request::CreateDbInstance(create)).unwrap();
    scene.simulation.settle();
    share_one(&scene, &stranger, "orders", "orders-2026-03-01-09-00");
    let before = scene.copies();
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!(report.skipped.get("ForeignAccount"), Some(&1));
    assert_eq!(scene.copies(), before);
}

#[test]
fn databases_with_the_same_name_in_two_accounts_are_both_copied() {
    let mut scene = Scene::new(Way::OneStep);
    let other = account("333333333333");
    scene.set_destination("SourceAccounts", "111111111111,333333333333");
    let create = CreateDbInstance { name: "orders".into(), engine: "postgres".into(), ..Default::default() };
    scene.simulation.request(&other, &region("us-east-1"), Request::CreateDbInstance(create)).unwrap();
    scene.simulation.settle();
    share_one(&scene, &other, "orders", "orders-2026-03-01-00-00");
    protect(&scene);
    let mut origins: Vec<_> = scene
        .copies()
        .into_iter()
        .filter(|copy| copy.database.as_str() == "orders")
        .map(|copy| copy.tags.get(tags::SOURCE_ACCOUNT).unwrap().to_owned())
        .collect();
    origins.sort();
    assert_eq!(origins, [SOURCE, "333333333333"]);
}

#[test]
fn a_key_that_the_destination_may_not_use_blocks_only_its_own_database() {
    let scene = Scene::new(Way::OneStep);
    scene.simulation.with_world(|world| world.register_key(BILLING_KEY.parse().unwrap(), BTreeSet::new()));
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!(
        blockers(&report),
        [("copy", "arn:aws:rds:us-east-1:111111111111:snapshot:billing-2026-03-01-00-00")]
    );
    scene.simulation.settle();
    assert_eq!(databases(&scene.copies()), ["orders", "plain"]);
    let blocked = report.metrics().into_iter().find(|metric| metric.name == MetricName::Blocked);
    assert_eq!(blocked.map(|metric| metric.value), Some(1.0));
}

#[test]
fn a_disabled_destination_key_fails_the_run_with_access_denied_until_it_is_enabled() {
    let scene = Scene::new(Way::OneStep);
    let set = |state| {
        scene.simulation.with_world(|world| world.set_key_state(&scene.way.key().parse().unwrap(), state))
    };
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    set(KeyState::Disabled);
    let report = scene.run(&DestinationCopy, Mode::Apply).unwrap().unwrap();
    assert_eq!((report.failed, report.error), (3, Some(ErrorName::AccessDenied)));
    set(KeyState::Enabled);
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    assert_eq!(databases(&scene.copies()), ["billing", "orders", "plain"]);
}

#[test]
fn one_failed_copy_does_not_prevent_two_hops_where_aws_refuses_one_step() {
    let scene = Scene::new(Way::TwoHops);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    // The first five calls read the parameters, three lists and the quota. The sixth call is the first copy.
    let (code, message) = ("KMSKeyNotAccessibleFault".to_owned(), String::new());
    scene.simulation.inject(Fault::Fail { call: 6, effect: Effect::Before, code, message });
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!(report.acted.get("copy"), Some(&3));
    assert_eq!(
        databases(&scene.snapshots(&scene.way.keeper(), &region("us-east-1"))),
        ["billing", "orders", "plain"]
    );
}

#[test]
fn a_disabled_key_of_the_intermediate_copies_is_a_failure_of_the_run_and_blocks_no_database() {
    let scene = Scene::new(Way::TwoHops);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    let between = "arn:aws:kms:us-east-1:222222222222:key/between".parse().unwrap();
    scene.simulation.with_world(|world| world.set_key_state(&between, KeyState::Disabled));
    let report = scene.run(&DestinationCopy, Mode::Apply).unwrap().unwrap();
    assert_eq!((report.failed, report.blocked, report.error), (3, 0, Some(ErrorName::AccessDenied)));
}

#[test]
fn a_mistyped_source_account_is_reported_because_it_offers_nothing() {
    let mut scene = Scene::new(Way::OneStep);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    scene.set_destination("SourceAccounts", "111111111112");
    let report = scene.run_cleanly(&DestinationCopy);
    assert_eq!(blockers(&report), [("NothingOffered", "account 111111111112 in us-east-1")]);
}

#[test]
fn unfinished_snapshots_and_copies_are_reported_as_pending_and_not_as_errors() {
    let scene = Scene::new(Way::TwoHops);
    scene.run_cleanly(&SourceTake);
    let report = scene.run_cleanly(&SourceShare);
    assert_eq!(report.pending, 4);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    scene.run_cleanly(&DestinationCopy);
    let report = scene.run_cleanly(&DestinationCopy);
    assert!(report.pending > 0 && report.failed == 0 && report.worker_error().is_none(), "{report:?}");
}

#[test]
fn snapshots_and_copies_of_the_older_tool_are_adopted() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("BackupInterval", "24");
    let source = (account(SOURCE), region("us-east-1"));
    let old = CreateDbSnapshot {
        database: "orders".into(),
        id: "orders-2026-03-01-00-00".into(),
        tags: Some(tags::of([
            ("CreatedBy", "Snapshot Tool for RDS"),
            ("CreatedOn", "2026-03-01-00-00"),
            ("shareAndCopy", "YES"),
        ])),
    };
    scene.simulation.request(&source.0, &source.1, Request::CreateDbSnapshot(old)).unwrap();
    scene.simulation.settle();

    let taken = scene.run_cleanly(&SourceTake);
    assert_eq!(
        taken.skipped.get("NotDue"),
        Some(&1),
        "the older tool's snapshot counts for the interval of orders"
    );
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    scene.run_cleanly(&DestinationCopy);
    scene.simulation.settle();
    assert_eq!(databases(&scene.copies()), ["billing", "orders", "plain"]);

    // Copies of the older tool are adopted too. They lack our own tags, so the worker uses the source that AWS states.
    let copies = scene.copies();
    let orders = copies.iter().find(|copy| copy.database.as_str() == "orders").unwrap();
    let bare = tags::of([("CopiedBy", "Snapshot Tool for RDS")]);
    scene.simulation.with_world(|world| world.impose_snapshot_tags(&orders.arn, bare));
    assert_eq!(scene.run_cleanly(&DestinationCopy).planned, 0, "the older tool's copy counts");
    scene.set_destination("RetentionDays", "1");
    scene.wait(3 * 24 * 60);
    protect(&scene);
    assert_eq!(
        scene.run_cleanly(&DestinationDelete).acted.get("delete"),
        Some(&3),
        "the older tool's copy is deleted after its retention, like any other"
    );
    scene.wait(3 * 24 * 60);
    assert_eq!(scene.run_cleanly(&SourceDelete).acted.get("delete"), Some(&4));
}

#[test]
fn a_snapshot_without_our_tag_is_never_deleted() {
    let scene = protected(Way::OneStep);
    let mine = CreateDbSnapshot { database: "orders".into(), id: "before-the-upgrade".into(), tags: None };
    scene
        .simulation
        .request(&account(SOURCE), &region("us-east-1"), Request::CreateDbSnapshot(mine))
        .unwrap();
    scene.simulation.settle();
    scene.wait(100 * 24 * 60);
    protect(&scene);
    scene.run_cleanly(&SourceDelete);
    let left = scene.snapshots(&account(SOURCE), &region("us-east-1"));
    assert!(left.iter().any(|snapshot| snapshot.id == "before-the-upgrade"));
}
