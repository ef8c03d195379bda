//! The workers of this version on a frozen installation, by its own schedules and parameters, in virtual time.

use std::collections::BinaryHeap;

use chrono::{DateTime, TimeDelta, Utc};
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::expression::Schedule;
use pilot_light_simulator::in_process::Simulation;
use pilot_light_simulator::world::{Happening, JournalEvent, Settings, SnapshotRecord};
use serde_json::Value;
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use crate::frozen::{DESTINATION, Frozen, SOURCE};
use crate::point::Point;

/// An event of the world, with the snapshot as a file would contain it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: What,
    pub(crate) point: Point,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Taken,
    Copied,
    Ended,
    Gone,
}

/// A run: its report, or its error.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) worker: &'static str,
    pub(crate) outcome: Result<Report, String>,
}

/// Everything that happened after the upgrade.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) events: Vec<Event>,
    pub(crate) runs: Vec<Run>,
    pub(crate) metrics: Vec<Metric>,
    /// All snapshots at the end.
    pub(crate) end: Vec<Point>,
}

/// A frozen world in which the workers of this version run.
pub(crate) struct Installation<'a> {
    frozen: &'a Frozen,
    simulation: Simulation,
    /// The parameters that the workers do not find.
    missing: &'a [&'a str],
    /// The parameters that have another value than in 0.1.0.
    changed: &'a [(&'a str, &'a str)],
}

impl<'a> Installation<'a> {
    /// The installation, upgraded at the instant at which it was frozen.
    pub(crate) fn upgraded(frozen: &'a Frozen, missing: &'a [&'a str]) -> Self {
        let simulation = Simulation::over(frozen.world());
        // 0.1.0 relied on AWS deleting failed snapshots. Both versions are compared in the same world.
        simulation.with_world(|world| {
            world.configure(Settings { failed_can_be_deleted: true, ..world.settings().clone() });
            world.keep_journal();
        });
        Self { frozen, simulation, missing, changed: &[] }
    }

    /// The same installation with other values of parameters.
    pub(crate) fn with(self, changed: &'a [(&'a str, &'a str)]) -> Self {
        Self { changed, ..self }
    }

    /// Dry runs of all workers, at the instant of the upgrade.
    pub(crate) fn dry_runs(&self) -> Vec<Run> {
        WorkerName::ALL.into_iter().map(|worker| self.run(worker, Mode::DryRun).0).collect()
    }

    /// Lets the workers run by their schedules.
    pub(crate) fn run_for(&self, span: TimeDelta) -> History {
        let start = self.frozen.now();
        let end = start + span;
        let mut history = History::default();
        let mut due = BinaryHeap::new();
        for worker in WorkerName::ALL {
            due.extend(self.next(worker, start).map(|at| std::cmp::Reverse((at, worker))));
        }
        while let Some(std::cmp::Reverse((at, worker))) = due.pop().filter(|next| next.0.0 <= end) {
            self.simulation.advance_to(at);
            let (run, metrics) = self.run(worker, Mode::Apply);
            history.runs.push(run);
            history.metrics.extend(metrics);
            history.events.extend(self.events());
            due.extend(self.next(worker, at).map(|at| std::cmp::Reverse((at, worker))));
        }
        self.simulation.advance_to(end);
        history.events.extend(self.events());
        history.end = self.points();
        history
    }

    /// The world as it is now.
    pub(crate) fn saved(&self) -> Value {
        self.simulation.with_world(|world| serde_json::to_value(world.save()).unwrap())
    }

    /// All snapshots now.
    fn points(&self) -> Vec<Point> {
        let saved = self.saved();
        let places = saved["places"].as_array().unwrap().iter();
        places.flat_map(|place| place["snapshots"].as_array().unwrap()).map(Point::of).collect()
    }

    fn next(&self, worker: WorkerName, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (schedule, anchor) = self.frozen.schedule(worker.as_str());
        Schedule::parse(&schedule).unwrap().next_after(after, anchor)
    }

    fn run(&self, worker: WorkerName, mode: Mode) -> (Run, Vec<Metric>) {
        match worker {
            WorkerName::SourceTake => self.run_one(&SourceTake, mode),
            WorkerName::SourceShare => self.run_one(&SourceShare, mode),
            WorkerName::SourceDelete => self.run_one(&SourceDelete, mode),
            WorkerName::DestinationCopy => self.run_one(&DestinationCopy, mode),
            WorkerName::DestinationDelete => self.run_one(&DestinationDelete, mode),
        }
    }

    fn run_one(&self, worker: &impl Worker, mode: Mode) -> (Run, Vec<Metric>) {
        let (account, region) = if worker.name().starts_with("source") { SOURCE } else { DESTINATION };
        let (account, region) = (account.parse().unwrap(), region.parse().unwrap());
        let cloud = self.simulation.cloud(&account, &region, self.parameters(worker.name()));
        let context = Context { account, region, now: self.simulation.now(), mode, confirmation: None };
        let outcome = worker.run(&cloud, &context).now_or_never().unwrap();
        let metrics = outcome.as_ref().map(Report::metrics).unwrap_or_default();
        cloud.publish(&metrics).now_or_never().unwrap().unwrap();
        (Run { worker: worker.name(), outcome: outcome.map_err(|error| error.to_string()) }, metrics)
    }

    fn parameters(&self, worker: &str) -> Parameters {
        let mut parameters = self.frozen.parameters(worker);
        parameters.retain(|name, _| !self.missing.contains(&name.as_str()));
        parameters.extend(self.changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        parameters
    }

    fn events(&self) -> Vec<Event> {
        self.simulation.with_world(|world| world.take_journal()).iter().filter_map(event).collect()
    }
}

fn event(event: &JournalEvent) -> Option<Event> {
    let (what, record): (What, &SnapshotRecord) = match &event.what {
        Happening::Begun(record, None) => (What::Taken, record),
        Happening::Begun(record, Some(_)) => (What::Copied, record),
        Happening::Ended(record) => (What::Ended, record),
        Happening::Gone(record, _) => (What::Gone, record),
        _ => return None,
    };
    let record: Value = serde_json::to_value(record).unwrap();
    Some(Event { at: event.at, what, point: Point::of(&record) })
}
