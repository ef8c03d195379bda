//! `pilot-light`: run or plan a worker from a terminal, with the credentials the AWS tools would use.
//!
//! Exits 0 when done, 1 when failed, 2 on wrong use.

mod command;
mod render;
mod session;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::command::{Arguments, Output};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(session::carry_out(&arguments)));
    match done {
        Ok(report) => {
            let text = match arguments.output {
                Output::Text => render::text(&report),
                Output::Json => render::json(&report),
            };
            let is_written = writeln!(std::io::stdout(), "{}", text.trim_end()).is_ok();
            if is_written && report.error.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            // If even this cannot be written, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "pilot-light: {why}");
            ExitCode::FAILURE
        }
    }
}
