//! The validation of a manifest against AWS, and the reports of a recovery.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use destination_recover::{Status, Verdict};
use pilot_light_domain::run::error::{ErrorName, WorkerError};
use pilot_light_simulator::world::Settings;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST, instance};
use pilot_light_tests::recovery::manifests::{layers, one, resource, restore, restores};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::resources::take_over;
use pilot_light_tests::recovery::{LARGEST_STATE, Stop};
use serde_json::{Value, json};

/// The largest text for people, in bytes.
const LONGEST_MESSAGE: usize = 8 * 1024;

/// A destination account with a copy of `a` and a copy of `b`.
fn estate() -> Estate {
    let estate = Estate::default().of_copies();
    for name in ["a", "b"] {
        estate.copy(name, name);
    }
    estate
}

fn validated(estate: &Estate, manifest: &Value) -> Result<Value, WorkerError> {
    let answer = estate.execution(WEST, "failover", "run-1").validate(manifest);
    answer.map_err(Stop::error)
}

#[test]
fn a_dry_run_answers_with_layers_progress_and_summary_and_changes_nothing() {
    let estate = estate();
    let mut manifest = restores(&[&["a", "b"]]);
    manifest["dry_run"] = json!(true);
    let answer = validated(&estate, &manifest).unwrap();
    assert_eq!((&answer["dry_run"], &answer["approval"]), (&json!(true), &json!(false)));
    assert_eq!(answer["layers"], manifest["StatePayload"]);
    assert_eq!((&answer["progress"]["at"], &answer["progress"]["verdict"]), (&json!(0), &json!("next")));
    assert_eq!(answer["progress"]["rto_target_seconds"], 10_800);
    assert_eq!(estate.changes(), [""; 0]);
    let summary = answer["summary"].as_str().unwrap();
    let first = "a (RestoreFromSnapshot): RestoreDBInstanceFromDBSnapshot in us-west-2: restoring 'a' from a";
    assert!(summary.contains(first) && summary.contains("A dry run: nothing is changed."), "{summary}");
    assert!(summary.contains(": 2 resources in 1 layer. "), "{summary}");
}

#[test]
fn approval_is_needed_if_the_parameter_or_the_manifest_requires_it() {
    let needed = |parameter: &str, in_manifest: bool| {
        let mut estate = estate();
        estate.parameter("RecoverApproval", parameter);
        let mut manifest = one(restore("a"));
        manifest["approval"] = json!(in_manifest);
        validated(&estate, &manifest).unwrap()["approval"] == true
    };
    let table = [("NO", false), ("NO", true), ("YES", false), ("YES", true)];
    assert_eq!(table.map(|(parameter, given)| needed(parameter, given)), [false, true, true, true]);
}

#[test]
fn a_drill_needs_approval_only_if_its_manifest_requires_it() {
    let needed = |in_manifest: bool| {
        let mut estate = estate();
        estate.parameter("RecoverApproval", "YES");
        let mut manifest = one(resource("RestoreDrill", "a", json!({"DBInstanceIdentifier": "a"})));
        manifest["approval"] = json!(in_manifest);
        let answer = estate.execution(WEST, "drill", "run-1").validate(&manifest).unwrap();
        answer["approval"] == true
    };
    assert_eq!([false, true].map(needed), [false, true]);
}

#[test]
fn all_problems_in_the_manifest_and_in_aws_are_reported_at_once() {
    let estate = estate();
    estate.database(WEST, "a", &[]);
    let mut broken = restore("c");
    broken["parameters"]["MultiAZ"] = json!("yes please");
    broken["parameters"]["Ports"] = json!(1);
    let mut import = restore("d");
    import["parameters"]["DBInstanceClass"] = json!("!Import class");
    let unknown = resource("RestoreSnapshot", "e", json!({"DBInstanceIdentifier": "e"}));
    let manifest = layers(&[vec![restore("a"), restore("gone"), broken, import, unknown]]);
    let error = validated(&estate, &manifest).unwrap_err();
    assert_eq!(error.name(), ErrorName::InvalidInput);
    let said = error.to_string();
    for problem in [
        "layer 1, resource 'a' (RestoreFromSnapshot), DBInstanceIdentifier: there is an instance 'a'",
        "layer 1, resource 'gone' (RestoreFromSnapshot), SourceDBInstanceIdentifier: there is no usable",
        "layer 1, resource 'c' (RestoreFromSnapshot), MultiAZ: is 'yes please'; write true or false",
        "layer 1, resource 'c' (RestoreFromSnapshot), Ports: is not a parameter of this resourceType",
        "layer 1, resource 'd' (RestoreFromSnapshot), DBInstanceClass: there is no CloudFormation export 'class'",
        "layer 1, resource 'e' (RestoreSnapshot): has the unknown resourceType 'RestoreSnapshot'; did you mean RestoreFromSnapshot?",
    ] {
        assert!(said.contains(problem), "{problem}\n\n{said}");
    }
}

