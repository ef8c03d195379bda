//! The progress of a recovery as text: a line with the time, and a line for each resource under its layer.

use std::fmt::Write;

use chrono::TimeDelta;
use destination_recover::{Progress, ResourceProgress, Status, in_words};
use pilot_light_aws::{Execution, ExecutionState};
use pilot_light_domain::Instant;

/// The text of a recovery's progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// The line with the elapsed time, which always changes.
    head: String,
    /// The lines of the resources.
    body: String,
}

impl View {
    /// A message in place of the progress.
    pub(super) fn message(text: String) -> Self {
        Self { head: String::new(), body: format!("{text}\n") }
    }

    /// All lines.
    pub(super) fn whole(&self) -> String {
        format!("{}{}", self.head, self.body)
    }

    /// The lines that change only when the recovery makes progress.
    pub(super) fn changing(&self) -> &str {
        &self.body
    }
}

/// The progress of the execution at `now`. The time counts from the start of the recovery, which an earlier execution may have
/// begun. An end has no time here: the text that follows has it.
pub(super) fn of(seen: &Execution, progress: Option<&Progress>, now: Instant) -> View {
    let began = progress.and_then(|progress| progress.recovery.as_ref()).map(|recovery| recovery.started);
    let elapsed = duration(now - began.unwrap_or(seen.began));
    let target = progress
        .map_or_else(String::new, |progress| format!(" of {}", in_words(progress.rto_target_seconds)));
    let head = match (&seen.state, seen.at.as_deref()) {
        (ExecutionState::Running, Some("Approve")) => {
            format!("waiting for approval (see the message sent to the topic), {elapsed}{target}\n")
        }
        (ExecutionState::Running, _) => format!("running, {elapsed}{target}\n"),
        (ExecutionState::Succeeded(_), _) => "done\n".to_owned(),
        (ExecutionState::Failed { .. }, _) => "failed\n".to_owned(),
    };
    View { head, body: progress.map(lines).unwrap_or_default() }
}

fn lines(progress: &Progress) -> String {
    let longest =
        |of: fn(&ResourceProgress) -> usize| progress.resources.iter().map(of).max().unwrap_or_default();
    let (names, kinds) = (longest(|r| r.name.chars().count()), longest(|r| r.kind.chars().count()));
    let began = progress.recovery.as_ref().map(|recovery| recovery.started);
    let mut out = String::new();
    let mut layer = None;
    for resource in &progress.resources {
        if layer.replace(resource.layer) != Some(resource.layer) {
            let _ = writeln!(out, "layer {}", resource.layer);
        }
        let ResourceProgress { name, kind, step, .. } = resource;
        let sign = sign(resource.status);
        let but = resource.lack().map(|lack| format!(", but {lack}")).unwrap_or_default();
        let after = match resource.status {
            Status::Recovered if resource.already => {
                format!("was up already{}{but}", resource.result(began))
            }
            Status::Recovered => {
                format!("up after {}{}{but}", in_words(resource.seconds), resource.result(began))
            }
            _ => step.clone(),
        };
        let line = format!("  {sign} {name:names$}  {kind:kinds$}  {after}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// A time as every output writes it.
pub(super) fn in_full(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn sign(status: Status) -> &'static str {
    match status {
        Status::Pending => "·",
        Status::Waiting => "…",
        Status::Recovered => "✓",
        Status::Failed => "✗",
        Status::NotStarted => "-",
    }
}

/// A duration or an age, as the messages of a recovery write it.
pub(super) fn duration(time: TimeDelta) -> String {
    in_words(u64::try_from(time.num_seconds()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use destination_recover::{Outcome, Recovery};

    use super::*;

    #[test]
    fn every_resource_is_listed_under_its_layer_with_its_current_step() {
        let resource = |layer, name: &str, status, step: &str| ResourceProgress {
            layer,
            name: name.to_owned(),
            kind: "RestoreFromSnapshot".to_owned(),
            status,
            step: step.to_owned(),
            seconds: 125,
            polls: 3,
            spent: 90,
            already: false,
            outcome: None,
            mark: None,
        };
        let began = pilot_light_domain::testing::at("2026-01-01T00:00:00Z");
        let outcome = Outcome { data_time: Some(began - TimeDelta::minutes(58)), ..Outcome::default() };
        let recovery = Recovery { id: "run-1".to_owned(), started: began, manifest: String::new() };
        let progress = Progress {
            at: 1,
            verdict: destination_recover::Verdict::Waiting,
            resources: vec![
                ResourceProgress { outcome: Some(outcome), ..resource(1, "orders", Status::Recovered, "") },
                resource(2, "billing-main", Status::Waiting, "the instance is creating"),
            ],
            seconds: 200,
            running_seconds: 200,
            rto_target_seconds: 10_800,
            message: String::new(),
            recovery: Some(recovery),
            late: false,
        };
        // An earlier execution began the recovery.
        let seen = Execution {
            state: ExecutionState::Running,
            began: began + TimeDelta::seconds(100),
            ended: None,
            input: serde_json::Value::Null,
            at: Some("Wait".to_owned()),
            said: Vec::new(),
        };
        let view = of(&seen, Some(&progress), began + TimeDelta::seconds(203));
        let expected = "running, 3 min 23 s of 3 h\nlayer 1\n  ✓ orders        RestoreFromSnapshot  up after 2 min 5 s, data of 2025-12-31T23:02:00Z, 1 h 5 s old\n\
            layer 2\n  … billing-main  RestoreFromSnapshot  the instance is creating\n";
        assert_eq!(view.whole(), expected);
        assert_eq!(view.changing().lines().count(), 4);
        let over = Execution { state: ExecutionState::Succeeded(serde_json::Value::Null), ..seen };
        assert!(of(&over, Some(&progress), began).whole().starts_with("done\n"), "the message has the time");
    }
}
