//! Whole refreshes: the order of their changes, refused tidying, and refreshes that stop at any point.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Progress, ResourceProgress, Status, Verdict};
use pilot_light_simulator::world::{
    CreateDbSnapshot, Imposed, Imposition, Request, ResourceKind, Selection, Settings,
};
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::pairs::{End, made, side_by_side};
use pilot_light_tests::recovery::{Execution, progress};
use serde_json::{Value, json};

const RESTORE: &str = "RestoreDBInstanceFromDBSnapshot";
const MODIFY: &str = "ModifyDBInstance";
const DELETE: &str = "DeleteDBInstance";
const TAG: &str = "AddTagsToResource";

/// A destination account with two copies of `orders`, a refreshable instance `tests` and another instance.
fn estate() -> Estate {
    estate_with(|_| {})
}

/// The same in a world with other settings.
fn estate_with(change: impl FnOnce(&mut Settings)) -> Estate {
    let estate = Estate::with(change).of_copies();
    estate.copy("orders-1", "orders");
    estate.copy("orders-2", "orders");
    estate.database(WEST, "tests", &[("PilotLightRefreshable", "YES")]);
    estate.database(WEST, "bystander", &[]);
    estate
}

fn manifest(mode: &str) -> Value {
    let parameters =
        json!({"originDB": "orders", "newDB": "tests", "newDBClass": "db.t4g.medium", "Mode": mode});
    one(resource("RefreshFromSnapshot", "test data", parameters))
}

fn run(estate: &Estate, name: &str, mode: &str) -> Progress {
    let end = estate.execution(WEST, "drill", name).run(&manifest(mode)).unwrap();
    assert_eq!(end.resources[0].status, Status::Recovered, "{}", end.message);
    estate.simulation.settle();
    end
}

fn begun(estate: &Estate, mode: &str) -> (Execution, Value) {
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let state = execution.validate(&manifest(mode)).unwrap();
    (execution, state)
}

/// A refresh that has just deleted the old y, and whose final snapshot is complete.
fn deleted() -> (Estate, Execution, Value) {
    let estate = estate();
    let (mut execution, mut state) = begun(&estate, "Swap");
    while !estate.changes().contains(&DELETE) {
        assert!(execution.step(&mut state).unwrap());
    }
    estate.simulation.settle();
    (estate, execution, state)
}

/// The seconds from the start of a refresh until its end, when nothing disturbs it.
fn seconds_of(mode: &str) -> i64 {
    let end = run(&estate(), "run-1", mode);
    i64::try_from(end.running_seconds).unwrap()
}

/// The final snapshots of refreshed instances.
fn finals(estate: &Estate) -> Vec<String> {
    let all = estate.end().snapshots.into_iter().map(|found| found.id);
    all.filter(|id| id.starts_with("refreshed-tests-")).collect()
}

fn resource_of(state: &Value) -> ResourceProgress {
    progress(state).resources.remove(0)
}

#[test]
fn swap_leaves_no_y_only_during_the_renaming() {
    let estate = estate();
    let end = run(&estate, "run-1", "Swap");
    assert_eq!(estate.changes(), [RESTORE, MODIFY, MODIFY, MODIFY, DELETE, TAG, TAG]);
    assert_eq!(estate.instances(WEST), ["bystander", "tests"]);
    assert_eq!(estate.restored_from(WEST, "tests").as_deref(), Some("orders-2"));
    assert_eq!(estate.tag(WEST, "tests", "PilotLightRefreshable").as_deref(), Some("YES"));
    assert_eq!(finals(&estate).len(), 1);
    assert!(end.resources[0].seconds < end.seconds, "deleting the old y takes no recovery time");
}

#[test]
fn a_refresh_with_the_most_tags_is_closed_at_its_end() {
    let estate = estate();
    let mut manifest = manifest("Swap");
    let tags: Vec<String> = (0..40).map(|n| format!("k{n}=v")).collect();
    manifest["StatePayload"][0]["resources"][0]["parameters"]["Tags"] = tags.join(",").into();
    let end = estate.execution(WEST, "drill", "run-1").run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert!(estate.tag(WEST, "tests", "PilotLightEnded").is_some());
}

#[test]
fn replace_first_deletes_the_old_y_with_a_final_snapshot() {
    let estate = estate();
    run(&estate, "run-1", "Replace");
    assert_eq!(estate.changes(), [MODIFY, DELETE, RESTORE, TAG, TAG]);
    assert_eq!(estate.instances(WEST), ["bystander", "tests"]);
    assert_eq!(finals(&estate).len(), 1);
}

