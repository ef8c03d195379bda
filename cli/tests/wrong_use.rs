//! Tests of wrong use with the real program: it exits with 2, prints nothing to stdout, and its message names the
//! wrong value and the allowed values.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::process::{Command, Output};

fn pilot_light(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pilot-light")).args(arguments).output().unwrap()
}

/// The file that replaces `FILE` in a row.
const UNKNOWN_FAULT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/unknown-fault.toml");

const UNKNOWN_FAULTS: &str = "based_on = \"default\"\n[rates]\nregion_outag = 1\n";

/// Arguments of a subcommand, the wrong value in the message, and the allowed values in the message.
type Row = (&'static [&'static str], &'static str, &'static str);

const SIMULATE: [Row; 17] = [
    (&["--databases", "0"], "'0' for '--databases <DATABASES>'", "give a number from 1 to 10000"),
    (&["--databases", "-1"], "'-1' for '--databases <DATABASES>'", "give a number from 1 to 10000"),
    (&["--days", "0"], "'0' for '--days <DAYS>'", "1..=3660"),
    (&["--days", "-1"], "'-1' for '--days <DAYS>'", "1..=3660"),
    (
        &["--snapshot-minutes", "-1..3"],
        "'-1..3' for '--snapshot-minutes <A..B>'",
        "give A..B in whole minutes",
    ),
    (&["--snapshot-minutes", "6..3"], "'6..3' for '--snapshot-minutes <A..B>'", "A not above B"),
    (&["--snapshot-minutes", "x"], "'x' for '--snapshot-minutes <A..B>'", "give A..B in whole minutes"),
    (&["--copy-minutes", "0"], "'0' for '--copy-minutes <A..B>'", "minutes of at least 1"),
    (&["--faults", "nosuch"], "unknown faults 'nosuch'", "give none, default, hostile, crash or a file"),
    (&["--faults", "hostil"], "unknown faults 'hostil'", "did you mean 'hostile'?"),
    (
        &["--faults", "FILE"],
        ":3: unknown fault 'region_outag'",
        "did you mean 'region_outage'? give one of throttled, ",
    ),
    (&["--seed", "x"], "'x' for '--seed <SEED>'", "give a whole number"),
    (&["--seed", "-1"], "'-1' for '--seed <SEED>'", "give a whole number"),
    (
        &["--schedule", "weekly"],
        "'weekly' for '--schedule <SCHEDULE>'",
        "[possible values: default, hourly, legacy, proposed]",
    ),
    (
        &["--copy-mode", "threehop"],
        "'threehop' for '--copy-mode <COPY_MODE>'",
        "[possible values: one-step, two-hop]",
    ),
    (&["--output", "yaml"], "'yaml' for '--output <OUTPUT>'", "[possible values: text, json]"),
    (&["--day", "3"], "'--day'", "'--days'"),
];

const SCHEDULE: [Row; 11] = [
    (&["--config", "nosuch"], "nosuch is no directory", "such as sceptre/config"),
    (&["--databases", "0"], "'0' for '--databases <DATABASES>'", "give a whole number from 1 to 100000"),
    (&["--databases", "-1"], "'-1' for '--databases <DATABASES>'", "give a whole number from 1 to 100000"),
    (&["--snapshot", "-6m"], "'-6m' for '--snapshot <SNAPSHOT>'", "give a duration such as 30m, 12h or 7d"),
    (&["--snapshot", "6x"], "'6x' for '--snapshot <SNAPSHOT>'", "give a duration such as 30m, 12h or 7d"),
    (&["--copy", "0m"], "'0m' for '--copy <COPY>'", "from 1m to ten years"),
    (&["--rpo", "banana"], "'banana' for '--rpo <RPO>'", "give a duration such as 30m, 12h or 7d"),
    (&["--copy-mode", "threehop"], "'threehop' for '--copy-mode <COPY_MODE>'", "one-step"),
    (&["--quota", "many"], "'many' for '--quota <QUOTA>'", "give a whole number from 1 to 1000000"),
    (&["--keep-daily", "-7"], "'-7' for '--keep-daily <KEEP_DAILY>'", "give a whole number from 0 to 3660"),
    (&["--rpo"], "'--rpo <RPO>'", "a value is required"),
];

