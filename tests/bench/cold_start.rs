//! Cold start: from the start of a process to its first request, beside Python importing boto3 and making a client.
//!
//! They take turns, so that whatever slows the machine slows both.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use pilot_light_simulator::http::Front;
use tokio::time::Instant;

use super::fleet::{Due, Fleet, Worker};
use super::process::{Running, wall_clock};
use super::stand::Stand;

const TURNS: usize = 15;
const BOTO3: &str = "import boto3; boto3.client('rds', region_name='us-east-1')";

/// Medians of the turns.
#[derive(Debug)]
pub(crate) struct ColdStarts {
    pub(crate) workers: Vec<(Worker, Duration)>,
    pub(crate) boto3: Duration,
}

pub(crate) async fn compare(stand: &Stand, workers: &Path, python: &Path) -> io::Result<ColdStarts> {
    let mut ours = vec![Vec::new(); Worker::ALL.len()];
    let mut theirs = Vec::new();
    for _ in 0..TURNS {
        for (times, worker) in ours.iter_mut().zip(Worker::ALL) {
            times.push(first_request(stand, workers, worker).await?);
        }
        theirs.push(boto3(python)?);
    }
    let workers = Worker::ALL.into_iter().zip(ours.into_iter().map(median)).collect();
    Ok(ColdStarts { workers, boto3: median(theirs) })
}

/// From the start of the process to its first request to AWS; the event is there from the beginning.
async fn first_request(stand: &Stand, workers: &Path, worker: Worker) -> io::Result<Duration> {
    let fleet = Fleet { databases: 1, snapshots: 1, due: Due::Nothing };
    let world = fleet.world(worker, wall_clock()).map_err(|error| io::Error::other(error.to_string()))?;
    stand.aws.set(Front::over(world), worker.parameters(fleet), Duration::ZERO, None);
    let (account, region) = worker.home();
    let function = format!("arn:aws:lambda:{region}:{account}:function:{}", worker.name());
    let running = Running::start(stand, workers, worker).await?;
    running.lambda.invoke(&function, Duration::from_secs(30)).await;
    let first = stand.aws.take_seen().first_at;
    first
        .map(|at| at - running.started)
        .ok_or_else(|| io::Error::other(format!("{} asked nothing", worker.name())))
}

fn boto3(python: &Path) -> io::Result<Duration> {
    let started = Instant::now();
    let ended =
        Command::new(python).args(["-c", BOTO3]).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if ended.success() { Ok(started.elapsed()) } else { Err(io::Error::other("python cannot import boto3")) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
