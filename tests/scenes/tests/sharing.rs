//! Sharing by the source account: re-encryption before it, and the end of a share.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::tags;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::error::ErrorName;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::{
    ModifyDbSnapshotAttribute, Request, SecondsRange, Settings, SnapshotDump,
};
use pilot_light_tests::{DESTINATION, ORDERS_KEY, SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// The next destination account, after a change of `DestinationAccount`.
const NEXT: &str = "333333333333";
/// An account with which a person shares a snapshot by hand.
const AUDITOR: &str = "444444444444";

/// A scene in which a copy takes 40 minutes and snapshots under the default key are re-encrypted.
fn re_encrypting() -> Scene {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("KmsKeyShare", ORDERS_KEY);
    scene.simulation.with_world(|world| {
        let mut settings = world.settings().clone();
        settings.copy_seconds = SecondsRange::new(2400, 2400).unwrap();
        world.configure(settings);
    });
    scene
}

/// A scene whose snapshots of one interval have been taken and shared.
fn shared() -> Scene {
    let scene = Scene::new(Way::OneStep);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    scene.run_cleanly(&SourceShare);
    scene
}

fn at_source(scene: &Scene) -> Vec<SnapshotDump> {
    scene.snapshots(&account(SOURCE), &region("us-east-1"))
}

fn twins_in_progress(scene: &Scene, database: &str) -> usize {
    let is_it = |snapshot: &&SnapshotDump| {
        let is_copy = snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN);
        is_copy && snapshot.database.as_str() == database && snapshot.status == "creating"
    };
    at_source(scene).iter().filter(is_it).count()
}

/// A person shares every snapshot that can be shared with the auditor.
fn share_by_hand(scene: &Scene) {
    for snapshot in at_source(scene).iter().filter(|snapshot| !snapshot.default_key) {
        let share = ModifyDbSnapshotAttribute {
            id: snapshot.id.clone(),
            attribute: "restore".to_owned(),
            add: vec![AUDITOR.to_owned()],
            remove: vec![],
        };
        let request = Request::ModifyDbSnapshotAttribute(share);
        scene.simulation.request(&account(SOURCE), &region("us-east-1"), request).unwrap();
    }
}

/// The accounts that each shareable snapshot is shared with.
fn shares(scene: &Scene) -> Vec<Vec<String>> {
    let shareable = at_source(scene).into_iter().filter(|snapshot| !snapshot.default_key);
    shareable.map(|snapshot| snapshot.shared_with.iter().map(ToString::to_string).collect()).collect()
}

fn run(scene: &Scene, worker: &impl Worker) -> Report {
    scene.run(worker, Mode::Apply).unwrap().unwrap()
}

#[test]
fn a_database_has_at_most_one_re_encryption_in_progress() {
    let scene = re_encrypting();
    for _ in 0..3 {
        scene.run_cleanly(&SourceTake);
        scene.wait(10);
        scene.run_cleanly(&SourceShare);
        let twins = twins_in_progress(&scene, "archive");
        assert!(twins <= 1, "a second re-encryption of archive is in progress");
        scene.wait(20);
    }
}

#[test]
fn with_copies_of_40_minutes_every_database_under_the_default_key_keeps_a_young_shared_copy() {
    let mut scene = re_encrypting();
    scene.set_source("InstanceNamePattern", "^default-");
    scene.simulation.with_world(|world| {
        let settings = Settings { quota: 10_000, ..world.settings().clone() };
        world.configure(settings);
    });
    let names: Vec<_> = (0..25).map(|number| format!("default-{number:02}")).collect();
    for name in &names {
        scene.create(name, Some(""));
    }
    scene.simulation.settle();
    // An interval and three copies: the one that made the shared copy, one that holds the slot, and the next one.
    let bound = TimeDelta::minutes(30 + 3 * 40);
    for step in 0..12 * 12 {
        scene.run_cleanly(&SourceTake);
        scene.run_cleanly(&SourceShare);
        scene.wait(5);
        if step < 4 * 12 {
            continue;
        }
        let newest = newest_shared(&scene);
        for name in &names {
            let age = scene.simulation.now() - newest[name];
            assert!(age <= bound, "{name} is {} min old", age.num_minutes());
        }
    }
}

