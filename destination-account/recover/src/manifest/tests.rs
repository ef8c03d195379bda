use serde_json::json;

use super::*;

fn resource(kind: &str, name: &str) -> Value {
    json!({"resourceType": kind, "resourceName": name, "parameters": {"DBInstanceIdentifier": name}})
}

fn layer(number: u32, resources: &[Value]) -> Value {
    json!({"layer": number, "resources": resources})
}

fn manifest(layers: &[Value]) -> Value {
    json!({"StatePayload": layers})
}

fn faults(input: &Value) -> Vec<String> {
    let faults = read(input, Purpose::Failover).err().unwrap_or_default();
    faults.iter().map(ToString::to_string).collect()
}

/// The one fault of a manifest with one resource that is `entry`.
fn fault_of(entry: Value) -> String {
    let all = faults(&manifest(&[layer(1, &[entry])]));
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

const RESTORE: &str = "RestoreFromSnapshot";

#[test]
fn layers_of_one_number_are_one() {
    let input = manifest(&[
        layer(1, &[resource(RESTORE, "a")]),
        layer(1, &[resource(RESTORE, "b")]),
        layer(5, &[resource(RESTORE, "c")]),
    ]);
    let read = read(&input, Purpose::Failover).unwrap();
    let names = |layer: &Layer| layer.resources.iter().map(|found| found.name.clone()).collect::<Vec<_>>();
    let layers: Vec<_> = read.layers.iter().map(|layer| (layer.layer, names(layer))).collect();
    assert_eq!(layers, [(1, vec!["a".to_owned(), "b".to_owned()]), (5, vec!["c".to_owned()])]);
    assert_eq!((read.dry_run, read.approval), (false, false));
}

#[test]
fn a_misspelt_type_is_told_with_the_one_that_was_meant() {
    let said = fault_of(resource("RestoreFromSnapshoot", "orders"));
    assert!(said.starts_with("layer 1, resource 'orders' (RestoreFromSnapshoot): "), "{said}");
    assert!(said.contains("did you mean RestoreFromSnapshot?"), "{said}");
}

#[test]
fn each_fault_of_a_resource_is_told_with_its_place() {
    let with = |parameters: Value| json!({"resourceType": RESTORE, "resourceName": "orders", "parameters": parameters});
    for (entry, said) in [
        (json!({"resourceType": RESTORE, "parameters": {}}), "layer 1, resource 1: has no resourceName"),
        (json!({"resourceType": RESTORE, "resourceName": 7, "parameters": {}}), "has no resourceName"),
        (resource(RESTORE, &"x".repeat(129)), "more than 128 characters"),
        (json!({"resourceName": "orders", "parameters": {}}), "has no resourceType"),
        (json!({"resourceType": RESTORE, "resourceName": "orders"}), "has no parameters"),
        (with(json!("text")), "has no parameters"),
        (with(json!({"Port": null})), "layer 1, resource 'orders' (RestoreFromSnapshot), Port: is null"),
        (with(json!({"Port": [1]})), "Port: is a list"),
        (with(json!({"Port": {"a": 1}})), "Port: is an object"),
    ] {
        let found = fault_of(entry);
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn layers_must_stand_in_their_order() {
    let all = faults(&manifest(&[layer(2, &[resource(RESTORE, "a")]), layer(1, &[resource(RESTORE, "b")])]));
    assert_eq!(all, ["layer 1: stands behind layer 2; put the layers into their order"]);
}

#[test]
fn two_resources_of_one_name_are_refused_over_all_layers() {
    let all = faults(&manifest(&[layer(1, &[resource(RESTORE, "a")]), layer(2, &[resource(RESTORE, "a")])]));
    assert!(all[0].contains("has the same resourceName as layer 1, resource 'a'"), "{all:?}");
}

#[test]
fn an_empty_manifest_is_refused() {
    for (input, said) in [
        (json!(null), "has no StatePayload"),
        (json!({}), "has no StatePayload"),
        (manifest(&[]), "has no layers"),
        (manifest(&[layer(1, &[])]), "layer 1: has no resources"),
        (manifest(&[json!({"resources": []})]), "entry 1 of StatePayload: has no layer"),
        (manifest(&[json!({"layer": -1})]), "has no layer"),
    ] {
        let all = faults(&input);
        assert!(all.len() == 1 && all[0].contains(said), "{all:?}");
    }
}

#[test]
fn a_misspelt_dry_run_is_no_recovery() {
    for extra in [("dryrun", json!(true)), ("dry_run", json!("true")), ("approval", json!("yes"))] {
        let mut input = manifest(&[layer(1, &[resource(RESTORE, "a")])]);
        input[extra.0] = extra.1;
        assert_eq!(faults(&input).len(), 1, "{input}");
    }
}

#[test]
fn a_manifest_that_no_state_could_hold_is_refused() {
    let large =
        json!({"resourceType": RESTORE, "resourceName": "a", "parameters": {"Tags": "x".repeat(LARGEST)}});
    assert!(fault_of(large).contains("split it"));
}

#[test]
fn every_fault_is_told_at_once() {
    let input = manifest(&[
        layer(3, &[resource("Restore", "a"), json!({})]),
        layer(1, &[json!({"resourceType": RESTORE, "resourceName": "b", "parameters": {"Port": null}})]),
    ]);
    assert_eq!(faults(&input).len(), 6, "{:#?}", faults(&input));
}

#[test]
fn a_type_of_another_purpose_is_refused() {
    let entry = manifest(&[layer(1, &[resource(RESTORE, "a")])]);
    let said = read(&entry, Purpose::Failback).unwrap_err()[0].to_string();
    assert!(said.contains("is not allowed in a failback, only in a failover"), "{said}");
}
