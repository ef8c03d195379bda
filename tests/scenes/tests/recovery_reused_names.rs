//! Names that are used again: of snapshots, of databases, and of resources in characters that tags do not allow.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::Verdict;
use pilot_light_domain::model::tags;
use pilot_light_simulator::world::{
    CopyDbSnapshot, CreateDbSnapshot, DeleteDbInstance, Imposed, Imposition, ModifyDbSnapshotAttribute,
    Request, ResourceKind, Response, Selection,
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
    let (attribute, add) = ("restore".to_owned(), vec![DESTINATION.to_owned()]);
    let share = ModifyDbSnapshotAttribute { id: "a-2".into(), attribute, add, remove: vec![] };
    ask(&estate, THERE, Request::ModifyDbSnapshotAttribute(share));
    let origin = format!("arn:aws:rds:{EAST}:{SOURCE}:snapshot:a-2");
    let ours = tags::of([
        (tags::COPIED_BY, tags::TOOL),
        (tags::SOURCE_SNAPSHOT_ARN, &origin),
        (tags::SOURCE_RESOURCE_ID, &taken.record.shape.resource_id),
    ]);
    let copy =
        CopyDbSnapshot { source: origin, target: "a-2".into(), tags: Some(ours), ..Default::default() };
    estate.simulation.request(&account(DESTINATION), &region(WEST), Request::CopyDbSnapshot(copy)).unwrap();
    estate.simulation.advance_by(TimeDelta::seconds(10));
    let (verdict, said) = said(&estate, "failover", "late-copy", &orders(&json!({})));
    assert_eq!(verdict, Some(Verdict::Recovered), "{said}");
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("b-1"));
}

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
    said(&estate, "drill", "again", &manifest);
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
    let long = "n".repeat(300);
    let mut wrong = vec![];
    for name in [
        "orders (nightly)!",
        "Bestellungen äöü 訂單",
        "aws:orders",
        "orders, weekly",
        "😀",
        &long,
        "it's",
        "RestoreDrill 1.1",
    ] {
        let estate = Estate::default().of_copies();
        estate.copy("orders-1", "orders");
        let manifest = one(resource("RestoreDrill", name, json!({"DBInstanceIdentifier": "orders"})));
        let (verdict, _) = said(&estate, "drill", "d1", &manifest);
        let refused = verdict.is_none();
        let left = estate.instances(WEST);
        if !refused && (verdict != Some(Verdict::Recovered) || !left.is_empty()) {
            wrong.push(format!("{name}: {verdict:?}, left: {left:?}"));
            // The way out: delete it.
            for name in left {
                delete(&estate, HERE, &name);
            }
            let (verdict, _) = said(&estate, "drill", "after-the-way-out", &manifest);
            wrong.push(format!("  after the way out: {verdict:?}, left: {:?}", estate.instances(WEST)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_failed_copy_of_an_earlier_database_does_not_hide_the_usable_copies_of_the_one_that_has_the_name() {
    let estate = Estate::default().of_copies();
    estate.copy("a-0", "orders");
    estate.copy("a-1", "orders");
    delete(&estate, THERE, "orders");
    estate.copy("b-1", "orders");
    let failed = || Selection::of_kind(ResourceKind::Snapshot).named("a-1");
    let impose = |what| assert!(estate.simulation.impose(Imposition::new(what, failed())).is_ok());
    impose(Imposed::Status("failed".to_owned()));
    for field in ["OriginalSnapshotCreateTime", "SnapshotCreateTime", "SnapshotDatabaseTime"] {
        impose(Imposed::Missing(field.to_owned()));
    }
    let (verdict, said) = said(&estate, "failover", "failed-copy", &orders(&json!({})));
    assert_eq!(verdict, Some(Verdict::Recovered), "{said}");
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("b-1"));
}

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
    estate.simulation.advance_by(TimeDelta::hours(30));
    copy_again(&estate, "orders-1");
    let (verdict, text) = said(&estate, "failover", "second", &orders(&json!({})));
    assert_ne!(verdict, Some(Verdict::Recovered), "{text}");
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
    let late = || Selection::of_kind(ResourceKind::Snapshot).named("a-1");
    let impose = |what| assert!(estate.simulation.impose(Imposition::new(what, late())).is_ok());
    impose(Imposed::Status("pending".to_owned()));
    for field in ["OriginalSnapshotCreateTime", "SnapshotCreateTime", "SnapshotDatabaseTime"] {
        impose(Imposed::Missing(field.to_owned()));
    }
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
    estate.simulation.advance_by(TimeDelta::hours(30));
    copy_again(&estate, "orders-1");
    let at = estate.data_of("orders-1");
    let (verdict, text) = said(&estate, "failover", "second", &orders(&json!({"At": at})));
    assert_ne!(verdict, Some(Verdict::Recovered), "{text}");
}