#[test]
fn a_missing_export_is_reported_with_its_place() {
    let estate = Estate::default();
    let parameters =
        json!({"RDSInstanceIdentifier": "!Import orders-id", "TargetClusterIdentifier": "unused"});
    let manifest = one(resource("PromoteRDSReadReplica", "Promote orders", parameters));
    let said = validated(&estate, &manifest).unwrap_err().to_string();
    let place = "layer 1, resource 'Promote orders' (PromoteRDSReadReplica), RDSInstanceIdentifier: ";
    assert!(said.contains(place) && said.contains("no CloudFormation export 'orders-id'"), "{said}");
}

#[test]
fn two_resources_that_change_the_same_database_are_rejected() {
    let other = resource("RestoreFromSnapshot", "a once more", json!({"DBInstanceIdentifier": "A"}));
    let said = validated(&estate(), &layers(&[vec![restore("a"), other]])).unwrap_err().to_string();
    assert!(said.contains("changes db/us-west-2/a, and so does layer 1, resource 'a'"), "{said}");
}

#[test]
fn a_failback_waits_until_the_region_of_the_new_primary_answers_and_ends_if_it_refuses_a_list() {
    let silent = |code: &str| {
        let estate = Estate::default();
        estate.database(WEST, "a", &[]);
        estate.refuse_in(EAST, "DescribeDBInstances", code);
        let parameters =
            json!({"RDSInstanceIdentifier": "a", "SourceRDSInstanceIdentifier": instance(EAST, "a")});
        let back = resource("CreateRDSReadReplica", "a", parameters);
        estate.execution(WEST, "failback", "run-1").validate(&one(back)).unwrap_err().error()
    };
    for (code, name) in
        [("ServiceUnavailable", ErrorName::Unavailable), ("AccessDenied", ErrorName::InvalidInput)]
    {
        let error = silent(code);
        assert_eq!(error.name(), name, "{error}");
        assert!(error.to_string().contains("cannot list the DB instances in us-east-1"), "{error}");
    }
}

#[test]
fn a_list_that_aws_does_not_give_now_does_not_stop_a_failover() {
    let estate = Estate::default();
    estate.shop();
    let (kind, parameters) = take_over(WEST, "False");
    estate.refuse("DescribeDBInstances", "ServiceUnavailable");
    let answer = validated(&estate, &one(resource(kind, "shop", parameters))).unwrap();
    let summary = answer["summary"].to_string();
    assert!(summary.contains("not examined: cannot list the DB instances in us-west-2"), "{summary}");
}

/// Its tags show the recovery to continue.
#[test]
fn a_restore_is_not_begun_while_aws_does_not_list_the_instances_here() {
    let estate = estate();
    estate.refuse("DescribeDBInstances", "Throttling");
    assert_eq!(validated(&estate, &one(restore("a"))).unwrap_err().name(), ErrorName::Throttled);
}

#[test]
fn if_nothing_can_be_read_the_error_is_one_that_the_state_machine_retries() {
    for (action, class) in [("DescribeDBInstances", "db.r6g.large"), ("ListExports", "!Import class")] {
        let estate = estate();
        for action in [action, "DescribeDBSnapshots"] {
            estate.refuse(action, "Throttling");
        }
        let parameters = json!({"DBInstanceIdentifier": "a", "DBInstanceClass": class});
        let manifest = one(resource("RestoreFromSnapshot", "a", parameters));
        assert_eq!(validated(&estate, &manifest).unwrap_err().name(), ErrorName::Throttled, "{action}");
    }
}

