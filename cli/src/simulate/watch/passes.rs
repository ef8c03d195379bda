//! What must be so once a worker's pass has succeeded: what it left behind, and what it published.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags;
use pilot_light_domain::rules::retention::Retention;
use pilot_light_domain::run::plan::SkipReason;
use pilot_light_domain::run::report::Report;

use super::book::{Database, Held};
use super::{Sight, Watch};
use pilot_light_domain::run::worker_name::WorkerName;

/// A point may outlive its retention by what a run's clock may be wrong by, and the run itself.
const CLOCK: TimeDelta = TimeDelta::minutes(10);

/// An age may be published too low or too high by as much.
const MEASURED: TimeDelta = TimeDelta::minutes(4);

/// How long passes may leave an intermediate that has served: until AWS's lists are sure to tell who reads it.
const LEFT: TimeDelta = TimeDelta::minutes(20);

impl Watch {
    /// Judges what is there after `worker` reported success.
    pub(crate) fn passed(&mut self, worker: WorkerName, report: &Report, now: Instant, sight: Sight) {
        if sight == Sight::Clouded || report.failed > 0 {
            return;
        }
        let is_complete = !report.skipped.contains_key(&SkipReason::OverCeiling.key());
        let (source, destination) = (&self.terms.source, &self.terms.destination);
        let overdue = match worker {
            WorkerName::SourceDelete if is_complete && source.delete => {
                self.overdue(source.retention, now, |watch, held| watch.is_taken(held))
            }
            WorkerName::DestinationDelete if is_complete && destination.delete => {
                self.overdue(destination.retention, now, |watch, held| watch.book.is_copy(&held.record))
            }
            WorkerName::DestinationCopy => return self.count_intermediates(now),
            _ => return,
        };
        for arn in overdue {
            self.tell(
                now,
                format!("{arn} is still there after a pass of {}: its retention is over", worker.as_str()),
            );
        }
    }

    /// Judges a metric, published by `run`, against what is so.
    pub(crate) fn published(&mut self, metric: &Metric, run: Option<u64>, now: Instant) {
        if metric.name != MetricName::OldestRecoveryPointAge {
            return;
        }
        let Some(is) = self.book.oldest_age(now) else { return };
        // What a run publishes is what it saw on its way, by its clock at the beginning; copies may have arrived.
        let run = run.and_then(|run| self.running.get(&run));
        let was = run.and_then(|run| run.oldest).unwrap_or(is);
        let least = is - run.map_or(TimeDelta::zero(), |run| now - run.began);
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds, as they were published")]
        let said = TimeDelta::seconds(metric.value as i64);
        let complaint = if least > self.terms.rpo + MEASURED && said <= self.terms.rpo {
            "no alarm would tell"
        } else if now > self.terms.holds_from && said > was.max(is) + MEASURED {
            "a false alarm"
        } else {
            return;
        };
        let (said, is) = (said.num_minutes(), is.num_minutes());
        let name = metric.name.as_str();
        self.tell(now, format!("{name} was published as {said} min and is {is}: {complaint}"));
    }

    fn is_taken(&self, held: &Held) -> bool {
        let record = &held.record;
        record.arn.account == self.terms.homes.source.account
            && record.tags.has(tags::CREATED_BY, tags::TOOL)
            && !record.tags.has(tags::COPIED_BY, tags::TOOL)
    }

    /// Points that no reason keeps any longer, by rules of their own: those of the domain are on trial.
    fn overdue(
        &self,
        retention: Retention,
        now: Instant,
        is_meant: impl Fn(&Self, &Held) -> bool,
    ) -> Vec<SnapshotArn> {
        let mut points: BTreeMap<Database, Vec<(Instant, &Held)>> = BTreeMap::new();
        for held in self.book.all().filter(|held| is_meant(self, held)) {
            if let Some(taken) = held.usable_since() {
                points.entry(held.database()).or_default().push((taken, held));
            }
        }
        let is_overdue = |points: &[(Instant, &Held)], (taken, held): &(Instant, &Held)| {
            // The pass may not have seen what arrived while it ran.
            let is_known = |held: &Held| held.record.created_at.is_some_and(|at| at < now - CLOCK);
            let known = points.iter().filter(|(_, held)| is_known(held)).map(|(taken, _)| *taken);
            now - *taken > retention.keep_for + CLOCK
                && !is_kept(&known.collect::<Vec<_>>(), *taken, retention)
                && !self.book.is_read(&held.record.arn)
        };
        let all = points.values();
        all.flat_map(|points| points.iter().filter(|point| is_overdue(points, point)))
            .map(|(_, held)| held.record.arn.clone())
            .collect()
    }

    fn count_intermediates(&mut self, now: Instant) {
        let served = self.book.intermediates().filter(|held| self.has_served(held));
        let served: Vec<SnapshotArn> = served.map(|held| held.record.arn.clone()).collect();
        self.left.retain(|arn, _| served.contains(arn));
        for arn in served {
            let since = *self.left.entry(arn.clone()).or_insert(now);
            if now - since > LEFT {
                self.tell(now, format!("the intermediate {arn} outlives its copy"));
            }
        }
    }

    /// True if nothing needs an intermediate any more.
    fn has_served(&self, held: &Held) -> bool {
        let record = &held.record;
        if self.book.is_read(&record.arn) {
            return false;
        }
        match held.usable_since() {
            Some(taken) => self.book.newest_usable(&held.database(), None) >= Some(taken),
            None => record.status == SnapshotStatus::Failed,
        }
    }
}

/// True if a point is among the newest `keep_last`, or the newest of one of the newest `keep_daily` days.
fn is_kept(points: &[Instant], taken: Instant, retention: Retention) -> bool {
    let newer = || points.iter().copied().filter(|other| *other > taken);
    let newer_days: BTreeSet<_> = newer().map(|other| other.date_naive()).collect();
    let is_days_newest = !newer_days.contains(&taken.date_naive());
    newer().count() < retention.keep_last.max(1)
        || (is_days_newest && newer_days.len() < retention.keep_daily)
}
