//! `pilot-light`: plan or run a worker from a terminal, simulate what a schedule gives, and recover.
//!
//! Exits 0 when done, 1 when failed, 2 on wrong use.

mod command;
mod exit;
mod one_run;
mod output;
mod parameters_yaml;
mod recover;
mod report_text;
mod schedule;
mod simulate;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;

use crate::command::{Arguments, Command, Pass};
use crate::exit::CommandError;
use crate::output::Output;
use crate::simulate::Paint;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Plan(pass) => {
            pass_of(pass, Mode::DryRun).map(|report| shown_report(&report, arguments.output))
        }
        Command::Run(pass) => {
            pass_of(pass, Mode::Apply).map(|report| shown_report(&report, arguments.output))
        }
        Command::Simulate(plan) => simulate::run(plan).map(|summary| match arguments.output {
            Output::Text => (summary.text(paint()), summary.violations.is_empty()),
            Output::Json => (report_text::json(&summary.json()), summary.violations.is_empty()),
        }),
        Command::Schedule(question) => schedule::answer(question).map(|answer| match arguments.output {
            Output::Text => (schedule::text(&answer), true),
            Output::Json => (report_text::json(&schedule::values_of(&answer)), true),
        }),
        Command::Recover(recover) => recover::run(recover, arguments.output),
    };
    match done {
        Ok((text, is_well)) => {
            let is_written = writeln!(std::io::stdout(), "{}", text.trim_end()).is_ok();
            if is_written && is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            // If even this cannot be written, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "pilot-light: {why}");
            why.exit_code()
        }
    }
}

/// Colours for people who want them (<https://no-color.org>).
fn paint() -> Paint {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !is_unwanted { Paint::Colour } else { Paint::Plain }
}

fn pass_of(pass: &Pass, mode: Mode) -> Result<Report, CommandError> {
    one_run::run(pass, mode).map_err(CommandError::Failure)
}

fn shown_report(report: &Report, output: Output) -> (String, bool) {
    let text = match output {
        Output::Text => report_text::text(report),
        Output::Json => report_text::json(report),
    };
    (text, report.error.is_none())
}
