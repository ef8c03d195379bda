//! Manifests that cannot be meant as they are: a clear error, and nothing is touched.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::Verdict;
use pilot_light_domain::run::error::ErrorName;
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, restore_with};
use pilot_light_tests::recovery::{Stop, progress};
use serde_json::{Value, json};

/// A destination account with two copies of `orders`.
fn copied() -> Estate {
    let estate = Estate::default().of_copies();
    for id in ["orders-1", "orders-2"] {
        estate.copy(id, "orders");
    }
    estate
}

fn orders(more: &Value) -> Value {
    one(restore_with("orders", more))
}

/// Starts a manifest, which must be refused with these texts before anything is changed.
fn refused(estate: &Estate, manifest: &Value, parts: &[&str]) {
    let before = (estate.end(), estate.changes().len());
    let stop = estate.execution(WEST, "failover", "refused").run(manifest).unwrap_err();
    let error = Stop::error(stop);
    assert_eq!(error.name(), ErrorName::InvalidInput);
    let said = error.to_string();
    for part in [&["nothing was changed"], parts].concat() {
        assert!(said.contains(part), "{part}\n\n{said}");
    }
    assert_eq!((estate.end(), estate.changes().len()), before);
}

#[test]
fn a_manifest_by_reference_that_no_longer_exists_is_refused_with_the_name_of_the_parameter() {
    let manifest = json!({"StatePayload": "resolve:ssm:/recovery/orders"});
    refused(&copied(), &manifest, &["there is no SSM parameter '/recovery/orders' in this Region"]);
    let mut second = orders(&json!({}))["StatePayload"].to_string();
    let first: String = second.drain(..second.len() / 2).collect();
    let estate = copied();
    estate.cloud(WEST).put_parameter("/recovery/1", &first);
    let manifest = json!({"StatePayload": "resolve:ssm:/recovery/1,/recovery/2"});
    refused(&estate, &manifest, &["there is no SSM parameter '/recovery/2' in this Region"]);
    estate.cloud(WEST).put_parameter("/recovery/2", &second);
    let end = estate.execution(WEST, "failover", "there").run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
}

#[test]
fn an_at_without_a_value_is_refused_because_it_does_not_mean_the_newest_point() {
    for at in ["", " ", "None"] {
        refused(&copied(), &orders(&json!({"At": at})), &["At: has no value; write a time such as"]);
    }
}

#[test]
fn an_unknown_class_in_a_fallback_list_is_refused_although_the_first_class_is_offered() {
    let said =
        ["DBInstanceClass: is db.r6g.huge, which AWS does not offer for postgres", "it offers db.r6g.large"];
    refused(&copied(), &orders(&json!({"DBInstanceClass": "db.r6g.large, db.r6g.huge"})), &said);
}

#[test]
fn a_second_recovery_of_a_database_that_is_being_restored_is_refused_and_the_first_one_ends_as_if_alone() {
    let estate = copied();
    let mut first = estate.execution(WEST, "failover", "first");
    let mut state = first.validate(&orders(&json!({}))).unwrap();
    first.step(&mut state).unwrap();
    estate.simulation.advance_by(chrono::TimeDelta::seconds(6));
    let another_point = json!({"At": estate.data_of("orders-1")});
    let said = ["restored from orders-2, ", "by the recovery first", "this manifest chooses orders-1, "];
    refused(&estate, &orders(&another_point), &said);
    while first.step(&mut state).unwrap() {}
    assert_eq!(progress(&state).verdict, Verdict::Recovered, "{}", progress(&state).message);
    assert_eq!(estate.restored_from(WEST, "orders").as_deref(), Some("orders-2"));
}
