//! The exit code of `simulate` with the real program, where nothing could be measured before and in the usual cases.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::path::PathBuf;
use std::process::{Command, Output};

/// The exit code and the output.
fn simulated(arguments: &[&str]) -> (Option<i32>, String) {
    let program = Command::new(env!("CARGO_BIN_EXE_pilot-light")).arg("simulate").args(arguments).output();
    let Output { status, stdout, stderr } = program.unwrap();
    assert_eq!(String::from_utf8(stderr).unwrap(), "");
    (status.code(), String::from_utf8(stdout).unwrap())
}

/// A directory like `sceptre/config`, whose source has one parameter.
fn configuration(name: &str, parameter: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (account, text) in [("source", parameter), ("destination", "RetentionDays: 12h")] {
        std::fs::create_dir_all(directory.join(account)).unwrap();
        let written = format!("parameters:\n  {text}\n");
        std::fs::write(directory.join(account).join("parameters.yaml"), written).unwrap();
    }
    directory
}

fn assert_fails(arguments: &[&str], expected: &[&str]) {
    let (code, out) = simulated(arguments);
    assert_eq!(code, Some(1), "{out}");
    for text in expected {
        assert!(out.contains(text), "'{text}' is missing: {out}");
    }
}

#[test]
fn a_configuration_that_keeps_its_target_exits_with_0() {
    let (code, out) = simulated(&["--databases", "2", "--days", "1"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(!out.contains("FAILED") && !out.contains("VIOLATED"), "{out}");
}

#[test]
fn a_share_schedule_that_does_not_fire_exits_with_1() {
    // The 29th of February comes after the two days.
    let never = configuration("never-shared", "ShareSchedule: cron(0 0 29 2 ? *)");
    let failed = [
        "FAILED: nothing was copied in 2 days:",
        "FAILED: db-0000 (and 1 other database) had no usable copy at the end, 2880 min after it became available",
        "which exceeds the RpoTarget of 60 min by 2820 min; replay it: pilot-light simulate --config",
    ];
    assert_fails(&["--config", never.to_str().unwrap(), "--databases", "2", "--days", "2"], &failed);
}

#[test]
fn a_source_that_shares_nothing_exits_with_1() {
    let never = configuration("sharing-nothing", "ShareSnapshots: 'FALSE'");
    let arguments = ["--config", never.to_str().unwrap(), "--databases", "2", "--days", "1"];
    assert_fails(&arguments, &["FAILED: nothing was copied in 1 day:"]);
}

#[test]
fn days_that_are_too_few_for_a_copy_exit_with_1() {
    let arguments = ["--databases", "1", "--days", "1", "--snapshot-minutes", "2000"];
    assert_fails(&arguments, &["FAILED: nothing was copied in 1 day:", "FAILED: db-0000 had no usable copy"]);
}

#[test]
fn a_schedule_that_exceeds_its_target_exits_with_1_and_names_the_database_and_the_excess() {
    let arguments = ["--schedule", "legacy", "--databases", "2", "--days", "2"];
    assert_fails(
        &arguments,
        &["FAILED: without any fault, the age of db-000", "exceeds the RpoTarget of 60 min by "],
    );
}

#[test]
fn a_schedule_that_exceeds_an_hour_exits_with_0_if_its_own_target_is_longer() {
    let directory = configuration("own-target", "BackupInterval: 1h");
    let written = "parameters:\n  RetentionDays: 12h\n  RpoTarget: 2h\n";
    std::fs::write(directory.join("destination/parameters.yaml"), written).unwrap();
    let (code, out) =
        simulated(&["--config", directory.to_str().unwrap(), "--databases", "2", "--days", "1"]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn the_failures_are_part_of_the_json() {
    let arguments = ["--schedule", "hourly", "--databases", "1", "--days", "1", "--output", "json"];
    assert_fails(&arguments, &["\"shortfalls\": [\n    \"without any fault, the age of db-0000 reached"]);
}

#[test]
fn the_help_lists_the_exit_codes() {
    let (code, help) = simulated(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(help.contains("Exit codes:") && help.contains("exceeded RpoTarget"), "{help}");
}
