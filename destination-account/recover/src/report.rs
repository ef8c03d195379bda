//! What people and monitoring are told: the text of every step, a metric and a log line for each resource that ends,
//! and for the whole.

use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::recovery::Answer;
use serde_json::{Value, json};

use crate::faults::cut;
use crate::progress::{Progress, ResourceProgress, Status, Verdict};
use crate::registry::Purpose;
use crate::request::Run;

/// How long a text for people is at most, in bytes.
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
    let mut metrics: Vec<Metric> =
        ended.iter().filter(|resource| resource.is_up()).map(|found| time_of(found)).collect();
    let mut log: Vec<Value> = ended.iter().map(|resource| line_of(run, resource)).collect();
    if matches!(progress.verdict, Verdict::Recovered | Verdict::Failed) {
        log.push(last_line(run, &progress));
    }
    if progress.verdict == Verdict::Recovered {
        metrics.push(Metric::overall(MetricName::RecoveryTime, in_full(progress.seconds)));
    }
    let output = serde_json::to_value(&progress).unwrap_or_default();
    Answer { output, metrics, log }
}

fn is_ended(resource: &ResourceProgress) -> bool {
    matches!(resource.status, Status::Recovered | Status::Failed)
}

impl ResourceProgress {
    fn is_up(&self) -> bool {
        self.status == Status::Recovered
    }
}

fn time_of(resource: &ResourceProgress) -> Metric {
    Metric {
        name: MetricName::RecoveryTime,
        dimension: Some(("Resource".to_owned(), crate::tagging::ascii(&resource.name))),
        value: in_full(resource.seconds),
    }
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
    })
}

fn last_line(run: &Run, progress: &Progress) -> Value {
    let count = |status: Status| progress.resources.iter().filter(|found| found.status == status).count();
    json!({
        "event": "recovery_ended",
        "verdict": progress.verdict,
        "purpose": run.purpose,
        "execution": run.execution.id,
        "seconds": progress.seconds,
        "rto_target_seconds": progress.rto_target_seconds,
        "within_rto_target": progress.seconds <= progress.rto_target_seconds,
        "recovered": count(Status::Recovered),
        "failed": count(Status::Failed),
        "not_started": count(Status::NotStarted),
    })
}

/// All of a recovery in words: where it is, what to type next, and each resource under its heading.
pub(crate) fn message(run: &Run, progress: &Progress) -> String {
    let head = format!(
        "Pilot Light {} {}: {}\n{}\n{}\n",
        run.purpose.as_str(),
        run.execution.name(),
        verdict(progress, run),
        against_target(progress),
        what_next(progress, run)
    );
    let lists = [
        ("Failed", &[Status::Failed][..]),
        ("Not up yet", &[Status::Waiting]),
        ("Up", &[Status::Recovered]),
        ("Not begun", &[Status::Pending, Status::NotStarted]),
    ];
    let lists: String = lists.iter().map(|(title, statuses)| list(title, statuses, progress)).collect();
    cut(&format!("{head}{lists}"), LONGEST)
}

fn verdict(progress: &Progress, run: &Run) -> String {
    let layer = run.layers.get(progress.at).map_or(0, |layer| layer.layer);
    match progress.verdict {
        Verdict::Next => format!("layer {layer} is next"),
        Verdict::Waiting => format!("layer {layer} is being brought up"),
        Verdict::Recovered => "everything is up".to_owned(),
        Verdict::Failed => format!("failed in layer {layer}"),
    }
}

fn against_target(progress: &Progress) -> String {
    let (seconds, target) = (progress.seconds, progress.rto_target_seconds);
    let which = if seconds <= target { "within" } else { "beyond" };
    format!("{} since its start, {which} the RtoTarget of {}", in_words(seconds), in_words(target))
}

/// Seconds as people read them: `1 h 2 min 3 s`.
pub(crate) fn in_words(seconds: u64) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

fn what_next(progress: &Progress, run: &Run) -> String {
    let here = run.execution.region();
    let again = format!(
        "start the same manifest again: `pilot-light recover --manifest FILE --follow --region {here}`"
    );
    match (progress.verdict, run.purpose) {
        (Verdict::Next | Verdict::Waiting, _) => {
            format!("To follow it: aws stepfunctions describe-execution --execution-arn {}", run.execution.id)
        }
        (Verdict::Recovered, Purpose::Failover) => {
            "Point the applications at what is up, then let source-take protect it here.".to_owned()
        }
        (Verdict::Recovered, Purpose::Failback) => {
            "The replicas here can take over again: fail over to it once it has caught up.".to_owned()
        }
        (Verdict::Recovered, Purpose::Drill) => "There is nothing left to do.".to_owned(),
        (Verdict::Failed, Purpose::Drill) => format!("Mend the cause, then {again}."),
        (Verdict::Failed, _) => format!("Mend the cause, then {again}. What is up is not touched again."),
    }
}

fn list(title: &str, statuses: &[Status], progress: &Progress) -> String {
    let found: Vec<_> = progress.resources.iter().filter(|found| statuses.contains(&found.status)).collect();
    if found.is_empty() {
        return String::new();
    }
    let lines: String = found.iter().map(|resource| line(resource)).collect();
    format!("\n{title} ({}):\n{lines}", found.len())
}

fn line(resource: &ResourceProgress) -> String {
    let ResourceProgress { layer, name, kind, step, seconds, .. } = resource;
    let time = if *seconds > 0 { format!(", {}", in_words(*seconds)) } else { String::new() };
    let step = if step.is_empty() { String::new() } else { format!(": {step}") };
    format!("  {name} ({kind}, layer {layer}{time}){step}\n")
}

#[cfg(test)]
mod tests;
