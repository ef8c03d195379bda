//! The program `pilot-light`: plans or runs a worker from a terminal, judges and simulates schedules, and recovers databases.
//!
//! It exits with 0 when the command succeeded, 1 when it failed, and 2 on wrong use. `simulate` fails if its configuration does
//! not protect every database.

mod command;
mod exit;
mod one_run;
mod output;
mod parameter_path;
mod parameters_yaml;
mod picture;
mod recover;
mod report_text;
mod retire;
mod schedule;
mod session;
mod side;
mod simulate;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;

use crate::command::{Arguments, Command};
use crate::output::Output;
use crate::picture::sparkline::Paint;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = arguments.output;
    let done = match &arguments.command {
        Command::Plan(run) => one_run::run(run, Mode::DryRun).map(|report| shown_report(&report, output)),
        Command::Run(run) => one_run::run(run, Mode::Apply).map(|report| shown_report(&report, output)),
        Command::Simulate(arguments) => simulate::run(arguments).map(|simulated| {
            let is_well = simulated.is_well();
            match output {
                Output::Text => (simulated.text(paint()), is_well),
                Output::Json => (report_text::json(&simulated.json()), is_well),
            }
        }),
        Command::Schedule(question) => schedule::answer(question).map(|answer| match output {
            Output::Text => (schedule::text(&answer), true),
            Output::Json => (report_text::json(&schedule::values_of(&answer)), true),
        }),
        Command::Recover(recover) => recover::run(recover, output),
        Command::Points(wanted) => recover::list_points(wanted, output),
        Command::Retire(retire) => retire::run(retire).map(|report| shown_report(&report, output)),
    };
    match done {
        Ok((text, is_well)) => {
            let is_written = writeln!(std::io::stdout(), "{}", text.trim_end()).is_ok();
            if is_written && is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            // If the message cannot be written either, the exit code still reports the error.
            let _ = writeln!(std::io::stderr(), "pilot-light: {error}");
            error.exit_code()
        }
    }
}

/// Colours on a terminal, unless the user has set NO_COLOR (<https://no-color.org>).
fn paint() -> Paint {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !is_unwanted { Paint::Colour } else { Paint::Plain }
}

fn shown_report(report: &Report, output: Output) -> (String, bool) {
    let text = match output {
        Output::Text => report_text::text(report),
        Output::Json => report_text::json(report),
    };
    (text, report.error.is_none())
}