#[test]
fn an_invalid_recovery_parameter_ends_validation_as_an_invalid_configuration() {
    let mut estate = estate();
    estate.parameter("RtoTarget", "soon");
    let error = validated(&estate, &one(restore("a"))).unwrap_err();
    assert_eq!(error.name(), ErrorName::InvalidConfiguration);
}

#[test]
fn a_resource_without_readable_parameters_is_reported_once_and_hides_no_other_one() {
    let mut odd = restore("a");
    odd["parameters"] = json!("DBInstanceIdentifier=a");
    let said =
        validated(&estate(), &layers(&[vec![odd, json!("b"), restore("gone")]])).unwrap_err().to_string();
    for problem in [
        "the manifest has 3 problems:",
        "layer 1, resource 'a' (RestoreFromSnapshot): has parameters that are the text 'DBInstanceIdentifier=a'; write",
        "layer 1, resource 2: is the text 'b'; write an object, {…}",
        "layer 1, resource 'gone' (RestoreFromSnapshot), SourceDBInstanceIdentifier: there is no usable",
    ] {
        assert!(said.contains(problem), "{problem}\n\n{said}");
    }
}

#[test]
fn resources_whose_names_cannot_be_read_are_not_taken_for_one_database() {
    let mut resources = vec![restore("a"), restore("b")];
    for resource in &mut resources {
        resource["parameters"]["DBInstanceIdentifier"] = json!("!Import gone");
    }
    let said = validated(&estate(), &layers(&[resources])).unwrap_err().to_string();
    assert!(said.contains("the manifest has 2 problems:") && !said.contains("unread-"), "{said}");
}

#[test]
fn a_database_is_restored_once_even_if_another_parameter_cannot_be_read() {
    let mut broken = restore("a");
    broken["resourceName"] = json!("a once more");
    broken["parameters"]["MultiAZ"] = json!("yes");
    let said = validated(&estate(), &layers(&[vec![restore("a"), broken]])).unwrap_err().to_string();
    assert!(said.contains("changes db/us-west-2/a, and so does layer 1, resource 'a'"), "{said}");
    assert!(said.contains("MultiAZ: is 'yes'; write true or false"), "{said}");
}

#[test]
fn two_hundred_databases_with_long_names_fit_into_a_state_and_their_report_stays_short() {
    let names: Vec<String> = (0..200).map(|n| format!("database-with-a-rather-long-name-{n:03}")).collect();
    let many = |settings: &mut Settings| (settings.quota, settings.instances) = (1000, 1000);
    let estate = Estate::with(many).of_copies();
    for name in &names {
        estate.copy(&format!("{name}-1"), name);
    }
    let of = |names: &[String]| names.iter().map(|name| restore(name)).collect();
    let manifest = layers(&names.chunks(40).map(of).collect::<Vec<_>>());
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let end = execution.run(&manifest).unwrap();
    assert_eq!((end.verdict, statuses(&end)), (Verdict::Recovered, vec![Status::Recovered; 200]));
    assert!(execution.largest < LARGEST_STATE, "{} bytes", execution.largest);
    assert!(end.message.len() <= LONGEST_MESSAGE, "{} bytes", end.message.len());
}

#[test]
fn a_manifest_whose_progress_does_not_fit_into_a_state_is_rejected_in_a_short_message() {
    let many: Vec<_> = (0..900).map(|n| restore(&format!("a{n}"))).collect();
    let said = validated(&estate(), &layers(&[many])).unwrap_err().to_string();
    assert!(said.len() < 17 * 1024, "{} bytes", said.len());
}

