//! Cold start of the workers, compared with Python that imports boto3 and makes a client.
//!
//! A cold start lasts from the start of the process to its first request. The workers and Python take turns, so that a
//! slower machine slows both.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use pilot_light_simulator::http::Front;
use tokio::time::Instant;

use super::fleet::{Due, Fleet, Key, Worker};
use super::process::{Running, wall_clock};
use super::test_bed::TestBed;

const TURNS: usize = 15;
const BOTO3: &str = "import boto3; boto3.client('rds', region_name='us-east-1')";

/// The medians of all turns.
#[derive(Debug)]
pub(crate) struct ColdStarts {
    pub(crate) workers: Vec<(Worker, Duration)>,
    pub(crate) boto3: Duration,
}

pub(crate) async fn compare(test_bed: &TestBed, workers: &Path, python: &Path) -> io::Result<ColdStarts> {
    let mut ours = vec![Vec::new(); Worker::ALL.len()];
    let mut theirs = Vec::new();
    for _ in 0..TURNS {
        for (times, worker) in ours.iter_mut().zip(Worker::ALL) {
            times.push(first_request(test_bed, workers, worker).await?);
        }
        theirs.push(boto3(python)?);
    }
    let workers = Worker::ALL.into_iter().zip(ours.into_iter().map(median)).collect();
    Ok(ColdStarts { workers, boto3: median(theirs) })
}

/// The time from the start of the process to its first request to AWS. The event is available from the beginning.
async fn first_request(test_bed: &TestBed, workers: &Path, worker: Worker) -> io::Result<Duration> {
    let fleet = Fleet { key: Key::Own, databases: 1, snapshots: 1, due: Due::Nothing };
    let world = fleet.world(worker, wall_clock()).map_err(|error| io::Error::other(error.to_string()))?;
    test_bed.aws.set(Front::over(world), worker.parameters(fleet), Duration::ZERO, None);
    let (account, region) = worker.home();
    let function = format!("arn:aws:lambda:{region}:{account}:function:{}", worker.name());
    let running = Running::start(test_bed, workers, worker).await?;
    running.lambda.invoke(&function, Duration::from_secs(30)).await;
    let first = test_bed.aws.take_seen().first_at;
    first
        .map(|at| at - running.started)
        .ok_or_else(|| io::Error::other(format!("{} sent no request to AWS", worker.name())))
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
