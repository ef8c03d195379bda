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

fn problems(input: &Value) -> Vec<String> {
    let problems = read(input, Purpose::Failover).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

/// The only problem of a manifest with the single resource `entry`.
fn problem_of(entry: Value) -> String {
    let all = problems(&manifest(&[layer(1, &[entry])]));
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

const RESTORE: &str = "RestoreFromSnapshot";

#[test]
fn layers_with_the_same_number_are_merged() {
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
fn an_unknown_type_is_reported_with_the_most_similar_known_one() {
    let said = problem_of(resource("RestoreFromSnapshoot", "orders"));
    assert!(said.starts_with("layer 1, resource 'orders' (RestoreFromSnapshoot): "), "{said}");
    assert!(said.contains("did you mean RestoreFromSnapshot?"), "{said}");
}

#[test]
fn each_problem_of_a_resource_is_reported_with_its_place() {
    let with = |parameters: Value| json!({"resourceType": RESTORE, "resourceName": "orders", "parameters": parameters});
    for (entry, said) in [
        (
            json!({"resourceType": RESTORE, "resourceName": "", "parameters": {}}),
            "layer 1, resource 1: has no resourceName",
        ),
        (
            json!({"resourceType": RESTORE, "resourceName": 7, "parameters": {}}),
            "layer 1, resource 1: has a resourceName that is the number 7; write a text",
        ),
        (
            json!({"resourceType": 7, "resourceName": "orders", "parameters": {}}),
            "has a resourceType that is the number 7; write a text",
        ),
        (
            resource(RESTORE, &"x".repeat(129)),
            "has a resourceName of 129 characters; at most 128 are allowed",
        ),
        (json!({"resourceName": "orders", "parameters": {}}), "has no resourceType"),
        (json!({"resourceType": RESTORE, "resourceName": "orders"}), "has no parameters"),
        (with(json!("text")), "has parameters that are the text 'text'; write an object of names and values"),
        (with(json!(7)), "has parameters that are the number 7; write an object of names and values"),
        (with(json!([{"Port": 1}])), "has parameters that are a list; write an object of names and values"),
        (with(json!(null)), "has no parameters"),
        (json!("orders"), "layer 1, resource 1: is the text 'orders'; write an object, {…}"),
        (json!(7), "layer 1, resource 1: is the number 7; write an object, {…}"),
        (json!([]), "layer 1, resource 1: is a list; write an object, {…}"),
        (json!(null), "layer 1, resource 1: is null; write an object, {…}"),
        (
            json!({"resourceType": RESTORE, "resourceName": "orders", "parameters": {}, "At": "now"}),
            "has the unknown field 'At'; allowed are resourceType, resourceName, parameters",
        ),
        (with(json!({"Port": null})), "layer 1, resource 'orders' (RestoreFromSnapshot), Port: is null"),
        (with(json!({"Port": [1]})), "Port: is a list"),
        (with(json!({"Port": {"a": 1}})), "Port: is an object"),
    ] {
        let found = problem_of(entry);
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn a_resource_without_a_name_is_named_by_its_type_and_place() {
    let unnamed = json!({"resourceType": RESTORE, "parameters": {"DBInstanceIdentifier": "a"}});
    let input = manifest(&[layer(1, &[unnamed.clone(), unnamed.clone()]), layer(2, &[unnamed])]);
    let read = read(&input, Purpose::Failover).unwrap();
    let names: Vec<_> =
        read.layers.iter().flat_map(|layer| &layer.resources).map(|found| &found.name).collect();
    assert_eq!(names, ["RestoreFromSnapshot 1.1", "RestoreFromSnapshot 1.2", "RestoreFromSnapshot 2.1"]);
}

#[test]
fn resources_without_names_in_layers_of_one_number_have_different_names() {
    let unnamed = json!({"resourceType": RESTORE, "parameters": {"DBInstanceIdentifier": "a"}});
    let input = manifest(&vec![layer(1, &[unnamed]); 2]);
    let read = read(&input, Purpose::Failover).unwrap();
    let names: Vec<_> = read.layers[0].resources.iter().map(|found| &found.name).collect();
    assert_eq!(names, ["RestoreFromSnapshot 1.1", "RestoreFromSnapshot 1.2"]);
}

#[test]
fn a_field_of_a_layer_that_nothing_reads_is_rejected() {
    let mut odd = layer(1, &[resource(RESTORE, "a")]);
    odd["parameters"] = json!({});
    assert_eq!(
        problems(&manifest(&[odd])),
        ["layer 1: has the unknown field 'parameters'; allowed are layer, resources"]
    );
}

#[test]
fn layers_must_be_sorted_by_their_numbers() {
    let all =
        problems(&manifest(&[layer(2, &[resource(RESTORE, "a")]), layer(1, &[resource(RESTORE, "b")])]));
    assert_eq!(all, ["layer 1: comes after layer 2; sort the layers by their numbers"]);
}

#[test]
fn two_resources_with_the_same_name_are_rejected_even_in_different_layers() {
    let all =
        problems(&manifest(&[layer(1, &[resource(RESTORE, "a")]), layer(2, &[resource(RESTORE, "a")])]));
    assert!(all[0].contains("has the same resourceName as layer 1, resource 'a'"), "{all:?}");
}

#[test]
fn an_empty_or_incomplete_manifest_is_rejected() {
    for (input, said) in [
        (json!(null), "has no StatePayload"),
        (json!({}), "has no StatePayload"),
        (json!("x"), "the manifest: is the text 'x'; write an object, {…}"),
        (json!([layer(1, &[])]), "the manifest: is a list; write an object, {…}"),
        (
            json!({"StatePayload": {}}),
            "the manifest: has a StatePayload that is an object; write a list, […]",
        ),
        (json!({"StatePayload": 7}), "has a StatePayload that is the number 7; write a list, […]"),
        (manifest(&[json!("1")]), "entry 1 of StatePayload: is the text '1'; write an object, {…}"),
        (manifest(&[json!([])]), "entry 1 of StatePayload: is a list; write an object, {…}"),
        (manifest(&[json!(null)]), "entry 1 of StatePayload: is null; write an object, {…}"),
        (
            manifest(&[json!({"layer": 1, "resources": {}})]),
            "layer 1: has resources that are an object; write a list, […]",
        ),
        (manifest(&[json!({"layer": 4_294_967_296_u64})]), "0 or greater, at most 4294967295"),
        (manifest(&[]), "has no layers"),
        (manifest(&[layer(1, &[])]), "layer 1: has no resources"),
        (manifest(&[json!({"resources": []})]), "entry 1 of StatePayload: has no layer"),
        (manifest(&[json!({"layer": -1})]), "has the layer -1; write a whole number, 0 or greater"),
    ] {
        let all = problems(&input);
        assert!(all.len() == 1 && all[0].contains(said), "{all:?}");
    }
}

#[test]
fn a_misspelt_dry_run_or_approval_is_rejected() {
    for extra in [("dryrun", json!(true)), ("dry_run", json!("true")), ("approval", json!("yes"))] {
        let mut input = manifest(&[layer(1, &[resource(RESTORE, "a")])]);
        input[extra.0] = extra.1;
        assert_eq!(problems(&input).len(), 1, "{input}");
    }
}

#[test]
fn a_manifest_too_large_for_a_state_is_rejected() {
    let large =
        json!({"resourceType": RESTORE, "resourceName": "a", "parameters": {"Tags": "x".repeat(LARGEST)}});
    assert!(problem_of(large).contains("split it"));
}

#[test]
fn all_problems_are_reported_at_once() {
    let input = manifest(&[
        layer(3, &[resource("Restore", "a"), json!({})]),
        layer(1, &[json!({"resourceType": RESTORE, "resourceName": "b", "parameters": {"Port": null}})]),
    ]);
    assert_eq!(problems(&input).len(), 5, "{:#?}", problems(&input));
}

#[test]
fn a_layer_without_a_readable_number_does_not_hide_the_problems_of_its_resources() {
    let odd = json!({"layer": "first", "resources": [resource("Restore", "a"), "b"]});
    let all =
        problems(&manifest(&[layer(3, &[resource(RESTORE, "c")]), odd, layer(3, &[resource(RESTORE, "d")])]));
    assert_eq!(all.len(), 3, "{all:#?}");
    assert!(all[0].starts_with("entry 2 of StatePayload: has the layer \"first\""), "{all:#?}");
    assert!(all[1].contains("resource 'a' (Restore): has the unknown resourceType"), "{all:#?}");
    assert!(all[2].contains("resource 3: is the text 'b'"), "{all:#?}");
}

#[test]
fn a_type_that_the_purpose_does_not_allow_is_rejected() {
    let entry = manifest(&[layer(1, &[resource(RESTORE, "a")])]);
    let said = read(&entry, Purpose::Failback).unwrap_err()[0].to_string();
    assert!(said.contains("is not allowed in a failback, only in a failover"), "{said}");
}
