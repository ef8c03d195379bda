//! Benchmark of the shipped workers: API calls, time, memory and cold start.
//!
//! It compares the calls with the least number that any correct program needs, and shows the growth of the figures with
//! the fleet. It never fails because of a figure. Only ratios within one run of the benchmark hold on every machine.

mod aws;
mod bill;
mod bounds;
mod builder;
mod case;
mod cold_start;
mod fleet;
mod goals;
mod growth;
mod lambda;
mod process;
mod results;
mod test_bed;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use self::case::{Case, Filter};
use self::results::Results;
use self::test_bed::TestBed;

/// Measure the workers' zips.
#[derive(Debug, Parser)]
struct Options {
    /// Given by `cargo bench`. Without it nothing is measured
    #[arg(long, hide = true)]
    bench: bool,
    /// Directory with WORKER/bootstrap and WORKER/bootstrap.zip
    #[arg(long)]
    workers: PathBuf,
    /// The Python whose `boto3.client("rds")` the cold start is compared with
    #[arg(long)]
    python: PathBuf,
    /// File for the results, as JSON
    #[arg(long)]
    results: PathBuf,
    /// Measure only cases whose line contains all these words, such as "destination-copy 100x7 steady"
    #[arg(long, default_value = "")]
    only: Filter,
}

fn main() -> ExitCode {
    // `cargo test --benches` runs this program too, and is only meant to compile it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(measure(&options, &mut io::stdout()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(options: &Options, out: &mut impl Write) -> io::Result<()> {
    let test_bed = TestBed::start().await?;
    let (began, mut measured) = (tokio::time::Instant::now(), Vec::new());
    let cases: Vec<_> = Case::all().into_iter().filter(|case| options.only.takes(case)).collect();
    writeln!(out, "{} cases, one line each. All cases together take most of an hour.", cases.len())?;
    writeln!(out, "{}", results::HEADER)?;
    for case in cases {
        let found = case.measure(&test_bed, &options.workers).await?;
        writeln!(out, "{}", results::line(&case, &found))?;
        out.flush()?;
        measured.push((case, found));
    }
    let starts = cold_start::compare(&test_bed, &options.workers, &options.python).await?;
    let workers = &options.workers;
    let results =
        Results { measured, starts, answers: test_bed.aws.answers(), took: began.elapsed(), workers };
    results.summarize(out)?;
    results.write(&options.results)?;
    writeln!(out, "\nAs JSON: {}", options.results.display())
}
