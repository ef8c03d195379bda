//! Names that are used again: of snapshots, of databases, and of resources in characters that tags do not allow.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::Verdict;
use pilot_light_simulator::world::{
    CreateDbSnapshot, DeleteDbInstance, Imposed, Imposition, Request, ResourceKind, Response, Selection,
};
use pilot_light_tests::recovery::Stop;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource, restore_with};
use pilot_light_tests::recovery::progress;
use pilot_light_tests::{DESTINATION, SOURCE, account, region};
use serde_json::{Value, json};

fn ask(estate: &Estate, (owner, place): (&str, &str), request: Request) -> Response {
    let answer = estate.simulation.request(&account(owner), &region(place), request).unwrap();
    estate.simulation.settle();
    answer
}

fn delete(estate: &Estate, at: (&str, &str), name: &str) {
    let name = name.to_owned();
    let delete = DeleteDbInstance { name, skip_final_snapshot: true, final_snapshot: None };
    ask(estate, at, Request::DeleteDbInstance(delete));
}

fn orders(more: &Value) -> Value {
    one(restore_with("orders", more))
}

/// Gives a snapshot this status, and takes all its times away.
fn without_time(estate: &Estate, id: &str, status: &str) {
    let times = ["OriginalSnapshotCreateTime", "SnapshotCreateTime", "SnapshotDatabaseTime"];
    let missing = times.map(|field| Imposed::Missing(field.to_owned()));
    for what in missing.into_iter().chain([Imposed::Status(status.to_owned())]) {
        let its = Selection::of_kind(ResourceKind::Snapshot).named(id);
        estate.simulation.impose(Imposition::new(what, its)).unwrap();
    }
}

/// The end of a recovery with its message, or no verdict and the reason of the refusal.
fn said(estate: &Estate, purpose: &'static str, name: &str, manifest: &Value) -> (Option<Verdict>, String) {
    let (verdict, said) = match estate.execution(WEST, purpose, name).run(manifest) {
        Ok(end) => (Some(end.verdict), end.message),
        Err(stop) => (None, Stop::error(stop).to_string()),
    };
    estate.simulation.settle();
    (verdict, said)
}

const THERE: (&str, &str) = (SOURCE, EAST);
const HERE: (&str, &str) = (DESTINATION, WEST);

#[test]
fn a_late_copy_of_an_earlier_database_does_not_hide_the_usable_copies_of_the_one_that_has_the_name() {
    let estate = Estate::default().of_copies();
    estate.copy("a-1", "orders");
    let take = CreateDbSnapshot { database: "orders".into(), id: "a-2".into(), tags: None };
    let Response::Snapshot(taken) = ask(&estate, THERE, Request::CreateDbSnapshot(take)) else { panic!() };
    delete(&estate, THERE, "orders");
    estate.copy("b-1", "orders");
    // The queue reaches the last snapshot of the deleted database only now.
    estate.begin_copy_of_taken("a-2", &taken.record.shape.resource_id);
    estate.simulation.advance_by(TimeDelta::seconds(10));
    let (verdict, said) = said(&estate, "failover", "late-copy", &orders(&json!({})));
    assert_eq!(verdict, Some(Verdict::Recovered), "{said}");
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("b-1"));
}

/// A copy of `orders`, and the refresh of `tests` from it.
fn refresh() -> (Estate, Value) {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    estate.database(WEST, "tests", &[("PilotLightRefreshable", "YES")]);
    (estate, one(resource("RefreshFromSnapshot", "t", json!({"originDB": "orders", "newDB": "tests"}))))
}

#[test]
fn a_copy_of_a_database_with_the_name_of_y_does_not_stop_a_refresh_between_its_two_renames() {
    let (estate, manifest) = refresh();
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&manifest).unwrap();
    while estate.simulation.calls().of("ModifyDBInstance") < 1 {
        assert!(execution.step(&mut state).unwrap());
    }
    // The attacker of the source account creates a database of that name, and it is copied.
    estate.copy("evil-1", "tests");
    while execution.step(&mut state).unwrap() {}
    assert!(estate.instances(WEST).contains(&"tests".to_owned()), "{:?}", estate.instances(WEST));
}

#[test]
fn a_copy_of_a_database_with_the_name_of_y_does_not_fail_a_refresh_that_is_up() {
    let (estate, manifest) = refresh();
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&manifest).unwrap();
    while !progress(&state).resources.first().is_some_and(|it| it.step.contains("the deletions come next")) {
        assert!(execution.step(&mut state).unwrap());
    }
    estate.copy("evil-1", "tests");
    while execution.step(&mut state).unwrap() {}
    assert_eq!(progress(&state).verdict, Verdict::Recovered);
}

