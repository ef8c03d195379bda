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

/// What a drill of that execution restored.
fn restored(execution: &str, made: &str) -> DbInstance {
    let mut found = instance(HERE, &name(execution));
    found.created_at = Some(made.parse().unwrap());
    found.tags = tags::of([(tagging::DRILL, "orders"), (tagging::RECOVERY, execution)]);
    found
}

#[test]
fn a_drill_restores_takes_the_time_and_deletes() {
    let mut drive = Drive::new(world(), "drill");
    let end = drive.run(&manifest()).unwrap();
    let ours = name("run-1");
    assert_eq!(drive.done(), [format!("restore {ours} from orders-1"), format!("delete {ours} for good")]);
    assert_eq!(drive.cloud.with(|world| world.names()), ["orders"], "production's is left alone");
    let resource = &end.resources[0];
    assert_eq!(
        (resource.status, resource.seconds),
        (Status::Recovered, 15),
        "deleting takes no recovery time"
    );
    assert!(end.seconds > 15);
}

#[test]
fn it_is_up_while_its_first_backup_is_made_and_deleted_after_it() {
    let mut drive = Drive::new(world(), "drill");
    let mut state = drive.validate(&manifest()).unwrap();
    state["progress"] = drive.operate("start", &state).unwrap();
    let becomes = |status: &'static str| {
        move |world: &mut World| world.get(HERE, &name("run-1")).status = status.to_owned()
    };
    drive.cloud.with(becomes("backing-up"));
    for step in ["is up; the rest is tidied next", "is backing-up, before it can be deleted"] {
        state["progress"] = drive.operate("check", &state).unwrap();
        let told = state["progress"]["resources"][0]["step"].as_str().unwrap();
        assert!(told.ends_with(step), "{told}");
    }
    assert_eq!(drive.cloud.with(|world| world.asked), 1, "AWS would refuse to delete it");
    drive.cloud.with(becomes("available"));
    drive.operate("check", &state).unwrap();
    assert_eq!(drive.done()[1], format!("delete {} for good", name("run-1")));
}

#[test]
fn an_instance_of_that_name_that_it_did_not_make_is_never_touched() {
    let strip = |key: &str| {
        let mut found = restored("run-1", "2026-01-01T00:00:00Z");
        found.tags.remove(key);
        found
    };
    for other in [strip(tagging::DRILL), strip(tagging::RECOVERY)] {
        let mut drive = Drive::new(world().with_instances([other]), "drill");
        let said = drive.run(&manifest()).unwrap_err().to_string();
        assert!(said.contains("it is left alone"), "{said}");
        assert_eq!(drive.done(), Vec::<String>::new());
    }
}

#[test]
fn what_earlier_drills_left_behind_is_deleted_and_nothing_else() {
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
fn a_drill_without_a_snapshot_is_told_beforehand() {
    let mut spoilt = world();
    spoilt.spoil_snapshots();
    let said = Drive::new(spoilt, "drill").run(&manifest()).unwrap_err().to_string();
    assert!(said.contains("no usable recovery point of 'orders'"), "{said}");
}

#[test]
fn the_longest_name_still_makes_a_name_of_its_own() {
    let long: DatabaseName = "o".repeat(63).parse().unwrap();
    let made = names::drill(&long, "run-1").unwrap();
    assert!(made.as_str().len() <= 63 && made != long);
}
