//! The report to people and monitoring: the text of every step, and a metric and a log line for each resource that ends
//! and for the whole recovery.
//!
//! Sending them is left to the state machine and to the bootstrap of the Lambda function.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::recovery::Answer;
use serde_json::{Value, json};

use crate::problems::cut;
use crate::progress::{Outcome, Progress, ResourceProgress, Status, UP_BUT, Verdict, seconds_since};
use crate::registry::Purpose;
use crate::request::Run;

/// The largest size of a text for people in bytes.
pub(crate) const LONGEST: usize = 8 * 1024;

/// The answer to `start` and `check`.
pub(crate) fn of_step(run: &Run, mut progress: Progress) -> Answer {
    progress.message = message(run, &progress);
    let before = &run.progress.resources;
    let ended: Vec<&ResourceProgress> = progress
        .resources
        .iter()
        .zip(before)
        .filter(|(after, before)| before.is_open() && is_ended(after))
        .map(|(after, _)| after)
        .collect();
    let measured = ended.iter().filter(|resource| resource.is_measured());
    let mut metrics: Vec<Metric> = measured.map(|found| time_of(run, found)).collect();
    let mut log: Vec<Value> = ended.iter().map(|resource| line_of(run, resource)).collect();
    if matches!(progress.verdict, Verdict::Recovered | Verdict::Failed) {
        log.push(last_line(run, &progress));
    }
    if progress.verdict == Verdict::Recovered {
        let whole = time_until_now(&progress);
        metrics.extend(whole.map(|seconds| metric(run, MetricName::RecoveryTime, in_full(seconds))));
    }
    if progress.late && !run.progress.late {
        metrics.push(metric(run, MetricName::RtoTargetPassed, 1.0));
    }
    let output = serde_json::to_value(&progress).unwrap_or_default();
    Answer { output, metrics, log }
}

fn is_ended(resource: &ResourceProgress) -> bool {
    matches!(resource.status, Status::Recovered | Status::Failed)
}

impl Progress {
    /// The databases that had taken over before this execution did anything. Another one may have been the primary since.
    fn primaries_before(&self) -> Vec<&str> {
        let took_over = |found: &&ResourceProgress| {
            found.already && found.outcome.as_ref().is_some_and(|outcome| outcome.took_over.is_some())
        };
        self.resources.iter().filter(took_over).map(|found| found.name.as_str()).collect()
    }

    /// True if everything was up before this execution did anything.
    fn is_unchanged(&self) -> bool {
        self.resources.iter().all(|found| found.already)
    }
}

impl ResourceProgress {
    fn is_up(&self) -> bool {
        self.status == Status::Recovered
    }

    /// A thing that people must know although it is up, such as a missing standby.
    #[must_use]
    pub fn lack(&self) -> Option<&str> {
        self.step.strip_prefix(UP_BUT).filter(|_| self.is_up())
    }

    /// The result in words, to follow other words: where it is, and which data it holds. The age of the data is that at the
    /// moment at which it was up, so it is the same in every text. `began` is the start of the recovery.
    #[must_use]
    pub fn result(&self, began: Option<Instant>) -> String {
        let up = began.map(|began| began + whole(self.seconds));
        self.outcome.as_ref().map_or_else(String::new, |outcome| outcome.in_words(up))
    }

    /// True if this execution brought it up. What was up already has no time.
    fn is_measured(&self) -> bool {
        self.is_up() && !self.already
    }
}

impl Outcome {
    /// The result in words, to follow other words. `up` is the moment at which it was up, for the age of its data.
    pub(crate) fn in_words(&self, up: Option<Instant>) -> String {
        let at = self.endpoint.as_ref().map(|endpoint| format!(" at {endpoint}"));
        let from = self.snapshot.as_ref().map(|id| format!(", from {id}"));
        let data = self.data_time.map(|taken| {
            let age = up.map(|up| format!(", {} old", in_words(seconds_since(taken, up))));
            format!(", data of {}{}", crate::tagging::time(taken), age.unwrap_or_default())
        });
        let since = self.took_over.map(|since| format!(", primary since {}", crate::tagging::time(since)));
        [at, from, data, since].into_iter().flatten().collect()
    }
}

