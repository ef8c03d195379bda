//! The real program in a wrong account or Region, with the wrong state machine, and following executions that failed or do not exist.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod aws;

use std::path::PathBuf;

use serde_json::json;

use crate::aws::{Aws, Ran};

const SOURCE: &str = "111111111111";
const DESTINATION: &str = "222222222222";
const DRILL: &str = "arn:aws:states:us-west-2:222222222222:stateMachine:pilot-light-drill";
const EXECUTION: &str = "arn:aws:states:us-west-2:222222222222:execution:ours:run-1";

fn source() -> Aws {
    let given = [
        ("DestinationAccount", DESTINATION),
        ("BackupInterval", "30m"),
        ("ShareSchedule", "rate(5 minutes)"),
    ];
    Aws::new(SOURCE, "us-east-1").parameters("/pilot-light/source", &given)
}

fn destination() -> Aws {
    let given = [("SourceAccounts", SOURCE), ("SourceRegionOverride", "us-east-1")];
    Aws::new(DESTINATION, "us-west-2").parameters("/pilot-light/destination", &given)
}

fn written(name: &str, manifest: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, manifest).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The message of a command that ended as wrong use.
#[track_caller]
fn refused(ran: &Ran) -> &str {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
    &ran.stderr
}

#[track_caller]
fn assert_says(said: &str, parts: &[&str]) {
    let missing: Vec<_> = parts.iter().filter(|part| !said.contains(**part)).collect();
    assert!(missing.is_empty(), "{missing:?} is missing: {said}");
}

#[test]
fn commands_that_need_copies_name_the_account_that_keeps_them_if_run_in_the_source_account() {
    for arguments in [
        &["points"][..],
        &["points", "orders"],
        &["recover", "template", "--all"],
        &["points", "--parameters", "/pilot-light/source"],
        &["plan", "destination-copy"],
    ] {
        let ran = source().run(arguments);
        let said = refused(&ran);
        assert_says(said, &[SOURCE, "Region us-east-1", "/pilot-light/", "AWS_PROFILE", "--region"]);
        // The path was given in one of the commands. Its parameters are then those that were read.
        assert_says(said, &[DESTINATION]);
        assert!(!said.contains("unknown") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn a_worker_of_the_source_names_the_source_account_if_run_in_the_destination() {
    let ran = destination().run(&["plan", "source-take"]);
    assert_says(
        refused(&ran),
        &[
            DESTINATION,
            "/pilot-light/source has none, and only /pilot-light/destination has some",
            SOURCE,
            "Region us-east-1 (--region)",
        ],
    );
}

#[test]
fn an_account_without_parameters_is_named_with_its_region_and_the_paths() {
    for arguments in [&["points"][..], &["recover", "template", "--all"], &["run", "destination-copy"]] {
        let ran = Aws::new("333333333333", "eu-west-1").run(arguments);
        let expected = [
            "account 333333333333, Region eu-west-1",
            "/pilot-light/destination",
            "AWS_PROFILE",
            "--parameters",
        ];
        assert_says(refused(&ran), &expected);
    }
    let ran = destination().run(&["points", "--parameters", "/else/where"]);
    assert_says(refused(&ran), &["account 222222222222, Region us-west-2", "/else/where has none"]);
}

#[test]
fn unusable_parameters_are_reported_with_their_place() {
    for arguments in [&["plan", "destination-copy"][..], &["points"], &["recover", "template", "--all"]] {
        let given = [("SourceAccounts", "1")];
        let aws = Aws::new(DESTINATION, "us-west-2").parameters("/pilot-light/destination", &given);
        let ran = aws.run(arguments);
        let place = "in account 222222222222, Region us-west-2, with the parameters at /pilot-light/destination: 1 of";
        assert_says(&ran.stderr, &[place, "SourceAccounts is '1'"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    }
}

#[test]
fn a_mistyped_retention_does_not_keep_the_points_from_a_person() {
    let given = [("SourceAccounts", SOURCE), ("RetentionDays", "x"), ("Keep", "7")];
    let ran =
        Aws::new(DESTINATION, "us-west-2").parameters("/pilot-light/destination", &given).run(&["points"]);
    // This server answers no call of RDS.
    assert_says(&ran.stderr, &["cannot list the snapshots in us-west-2"]);
}

#[test]
fn a_failback_runs_with_the_parameters_of_the_source() {
    let manifest = written("failback.json", r#"{"StatePayload": []}"#);
    let ran = source().run(&["recover", "--manifest", &manifest, "--dry-run"]);
    assert_says(
        refused(&ran),
        &["with the parameters at /pilot-light/source: nothing was changed; the manifest has 1 problem"],
    );
}

#[test]
fn a_manifest_is_not_started_with_a_state_machine_of_another_purpose() {
    let restore = json!({"resourceType": "RestoreFromSnapshot", "resourceName": "orders", "parameters": {"DBInstanceIdentifier": "orders"}});
    let manifest = written(
        "failover.json",
        &json!({"StatePayload": [{"layer": 1, "resources": [restore]}]}).to_string(),
    );
    for more in [&[][..], &["--dry-run"]] {
        let ran = destination()
            .run(&[&["recover", "--manifest", &manifest, "--state-machine", DRILL], more].concat());
        assert_says(refused(&ran), &["is not allowed in a drill, only in a failover"]);
        assert!(!ran.actions.contains(&"StartExecution".to_owned()), "{:?}", ran.actions);
    }
    let elsewhere = "arn:aws:states:us-east-1:222222222222:stateMachine:pilot-light-drill";
    let ran = destination().run(&["recover", "--manifest", &manifest, "--state-machine", elsewhere]);
    assert_says(refused(&ran), &["Region us-east-1", "Region us-west-2"]);
}

#[test]
fn an_execution_that_does_not_exist_is_not_said_to_continue() {
    let ran = destination().run(&["recover", "follow", EXECUTION]);
    assert_says(&ran.stderr, &["Execution Does Not Exist", EXECUTION, "list-executions"]);
    assert_eq!((ran.code, ran.stderr.contains("Ctrl-C")), (Some(1), false), "{}", ran.stderr);
}

#[test]
fn the_problems_of_a_refused_manifest_are_shown_line_by_line() {
    let said =
        "the event is unusable: nothing was changed; the manifest has 2 problems:\nlayer 1: a\nlayer 2: b";
    let cause = json!({"errorType": "InvalidInput", "errorMessage": said}).to_string();
    // Neither parameters nor a Region are needed: the ARN has the Region.
    let aws = Aws::new(DESTINATION, "eu-west-1").failed(EXECUTION, "InvalidInput", &cause);
    let ran = aws.run(&["recover", "follow", EXECUTION]);
    let expected =
        "FAILED: InvalidInput\nnothing was changed; the manifest has 2 problems:\nlayer 1: a\nlayer 2: b\n";
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), expected));
    assert!(!ran.stderr.contains("Ctrl-C"), "{}", ran.stderr);
}

#[test]
fn an_execution_of_another_account_or_region_is_named_with_its_place() {
    let ran = source().run(&["recover", "follow", EXECUTION]);
    assert_says(refused(&ran), &["belongs to account 222222222222", "account 111111111111", "AWS_PROFILE"]);
    let ran = destination().run(&["recover", "follow", EXECUTION, "--region", "us-east-1"]);
    assert_says(refused(&ran), &["runs in us-west-2", "--region is us-east-1"]);
}
