//! `pilot-light-simulator serve`: the simulated RDS as a local server.
//!
//! The one place of this package that reads a clock, listens and writes to the terminal.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::DateTime;
use clap::{Args, Parser, Subcommand};
use pilot_light_domain::Instant;
use pilot_light_simulator::http::{Front, serve};
use pilot_light_simulator::world::{SecondsRange, Settings, World};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// RDS, simulated.
#[derive(Debug, Parser)]
#[command(name = "pilot-light-simulator", version)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Answer the RDS query API (and KMS's DescribeKey) until interrupted
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Serve {
    /// Port to listen on; 0 takes a free one
    #[arg(long)]
    port: u16,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Seconds that taking a snapshot lasts, as A..B
    #[arg(long, default_value_t = Settings::default().snapshot_seconds)]
    snapshot_seconds: SecondsRange,
    /// Seconds that copying a snapshot lasts, as A..B
    #[arg(long, default_value_t = Settings::default().copy_seconds)]
    copy_seconds: SecondsRange,
    /// Seconds that creating, modifying, restoring or deleting an instance lasts, as A..B
    #[arg(long, default_value_t = Settings::default().instance_seconds)]
    instance_seconds: SecondsRange,
    /// Seconds after a change during which Describe calls still show the state before it
    #[arg(long, default_value_t = Settings::default().lag_seconds)]
    lag_seconds: u32,
    /// Seed of all durations
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Refuse copies that cross account and Region in one step
    #[arg(long)]
    no_one_step: bool,
    /// Manual snapshots that an account may have in a Region
    #[arg(long, default_value_t = Settings::default().quota)]
    quota: u32,
    /// A saved world to begin with, as GET /_simulator/saved returns it. Its settings then hold
    #[arg(long, value_name = "FILE", conflicts_with_all = OF_A_NEW_WORLD)]
    world: Option<PathBuf>,
}

/// The settings of a new world. A saved world has its own.
const OF_A_NEW_WORLD: [&str; 7] =
    ["snapshot_seconds", "copy_seconds", "instance_seconds", "lag_seconds", "seed", "no_one_step", "quota"];

fn main() -> ExitCode {
    let Verb::Serve(arguments) = Command::parse().verb;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let done = runtime.and_then(|runtime| runtime.block_on(run(arguments)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if even this cannot be written.
            writeln!(std::io::stderr(), "cannot serve: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Serve) -> std::io::Result<()> {
    let front = match &arguments.world {
        Some(path) => Front::over(load(path)?),
        None => Front::new(settings(&arguments), wall_clock()),
    };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind((arguments.bind, arguments.port)).await?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    out.flush()?;
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    serve(listener, front, wall_clock, stop).await
}

fn load(path: &Path) -> std::io::Result<World> {
    let named = |error: &dyn std::fmt::Display| std::io::Error::other(format!("{}: {error}", path.display()));
    let json = std::fs::read(path).map_err(|error| named(&error))?;
    World::load(&json).map_err(|error| named(&error))
}

fn settings(arguments: &Serve) -> Settings {
    Settings {
        seed: arguments.seed,
        snapshot_seconds: arguments.snapshot_seconds,
        copy_seconds: arguments.copy_seconds,
        instance_seconds: arguments.instance_seconds,
        lag_seconds: arguments.lag_seconds,
        quota: arguments.quota,
        one_step: !arguments.no_one_step,
        ..Settings::default()
    }
}

#[expect(clippy::disallowed_methods, reason = "the program's one clock; the world is given the time")]
fn wall_clock() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
}