#[test]
fn the_new_y_takes_over_only_after_its_first_backup() {
    let estate = estate();
    let (mut execution, mut state) = begun(&estate, "Swap");
    execution.step(&mut state).unwrap();
    let new = Selection::of_kind(ResourceKind::Instance).named("new-tests-*");
    let busy = Imposition::new(Imposed::Status("backing-up".to_owned()), new);
    let busy = estate.simulation.impose(busy).unwrap();
    for _ in 0..4 {
        execution.step(&mut state).unwrap();
        assert!(resource_of(&state).step.ends_with("is 'backing-up'"), "{}", resource_of(&state).step);
    }
    assert_eq!(estate.changes(), [RESTORE]);
    assert!(estate.simulation.lift(busy));
    execution.step(&mut state).unwrap();
    assert_eq!(estate.changes(), [RESTORE, MODIFY]);
    assert_eq!(estate.simulation.calls().of(MODIFY), 1, "AWS refused no earlier request");
}

#[test]
fn a_refused_deletion_of_an_older_snapshot_is_reported_and_the_refresh_succeeds() {
    let estate = estate();
    run(&estate, "run-1", "Swap");
    let older = finals(&estate).remove(0);
    estate.refuse("DeleteDBSnapshot", "AccessDenied");
    let end = run(&estate, "run-2", "Swap");
    let text = format!("is up; the older '{older}' may stay until the next refresh: ");
    assert!(end.resources[0].step.starts_with(&text), "{}", end.resources[0].step);
    assert!(end.message.contains(&text), "{}", end.message);
    assert_eq!(finals(&estate).len(), 2);

    estate.simulation.clear_faults();
    run(&estate, "run-3", "Swap");
    assert_eq!(finals(&estate).len(), 1, "the next refresh deletes it");
}

/// A refresh after the new y has taken over, with this status of the old one from then on.
fn taken_over(status: &str) -> (Estate, Progress) {
    let estate = estate();
    let (mut execution, mut state) = begun(&estate, "Swap");
    while !resource_of(&state).step.starts_with("is up; the deletions come next") {
        assert!(execution.step(&mut state).unwrap());
    }
    let old = Selection::of_kind(ResourceKind::Instance).named("old-tests-*");
    estate.simulation.impose(Imposition::new(Imposed::Status(status.to_owned()), old)).unwrap();
    while execution.step(&mut state).unwrap() {}
    (estate, progress(&state))
}

#[test]
fn a_refresh_names_the_old_y_that_stays_beside_the_new_one_with_the_reason() {
    for (status, why) in [
        ("stopped", "' is 'stopped', so no final snapshot can be taken"),
        ("incompatible-network", "' is 'incompatible-network', so no final snapshot can be taken"),
        (
            "modifying",
            "not within 360 minutes; the last activity was: lifting the deletion protection of 'old-tests-",
        ),
    ] {
        let (estate, end) = taken_over(status);
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        for part in ["is up, but 'old-tests-", "', which it replaces, is still there: ", why] {
            assert!(end.message.contains(part), "{status}: {}", end.message);
        }
        assert_eq!(estate.instances(WEST).len(), 3, "{status}");
        assert!(estate.tag(WEST, "tests", "PilotLightEnded").is_some(), "{status}");
    }
}

#[test]
fn a_refused_deletion_of_the_old_y_is_reported_and_the_next_refresh_deletes_it() {
    let estate = estate();
    estate.refuse(DELETE, "AccessDenied");
    let end = run(&estate, "run-1", "Swap");
    assert!(end.message.contains("which it replaces, is still there: "), "{}", end.message);
    assert!(end.message.contains("refused by the test"), "{}", end.message);
    estate.simulation.clear_faults();
    run(&estate, "run-2", "Swap");
    assert_eq!(estate.instances(WEST), ["bystander", "tests"]);
    run(&estate, "run-3", "Swap");
    assert_eq!(finals(&estate).len(), 1);
}

#[test]
fn a_final_snapshot_that_takes_longer_than_the_time_of_a_refresh_is_reported_and_the_new_y_is_up() {
    let (estate, mut execution, mut state) = deleted();
    let last = Selection::of_kind(ResourceKind::Snapshot).named("refreshed-tests-*");
    estate.simulation.impose(Imposition::new(Imposed::Status("creating".to_owned()), last)).unwrap();
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    let said = "is up, but with final snapshots that are not tidied up: not within 360 minutes";
    assert!(end.message.contains(said), "{}", end.message);
}

