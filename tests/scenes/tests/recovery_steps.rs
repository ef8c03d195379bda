//! The steps of a recovery: layers, the answers of AWS to changes and to lists, references, and the end of patience.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Progress, Status, Verdict};
use pilot_light_domain::run::error::ErrorName;
use pilot_light_simulator::world::Request;
use pilot_light_tests::recovery::copies::{copied, copies_of};
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST, instance};
use pilot_light_tests::recovery::manifests::{one, resource, restore, restores};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::resources::take_over;
use pilot_light_tests::recovery::{Execution, progress};
use serde_json::{Value, json};

const RESTORE: &str = "RestoreDBInstanceFromDBSnapshot";
const HOUR: u32 = 3600;

/// An execution whose manifest is valid, and its state.
fn validated(estate: &Estate, manifest: &Value) -> (Execution, Value) {
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let state = execution.validate(manifest).unwrap();
    (execution, state)
}

/// The same, with the first layer started.
fn started(estate: &Estate, manifest: &Value) -> (Execution, Value) {
    let (mut execution, mut state) = validated(estate, manifest);
    assert!(execution.step(&mut state).unwrap());
    (execution, state)
}

/// Runs the remaining steps.
fn finish(execution: &mut Execution, state: &mut Value) -> Progress {
    while execution.step(state).unwrap() {}
    progress(state)
}

fn first_step(state: &Value) -> String {
    progress(state).resources[0].step.clone()
}

#[test]
fn layers_run_one_after_another_and_the_resources_of_a_layer_in_parallel() {
    let estate = copies_of(&["a", "b", "c"]);
    let (mut execution, mut state) = started(&estate, &restores(&[&["a", "b"], &["c"]]));
    assert_eq!(estate.changes(), [RESTORE; 2]);
    assert_eq!(statuses(&progress(&state)), [Status::Waiting, Status::Waiting, Status::Pending]);
    let calls = estate.simulation.calls();
    let reads = ["DescribeDBInstances", "DescribeDBSnapshots"].map(|action| calls.of(action));
    assert_eq!(reads, [2, 2], "validate and start, each list once");
    let end = finish(&mut execution, &mut state);
    assert_eq!((end.verdict, statuses(&end)), (Verdict::Recovered, vec![Status::Recovered; 3]));
    assert_eq!(estate.changes(), [[RESTORE; 3], ["AddTagsToResource"; 3]].concat());
}

#[test]
fn after_a_failure_the_rest_of_the_layer_finishes_and_the_next_layer_does_not_start() {
    let estate = copies_of(&["a", "b", "c"]);
    let (mut execution, mut state) = validated(&estate, &restores(&[&["a", "b"], &["c"]]));
    estate.set(WEST, Request::DeleteDbSnapshot("a-1".to_owned()));
    execution.step(&mut state).unwrap();
    assert_eq!(progress(&state).verdict, Verdict::Waiting, "b is still being restored");
    let end = finish(&mut execution, &mut state);
    assert_eq!(end.verdict, Verdict::Failed);
    assert_eq!(statuses(&end), [Status::Failed, Status::Recovered, Status::NotStarted]);
    assert!(end.message.contains("start the same manifest again"), "{}", end.message);
}

#[test]
fn a_permanent_refusal_fails_the_resource_with_the_message_of_aws() {
    for code in
        ["AccessDenied", "InvalidParameterValue", "SnapshotQuotaExceeded", "KMSKeyNotAccessibleFault", "New"]
    {
        let estate = copies_of(&["a"]);
        estate.refuse(RESTORE, code);
        let (_, state) = started(&estate, &restores(&[&["a"]]));
        assert_eq!(statuses(&progress(&state)), [Status::Failed], "{code}");
        let step = first_step(&state);
        assert!(step.contains(code) && step.contains("refused by the test"), "{step}");
    }
}

#[test]
fn a_change_that_aws_refuses_temporarily_is_requested_again() {
    for code in ["Throttling", "InvalidDBInstanceState", "DBInstanceAlreadyExists", "DBSnapshotNotFound"] {
        let estate = copies_of(&["a"]);
        estate.refuse(RESTORE, code);
        let (mut execution, mut state) = started(&estate, &restores(&[&["a"]]));
        assert_eq!(progress(&state).verdict, Verdict::Waiting, "{code}");
        assert_eq!(estate.changes(), [""; 0], "{code}");
        estate.simulation.clear_faults();
        execution.step(&mut state).unwrap();
        assert_eq!(estate.changes(), [RESTORE], "{code}");
        assert_eq!(estate.restored_from(WEST, "a").as_deref(), Some("a-1"), "{code}");
    }
}

#[test]
fn a_change_without_an_answer_is_checked_before_it_is_requested_again() {
    let estate = copies_of(&["a"]);
    estate.refuse(RESTORE, "InternalFailure");
    let (mut execution, mut state) = started(&estate, &restores(&[&["a"]]));
    for requested in [1, 1, 2] {
        execution.step(&mut state).unwrap();
        assert_eq!(estate.simulation.calls().of(RESTORE), requested);
    }
}

