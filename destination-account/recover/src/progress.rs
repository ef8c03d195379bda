//! The progress of a recovery, which the state machine carries from call to call.
//!
//! Describing the progress to people is left to `report`.

use pilot_light_domain::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::identity::Recovery;
use crate::manifest::{Layer, Resource};
use crate::problems::cut;

/// The largest size of the text of one step in bytes. A state holds the steps of all resources.
pub(crate) const LONGEST_STEP: usize = 320;

/// The largest size of that text for a resource that is up while later layers run in bytes.
pub(crate) const LONGEST_END: usize = 140;

/// The beginning of the step of a resource that is up, with something that people must know.
pub(crate) const UP_BUT: &str = "is up, but ";

/// The progress of a recovery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The index of the layer that is being brought up.
    pub at: usize,
    /// The next action of the state machine.
    pub verdict: Verdict,
    /// Every resource of the manifest, in the order of its layers.
    pub resources: Vec<ResourceProgress>,
    /// Seconds since the recovery began.
    pub seconds: u64,
    /// Seconds since this execution of the recovery began. They determine how often the state machine checks.
    #[serde(default)]
    pub running_seconds: u64,
    /// `RtoTarget` in seconds.
    pub rto_target_seconds: u64,
    /// The whole progress as a text for people.
    pub message: String,
    /// The recovery. Progress of version 0.1.0 has none: each execution was a recovery of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// True once a message said that `RtoTarget` has passed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
}

/// The next action of the state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Start the layer `at`.
    Next,
    /// Wait, then check.
    Waiting,
    /// Send the message that `RtoTarget` has passed, then wait and check.
    Late,
    /// End: everything is up.
    Recovered,
    /// End: a resource could not be brought up.
    Failed,
}

/// The progress of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceProgress {
    /// The number of its layer.
    pub layer: u32,
    /// `resourceName`.
    pub name: String,
    /// `resourceType`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its status.
    pub status: Status,
    /// The activity in progress, or the reason for the failure.
    pub step: String,
    /// Seconds from the start of the recovery until it was up, or until now.
    pub seconds: u64,
    /// The number of its checks so far.
    pub polls: u32,
    /// Seconds since this execution first looked at it.
    #[serde(default)]
    pub spent: u64,
    /// True if it was up before this execution did anything for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub already: bool,
    /// The result for the people who use it, once it is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The notes of earlier calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// The result of a resource that is up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The host name and port at which applications reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The identifier of the snapshot that it was restored from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// The time of its data, if it was restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_time: Option<Instant>,
    /// The time at which a recovery requested that it takes over, if it followed another database before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_over: Option<Instant>,
}

/// The status of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its layer has not begun.
    Pending,
    /// It is being brought up.
    Waiting,
    /// It is up.
    Recovered,
    /// It could not be brought up.
    Failed,
    /// It will not begin, because an earlier layer failed.
    NotStarted,
}

/// The notes on a resource between calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The note of its kind on the state before the start.
    pub noted: Value,
    /// The seconds until it was up, if work remained at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<u64>,
    /// The last change that AWS accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// True after the first look found the resource up. A second look must confirm it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub seemed_up: bool,
    /// The reason for its failure, while something of it is being removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The refusals for lack of capacity or quota.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// The adjustments that a usable database stays without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
    /// The words with which AWS refused the tags before a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_first: Option<String>,
}

/// Refusals of AWS for lack of capacity or quota. They may end by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Their number.
    pub times: usize,
    /// Seconds from the start of the recovery until the first of them.
    pub since: u64,
    /// The number of those for lack of capacity, after each of which the next class is tried.
    #[serde(default)]
    pub classes: usize,
}

/// An adjustment that a usable database stays without: AWS refused it for good, or takes longer than the time of the resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// The database without the adjustment: `without its standby`.
    pub without: String,
    /// The words of AWS, or the last activity.
    pub why: String,
}

/// A change that AWS accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// A hash of the change.
    pub change: u32,
    /// The number of the check in which it was requested.
    pub poll: u32,
}