/// The time of the newest snapshot of each database that is shared.
fn newest_shared(scene: &Scene) -> BTreeMap<String, Instant> {
    let mut newest = BTreeMap::new();
    for snapshot in at_source(scene).into_iter().filter(|snapshot| !snapshot.shared_with.is_empty()) {
        let taken = snapshot.original_created_at.unwrap();
        let time = newest.entry(snapshot.database.to_string()).or_insert(taken);
        *time = taken.max(*time);
    }
    newest
}

#[test]
fn a_re_encryption_without_a_free_copy_slot_is_pending_and_fails_nothing() {
    let mut scene = re_encrypting();
    scene.set_source("InstanceNamePattern", "^default-");
    for number in 0..25 {
        scene.create(&format!("default-{number:02}"), Some(""));
    }
    scene.simulation.settle();
    scene.run_cleanly(&SourceTake);
    scene.wait(10);
    let report = run(&scene, &SourceShare);
    assert_eq!(report.failed, 0, "{} re-encryptions failed for want of a copy slot", report.failed);
    assert_eq!(report.acted.get("re-encrypt"), Some(&20));
    assert_eq!(report.skipped.get("NoFreeSlot"), Some(&5));
}

#[test]
fn a_share_ends_when_its_account_is_no_longer_in_destination_account() {
    let mut scene = shared();
    scene.set_source("DestinationAccount", NEXT);
    scene.run_cleanly(&SourceShare);
    assert_eq!(shares(&scene), vec![[NEXT]; 3], "a former destination account still has access");
    assert_eq!(scene.run_cleanly(&SourceShare).planned, 0, "the tag records the end of the share");
}

#[test]
fn a_share_that_a_person_made_is_never_revoked() {
    let mut scene = shared();
    share_by_hand(&scene);
    scene.set_source("DestinationAccount", NEXT);
    scene.run_cleanly(&SourceShare);
    assert_eq!(shares(&scene), vec![[NEXT, AUDITOR]; 3], "only the share that a person made remains");
    scene.set_source("ShareSnapshots", "FALSE");
    scene.run_cleanly(&SourceDelete);
    assert_eq!(shares(&scene), vec![[AUDITOR]; 3]);
}

#[test]
fn with_share_snapshots_false_source_delete_ends_all_our_own_shares_once() {
    let mut scene = shared();
    scene.set_source("ShareSnapshots", "FALSE");
    scene.run_cleanly(&SourceDelete);
    assert_eq!(shares(&scene), vec![Vec::<String>::new(); 3], "snapshots are still shared");
    let before = scene.simulation.total_calls();
    scene.run_cleanly(&SourceDelete);
    assert_eq!(
        scene.simulation.total_calls() - before,
        2,
        "one call reads the parameters, one the snapshots"
    );
    scene.set_source("ShareSnapshots", "TRUE");
    scene.run_cleanly(&SourceShare);
    assert_eq!(shares(&scene), vec![[DESTINATION]; 3]);
}

#[test]
fn a_revocation_that_is_killed_at_any_call_is_finished_by_the_next_run() {
    fn check(worker: &impl Worker, parameter: &str, value: &str, expected: &[&str]) {
        let changed = || {
            let mut scene = shared();
            scene.set_source(parameter, value);
            scene
        };
        let clean = changed();
        let before = clean.simulation.total_calls();
        clean.run_cleanly(worker);
        let calls = clean.simulation.total_calls() - before;
        for effect in [Effect::Before, Effect::After] {
            for call in 1..=calls {
                let scene = changed();
                scene.simulation.inject(Fault::Kill { call, effect });
                assert!(scene.run(worker, Mode::Apply).is_none());
                scene.simulation.clear_faults();
                scene.run_cleanly(worker);
                assert_eq!(shares(&scene), vec![expected; 3], "killed {effect:?} the effect of call {call}");
            }
        }
    }
    check(&SourceShare, "DestinationAccount", NEXT, &[NEXT]);
    check(&SourceDelete, "ShareSnapshots", "FALSE", &[]);
}

