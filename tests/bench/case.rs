//! One case of the benchmark: a worker with a fleet, run at least twice in one process, as in a warm Lambda function.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use pilot_light_simulator::http::Front;
use serde_json::Value;

use super::aws::{Limit, Seen};
use super::bounds;
use super::fleet::{Due, Fleet, Key, Worker};
use super::lambda::Outcome;
use super::process::{Running, wall_clock};
use super::test_bed::TestBed;

/// The time limit of the shipped functions.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// The number of measurements of a short warm run over a steady fleet.
const RUNS: usize = 7;
/// A run that takes less time than this is short.
const SHORT: Duration = Duration::from_secs(1);

/// The limits of RDS, in calls a second, at which the pace of the calls is judged.
const RATES: [f64; 4] = [2.0, 10.0, 20.0, 50.0];

/// A worker, its fleet and the behavior of AWS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) worker: Worker,
    pub(crate) fleet: Fleet,
    pub(crate) latency: Duration,
    pub(crate) limit: Option<Limit>,
    pub(crate) time_limit: Duration,
}

/// One run of a case.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) seen: Seen,
    /// The least number of RDS calls for the actions of this run.
    pub(crate) bound: usize,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) report: Value,
    pub(crate) error: Option<String>,
}

/// The figures of a case: the run on a cold start, and a run after it.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) first: Run,
    pub(crate) second: Run,
    pub(crate) peak_mb: f64,
}

/// Selects the cases whose name contains all these words.
#[derive(Debug, Clone)]
pub(crate) struct Filter(String);

