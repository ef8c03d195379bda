//! Short simulations of the whole system. `make simulate` runs long ones.

use clap::Parser;
use pilot_light_simulation::Summary;
use pilot_light_simulation::scenario::Minutes;

use super::*;

/// Seeds that failed once, each with the error that it found in the product or in an invariant.
const REGRESSIONS: [(&str, &str); 4] = [
    (
        "a slow run with a slow clock published an age minutes after it had read it; the invariant reported it as false",
        "--databases 3 --days 3 --faults hostile --seed 89",
    ),
    (
        "AWS listed the tags of a copy late, so the copy was made twice and its intermediate was deleted under the second",
        "--databases 3 --days 3 --copy-mode two-hop --faults default --seed 709",
    ),
    (
        "an intermediate was deleted for a newer one while a copy that AWS did not list yet still read it",
        "--databases 3 --days 3 --copy-mode two-hop --faults default --seed 664",
    ),
    (
        "a new snapshot under the name of an older one was mistaken for the one that had arrived",
        "--databases 3 --days 3 --copy-mode two-hop --faults hostile --seed 136",
    ),
];

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

/// The summary of `pilot-light simulate` with these arguments.
fn simulated(arguments: &str) -> Summary {
    let words = std::iter::once("simulate").chain(arguments.split_whitespace());
    run(&CommandLine::try_parse_from(words).unwrap().arguments).unwrap().summary
}

fn assert_well(arguments: &str) -> Summary {
    let summary = simulated(arguments);
    assert_eq!(summary.violations, [], "{arguments}");
    summary
}

#[test]
fn without_faults_every_schedule_keeps_its_bound_and_comes_close_to_it() {
    for arguments in [
        "--days 2 --schedule default",
        "--days 2 --schedule default --copy-mode two-hop",
        "--days 2 --schedule hourly",
        "--days 4 --schedule legacy",
    ] {
        let summary = assert_well(&format!("--databases 5 --seed 7 {arguments}"));
        assert!(summary.worst <= summary.bound, "{arguments}: {summary:?}");
        assert!(summary.worst > summary.bound * 8 / 10, "{arguments}: {summary:?}");
        assert_eq!(summary.failed_runs, 0, "{arguments}: {summary:?}");
    }
}

#[test]
fn the_default_keeps_an_hour_and_the_legacy_schedule_does_not() {
    let default = assert_well("--databases 5 --days 2");
    let legacy = assert_well("--databases 5 --days 4 --schedule legacy");
    assert!(default.worst_minutes() <= 60.0, "{default:?}");
    assert!(legacy.worst_minutes() > 200.0, "{legacy:?}");
}

#[test]
fn a_seed_gives_the_same_history_also_when_other_seeds_run_beside_it() {
    let alone = simulated("--databases 2 --days 2 --faults hostile --copy-mode two-hop --seed 7");
    assert_eq!(alone, simulated("--databases 2 --days 2 --faults hostile --copy-mode two-hop --seed 7"));
    let other = simulated("--databases 2 --days 2 --faults hostile --copy-mode two-hop --seed 8");
    assert_ne!(alone, other);
    let both = simulated("--databases 2 --days 2 --faults hostile --copy-mode two-hop --seed 7 --seeds 2");
    assert_eq!(both, alone.with(other));
}

#[test]
fn no_invariant_is_violated_under_any_kind_of_faults() {
    for arguments in [
        "--faults default --seeds 4",
        "--faults default --copy-mode two-hop --seed 10 --seeds 2",
        "--faults hostile --seed 20 --seeds 2",
        "--faults hostile --copy-mode two-hop --seed 30",
        "--faults crash --seed 100 --seeds 6",
    ] {
        let summary = assert_well(&format!("--databases 2 --days 2 {arguments}"));
        assert!(summary.copied > 0, "{summary:?}");
    }
}

#[test]
fn seeds_that_failed_once_violate_no_invariant() {
    for (error, arguments) in REGRESSIONS {
        assert_eq!(simulated(arguments).violations, [], "{error}: {arguments}");
    }
}

#[test]
fn the_replay_command_of_a_seed_is_the_command_that_ran_it() {
    let line = "--schedule hourly --databases 2 --days 3 --snapshot-minutes 3..6 --copy-minutes 4..10 \
                --copy-mode two-hop --copier ours --faults hostile --seed 5";
    let words = || std::iter::once("simulate").chain(line.split_whitespace());
    let arguments = CommandLine::try_parse_from(words()).unwrap().arguments;
    assert_eq!(arguments.replay(5), format!("pilot-light simulate {line}"));
}

#[test]
fn spans_of_minutes_are_parsed_and_invalid_ones_are_rejected() {
    assert_eq!("3..6".parse(), Ok(Minutes { from: 3, to: 6 }));
    assert_eq!("4".parse(), Ok(Minutes { from: 4, to: 4 }));
    for text in ["", "6..3", "-1..3", "0", "a..b", "1..2..3"] {
        assert!(text.parse::<Minutes>().is_err(), "{text}");
    }
}
