//! Benchmark of `pilot-light simulate`: the time of a simulated day, and the memory, for growing numbers of days.
//!
//! The benchmark only measures, because times differ between machines. The ratios within one benchmark should be near 1
//! on every machine. It fails only if a simulation fails.
//!
//! Time is processor time, as the kernel counts it for the finished process. Other processes on the machine change it
//! little. Memory is the kernel's peak of the resident set, from the same count. Unlike polling `/proc`, it cannot miss
//! the end of the process.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use serde_json::json;
use wait4::Wait4;

const DATABASES: &str = "20";
const DAYS: [u32; 4] = [5, 10, 20, 30];
/// The target for the time of the last of these, on one core.
const TARGET: Duration = Duration::from_secs(10);

/// The time and memory of a simulation.
#[derive(Clone, Copy)]
struct Measured {
    days: u32,
    time: Duration,
    memory_bytes: u64,
}

fn main() -> ExitCode {
    // Only `cargo bench` passes this argument. `cargo test --benches` shall compile this file and measure nothing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let results = std::env::args().skip_while(|argument| argument != "--results").nth(1).map(PathBuf::from);
    match compare(&mut io::stdout(), results) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "simulate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(out: &mut impl Write, results: Option<PathBuf>) -> io::Result<()> {
    writeln!(
        out,
        "pilot-light simulate --databases {DATABASES}: processor time, and peak of resident memory"
    )?;
    writeln!(
        out,
        "{:>6}{:>10}{:>13}{:>8}{:>8}{:>8}",
        "days", "seconds", "seconds/day", "ratio", "MiB", "ratio"
    )?;
    let first = measure(DAYS[0])?;
    let mut last = first;
    let mut measured = Vec::new();
    for days in DAYS {
        last = if days == first.days { first } else { measure(days)? };
        writeln!(
            out,
            "{days:>6}{:>10.2}{:>13.4}{:>8.2}{:>8.1}{:>8.2}",
            last.time.as_secs_f64(),
            last.seconds_per_day(),
            last.seconds_per_day() / first.seconds_per_day(),
            last.mebibytes(),
            last.mebibytes() / first.mebibytes()
        )?;
        measured.push(json!({
            "days": days,
            "databases": DATABASES,
            "cpu_s": last.time.as_secs_f64(),
            "rss_mb": last.memory_bytes as f64 / 1e6,
        }));
    }
    if let Some(path) = results {
        std::fs::write(path, format!("{:#}\n", json!(measured)))?;
    }
    let (days, seconds, target) = (last.days, last.time.as_secs_f64(), TARGET.as_secs());
    let verdict = if last.time <= TARGET { "within" } else { "beyond" };
    writeln!(out, "{days} days took {seconds:.1} s: {verdict} the target of {target} s on one core")
}

fn measure(days: u32) -> io::Result<Measured> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pilot-light"));
    command.args(["simulate", "--databases", DATABASES, "--days", &days.to_string(), "--output", "json"]);
    let ended = command.stdout(Stdio::null()).spawn()?.wait4()?;
    if !ended.status.success() {
        return Err(io::Error::other(format!("{days} days: {}", ended.status)));
    }
    let usage = ended.rusage;
    Ok(Measured { days, time: usage.utime + usage.stime, memory_bytes: usage.maxrss })
}

impl Measured {
    fn seconds_per_day(&self) -> f64 {
        self.time.as_secs_f64() / f64::from(self.days)
    }

    fn mebibytes(&self) -> f64 {
        self.memory_bytes as f64 / f64::from(1 << 20)
    }
}
