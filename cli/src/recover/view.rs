//! The progress of a recovery as text: a line with the time, and a line for each resource under its layer.

use std::fmt::Write;

use chrono::TimeDelta;
use destination_recover::{Progress, ResourceProgress, Status};
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

/// The progress of the execution at `now`.
pub(super) fn of(seen: &Execution, progress: Option<&Progress>, now: Instant) -> View {
    let elapsed = seen.ended.unwrap_or(now) - seen.began;
    let word = match (&seen.state, seen.at.as_deref()) {
        (ExecutionState::Running, Some("Approve")) => {
            "waiting for approval (see the message sent to the topic)"
        }
        (ExecutionState::Running, _) => "running",
        (ExecutionState::Succeeded(_), _) => "done",
        (ExecutionState::Failed { .. }, _) => "failed",
    };
    let target = progress.map_or_else(String::new, |progress| {
        format!(" of {}", duration(seconds(progress.rto_target_seconds)))
    });
    let head = format!("{word}, {}{target}\n", duration(elapsed));
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
        let after = match resource.status {
            Status::Recovered if resource.already => format!("was up already{}", result(resource, began)),
            Status::Recovered => {
                format!("up after {}{}", duration(seconds(resource.seconds)), result(resource, began))
            }
            _ => step.clone(),
        };
        let line = format!("  {sign} {name:names$}  {kind:kinds$}  {after}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// Where the resource is, and the age that its data had when it came up. `began` is the start of the recovery.
fn result(resource: &ResourceProgress, began: Option<Instant>) -> String {
    let Some(outcome) = &resource.outcome else { return String::new() };
    let at = outcome.endpoint.as_ref().map(|endpoint| format!(" at {endpoint}"));
    let up = began.map(|began| began + seconds(resource.seconds));
    let data = outcome.data_time.map(|taken| {
        let age = up.map(|up| format!(" ({} old)", duration(up - taken))).unwrap_or_default();
        format!(", data of {}{age}", in_full(taken))
    });
    let since = outcome.took_over.map(|since| format!(", primary since {}", in_full(since)));
    [at, data, since].into_iter().flatten().collect()
}

fn in_full(at: Instant) -> String {
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

fn seconds(count: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(count).unwrap_or(i64::MAX / 1000))
}

/// `2 h 05 min`, `12 min 30 s`, `40 s`.
pub(super) fn duration(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest:02} s"),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
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
        let progress = Progress {
            at: 1,
            verdict: destination_recover::Verdict::Waiting,
            resources: vec![
                resource(1, "orders", Status::Recovered, ""),
                resource(2, "billing-main", Status::Waiting, "the instance is creating"),
            ],
            seconds: 200,
            running_seconds: 200,
            rto_target_seconds: 10_800,
            message: String::new(),
            recovery: None,
            late: false,
        };
        let began = pilot_light_domain::testing::at("2026-01-01T00:00:00Z");
        let seen = Execution {
            state: ExecutionState::Running,
            began,
            ended: None,
            input: serde_json::Value::Null,
            at: Some("Wait".to_owned()),
            said: Vec::new(),
        };
        let view = of(&seen, Some(&progress), began + TimeDelta::seconds(203));
        let expected = "running, 3 min 23 s of 3 h 00 min\nlayer 1\n  ✓ orders        RestoreFromSnapshot  up after 2 min 05 s\n\
            layer 2\n  … billing-main  RestoreFromSnapshot  the instance is creating\n";
        assert_eq!(view.whole(), expected);
        assert_eq!(view.changing().lines().count(), 4);
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let texts = [0, 59, 60, 750, 3600, 7500].map(|seconds| duration(TimeDelta::seconds(seconds)));
        assert_eq!(texts, ["0 s", "59 s", "1 min 00 s", "12 min 30 s", "1 h 00 min", "2 h 05 min"]);
    }
}
