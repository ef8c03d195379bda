//! Tests of the command line of `simulate`. The crate `pilot_light_simulation` tests the simulations themselves.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

#[test]
fn the_replay_command_of_a_seed_is_the_command_that_ran_it() {
    let line = "--schedule hourly --databases 2 --days 3 --snapshot-minutes 3..6 --copy-minutes 4..10 \
                --copy-mode two-hop --copier ours --faults hostile --seed 5";
    let words = || std::iter::once("simulate").chain(line.split_whitespace());
    let arguments = CommandLine::try_parse_from(words()).unwrap().arguments;
    assert_eq!(arguments.replay(5), format!("pilot-light simulate {line}"));
}