impl Case {
    /// All cases, the small ones first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (databases, snapshots) in
            [(1, 7), (10, 7), (100, 7), (1000, 1), (1000, 7), (100, 100), (1000, 100)]
        {
            for worker in Worker::ALL {
                for due in [Due::Nothing, Due::Tenth, Due::All] {
                    for latency in [0, 20] {
                        let fleet = Fleet { key: Key::Own, databases, snapshots, due };
                        all.push(Self::new(worker, fleet, latency));
                    }
                }
            }
        }
        for (databases, snapshots) in [(100, 10), (1000, 10), (100, 100)] {
            for due in [Due::Nothing, Due::All] {
                let fleet = Fleet { key: Key::Default, databases, snapshots, due };
                all.push(Self::new(Worker::Share, fleet, 0));
            }
        }
        for (databases, calls_a_second, seconds) in
            [(10, 2.0, 300), (100, 2.0, 300), (1000, 20.0, 300), (100, 2.0, 40)]
        {
            for worker in Worker::ALL {
                let fleet = Fleet { key: Key::Own, databases, snapshots: 7, due: Due::All };
                let case = Self::new(worker, fleet, 0);
                let limit = Some(Limit { calls_a_second, burst: 5.0 });
                all.push(Self { limit, time_limit: Duration::from_secs(seconds), ..case });
            }
        }
        for calls_a_second in RATES {
            let fleet = Fleet { key: Key::Own, databases: 300, snapshots: 1, due: Due::All };
            let limit = Some(Limit { calls_a_second, burst: 5.0 });
            all.push(Self { limit, ..Self::new(Worker::Take, fleet, 20) });
        }
        all.retain(|case| case.is_possible());
        all
    }

    fn new(worker: Worker, fleet: Fleet, latency: u64) -> Self {
        Self { worker, fleet, latency: Duration::from_millis(latency), limit: None, time_limit: TIME_LIMIT }
    }

    /// False if a deletion would be due for the only recovery point of a database, which the workers never delete.
    fn is_possible(&self) -> bool {
        let deletes = matches!(self.worker, Worker::SourceDelete | Worker::DestinationDelete);
        !(deletes && self.fleet.snapshots == 1 && self.fleet.due != Due::Nothing)
    }

    /// The name of the case: the part of its line before the figures.
    pub(crate) fn name(&self) -> String {
        let Fleet { key, databases, snapshots, due } = self.fleet;
        let key = if key == Key::Default { " default-key" } else { "" };
        let limit = self.limit.map(|limit| format!(" {}/s", limit.calls_a_second)).unwrap_or_default();
        let time = if self.time_limit == TIME_LIMIT {
            String::new()
        } else {
            format!(" in {} s", self.time_limit.as_secs())
        };
        format!(
            "{:<19}{:<10}{:>5}x{:<4}{:>3} ms{key}{limit}{time}",
            self.worker.name(),
            bounds::scenario(due),
            databases,
            snapshots,
            self.latency.as_millis()
        )
    }

    /// Starts the worker, runs it cold and warm, and stops it.
    pub(crate) async fn measure(&self, test_bed: &TestBed, workers: &Path) -> io::Result<Measured> {
        let world = self
            .fleet
            .world(self.worker, wall_clock())
            .map_err(|error| io::Error::other(error.to_string()))?;
        test_bed.aws.set(Front::over(world), self.worker.parameters(self.fleet), self.latency, self.limit);
        let running = Running::start(test_bed, workers, self.worker).await?;
        let first = self.run(test_bed, &running, 0).await?;
        let mut again = vec![self.run(test_bed, &running, first.acted()).await?];
        // A run over a steady fleet changes nothing. A short run is therefore repeated, and the median counts.
        while self.fleet.due == Due::Nothing && again.len() < RUNS && again[0].wall < SHORT {
            again.push(self.run(test_bed, &running, 0).await?);
        }
        again.sort_by_key(|run| run.cpu);
        let second = again.swap_remove(again.len() / 2);
        Ok(Measured { first, second, peak_mb: running.peak_mb()? })
    }

    async fn run(&self, test_bed: &TestBed, running: &Running, earlier: usize) -> io::Result<Run> {
        let (account, region) = self.worker.home();
        let function = format!("arn:aws:lambda:{region}:{account}:function:{}", self.worker.name());
        let before = running.cpu()?;
        test_bed.aws.take_seen();
        let outcome = running.lambda.invoke(&function, self.time_limit).await;
        let Outcome { took, body, is_error } = outcome
            .ok_or_else(|| io::Error::other("the worker reported no outcome within its time limit"))?;
        let error = is_error.then(|| body["errorType"].as_str().unwrap_or_default().to_owned());
        let cpu = running.cpu()?.saturating_sub(before);
        let mut run = Run { seen: test_bed.aws.take_seen(), bound: 0, wall: took, cpu, report: body, error };
        run.bound = bounds::of_run(self.worker, self.fleet, earlier, run.acted());
        Ok(run)
    }
}

impl Run {
    /// Calls to other services, and RDS calls that are made at most once an hour. They are counted apart.
    const APART: [&str; 4] =
        ["GetParametersByPath", "PutMetricData", "DescribeKey", "DescribeAccountAttributes"];

    /// The number of RDS calls that every run makes. It is compared with the bound.
    pub(crate) fn calls(&self) -> usize {
        let counted = self.seen.actions.iter().filter(|(action, _)| !Self::APART.contains(&action.as_str()));
        counted.map(|(_, count)| count).sum()
    }

    /// The number of actions that the report counts as carried out.
    pub(crate) fn acted(&self) -> usize {
        let acted = self.report["acted"].as_object().into_iter().flatten();
        acted.filter_map(|(_, count)| count.as_u64()?.try_into().ok()).fold(0, usize::saturating_add)
    }

    /// The number of calls that are counted apart.
    pub(crate) fn apart(&self) -> usize {
        self.seen.actions.values().sum::<usize>() - self.calls()
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer calls than an f64 counts")]
    pub(crate) fn ratio(&self) -> f64 {
        self.calls() as f64 / self.bound as f64
    }
}

impl Filter {
    pub(crate) fn takes(&self, case: &Case) -> bool {
        let name = case.name();
        self.0.split_whitespace().all(|wanted| name.split_whitespace().any(|word| word == wanted))
    }
}

impl FromStr for Filter {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}
