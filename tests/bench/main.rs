//! Benchmark of the workers as they are shipped: API calls, time, memory and cold start, beside the least that any
//! correct program needs, and how they grow with the fleet.
//!
//! It measures and says; it judges nothing. What holds on every machine are the ratios within one run.

mod aws;
mod bill;
mod bounds;
mod case;
mod cold_start;
mod fleet;
mod goals;
mod growth;
mod lambda;
mod process;
mod results;
mod stand;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use self::case::{Case, Filter};
use self::results::Results;
use self::stand::Stand;

/// Measure the workers' zips.
#[derive(Debug, Parser)]
struct Options {
    /// Said by `cargo bench`; without it nothing is measured
    #[arg(long, hide = true)]
    bench: bool,
    /// Directory with WORKER/bootstrap and WORKER/bootstrap.zip
    #[arg(long)]
    workers: PathBuf,
    /// The Python whose `boto3.client("rds")` the cold start is compared with
    #[arg(long)]
    python: PathBuf,
    /// Where the results go, as JSON
    #[arg(long)]
    results: PathBuf,
    /// Only cases whose line has all these words, such as "destination-copy 100x7 steady"
    #[arg(long, default_value = "")]
    only: Filter,
}

fn main() -> ExitCode {
    // `cargo test --benches` is to compile this and no more.
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
    let stand = Stand::start().await?;
    let (began, mut measured) = (tokio::time::Instant::now(), Vec::new());
    let cases: Vec<_> = Case::all().into_iter().filter(|case| options.only.takes(case)).collect();
    writeln!(out, "{} cases, a line each; all of them take the better part of an hour.", cases.len())?;
    writeln!(out, "{}", results::HEADER)?;
    for case in cases {
        let found = case.measure(&stand, &options.workers).await?;
        writeln!(out, "{}", results::line(&case, &found))?;
        out.flush()?;
        measured.push((case, found));
    }
    let starts = cold_start::compare(&stand, &options.workers, &options.python).await?;
    let workers = &options.workers;
    let results = Results { measured, starts, answers: stand.aws.answers(), took: began.elapsed(), workers };
    results.summarize(out)?;
    results.write(&options.results)?;
    writeln!(out, "\nAs JSON: {}", options.results.display())
}