#[test]
fn a_resource_whose_facts_cannot_be_read_waits_and_its_checks_are_counted() {
    let estate = Estate::default();
    estate.database(EAST, "a", &[]);
    estate.database(WEST, "a", &[]);
    let parameters = json!({"RDSInstanceIdentifier": "a", "SourceRegion": EAST,
        "SourceRDSInstanceIdentifier": instance(EAST, "a")});
    let mut execution = estate.execution(WEST, "failback", "run-1");
    let mut state = execution.validate(&one(resource("CreateRDSReadReplica", "a", parameters))).unwrap();
    estate.refuse_in(EAST, "DescribeDBInstances", "AccessDenied");
    for _ in ["start", "check", "check"] {
        execution.step(&mut state).unwrap();
    }
    let found = &progress(&state).resources[0];
    assert_eq!((found.status, found.polls), (Status::Waiting, 2));
    assert!(found.step.contains("cannot list the DB instances in us-east-1"), "{}", found.step);
    assert_eq!(estate.changes(), [""; 0]);
    estate.simulation.clear_faults();
    execution.step(&mut state).unwrap();
    assert_eq!(estate.changes(), ["ModifyDBInstance"]);
    assert!(first_step(&state).starts_with("lifting the deletion protection"), "{}", first_step(&state));
}

#[test]
fn if_nothing_can_be_read_the_error_is_one_that_the_state_machine_retries() {
    let estate = copies_of(&["a"]);
    let (mut execution, mut state) = started(&estate, &restores(&[&["a"]]));
    estate.refuse("DescribeDBInstances", "AccessDenied");
    estate.refuse("DescribeDBSnapshots", "Throttling");
    let error = execution.step(&mut state).unwrap_err().error();
    assert_eq!(error.name(), ErrorName::Throttled);
}

#[test]
fn a_resource_that_never_comes_up_fails_in_the_end_and_names_its_last_activity() {
    let estate = copied(Estate::with(|settings| settings.new_lag_seconds = 12 * HOUR), &["a"]);
    let (mut execution, mut state) = validated(&estate, &restores(&[&["a"]]));
    let end = finish(&mut execution, &mut state);
    assert_eq!(end.verdict, Verdict::Failed);
    let last = "not up after 240 minutes; the last activity was: restoring 'a' from a-1";
    assert!(end.resources[0].step.contains(last), "{}", end.resources[0].step);
    assert_eq!(estate.changes(), [RESTORE]);
    assert!((4 * 3600..4 * 3600 + 120).contains(&end.seconds), "{} s", end.seconds);
    assert!((600..760).contains(&end.resources[0].polls), "one check a minute after three hours");
}

#[test]
fn time_in_which_aws_answers_nothing_does_not_count_towards_the_limit() {
    let estate = Estate::default();
    estate.shop();
    let (kind, parameters) = take_over(WEST, "False");
    let mut execution = estate.execution(WEST, "failover", "one");
    execution.retry = Some(TimeDelta::minutes(70));
    let mut state = execution.validate(&one(resource(kind, "shop", parameters))).unwrap();
    execution.step(&mut state).unwrap();
    for action in ["DescribeDBClusters", "DescribeGlobalClusters", "DescribeDBInstances"] {
        estate.refuse(action, "Throttling");
    }
    let end = finish(&mut execution, &mut state);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert!(end.seconds > 70 * 60, "{} s", end.seconds);
}

#[test]
fn references_are_read_once_per_call_and_only_if_there_are_any() {
    let estate = copies_of(&["a", "b"]);
    let _ = started(&estate, &restores(&[&["a"]]));
    assert_eq!(estate.simulation.calls().of("ListExports"), 0);

    let estate = copies_of(&["a", "b"]);
    let cloud = estate.cloud(WEST);
    let mut manifest = restores(&[&["a", "b"]]);
    for (at, name) in ["a", "b"].into_iter().enumerate() {
        let parameters = &mut manifest["StatePayload"][0]["resources"][at]["parameters"];
        parameters["DBInstanceIdentifier"] = json!(format!("!Import {name}-id"));
        parameters["DBInstanceClass"] = json!("resolve:ssm:/class:2");
        cloud.set_export(&format!("{name}-id"), name);
    }
    for class in ["db.t4g.micro", "db.r6g.large"] {
        cloud.put_parameter("/class", class);
    }
    let (_, state) = started(&estate, &manifest);
    assert_eq!(estate.changes(), [RESTORE; 2]);
    let classes = estate.end().databases.into_iter().filter(|found| found.region.as_str() == WEST);
    assert_eq!(classes.map(|found| found.class).collect::<Vec<_>>(), ["db.r6g.large"; 2]);
    let reads = ["ListExports", "GetParameter"].map(|action| estate.simulation.calls().of(action));
    assert_eq!(reads, [2, 2], "one of each in validate, one of each in start");
    assert!(!state.to_string().contains("db.r6g.large"), "no state contains a secret");
}

#[test]
fn a_resource_waits_for_an_unreadable_reference_and_fails_on_a_missing_one() {
    let estate = copies_of(&["a"]);
    let cloud = estate.cloud(WEST);
    cloud.put_parameter("/class", "db.r6g.large");
    let mut manifest = one(restore("a"));
    let parameters = &mut manifest["StatePayload"][0]["resources"][0]["parameters"];
    parameters["DBInstanceClass"] = json!("resolve:ssm:/class");
    let (mut execution, mut state) = validated(&estate, &manifest);
    estate.refuse("GetParameter", "Throttling");
    execution.step(&mut state).unwrap();
    assert_eq!(progress(&state).verdict, Verdict::Waiting);
    estate.simulation.clear_faults();
    cloud.delete_parameter("/class");
    execution.step(&mut state).unwrap();
    assert_eq!(progress(&state).verdict, Verdict::Failed);
    assert!(first_step(&state).contains("there is no SSM parameter '/class'"), "{}", first_step(&state));
}