#[test]
fn a_drill_with_any_resource_name_works_and_cleans_up() {
    let longest = "n".repeat(128);
    for name in [
        "orders (nightly)!",
        "Bestellungen äöü 訂單",
        "aws:orders",
        "orders, weekly",
        "😀",
        &longest,
        "it's",
        "RestoreDrill 1.1",
    ] {
        let estate = Estate::default().of_copies();
        estate.copy("orders-1", "orders");
        let manifest = one(resource("RestoreDrill", name, json!({"DBInstanceIdentifier": "orders"})));
        let (verdict, text) = said(&estate, "drill", "d1", &manifest);
        assert_eq!(verdict, Some(Verdict::Recovered), "{name}: {text}");
        assert_eq!(estate.instances(WEST), [""; 0], "{name}");
    }
}

#[test]
fn a_failed_copy_of_an_earlier_database_does_not_hide_the_usable_copies_of_the_one_that_has_the_name() {
    let estate = Estate::default().of_copies();
    estate.copy("a-0", "orders");
    estate.copy("a-1", "orders");
    delete(&estate, THERE, "orders");
    estate.copy("b-1", "orders");
    without_time(&estate, "a-1", "failed");
    let (verdict, said) = said(&estate, "failover", "failed-copy", &orders(&json!({})));
    assert_eq!(verdict, Some(Verdict::Recovered), "{said}");
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("b-1"));
}

/// Requires that a restore of `orders` is refused, because the instance holds data of the first time and not of the second.
fn refuses(estate: &Estate, more: &Value, [held, chosen]: [&str; 2]) {
    let (verdict, text) = said(estate, "failover", "second", &orders(more));
    assert_eq!(verdict, None, "{text}");
    for part in [
        &format!("restored from orders-1, data of {held}"),
        &format!("this manifest chooses orders-1, data of {chosen}"),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Takes another snapshot under the name of one that is deleted, and copies it.
fn copy_again(estate: &Estate, id: &str) {
    for at in [HERE, THERE] {
        ask(estate, at, Request::DeleteDbSnapshot(id.to_owned()));
    }
    estate.copy(id, "orders");
}

#[test]
fn an_instance_that_holds_an_earlier_snapshot_of_the_same_name_is_not_up() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    said(&estate, "failover", "first", &orders(&json!({})));
    let held = estate.data_of("orders-1");
    estate.simulation.advance_by(TimeDelta::hours(30));
    copy_again(&estate, "orders-1");
    refuses(&estate, &json!({}), [&held, &estate.data_of("orders-1")]);
}

#[test]
fn a_late_copy_of_an_earlier_database_does_not_stop_a_failover_that_has_begun() {
    let estate = Estate::default().of_copies();
    estate.copy("users-1", "users");
    estate.copy("a-0", "orders");
    estate.copy("a-1", "orders");
    delete(&estate, THERE, "orders");
    estate.copy("b-1", "orders");
    let layer = |at: u32, name: &str| json!({"layer": at, "resources": [restore_with(name, &json!({}))]});
    let manifest = json!({"StatePayload": [layer(1, "users"), layer(2, "orders")]});
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let mut state = execution.validate(&manifest).unwrap();
    execution.step(&mut state).unwrap();
    without_time(&estate, "a-1", "pending");
    while execution.step(&mut state).unwrap() {}
    assert_eq!(progress(&state).verdict, Verdict::Recovered);
}

#[test]
fn a_copy_of_a_database_with_the_name_of_y_does_not_leave_a_replaced_y_deleted() {
    let (estate, mut manifest) = refresh();
    manifest["StatePayload"][0]["resources"][0]["parameters"]["Mode"] = json!("Replace");
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&manifest).unwrap();
    while estate.simulation.calls().of("DeleteDBInstance") < 1 {
        assert!(execution.step(&mut state).unwrap());
    }
    estate.copy("evil-1", "tests");
    while execution.step(&mut state).unwrap() {}
    assert!(estate.instances(WEST).contains(&"tests".to_owned()), "{}", progress(&state).message);
}

#[test]
fn the_refusal_of_a_snapshot_of_the_same_name_is_also_right_for_an_at() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    said(&estate, "failover", "first", &orders(&json!({})));
    let held = estate.data_of("orders-1");
    estate.simulation.advance_by(TimeDelta::hours(30));
    copy_again(&estate, "orders-1");
    let at = estate.data_of("orders-1");
    refuses(&estate, &json!({"At": at}), [&held, &at]);
}
