use serde_json::json;

use super::*;

fn layers() -> Vec<Layer> {
    serde_json::from_value(json!([
        {"layer": 1, "resources": [
            {"resourceType": "RestoreFromSnapshot", "resourceName": "a", "parameters": {}},
            {"resourceType": "RestoreFromSnapshot", "resourceName": "b", "parameters": {}}]},
        {"layer": 3, "resources": [
            {"resourceType": "RestoreFromSnapshot", "resourceName": "c", "parameters": {}}]},
    ]))
    .unwrap()
}

fn concluded(at: usize, statuses: [Status; 3]) -> (usize, Verdict, [Status; 3]) {
    let mut progress = Progress { at, ..Progress::beginning(&layers(), 0, 10_800) };
    for (resource, status) in progress.resources.iter_mut().zip(statuses) {
        resource.status = status;
    }
    progress.conclude(&layers());
    let after = [0, 1, 2].map(|index| progress.resources[index].status);
    (progress.at, progress.verdict, after)
}

#[test]
fn a_layer_ends_when_its_last_resource_is_up_or_failed() {
    use Status::{Failed, NotStarted, Pending, Recovered, Waiting};
    for (at, before, expected) in [
        (0, [Recovered, Waiting, Pending], (0, Verdict::Waiting, [Recovered, Waiting, Pending])),
        (0, [Failed, Waiting, Pending], (0, Verdict::Waiting, [Failed, Waiting, Pending])),
        (0, [Recovered, Recovered, Pending], (1, Verdict::Next, [Recovered, Recovered, Pending])),
        (0, [Failed, Recovered, Pending], (0, Verdict::Failed, [Failed, Recovered, NotStarted])),
        (1, [Recovered, Recovered, Recovered], (1, Verdict::Recovered, [Recovered; 3])),
        (1, [Recovered, Recovered, Failed], (1, Verdict::Failed, [Recovered, Recovered, Failed])),
    ] {
        assert_eq!(concluded(at, before), expected);
    }
}

#[test]
fn the_json_has_the_names_that_the_state_machine_reads() {
    let beginning = serde_json::to_value(Progress::beginning(&layers(), 1, 10_800)).unwrap();
    assert_eq!(beginning["verdict"], "next");
    assert_eq!(
        beginning["resources"][0],
        json!({"layer": 1, "name": "a", "type": "RestoreFromSnapshot", "status": "pending", "step": "",
            "seconds": 0, "polls": 0, "spent": 0})
    );
    assert_eq!((&beginning["seconds"], &beginning["running_seconds"]), (&json!(1), &json!(0)));
    assert_eq!(serde_json::to_value(Status::NotStarted).unwrap(), "not_started");
}

#[test]
fn an_empty_mark_survives_the_way_through_json() {
    let mut resource = Progress::beginning(&layers(), 0, 0).resources.remove(0);
    resource.mark = Some(Mark::default());
    let read: ResourceProgress = serde_json::from_str(&serde_json::to_string(&resource).unwrap()).unwrap();
    assert_eq!(read, resource);
}