#[test]
fn each_resource_and_the_whole_recovery_have_one_log_line_and_one_recovery_time() {
    let estate = estate();
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let end = execution.run(&restores(&[&["a"], &["b"]])).unwrap();
    // The first line is that of the validation.
    let lines = &execution.log[1..];
    let found: Vec<_> =
        lines.iter().map(|line| (&line["event"], &line["resourceName"], &line["seconds"])).collect();
    let [first, second] = [0, 1].map(|at| end.resources[at].seconds);
    let (recovered, nothing) = (json!("recovered"), Value::Null);
    let expected = [
        (&recovered, &json!("a"), &json!(first)),
        (&recovered, &json!("b"), &json!(second)),
        (&json!("recovery_ended"), &nothing, &json!(second)),
    ];
    assert_eq!(found, expected);
    assert!(20 < first && first < 60 && first + 20 < second && second < 120, "{first} s, {second} s");
    assert_eq!((&lines[0]["layer"], &lines[0]["rto_target_seconds"]), (&json!(1), &json!(10_800)));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let whole = || vec![pair("Purpose", "failover")];
    let of = |name: &str| vec![pair("Purpose", "failover"), pair("Resource", name)];
    let times = execution.metrics.iter().map(|metric| (metric.dimensions.clone(), metric.value));
    let times: BTreeMap<_, _> = times.map(|(of, value)| (of, value.to_string())).collect();
    let expected = [(of("a"), first), (of("b"), second), (whole(), second)];
    assert_eq!(times, expected.map(|(of, seconds)| (of, seconds.to_string())).into());
    assert_eq!(execution.metrics.len(), 3);
}

#[test]
fn a_failure_is_reported_and_has_no_recovery_time() {
    let estate = estate();
    estate.refuse("RestoreDBInstanceFromDBSnapshot", "AccessDenied");
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let end = execution.run(&restores(&[&["a"], &["b"]])).unwrap();
    assert_eq!((end.verdict, statuses(&end)), (Verdict::Failed, vec![Status::Failed, Status::NotStarted]));
    let lines = &execution.log[1..];
    assert_eq!((&lines[0]["event"], &lines[1]["verdict"]), (&json!("failed"), &json!("failed")));
    assert_eq!((&lines[1]["failed"], &lines[1]["not_started"]), (&json!(1), &json!(1)));
    assert_eq!(execution.metrics, []);
    for said in
        ["failed in layer 1", "Failed (1):\n  a (", "access is denied", "Not begun (1):\n  b (", "--follow"]
    {
        assert!(end.message.contains(said), "{said}: {}", end.message);
    }
}

#[test]
fn a_recovery_beyond_the_target_is_reported_as_beyond_it() {
    let mut estate = estate();
    estate.parameter("RtoTarget", "1m");
    let mut execution = estate.execution(WEST, "failover", "run-1");
    execution.began -= TimeDelta::minutes(62);
    let end = execution.run(&one(restore("a"))).unwrap();
    for said in ["1 h 2 min ", " s since its start, beyond the RtoTarget of 1 min"] {
        assert!(end.message.contains(said), "{said}: {}", end.message);
    }
    assert_eq!(execution.log.last().unwrap()["within_rto_target"], false);
}

#[test]
fn the_layers_may_be_in_ssm_parameters() {
    let estate = estate();
    let whole = one(restore("a"));
    let layers = whole["StatePayload"].to_string();
    let (first, rest) = layers.split_at(20);
    let cloud = estate.cloud(WEST);
    cloud.put_parameter("/recovery/1", first);
    cloud.put_parameter("/recovery/2", rest);
    cloud.put_parameter("/recovery/whole", &whole.to_string());
    cloud.put_parameter("/recovery/other", "{\"layers\": 1}");
    cloud.put_parameter("/recovery/number", "7");
    cloud.put_parameter(
        "/recovery/twice",
        r#"[{"layer": 1, "resources": [{"parameters": {"At": 1, "At": 2}}]}]"#,
    );
    for reference in ["resolve:ssm:/recovery/1,/recovery/2", "resolve:ssm:/recovery/whole"] {
        let answer = validated(&estate, &json!({"StatePayload": reference})).unwrap();
        assert_eq!(answer["layers"], whole["StatePayload"], "{reference}");
    }
    for (reference, said) in [
        ("resolve:ssm:/recovery/gone", "there is no SSM parameter '/recovery/gone' in this Region"),
        ("resolve:ssm:/recovery/1", "is not valid JSON"),
        (
            "resolve:ssm:/recovery/twice",
            "a key twice in one object: line 1, 'At' of [0].resources[0].parameters",
        ),
        ("resolve:ssm:/recovery/other", "whose value has the field 'layers'; write StatePayload only"),
        ("resolve:ssm:/recovery/number", "is neither a list of layers nor a manifest"),
        ("layers", "write the list of the layers, or resolve:ssm:NAME"),
    ] {
        let error = validated(&estate, &json!({"StatePayload": reference})).unwrap_err().to_string();
        assert!(error.contains("nothing was changed") && error.contains(said), "{error}");
    }
}
