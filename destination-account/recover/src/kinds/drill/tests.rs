use serde_json::json;

use super::*;
use crate::Status;
use crate::fake::{Drive, HERE, World, instance, our_copy};

fn manifest() -> Value {
    json!({"StatePayload": [{"layer": 1, "resources": [{"resourceType": "RestoreDrill", "resourceName": "orders",
        "parameters": {"DBInstanceIdentifier": "orders", "DBSubnetGroupName": "drill", "MultiAZ": "False"}}]}]})
}

fn world() -> World {
    World::default()
        .with_snapshots([our_copy("orders-1", "orders", "2026-01-01T22:00:00Z")])
        .with_instances([instance(HERE, "orders")])
}

fn name(execution: &str) -> String {
    names::drill(&"orders".parse().unwrap(), execution).unwrap().to_string()
}

/// An instance that a drill of that execution restored.
fn restored(execution: &str, made: &str) -> DbInstance {
    let mut found = instance(HERE, &name(execution));
    found.created_at = Some(made.parse().unwrap());
    found.tags = tags::of([(tagging::DRILL, "orders"), (tagging::RECOVERY, execution)]);
    found
}

#[test]
fn a_drill_restores_measures_the_time_and_deletes_its_instance() {
    let mut drive = Drive::new(world(), "drill");
    let end = drive.run(&manifest()).unwrap();
    let ours = name("run-1");
    assert_eq!(drive.done(), [format!("restore {ours} from orders-1"), format!("delete {ours} for good")]);
    assert_eq!(drive.cloud.with(|world| world.names()), ["orders"], "the production instance is unchanged");
    let resource = &end.resources[0];
    assert_eq!(
        (resource.status, resource.seconds),
        (Status::Recovered, 15),
        "deleting takes no recovery time"
    );
    assert!(end.seconds > 15);
}

#[test]
fn a_drill_is_up_during_its_first_backup_and_deletes_its_instance_afterwards() {
    let mut drive = Drive::new(world(), "drill");
    let mut state = drive.validate(&manifest()).unwrap();
    state["progress"] = drive.operate("start", &state).unwrap();
    let becomes = |status: &'static str| {
        move |world: &mut World| world.get(HERE, &name("run-1")).status = status.to_owned()
    };
    drive.cloud.with(becomes("backing-up"));
    for step in ["is up; the deletions come next", "is 'backing-up' and cannot be deleted yet"] {
        state["progress"] = drive.operate("check", &state).unwrap();
        let text = state["progress"]["resources"][0]["step"].as_str().unwrap();
        assert!(text.ends_with(step), "{text}");
    }
    assert_eq!(drive.cloud.with(|world| world.requested), 1, "AWS would refuse to delete it");
    drive.cloud.with(becomes("available"));
    drive.operate("check", &state).unwrap();
    assert_eq!(drive.done()[1], format!("delete {} for good", name("run-1")));
}

#[test]
fn an_instance_of_that_name_without_the_tags_of_the_drill_is_never_changed() {
    let strip = |key: &str| {
        let mut found = restored("run-1", "2026-01-01T00:00:00Z");
        found.tags.remove(key);
        found
    };
    for other in [strip(tagging::DRILL), strip(tagging::RECOVERY)] {
        let mut drive = Drive::new(world().with_instances([other]), "drill");
        let said = drive.run(&manifest()).unwrap_err().to_string();
        assert!(said.contains("this drill did not restore and does not change"), "{said}");
        assert_eq!(drive.done(), Vec::<String>::new());
    }
}

#[test]
fn only_instances_that_earlier_drills_left_behind_are_deleted() {
    let mut posing = instance(HERE, "drill-orders-mine");
    posing.tags = restored("run-0", "2026-01-01T00:00:00Z").tags;
    let left = restored("run-0", "2026-01-01T00:00:00Z");
    let under_way = restored("run-00", "2026-01-01T23:50:00Z");
    let mut drive = Drive::new(world().with_instances([posing, left, under_way]), "drill");
    drive.run(&manifest()).unwrap();
    assert_eq!(drive.done()[0], format!("delete {} for good", name("run-0")));
    let mut left = vec!["drill-orders-mine".to_owned(), name("run-00"), "orders".to_owned()];
    left.sort();
    assert_eq!(drive.cloud.with(|world| world.names()), left);
}

#[test]
fn a_missing_snapshot_is_reported_before_the_drill_begins() {
    let mut spoilt = world();
    spoilt.spoil_snapshots();
    let said = Drive::new(spoilt, "drill").run(&manifest()).unwrap_err().to_string();
    assert!(said.contains("no usable recovery point of 'orders'"), "{said}");
}

#[test]
fn the_longest_database_name_still_gives_a_different_drill_name() {
    let long: DatabaseName = "o".repeat(63).parse().unwrap();
    let made = names::drill(&long, "run-1").unwrap();
    assert!(made.as_str().len() <= 63 && made != long);
}