#[test]
fn an_empty_or_invalid_destination_account_revokes_nothing() {
    for value in ["", "None", "NO", ",", "33333333333", SOURCE] {
        for worker in 0..2 {
            let mut scene = shared();
            scene.set_source("DestinationAccount", value);
            let result = match worker {
                0 => scene.run(&SourceShare, Mode::Apply),
                _ => scene.run(&SourceDelete, Mode::Apply),
            };
            let name = result.unwrap().unwrap_err().name();
            assert_eq!(name, ErrorName::InvalidConfiguration, "DestinationAccount={value}");
            assert_eq!(shares(&scene), vec![[DESTINATION]; 3]);
        }
    }
    let kept: BTreeSet<_> = shares(&shared()).into_iter().collect();
    assert_eq!(kept.len(), 1);
}

/// Shares the snapshot of `orders` with as many accounts as leave room for one more.
fn fill_with_shares_by_hand(scene: &Scene) {
    let orders = at_source(scene).into_iter().find(|snapshot| snapshot.database.as_str() == "orders");
    let share = ModifyDbSnapshotAttribute {
        id: orders.unwrap().id,
        attribute: "restore".to_owned(),
        add: (0..19).map(|number| format!("{:012}", 500_000_000_000_u64 + number)).collect(),
        remove: vec![],
    };
    let request = Request::ModifyDbSnapshotAttribute(share);
    scene.simulation.request(&account(SOURCE), &region("us-east-1"), request).unwrap();
}

#[test]
fn an_account_that_aws_refuses_costs_no_other_account_its_share() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("DestinationAccount", &format!("{DESTINATION},{NEXT}"));
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    fill_with_shares_by_hand(&scene);
    let of_orders = |report: &Report| {
        let blockers = report.blockers.iter().filter(|entry| entry.subject.contains("orders"));
        blockers.map(|entry| entry.detail.clone()).collect::<Vec<_>>()
    };
    let blocked = of_orders(&run(&scene, &SourceShare));
    assert!(blocked[0].contains("SharedSnapshotQuotaExceeded: with 333333333333: "), "{blocked:?}");
    let orders =
        at_source(&scene).into_iter().find(|snapshot| snapshot.database.as_str() == "orders").unwrap();
    assert!(orders.shared_with.contains(&account(DESTINATION)), "{orders:?}");
    assert_eq!(orders.tags.get(tags::SHARED_WITH), Some(DESTINATION));
    // The next run makes one call for the account that is missing. The others read the parameters, the snapshots and the key.
    let before = scene.simulation.total_calls();
    assert_eq!(of_orders(&run(&scene, &SourceShare)).len(), 1);
    assert_eq!(scene.simulation.total_calls() - before, 3 + 1);
}

#[test]
fn the_share_of_an_expired_snapshot_that_aws_does_not_delete_ends_with_share_snapshots_false() {
    let mut scene = shared();
    scene.wait(13 * 60);
    scene.run_cleanly(&SourceTake);
    scene.simulation.settle();
    let imposition = serde_json::json!({
        "on": {"action": "DeleteDBSnapshot"},
        "impose": {"error": {"code": "InvalidDBSnapshotState", "message": "It is in use."}},
    });
    scene.simulation.impose(serde_json::from_value(imposition).unwrap()).unwrap();
    scene.set_source("ShareSnapshots", "FALSE");
    let report = scene.run_cleanly(&SourceDelete);
    assert_eq!(report.blocked, 4, "{report:?}");
    assert_eq!(shares(&scene), vec![Vec::<String>::new(); 6], "an expired snapshot is still shared");
}