/// Whole seconds as a duration.
pub(crate) fn whole(seconds: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or_default())
}

/// A metric of the recovery. Its purpose separates drills from real recoveries.
fn metric(run: &Run, name: MetricName, value: f64) -> Metric {
    Metric::overall(name, value).with("Purpose", run.purpose.as_str())
}

/// Seconds from the start of the recovery until everything was up, or until now. Deletions afterwards do not count. None if
/// everything was up before this execution did anything: its own few seconds are no recovery time.
fn time_until_now(progress: &Progress) -> Option<u64> {
    if progress.verdict != Verdict::Recovered {
        return Some(progress.seconds);
    }
    progress.resources.iter().filter(|found| found.is_measured()).map(|found| found.seconds).max()
}

fn time_of(run: &Run, resource: &ResourceProgress) -> Metric {
    let time = metric(run, MetricName::RecoveryTime, in_full(resource.seconds));
    time.with("Resource", crate::tagging::ascii(&resource.name))
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a recovery stay far below 2^52")]
fn in_full(seconds: u64) -> f64 {
    seconds as f64
}

fn line_of(run: &Run, resource: &ResourceProgress) -> Value {
    json!({
        "event": if resource.is_up() { "recovered" } else { "failed" },
        "purpose": run.purpose,
        "execution": run.execution.id,
        "resourceName": resource.name,
        "resourceType": resource.kind,
        "layer": resource.layer,
        "seconds": resource.seconds,
        "rto_target_seconds": run.progress.rto_target_seconds,
        "polls": resource.polls,
        "step": resource.step,
        "already": resource.already,
        "outcome": resource.outcome,
    })
}

fn last_line(run: &Run, progress: &Progress) -> Value {
    let count = |status: Status| progress.resources.iter().filter(|found| found.status == status).count();
    json!({
        "event": "recovery_ended",
        "verdict": progress.verdict,
        "purpose": run.purpose,
        "execution": run.execution.id,
        "recovery": run.recovery().id,
        "seconds": time_until_now(progress),
        "rto_target_seconds": progress.rto_target_seconds,
        "within_rto_target": time_until_now(progress).map(|seconds| seconds <= progress.rto_target_seconds),
        "already": progress.is_unchanged(),
        "recovered": count(Status::Recovered),
        "failed": count(Status::Failed),
        "not_started": count(Status::NotStarted),
    })
}

/// A whole recovery in words: its verdict, the next command, and each resource under a heading.
pub(crate) fn message(run: &Run, progress: &Progress) -> String {
    let head = format!(
        "Pilot Light {} {}: {}\n{}\n{}\n",
        run.purpose.as_str(),
        run.execution.name(),
        verdict(progress, run),
        compared_with_target(progress, run),
        next_step(progress, run)
    );
    let lists: [(&str, IsMeant); 5] = [
        ("Failed", |found| found.status == Status::Failed),
        ("Not up yet", |found| found.status == Status::Waiting),
        ("Up, but not as requested", |found| found.lack().is_some()),
        ("Up", |found| found.is_up() && found.lack().is_none()),
        ("Not begun", |found| matches!(found.status, Status::Pending | Status::NotStarted)),
    ];
    let lists: String = lists.iter().map(|(title, is_meant)| list(title, *is_meant, progress)).collect();
    cut(&format!("{head}{lists}"), LONGEST)
}

fn verdict(progress: &Progress, run: &Run) -> String {
    let layer = run.layers.get(progress.at).map_or(0, |layer| layer.layer);
    match progress.verdict {
        Verdict::Next => format!("layer {layer} is next"),
        Verdict::Waiting => format!("layer {layer} is being brought up"),
        Verdict::Late => format!("RtoTarget has passed, and layer {layer} is still being brought up"),
        Verdict::Recovered if progress.is_unchanged() => {
            "everything was up already, and nothing was changed; if you expected a change, check the account and the Region"
                .to_owned()
        }
        Verdict::Recovered => match progress.resources.iter().filter(|found| found.lack().is_some()).count() {
            0 => "everything is up".to_owned(),
            1 => "everything is up, but 1 resource is not as requested".to_owned(),
            number => format!("everything is up, but {number} resources are not as requested"),
        },
        Verdict::Failed => format!("failed in layer {layer}"),
    }
}

fn compared_with_target(progress: &Progress, run: &Run) -> String {
    let target = progress.rto_target_seconds;
    let Some(seconds) = time_until_now(progress) else {
        return "No time was measured, because an earlier execution or a person brought everything up"
            .to_owned();
    };
    let which = if seconds <= target { "within" } else { "beyond" };
    let compared =
        format!("{} since its start, {which} the RtoTarget of {}", in_words(seconds), in_words(target));
    format!("{compared}{}", continued(run))
}

/// The earlier recovery that this execution continues, in a line of its own.
pub(crate) fn continued(run: &Run) -> String {
    let recovery = run.recovery();
    if recovery.id == run.execution.name() {
        return String::new();
    }
    let began = crate::tagging::time(recovery.started);
    format!("\nIt continues the recovery {}, which began at {began}; --new begins another one", recovery.id)
}

/// A duration in hours, minutes and seconds: `1 h 2 min 3 s`. Every text for people writes durations and ages in this way.
#[must_use]
pub fn in_words(seconds: u64) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

fn next_step(progress: &Progress, run: &Run) -> String {
    let here = run.execution.region();
    let again = format!(
        "start the same manifest again: `pilot-light recover --manifest FILE --follow --region {here}`"
    );
    match (progress.verdict, run.purpose) {
        (Verdict::Next | Verdict::Waiting | Verdict::Late, _) => {
            format!("To follow it: aws stepfunctions describe-execution --execution-arn {}", run.execution.id)
        }
        (Verdict::Recovered, Purpose::Failover) if progress.is_unchanged() => {
            "Before applications use a database from here, make sure that no other one has been the primary since: its data would be newer."
                .to_owned()
        }
        (Verdict::Recovered, Purpose::Failover) if !progress.primaries_before().is_empty() => {
            format!(
                "Point the applications at the recovered resources. But {} took over before this execution began: first make sure that no \
                 other one has been the primary since, because its data would be newer.",
                progress.primaries_before().join(", ")
            )
        }
        (Verdict::Recovered, Purpose::Failover) => {
            "Point the applications at the recovered resources. Then protect the new primaries here with source-take: \
             see docs/recovery.md."
                .to_owned()
        }
        (Verdict::Recovered, Purpose::Failback) => {
            "The replicas in this Region can take over again. Fail over to this Region once they have caught up.".to_owned()
        }
        (Verdict::Recovered, Purpose::Drill) => "Nothing is left to do.".to_owned(),
        (Verdict::Failed, Purpose::Drill) => format!("Fix the cause, then {again}."),
        (Verdict::Failed, _) => {
            format!("Fix the cause, then {again}. Resources that are up are not changed again.")
        }
    }
}

/// The question that selects the resources of a list.
type IsMeant = fn(&ResourceProgress) -> bool;

fn list(title: &str, is_meant: IsMeant, progress: &Progress) -> String {
    let found: Vec<_> = progress.resources.iter().filter(|found| is_meant(found)).collect();
    if found.is_empty() {
        return String::new();
    }
    let began = progress.recovery.as_ref().map(|recovery| recovery.started);
    let lines: String = found.iter().map(|resource| line(resource, began)).collect();
    format!("\n{title} ({}):\n{lines}", found.len())
}

fn line(resource: &ResourceProgress, began: Option<Instant>) -> String {
    let ResourceProgress { layer, name, kind, step, seconds, .. } = resource;
    let time = if *seconds > 0 { format!(", {}", in_words(*seconds)) } else { String::new() };
    let step = if step.is_empty() { String::new() } else { format!(": {step}") };
    format!("  {name} ({kind}, layer {layer}{time}){step}{}\n", resource.result(began))
}

#[cfg(test)]
mod tests;