impl Progress {
    /// The progress before anything has begun.
    pub(crate) fn beginning(layers: &[Layer], seconds: u64, rto_target_seconds: u64) -> Self {
        let of_layer = |layer: &Layer| {
            let number = layer.layer;
            layer.resources.iter().map(move |resource| ResourceProgress::pending(number, resource)).collect()
        };
        Self {
            at: 0,
            verdict: Verdict::Next,
            resources: layers.iter().flat_map(|layer| -> Vec<_> { of_layer(layer) }).collect(),
            seconds,
            running_seconds: 0,
            rto_target_seconds,
            message: String::new(),
            recovery: None,
            late: false,
        }
    }

    /// The index of the first resource of the layer at index `at`.
    pub(crate) fn offset(layers: &[Layer], at: usize) -> usize {
        layers.iter().take(at).map(|layer| layer.resources.len()).sum()
    }

    /// Determines the verdict from the resources of the current layer.
    pub(crate) fn conclude(&mut self, layers: &[Layer]) {
        let from = Self::offset(layers, self.at);
        let until = Self::offset(layers, self.at + 1);
        let here = self.resources.get(from..until).unwrap_or_default();
        let any = |status: Status| here.iter().any(|resource| resource.status == status);
        if any(Status::Waiting) || any(Status::Pending) {
            self.verdict = Verdict::Waiting;
        } else if any(Status::Failed) {
            self.verdict = Verdict::Failed;
            let rest = self.resources.iter_mut().filter(|resource| resource.status == Status::Pending);
            rest.for_each(|resource| resource.status = Status::NotStarted);
        } else if self.at + 1 < layers.len() {
            self.at += 1;
            self.verdict = Verdict::Next;
            // The state carries the resources through all later layers.
            let up = self.resources.iter_mut().filter(|resource| resource.status == Status::Recovered);
            up.for_each(|resource| resource.step = cut(&resource.step, LONGEST_END));
        } else {
            self.verdict = Verdict::Recovered;
        }
        // Nothing reads the notes on a resource that has ended.
        self.resources
            .iter_mut()
            .filter(|resource| !resource.is_open())
            .for_each(|resource| resource.mark = None);
    }
}

impl Progress {
    /// Announces once that `RtoTarget` passes while this execution runs, if the state machine can send that message. An
    /// execution that begins after the target continues a recovery that is known to be late.
    pub(crate) fn announce(&mut self, sends_late: bool) {
        let at_the_beginning = self.seconds.saturating_sub(self.running_seconds);
        let is_late = self.seconds > self.rto_target_seconds && at_the_beginning <= self.rto_target_seconds;
        if is_late && !self.late && self.verdict == Verdict::Waiting && sends_late {
            self.verdict = Verdict::Late;
            self.late = true;
        }
    }
}

impl ResourceProgress {
    fn pending(layer: u32, resource: &Resource) -> Self {
        Self {
            layer,
            name: resource.name.clone(),
            kind: resource.kind.clone(),
            status: Status::Pending,
            step: String::new(),
            seconds: 0,
            polls: 0,
            spent: 0,
            already: false,
            outcome: None,
            mark: None,
        }
    }

    /// True if work remains.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Waiting)
    }

    /// Notes that it waits, with `step` in progress.
    pub(crate) fn waits(&mut self, step: &str) {
        self.status = Status::Waiting;
        self.step = cut(step, LONGEST_STEP);
    }

    /// Notes that it failed, for the reason `step`.
    pub(crate) fn fails(&mut self, step: &str) {
        self.status = Status::Failed;
        self.step = cut(step, LONGEST_STEP);
    }

    /// Notes that it is up.
    pub(crate) fn recovers(&mut self, step: &str) {
        self.status = Status::Recovered;
        self.step = cut(step, LONGEST_STEP);
        if let Some(up) = self.mark.as_ref().and_then(|mark| mark.up) {
            self.seconds = up;
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Whole seconds from `started` until `now`, or 0 if the clocks disagree.
pub(crate) fn seconds_since(started: Instant, now: Instant) -> u64 {
    u64::try_from((now - started).num_seconds()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