#[test]
fn throttled_tidying_is_repeated_and_does_not_count_as_recovery_time() {
    let estate = estate();
    estate.refuse(TAG, "Throttling");
    let (mut execution, mut state) = begun(&estate, "Replace");
    for _ in 0..20 {
        assert!(execution.step(&mut state).unwrap());
    }
    let waiting = resource_of(&state);
    assert_eq!(waiting.status, Status::Waiting);
    assert!(waiting.step.contains("may stay untagged until"), "{}", waiting.step);
    let up = waiting.mark.unwrap().up.unwrap();
    assert!(up + 60 < progress(&state).seconds, "{up} s of {} s", progress(&state).seconds);
    estate.simulation.clear_faults();
    while execution.step(&mut state).unwrap() {}
    let end = resource_of(&state);
    assert_eq!((end.status, end.seconds), (Status::Recovered, up));
}

#[test]
fn a_refresh_whose_tidying_is_throttled_for_ever_ends_as_up() {
    let estate = estate();
    estate.refuse(TAG, "Throttling");
    let end = run(&estate, "run-1", "Swap");
    assert!(end.resources[0].step.contains("may stay untagged until"), "{}", end.resources[0].step);
}

#[test]
fn a_snapshot_that_people_took_of_y_stays_even_with_the_tag_of_a_final_snapshot() {
    let estate = estate();
    let tags = [("PilotLightRefreshed".to_owned(), "tests".to_owned())].into_iter().collect();
    let id = "before-the-upgrade".to_owned();
    estate.set(
        WEST,
        Request::CreateDbSnapshot(CreateDbSnapshot { database: "tests".to_owned(), id, tags: Some(tags) }),
    );
    for execution in ["run-1", "run-2"] {
        run(&estate, execution, "Swap");
    }
    let left = estate.end().snapshots;
    assert!(left.iter().any(|found| found.id == "before-the-upgrade"), "{left:#?}");
}

#[test]
fn a_refresh_that_was_stopped_after_any_change_continues_in_the_next_execution() {
    // The first execution stops after each of its changes in turn. Then a second execution starts. The two tags are one step.
    for cut in [1, 2, 3, 4, 5, 7] {
        let estate = estate();
        let (mut execution, mut state) = begun(&estate, "Swap");
        while estate.changes().len() < cut {
            assert!(execution.step(&mut state).unwrap());
        }
        assert_eq!(estate.changes().len(), cut);
        estate.simulation.settle();
        run(&estate, "run-2", "Swap");
        assert_eq!(estate.instances(WEST), ["bystander", "tests"], "stopped after {cut}");
        assert!(!finals(&estate).is_empty(), "stopped after {cut}: the old y has a final snapshot");
        if cut <= 2 {
            let restores = estate.changes().into_iter().filter(|action| *action == RESTORE).count();
            assert_eq!(restores, 1, "stopped after {cut}: the restored instance is adopted");
        }
        run(&estate, "run-3", "Swap");
        assert_eq!(finals(&estate).len(), 1, "stopped after {cut}");
    }
}

#[test]
fn a_refresh_needs_room_only_beside_what_it_does_not_delete_first() {
    // The quota holds the bystander and y. Another refresh may have left its new y.
    for (mode, left, is_enough) in [("Replace", false, true), ("Swap", false, false), ("Swap", true, true)] {
        let number = if left { 3 } else { 2 };
        let estate = estate_with(|settings| settings.instances = number);
        if left {
            let (mut stopped, mut state) = begun(&estate, "Swap");
            stopped.step(&mut state).unwrap();
            estate.simulation.advance_by(TimeDelta::hours(8));
            estate.copy("orders-3", "orders");
        }
        let end = estate.execution(WEST, "drill", "run-2").run(&manifest(mode));
        match end {
            Ok(end) => assert_eq!((end.verdict, is_enough), (Verdict::Recovered, true), "{}", end.message),
            Err(stop) => {
                let said = stop.error().to_string();
                assert!(!is_enough && said.contains("needs 1 more instance; "), "{mode} {left}: {said}");
            }
        }
    }
}

