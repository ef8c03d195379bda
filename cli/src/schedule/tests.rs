//! What is answered, and how it reads.

use clap::Parser;
use pilot_light_schedule::conditions::Phase;
use serde_json::json;

use super::*;

#[derive(Parser)]
struct Asking {
    #[command(flatten)]
    question: Question,
}

fn asked(arguments: &[&str]) -> Result<Answer, CommandError> {
    answer(&Asking::try_parse_from([&["test"], arguments].concat()).unwrap().question)
}

fn shipped() -> String {
    format!("{}/../sceptre/config", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_answer_begins_with_yes_or_no_and_the_sum_adds_up() {
    let answer = asked(&["--snapshot", "6m", "--copy", "12m"]).unwrap();
    let Asked::Weighed(default) = &answer.asked else { panic!("{answer:?}") };
    let total: TimeDelta = default.age.terms.iter().map(|term| term.time).sum();
    assert_eq!((default.verdict, total), (Verdict::Keeps, TimeDelta::minutes(58)));
    let text = text(&answer);
    assert!(text.starts_with("Does the default schedule keep 60 min? Yes: 58 min at worst.\n"), "{text}");
    for said in [
        "58 min  in all",
        " a month less keeps 60 min as well",
        "BackupInterval: ",
        "CopySchedule: cron(",
        "ask AWS for",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn the_shipped_directory_is_judged_as_the_default() {
    let (default, read) = (asked(&[]).unwrap(), asked(&["--config", &shipped()]).unwrap());
    let [default, read] = [default, read].map(|answer| values_of(&answer));
    assert_eq!((&default["asked"], &default["proposal"]), (&read["asked"], &read["proposal"]));
    assert_eq!((&read["keeps"], &read["rpo_minutes"]), (&json!(true), &json!(60)));
    assert_eq!(
        read["asked"]["destination"],
        json!({"snapshots": 680, "quota": 100, "quota_to_ask_for": 800})
    );
}

#[test]
fn what_is_given_on_the_line_goes_before_what_is_configured() {
    let line =
        ["--source-retention", "1", "--destination-retention", "1d", "--keep-daily", "0", "--rpo", "40m"];
    let answer = values_of(&asked(&[&line[..], &["--databases", "1"]].concat()).unwrap());
    // A day, an hour and 6 minutes of half hours, and one at either end.
    assert_eq!(answer["asked"]["source"]["snapshots"], json!(51));
    assert_eq!(answer["asked"]["destination"]["snapshots"], json!(51));
    assert_eq!((&answer["keeps"], &answer["rpo_minutes"]), (&json!(false), &json!(40)));
}

#[test]
fn what_cannot_be_kept_is_said_with_the_best_there_is() {
    let answer = asked(&["--rpo", "30m", "--copy", "25m", "--copy-mode", "two-hop"]).unwrap();
    assert_eq!(answer.best.verdict, Verdict::Exceeds);
    let text = text(&answer);
    for said in [
        "30 min? No: ",
        "Nothing keeps 30 min: snapshot and copy alone take 56 min. The best there is: ",
        "between two hops     3 x 20 = 60",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(values_of(&answer)["proposal"]["keeps"], json!(false));
}

#[test]
fn the_proposal_read_back_gives_the_same_sum() {
    let answer = asked(&["--rpo", "45m", "--copy", "7m"]).unwrap();
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
    let read = asked(&["--copy", "7m", "--config", directory.to_str().unwrap()]).unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    let Asked::Weighed(proposal) = &read.asked else { panic!("{read:?}") };
    assert_eq!(proposal.as_ref(), &answer.best);
    assert!(text(&read).contains("It is the cheapest that does."), "{}", text(&read));
}

#[test]
fn a_rate_may_fall_just_before_a_slot_and_is_counted_so() {
    let conditions =
        usual_conditions(1, TimeDelta::minutes(6), TimeDelta::minutes(10), CopyMode::OneStep.hops());
    let cadence = Configuration::usual().unwrap().cadence().unwrap();
    let at = |phase| age::worst(&cadence, &Conditions { phase, ..conditions }).unwrap().total().num_minutes();
    assert_eq!([Phase::OnTheClock, Phase::Clear, Phase::Anywhere].map(at), [56, 59, 64]);
}

#[test]
fn wrong_questions_are_wrong_use() {
    for line in [
        ["--databases", "0"],
        ["--snapshot", "-6m"],
        ["--copy", "soon"],
        ["--keep-daily", "4000"],
        ["--rpo", "0m"],
    ] {
        assert_eq!(
            Asking::try_parse_from([&["test"], &line[..]].concat()).map(drop).unwrap_err().exit_code(),
            2,
            "{line:?}"
        );
    }
    for line in [["--config", "/nowhere"], ["--copy", "40d"]] {
        assert!(matches!(asked(&line), Err(CommandError::WrongUse(_))), "{line:?}");
    }
}
