//! Tests of the answer, and of its text and JSON.

use clap::Parser;
use pilot_light_schedule::conditions::Phase;
use serde_json::json;

use super::*;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    question: Question,
}

fn answered(arguments: &[&str]) -> Result<Answer, CommandError> {
    answer(&CommandLine::try_parse_from([&["test"], arguments].concat()).unwrap().question)
}

fn shipped() -> String {
    format!("{}/../sceptre/config", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_answer_begins_with_yes_or_no_and_the_sum_adds_up() {
    let answer = answered(&["--snapshot", "6m", "--copy", "12m"]).unwrap();
    let Judged::Limited(default) = &answer.judged else { panic!("{answer:?}") };
    let total: TimeDelta = default.age.terms.iter().map(|term| term.time).sum();
    assert_eq!((default.verdict, total), (Verdict::Keeps, TimeDelta::minutes(58)));
    let text = text(&answer);
    assert!(
        text.starts_with(
            "Does the default schedule keep an RPO of 60 min? Yes: the greatest age is 58 min.\n"
        ),
        "{text}"
    );
    for part in [
        "58 min  in total",
        " a month less also keeps 60 min: ",
        "BackupInterval: ",
        "CopySchedule: cron(",
        " from AWS",
        "Quotas: request them in",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_shipped_directory_gets_the_same_answer_as_the_default_schedule() {
    let (default, read) = (answered(&[]).unwrap(), answered(&["--config", &shipped()]).unwrap());
    let [default, read] = [default, read].map(|answer| values_of(&answer));
    assert_eq!((&default["asked"], &default["proposal"]), (&read["asked"], &read["proposal"]));
    assert_eq!((&read["keeps"], &read["rpo_minutes"]), (&json!(true), &json!(60)));
    assert_eq!(
        read["asked"]["destination"],
        json!({"snapshots": 680, "quota": 100, "quota_to_ask_for": 800})
    );
}

#[test]
fn arguments_override_the_configuration() {
    let line =
        ["--source-retention", "1", "--destination-retention", "1d", "--keep-daily", "0", "--rpo", "40m"];
    let answer = values_of(&answered(&[&line[..], &["--databases", "1"]].concat()).unwrap());
    // A day, an hour and 6 minutes contain 50 whole half hours. With a snapshot at either end, that makes 51.
    assert_eq!(answer["asked"]["source"]["snapshots"], json!(51));
    assert_eq!(answer["asked"]["destination"]["snapshots"], json!(51));
    assert_eq!((&answer["keeps"], &answer["rpo_minutes"]), (&json!(false), &json!(40)));
}

#[test]
fn points_of_replaced_databases_and_of_an_earlier_retention_are_counted() {
    let line = ["--databases", "10", "--replaced", "2", "--promised", "7d"];
    let text = text(&answered(&line).unwrap());
    // 7 days and 65 minutes, in half hours, one at either end, and two of earlier databases.
    assert!(
        text.contains("341 x 10 = 3410 snapshots (2 x 10 of replaced databases), quota 100: request"),
        "{text}"
    );
    assert!(CommandLine::try_parse_from(["test", "--replaced", "8"]).is_err());
}

#[test]
fn an_rpo_that_no_schedule_keeps_is_answered_with_the_best_schedule() {
    let answer = answered(&["--rpo", "30m", "--copy", "25m", "--copy-mode", "two-hop"]).unwrap();
    assert_eq!(answer.best.verdict, Verdict::Exceeds);
    let text = text(&answer);
    for part in [
        "an RPO of 30 min? No: ",
        "No schedule keeps 30 min: a snapshot and a copy alone take 56 min. The best schedule reaches ",
        "between two hops     3 x 20 = 60",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(values_of(&answer)["proposal"]["keeps"], json!(false));
}

#[test]
fn a_proposal_that_is_configured_gets_the_same_sum() {
    let answer = answered(&["--rpo", "45m", "--copy", "7m"]).unwrap();
    assert_eq!(answer.best.verdict, Verdict::Keeps);
    let [interval, take, share, copy] = proposal::values(&answer.best.cadence).map(|(_, value)| value);
    let directory = std::env::temp_dir().join(format!("pilot-light-proposal-{}", std::process::id()));
    for (account, text) in [
        (
            "source",
            format!(
                "parameters:\n  BackupInterval: {interval}\n  BackupSchedule: {take}\n  ShareSchedule: {share}\n  RetentionDays: 12h\n"
            ),
        ),
        (
            "destination",
            format!(
                "parameters:\n  CopySchedule: {copy}\n  RetentionDays: 12h\n  KeepDaily: 7\n  RpoTarget: 45m\n"
            ),
        ),
    ] {
        std::fs::create_dir_all(directory.join(account)).unwrap();
        std::fs::write(directory.join(account).join("parameters.yaml"), text).unwrap();
    }
    let read = answered(&["--copy", "7m", "--config", directory.to_str().unwrap()]).unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    let Judged::Limited(proposal) = &read.judged else { panic!("{read:?}") };
    assert_eq!(proposal.as_ref(), &answer.best);
    assert!(text(&read).contains("It is the cheapest schedule that does."), "{}", text(&read));
}

#[test]
fn a_run_by_rate_may_come_just_before_an_interval_and_the_sum_counts_that() {
    let conditions = usual_conditions(1, TimeDelta::minutes(6), TimeDelta::minutes(10), CopyMode::OneStep);
    let cadence = Configuration::usual().unwrap().cadence().unwrap();
    let at = |phase| age::worst(&cadence, &Conditions { phase, ..conditions }).unwrap().total().num_minutes();
    assert_eq!([Phase::OnTheClock, Phase::Clear, Phase::Anywhere].map(at), [56, 59, 64]);
}

#[test]
fn invalid_arguments_are_wrong_use() {
    for line in [
        ["--databases", "0"],
        ["--snapshot", "-6m"],
        ["--copy", "soon"],
        ["--keep-daily", "4000"],
        ["--rpo", "0m"],
    ] {
        assert_eq!(
            CommandLine::try_parse_from([&["test"], &line[..]].concat()).map(drop).unwrap_err().exit_code(),
            2,
            "{line:?}"
        );
    }
    for line in [["--config", "/nowhere"], ["--copy", "40d"]] {
        assert!(matches!(answered(&line), Err(CommandError::WrongUse(_))), "{line:?}");
    }
}