#[test]
fn a_new_y_restored_from_an_older_snapshot_is_adopted_only_while_its_recovery_is_recent() {
    for (hours, copy) in [(7, "orders-2"), (8, "orders-3")] {
        adopts(hours, copy);
    }
}

/// A refresh is stopped after its restore. That many hours later, the same manifest is started again.
fn adopts(hours: i64, copy: &str) {
    let estate = estate();
    let (mut execution, mut state) = begun(&estate, "Swap");
    execution.step(&mut state).unwrap();
    estate.simulation.settle();
    estate.copy("orders-3", "orders");
    let elapsed = estate.simulation.now() - execution.began;
    estate.simulation.advance_by(TimeDelta::hours(hours) - elapsed);
    run(&estate, "run-2", "Swap");
    assert_eq!(estate.restored_from(WEST, "tests").as_deref(), Some(copy), "{hours} h");
    assert_eq!(estate.instances(WEST), ["bystander", "tests"], "the older one is deleted");
}

#[test]
fn a_refresh_that_begins_at_any_moment_of_another_one_refuses_or_comes_after_it() {
    let mut found = Vec::new();
    for (first, second) in
        [("Swap", "Swap"), ("Swap", "Replace"), ("Replace", "Swap"), ("Replace", "Replace")]
    {
        for apart in (0..=seconds_of(first) + 30).step_by(20) {
            for class in ["db.t4g.medium", "db.r6g.xlarge"] {
                let what = meet(first, (second, class), apart);
                found.extend(what.map(|what| format!("{first}, {second} {class} {apart} s later: {what}")));
            }
        }
    }
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

/// The faults after a refresh and another one of the same instance, which begins `apart` seconds later.
fn meet(first: &str, (second, class): (&str, &str), apart: i64) -> Option<String> {
    let estate = estate();
    let manifests = [manifest(first), of_class(second, class)];
    let pair = [0, 1].map(|at| (estate.execution(WEST, "drill", ["one", "other"][at]), &manifests[at]));
    let ends = side_by_side(pair, TimeDelta::seconds(apart));
    estate.simulation.settle();
    let is_up = |end: &&End| end.as_ref().is_ok_and(|end| end.verdict == Verdict::Recovered);
    let said = |end: &End| end.as_ref().map_or_else(String::clone, |end| end.message.clone());
    let up = ends.iter().filter(is_up).count();
    let mut others = ends.iter().filter(|end| !is_up(end)).map(said);
    let is_refused = others.all(|said| said.contains("another refresh of 'tests' is under way"));
    let made = made(&estate);
    let count = |action| made.get(action).copied().unwrap_or_default();
    // Two that ask for the same share one new instance.
    let fewest = if class == "db.t4g.medium" { 1 } else { up };
    let is_once = (fewest..=up).contains(&count(RESTORE)) && count(DELETE) == count(RESTORE);
    let is_tidy = estate.instances(WEST) == ["bystander", "tests"];
    let is_right = up > 0 && is_refused && is_once && is_tidy;
    (!is_right).then(|| {
        let [one, other] = ends.each_ref().map(said);
        format!("{made:?}, {:?}: {one} || {other}", estate.instances(WEST))
    })
}

/// The same refresh with another class.
fn of_class(mode: &str, class: &str) -> Value {
    let mut manifest = manifest(mode);
    manifest["StatePayload"][0]["resources"][0]["parameters"]["newDBClass"] = class.into();
    manifest
}

#[test]
fn a_refresh_that_was_stopped_at_its_end_keeps_another_one_waiting_for_15_minutes_only() {
    let (estate, ..) = deleted();
    let mut other = estate.execution(WEST, "drill", "other");
    let mut state = other.validate(&of_class("Replace", "db.r6g.xlarge")).unwrap();
    let began = estate.simulation.now();
    other.step(&mut state).unwrap();
    let said = resource_of(&state).step;
    assert!(said.starts_with("another refresh of 'tests' is under way since "), "{said}");
    while estate.changes().iter().filter(|action| **action == DELETE).count() < 2 {
        assert!(other.step(&mut state).unwrap());
    }
    let waited = estate.simulation.now() - began;
    assert!((15..17).contains(&waited.num_minutes()), "{waited}");
    while other.step(&mut state).unwrap() {}
    assert_eq!(progress(&state).verdict, Verdict::Recovered, "{}", progress(&state).message);
    assert_eq!(estate.instances(WEST), ["bystander", "tests"]);
}
