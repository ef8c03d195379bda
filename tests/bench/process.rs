//! A worker as a process that is started as Lambda starts it.
//!
//! The kernel gives its processor time and memory.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use pilot_light_domain::Instant as Time;
use tokio::time::Instant;

use super::fleet::Worker;
use super::lambda::Lambda;
use super::test_bed::TestBed;

/// A running worker. The process ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) started: Instant,
}

impl Running {
    /// Starts `workers/NAME/bootstrap` as Lambda does, without the environment of the benchmark.
    pub(crate) async fn start(test_bed: &TestBed, workers: &Path, worker: Worker) -> io::Result<Self> {
        let (lambda, address) = test_bed.lambda().await?;
        let name = worker.name();
        let (account, region) = worker.home();
        let mut command = Command::new(workers.join(name).join("bootstrap"));
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).envs([
            ("AWS_LAMBDA_RUNTIME_API", address.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_REGION", region),
            ("AWS_ACCESS_KEY_ID", account),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", &format!("http://{}", test_bed.address)),
        ]);
        let started = Instant::now();
        Ok(Self { child: command.spawn()?, lambda, started })
    }

    /// The processor time of all threads so far.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let schedule = fs::read_to_string(task?.path().join("schedstat"))?;
            nanoseconds +=
                schedule.split(' ').next().and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The peak of the resident memory so far, in MB.
    pub(crate) fn peak_mb(&self) -> io::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .and_then(|text| text.trim().parse::<f64>().ok());
        kib.map(|kib| kib * 1024.0 / 1e6).ok_or_else(|| {
            io::Error::other("the status file of the process has no line VmHWM; run the benchmark on Linux")
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that the process has already ended.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The current time. All measurements use the monotonic clock instead.
#[expect(clippy::disallowed_methods, reason = "the benchmark runs real programs, which read the real clock")]
pub(crate) fn wall_clock() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Time::from_timestamp_millis).unwrap_or_default()
}
