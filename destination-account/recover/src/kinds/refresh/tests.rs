use pilot_light_domain::model::tags;
use serde_json::json;

use super::*;
use crate::Status;
use crate::fake::{Drive, HERE, World, instance, our_copy, own_snapshot};

fn manifest(more: &[(&str, &str)]) -> Value {
    let mut parameters = json!({"originDB": "orders", "newDB": "orders-test", "newDBClass": "db.t4g.medium",
        "targetRegion": HERE, "crossRegion": "True"});
    for (name, value) in more {
        parameters[*name] = json!(value);
    }
    json!({"StatePayload": [{"layer": 1, "resources": [{"resourceType": "RefreshFromSnapshot",
        "resourceName": "test data", "parameters": parameters}]}]})
}

fn y() -> DbInstance {
    let tags = tags::of([(tagging::REFRESHABLE, YES)]);
    DbInstance { deletion_protection: true, tags, ..instance(HERE, "orders-test") }
}

fn world() -> World {
    World::default()
        .with_snapshots([
            our_copy("orders-1", "orders", "2026-01-01T22:00:00Z"),
            our_copy("orders-2", "orders", "2026-01-01T23:00:00Z"),
        ])
        .with_instances([y(), instance(HERE, "bystander")])
}

fn verbs(drive: &Drive) -> Vec<String> {
    drive.done().iter().map(|done| done.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

fn new_name(execution: &str) -> String {
    names::refresh_new(&"orders-test".parse().unwrap(), execution).unwrap().to_string()
}

fn old_name() -> String {
    names::refresh_old(&"orders-test".parse().unwrap(), &y().resource_id).unwrap().to_string()
}

/// What the final snapshot of an instance that is refreshed is called.
fn kept_as(old: &DbInstance) -> String {
    names::refreshed(&"orders-test".parse().unwrap(), &old.resource_id).unwrap().to_string()
}

fn finals(drive: &Drive) -> Vec<String> {
    let all = drive.cloud.with(|world| world.snapshots.clone());
    let names = all.iter().map(|found| found.arn.id.to_string());
    names.filter(|name| name.starts_with("refreshed-")).collect()
}

#[test]
fn swap_never_leaves_y_without_data_for_longer_than_a_rename() {
    let mut drive = Drive::new(world(), "drill");
    let end = drive.run(&manifest(&[])).unwrap();
    let (new, old) = (new_name("run-1"), old_name());
    let expected = ["restore", "rename", "rename", "protect", "delete", "tag"];
    let of = [&new, "orders-test", &new, &old, &old, &kept_as(&y())];
    let expected: Vec<_> = expected.iter().zip(of).map(|(verb, name)| format!("{verb} {name}")).collect();
    assert_eq!(verbs(&drive), expected);
    assert!(drive.done()[0].ends_with("from orders-2"));
    assert!(drive.done()[4].contains("keeping refreshed-orders-test-"));
    assert_eq!(drive.cloud.with(|world| world.names()), ["bystander", "orders-test"]);
    drive
        .cloud
        .with(|world| assert!(tagging::has(world.get(HERE, "orders-test"), tagging::REFRESHABLE, YES)));
    assert_eq!(end.resources[0].status, Status::Recovered);
    assert!(end.resources[0].seconds < end.seconds, "deleting the old y takes no recovery time");
}

#[test]
fn refreshed_day_by_day_it_leaves_one_final_snapshot_the_newest() {
    for mode in ["Swap", "Replace"] {
        let mut drive = Drive::new(world(), "drill");
        let mut last = String::new();
        for execution in ["run-1", "run-2", "run-3"] {
            drive.execution = execution;
            last = drive.cloud.with(|world| kept_as(world.find(HERE, "orders-test").unwrap()));
            let end = drive.run(&manifest(&[("Mode", mode)])).unwrap();
            assert_eq!(end.resources[0].step, "is up");
        }
        assert_eq!(drive.cloud.with(|world| world.names()), ["bystander", "orders-test"]);
        assert_eq!(finals(&drive), [last], "{mode}: {:?}", drive.done());
    }
}

#[test]
fn a_deletion_that_is_refused_is_told_and_the_refresh_is_done() {
    let mut drive = Drive::new(world(), "drill");
    drive.run(&manifest(&[])).unwrap();
    drive.execution = "run-2";
    drive.cloud.with(|world| world.refusals.insert("DeleteDBSnapshot", "AccessDenied"));
    let end = drive.run(&manifest(&[])).unwrap();
    let told = format!("is up; the older '{}' may stay until the next refresh: ", kept_as(&y()));
    assert_eq!(end.resources[0].status, Status::Recovered);
    assert!(end.resources[0].step.starts_with(&told), "{}", end.resources[0].step);
    assert!(end.message.contains(&told), "{}", end.message);
    assert_eq!(finals(&drive).len(), 2);

    drive.execution = "run-3";
    drive.cloud.with(|world| world.refusals.clear());
    drive.run(&manifest(&[])).unwrap();
    assert_eq!(finals(&drive).len(), 1, "the next one makes it good: {:?}", drive.done());
}

#[test]
fn tidying_that_is_throttled_is_looked_at_again_and_takes_no_recovery_time() {
    let mut drive = Drive::new(world(), "drill");
    let mut state = drive.validate(&manifest(&[("Mode", "Replace")])).unwrap();
    drive.cloud.with(|world| world.refusals.insert("AddTagsToResource", "Throttling"));
    let mut operation = "start";
    for _ in 0..9 {
        state["progress"] = drive.operate(operation, &state).unwrap();
        operation = "check";
        drive.now += chrono::TimeDelta::seconds(15);
        drive.cloud.with(World::tick);
    }
    let resource = &state["progress"]["resources"][0];
    assert_eq!(resource["status"], "waiting");
    assert!(resource["step"].as_str().unwrap().contains("may be untagged until"), "{resource}");
    let up = resource["mark"]["up"].as_u64().unwrap();
    drive.cloud.with(|world| world.refusals.clear());
    for _ in 0..2 {
        state["progress"] = drive.operate("check", &state).unwrap();
    }
    let resource = &state["progress"]["resources"][0];
    assert_eq!((&resource["status"], &resource["seconds"]), (&json!("recovered"), &json!(up)));
}

#[test]
fn one_that_is_throttled_for_ever_ends_as_up() {
    let mut drive = Drive::new(world(), "drill");
    drive.cloud.with(|world| world.refusals.insert("AddTagsToResource", "Throttling"));
    let end = drive.run(&manifest(&[])).unwrap();
    assert_eq!(end.resources[0].status, Status::Recovered);
    assert!(end.resources[0].step.contains("may be untagged until"), "{}", end.resources[0].step);
}

#[test]
fn what_people_took_of_y_stays_though_it_has_the_tags_of_y() {
    let mut theirs = own_snapshot("before-the-upgrade", "orders-test", "2026-01-01T20:00:00Z");
    theirs.resource_id = Some(y().resource_id.into());
    theirs.tags = tags::of([(tagging::REFRESHED, "orders-test")]);
    let mut drive = Drive::new(world().with_snapshots([theirs]), "drill");
    for execution in ["run-1", "run-2"] {
        drive.execution = execution;
        drive.run(&manifest(&[])).unwrap();
    }
    let left = drive.cloud.with(|world| world.snapshots.clone());
    assert!(left.iter().any(|found| found.arn.id.as_str() == "before-the-upgrade"), "{:?}", drive.done());
}

#[test]
fn names_are_swapped_once_aws_takes_changes() {
    let mut drive = Drive::new(world(), "drill");
    let mut state = drive.validate(&manifest(&[])).unwrap();
    state["progress"] = drive.operate("start", &state).unwrap();
    for (status, asked) in [("backing-up", 1), ("available", 2)] {
        drive.cloud.with(|world| world.get(HERE, &new_name("run-1")).status = status.to_owned());
        state["progress"] = drive.operate("check", &state).unwrap();
        assert_eq!(drive.cloud.with(|world| world.asked), asked, "{status}");
    }
}

#[test]
fn replace_deletes_first_and_keeps_a_final_snapshot() {
    let mut drive = Drive::new(world(), "drill");
    drive.run(&manifest(&[("Mode", "Replace")])).unwrap();
    let tag = format!("tag {}", kept_as(&y()));
    assert_eq!(verbs(&drive), ["protect orders-test", "delete orders-test", "restore orders-test", &tag]);
    assert!(drive.done()[1].contains("keeping refreshed-orders-test-"));
}

#[test]
fn without_a_y_it_is_just_restored() {
    for mode in ["Swap", "Replace"] {
        let mut without = world();
        without.instances.remove(0);
        let mut drive = Drive::new(without, "drill");
        drive.run(&manifest(&[("Mode", mode)])).unwrap();
        assert_eq!(drive.done(), ["restore orders-test from orders-2"]);
    }
}

#[test]
fn y_survives_where_x_has_no_usable_snapshot() {
    for mode in ["Swap", "Replace"] {
        // Told beforehand, and again by the step, should the snapshots go in between.
        let mut spoilt = world();
        spoilt.spoil_snapshots();
        let said = Drive::new(spoilt, "drill").run(&manifest(&[("Mode", mode)])).unwrap_err().to_string();
        assert!(said.contains("originDB: there is no usable recovery point of 'orders'"), "{said}");

        let mut drive = Drive::new(world(), "drill");
        let state = drive.validate(&manifest(&[("Mode", mode)])).unwrap();
        drive.cloud.with(World::spoil_snapshots);
        assert_eq!(drive.operate("start", &state).unwrap()["verdict"], "failed");
        assert_eq!(drive.done(), Vec::<String>::new());
    }
}

#[test]
fn only_what_people_tagged_is_replaced() {
    let changed = |change: fn(&mut DbInstance)| {
        let mut world = world();
        change(world.get(HERE, "orders-test"));
        let mut drive = Drive::new(world, "drill");
        let said = drive.run(&manifest(&[])).unwrap_err().to_string();
        assert_eq!(drive.done(), Vec::<String>::new());
        said
    };
    for (error, said) in [
        (changed(|y| y.tags.clear()), "has no tag PilotLightRefreshable=YES"),
        (changed(|y| drop(y.tags.insert(tagging::REFRESHABLE, "NO"))), "has no tag"),
        (changed(|y| y.replicas = vec!["reader".to_owned()]), "is followed by reader"),
        (changed(|y| y.replica_of = Some("other".to_owned())), "is a replica of other"),
        (changed(|y| y.status = "storage-full".to_owned()), "cannot be kept"),
        (changed(|y| y.status = "stopped".to_owned()), "is stopped"),
    ] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn production_is_no_y() {
    let refused = |more: &[(&str, &str)]| {
        let billing = our_copy("billing-1", "billing", "2026-01-01T22:00:00Z");
        let world = world().with_snapshots([billing]);
        Drive::new(world, "drill").run(&manifest(more)).unwrap_err().to_string()
    };
    for (error, said) in [
        (refused(&[("newDB", "orders")]), "never replaces the database it restores"),
        (refused(&[("newDB", "Billing")]), "copies are kept of a database 'billing'"),
        (refused(&[("targetRegion", "eu-west-1")]), "targetRegion: is eu-west-1, and this runs in us-west-2"),
        (refused(&[("Mode", "Swop")]), "Mode: is 'Swop'; write Swap or Replace"),
        (refused(&[("crossRegion", "perhaps")]), "crossRegion: is 'perhaps'"),
    ] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_refresh_that_was_cut_goes_on_in_the_next_execution() {
    // After every change of the first execution it stops; a second one is started.
    for cut in 1..=6 {
        let mut drive = Drive::new(world(), "drill");
        let mut state = drive.validate(&manifest(&[])).unwrap();
        let mut operation = "start";
        for _ in 0..20 {
            if drive.done().len() < cut {
                state["progress"] = drive.operate(operation, &state).unwrap();
                operation = "check";
                drive.cloud.with(World::tick);
            }
        }
        assert_eq!(drive.done().len(), cut);
        drive.execution = "run-2";
        drive.run(&manifest(&[])).unwrap();
        let names = drive.cloud.with(|world| world.names());
        assert_eq!(names, ["bystander", "orders-test"], "cut after {cut}: {:?}", drive.done());
        assert!(!finals(&drive).is_empty(), "cut after {cut}: the old y is kept in a snapshot");
        if (1..=2).contains(&cut) {
            let restores = drive.done().iter().filter(|done| done.starts_with("restore")).count();
            assert_eq!(restores, 1, "cut after {cut}: what was restored is taken over");
        }
        drive.execution = "run-3";
        drive.run(&manifest(&[])).unwrap();
        assert_eq!(finals(&drive).len(), 1, "cut after {cut}: {:?}", drive.done());
    }
}

#[test]
fn a_new_y_of_an_older_snapshot_is_not_taken_over() {
    let mut drive = Drive::new(world(), "drill");
    let state = drive.validate(&manifest(&[])).unwrap();
    drive.operate("start", &state).unwrap();
    drive.cloud.with(|world| {
        world.tick();
        world.snapshots.push(our_copy("orders-3", "orders", "2026-01-01T23:59:00Z").into());
    });
    drive.execution = "run-2";
    drive.run(&manifest(&[])).unwrap();
    assert!(drive.done()[1].ends_with("from orders-3"), "{:?}", drive.done());
    assert_eq!(drive.cloud.with(|world| world.names()), ["bystander", "orders-test"], "and is tidied away");
}

#[test]
fn automated_snapshots_of_this_accounts_own_x_count_as_well() {
    let mut own = World::default().with_instances([y()]);
    own = own.with_snapshots([
        own_snapshot("by-hand", "orders", "2026-01-01T01:00:00Z"),
        own_snapshot("rds:orders-2026-01-01", "orders", "2026-01-01T02:00:00Z"),
    ]);
    let mut drive = Drive::new(own, "drill");
    drive.run(&manifest(&[])).unwrap();
    assert!(drive.done()[0].ends_with("from rds:orders-2026-01-01"), "{:?}", drive.done());
}

#[test]
fn an_old_y_that_others_follow_by_now_stays() {
    let mut followed = y();
    followed.arn.id.name = old_name().parse().unwrap();
    followed.replicas = vec!["reader".to_owned()];
    let mut world = world();
    world.instances[0].resource_id = "db-another".to_owned();
    let mut drive = Drive::new(world.with_instances([followed]), "drill");
    let end = drive.run(&manifest(&[])).unwrap();
    assert_eq!(end.resources[0].status, Status::Recovered);
    let mut names = vec!["bystander".to_owned(), old_name(), "orders-test".to_owned()];
    names.sort();
    assert_eq!(drive.cloud.with(|world| world.names()), names);
}

#[test]
fn a_name_that_is_protected_since_the_manifest_was_validated_is_not_taken() {
    let mut drive = Drive::new(world(), "drill");
    let state = drive.validate(&manifest(&[])).unwrap();
    let copy = our_copy("orders-test-1", "orders-test", "2026-01-01T22:00:00Z");
    drive.cloud.with(|world| world.snapshots.push(copy.into()));
    assert_eq!(drive.operate("start", &state).unwrap()["verdict"], "failed");
    assert_eq!(drive.done(), Vec::<String>::new());
}
