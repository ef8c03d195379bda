use super::*;

#[test]
fn a_manifest_whose_progress_does_not_fit_into_a_state_is_rejected() {
    let restore = |n: u32| {
        let name = format!("a{n}");
        json!({"resourceType": "RestoreFromSnapshot", "resourceName": name,
            "parameters": {"DBInstanceIdentifier": name}})
    };
    let of = |count| -> Vec<Layer> {
        let resources: Vec<_> = (0..count).map(restore).collect();
        serde_json::from_value(json!([{"layer": 1, "resources": resources}])).unwrap()
    };
    let problem = |layers: Vec<Layer>| too_large(&layers, &Progress::beginning(&layers, 0, 0));
    assert_eq!(problem(of(200)), None);
    let said = problem(of(900)).unwrap().to_string();
    assert!(said.contains("split it into several"), "{said}");
}
