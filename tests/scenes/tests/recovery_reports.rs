//! The texts, outputs and log lines of drills and dry runs: people act on them, so nothing is missing.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::Verdict;
use pilot_light_tests::recovery::LARGEST_STATE;
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use serde_json::{Value, json};

/// The largest text of a message, in bytes. A dry run is not sent as a message.
const LONGEST_MESSAGE: usize = 8 * 1024;

/// A destination account with two copies of `orders`, and room for many instances.
fn copied() -> Estate {
    let many = |settings: &mut pilot_light_simulator::world::Settings| settings.instances = 2000;
    let estate = Estate::with(many).of_copies();
    for id in ["orders-1", "orders-2"] {
        estate.copy(id, "orders");
    }
    estate
}

#[test]
fn a_drill_says_in_message_output_and_log_line_which_copy_it_proved_although_its_instance_is_gone() {
    let estate = copied();
    let at = estate.data_of("orders-1");
    for (name, more, copy) in [("newest", json!({}), "orders-2"), ("earlier", json!({"At": at}), "orders-1")]
    {
        let mut parameters = json!({"DBInstanceIdentifier": "orders"});
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut execution = estate.execution(WEST, "drill", name);
        let end = execution.run(&one(resource("RestoreDrill", "orders", parameters))).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        let taken = estate.data_of(copy);
        let proved = format!(", from {copy}, data of {taken}, ");
        assert!(end.message.contains(&proved), "{proved}\n{}", end.message);
        let outcome = end.resources[0].outcome.as_ref().unwrap();
        assert_eq!(outcome.snapshot.as_deref(), Some(copy));
        assert_eq!(outcome.data_time.unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string(), taken);
        let mut lines = execution.log.iter().filter(|line| line["event"] == "recovered");
        let line = &lines.next().unwrap()["outcome"];
        assert_eq!((&line["snapshot"], lines.next()), (&json!(copy), None));
        assert_eq!(line["data_time"], json!(outcome.data_time));
        assert_eq!(estate.instances(WEST), [""; 0]);
        assert!(outcome.endpoint.is_none(), "nobody can connect to what is deleted");
        estate.simulation.settle();
    }
}

/// The answer to a dry run of a manifest that restores `orders` so many times.
fn dry_run(estate: &Estate, number: usize) -> Option<Value> {
    let restore = |n: usize| {
        let name = format!("orders-of-the-shop-in-the-west-{n:04}");
        let parameters = json!({"SourceDBInstanceIdentifier": "orders", "DBInstanceIdentifier": name});
        resource("RestoreFromSnapshot", &name, parameters)
    };
    let all: Vec<Value> = (0..number).map(restore).collect();
    let mut manifest = pilot_light_tests::recovery::manifests::layers(&[all]);
    manifest["dry_run"] = json!(true);
    match estate.execution(WEST, "failover", "dry").validate(&manifest) {
        Ok(answer) => Some(answer),
        Err(stop) => {
            let said = stop.error().to_string();
            assert!(said.contains("split it into several manifests"), "{said}");
            None
        }
    }
}

#[test]
fn a_plan_larger_than_a_message_is_complete_in_a_dry_run() {
    let estate = copied();
    let number = 200;
    let answer = dry_run(&estate, number).unwrap();
    let summary = answer["summary"].as_str().unwrap();
    assert!(summary.len() > 2 * LONGEST_MESSAGE, "{} bytes", summary.len());
    let planned: Vec<_> = summary.lines().filter(|line| line.contains(" from orders-2")).collect();
    assert_eq!(planned.len(), number, "{summary}");
    for (n, line) in planned.iter().enumerate() {
        let name = format!("orders-of-the-shop-in-the-west-{n:04}");
        let step = format!("RestoreDBInstanceFromDBSnapshot in us-west-2: restoring '{name}' from orders-2");
        assert_eq!(*line, format!("  {name} (RestoreFromSnapshot): {step}"));
    }
}

#[test]
fn the_answer_to_the_dry_run_of_the_largest_manifest_fits_into_a_state() {
    let estate = copied();
    let (mut fits, mut is_too_large) = (100, 1000);
    let mut largest = 0;
    while fits + 1 < is_too_large {
        let middle = usize::midpoint(fits, is_too_large);
        match dry_run(&estate, middle) {
            Some(answer) => (fits, largest) = (middle, answer.to_string().len()),
            None => is_too_large = middle,
        }
    }
    assert!((LARGEST_STATE / 4..LARGEST_STATE).contains(&largest), "{fits} resources: {largest} bytes");
}