const RECOVER: [Row; 19] = [
    (&[], "--manifest <FILE>", "pilot-light recover --manifest <FILE>"),
    (&["--manifest", "nosuch.json"], "nosuch.json", "No such file"),
    (&["--manifest", ""], "--manifest <FILE>", "a value is required"),
    (&["--manifest", "src"], "src: ", "it is a directory; give a JSON file"),
    (&["--manifest", "FILE"], "unknown-fault.toml", "it is not valid JSON"),
    (&["--dry-run"], "--manifest <FILE>", "pilot-light recover --manifest <FILE>"),
    (
        &["--manifest", "FILE", "--state-machine", ""],
        "'--state-machine <ARN>'",
        "give the ARN of a state machine",
    ),
    (
        &["--manifest", "FILE", "--state-machine", "x"],
        "'x' for '--state-machine <ARN>'",
        "list-state-machines",
    ),
    (&["--manifest", "FILE", "--parameters", ""], "'' for '--parameters <PATH>'", PATH),
    (&["--manifest", "FILE", "--parameters", "/"], "'/' for '--parameters <PATH>'", PATH),
    (
        &["--manifest", "FILE", "--region", ""],
        "'' for '--region <REGION>'",
        "a Region's code such as us-east-1",
    ),
    (&["template"], "--all", "pilot-light recover template --all"),
    (&["template", "--database", "Or_ders"], "'Or_ders'", "1 to 63 lowercase letters"),
    (&["template", "--database", ""], "'' for '--database <NAME>'", "1 to 63 lowercase letters"),
    (&["template", "--all", "--at", ""], "'' for '--at <TIME>'", "2026-01-31T23:59:00Z"),
    (&["template", "--all", "--parameters", "no-slash"], "'no-slash' for '--parameters <PATH>'", PATH),
    (&["follow", "x"], "'x' for '<EXECUTION>'", "give the ARN of an execution"),
    (&["follow", ""], "'' for '<EXECUTION>'", "list-executions --state-machine-arn ARN"),
    (&["follow", MACHINE], "stateMachine:ours' for '<EXECUTION>'", "give the ARN of an execution"),
];

const MACHINE: &str = "arn:aws:states:us-west-2:222222222222:stateMachine:ours";

const PATH: &str = "give a path of SSM that begins with a slash, such as /pilot-light/destination";

const POINTS: [Row; 5] = [
    (&["--parameters", ""], "'' for '--parameters <PATH>'", PATH),
    (&["--parameters", "/"], "'/' for '--parameters <PATH>'", PATH),
    (&["--parameters", "no-slash"], "'no-slash' for '--parameters <PATH>'", PATH),
    (&["--region", ""], "'' for '--region <REGION>'", "a Region's code such as us-east-1"),
    (&[""], "'' for '[DATABASE]'", "1 to 63 lowercase letters"),
];

const PLAN: [Row; 2] = [
    (&["source-take", "--parameters", ""], "'' for '--parameters <PATH>'", PATH),
    (&["source-take", "--parameters", "no-slash"], "'no-slash' for '--parameters <PATH>'", PATH),
];

fn assert_rejected(subcommand: &str, (arguments, named, allowed): Row) {
    let given = arguments.iter().map(|argument| if *argument == "FILE" { UNKNOWN_FAULT } else { argument });
    let arguments: Vec<&str> = [subcommand].into_iter().chain(given).collect();
    let Output { status, stdout, stderr } = pilot_light(&arguments);
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(2), 0), "{arguments:?}: {stderr}");
    assert!(
        stderr.contains(named) && stderr.contains(allowed),
        "{arguments:?}: the message lacks '{named}' or '{allowed}': {stderr}"
    );
}

#[test]
fn wrong_arguments_of_simulate_are_rejected_with_the_allowed_values() {
    std::fs::write(UNKNOWN_FAULT, UNKNOWN_FAULTS).unwrap();
    SIMULATE.into_iter().for_each(|row| assert_rejected("simulate", row));
}

#[test]
fn wrong_arguments_of_schedule_are_rejected_with_the_allowed_values() {
    SCHEDULE.into_iter().for_each(|row| assert_rejected("schedule", row));
}

#[test]
fn wrong_arguments_of_recover_are_rejected_before_any_call_to_aws() {
    std::fs::write(UNKNOWN_FAULT, UNKNOWN_FAULTS).unwrap();
    RECOVER.into_iter().for_each(|row| assert_rejected("recover", row));
}

#[test]
fn wrong_arguments_of_points_and_plan_are_rejected_before_any_call_to_aws() {
    POINTS.into_iter().for_each(|row| assert_rejected("points", row));
    PLAN.into_iter().for_each(|row| assert_rejected("plan", row));
}

#[test]
fn an_unknown_subcommand_is_rejected_with_the_most_similar_one() {
    assert_rejected("simulat", (&[], "unrecognized subcommand 'simulat'", "'simulate'"));
}

#[test]
fn help_shows_an_example_that_works() {
    for subcommand in ["simulate", "schedule", "recover", "points"] {
        let Output { status, stdout, .. } = pilot_light(&[subcommand, "--help"]);
        let help = String::from_utf8(stdout).unwrap();
        let examples = help.lines().skip_while(|line| !line.starts_with("Example")).map(str::trim);
        let example = examples.filter_map(|line| line.strip_prefix("pilot-light ")).next().unwrap();
        assert!(status.success() && example.starts_with(subcommand), "{help}");
        // An unknown argument is added, so that the program parses the example without running it. The error must be
        // about that argument only.
        let arguments = example.split(' ').take_while(|word| *word != ">");
        let arguments: Vec<&str> = arguments.chain(["--nosuch"]).collect();
        let stderr = String::from_utf8(pilot_light(&arguments).stderr).unwrap();
        assert!(stderr.starts_with("error: unexpected argument '--nosuch' found"), "{stderr}");
    }
}
