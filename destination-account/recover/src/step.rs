//! The operations `start` and `check`: they read the facts and request the next change of every resource in the current layer.
//!
//! Both are the same step. A repeated, killed or late call therefore continues from the actual state. The decisions are left
//! to the kinds, waiting to the state machine.

mod closing;
mod decide;
mod gate;

use pilot_light_domain::policy::RecoveryPolicy;
use pilot_light_domain::recovery::{Answer, Call, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::worker;
use serde_json::Value;

use self::decide::{decide, describe, note};
use crate::apply::{self, Ask};
use crate::entry::{Entry, Unready};
use crate::facts::all_needs;
use crate::imports::Imports;
use crate::manifest::Resource;
use crate::progress::{Progress, ResourceProgress, Status, Verdict, seconds_since};
use crate::read;
use crate::registry;
use crate::report;
use crate::request::Run;

/// The most seconds between two checks that count towards the limit of a resource: twice the longest wait.
const LONGEST_PAUSE: u64 = 120;

/// The occasion of a step: a layer begins, or is checked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// The layer begins.
    First,
    /// The layer is checked again, 15 s later.
    Again,
}

/// Takes the next step of the current layer.
///
/// The state machine repeats a call that AWS does not answer, for hours. If `RtoTarget` passes meanwhile, the call reports
/// that instead of the error, once. The next check continues.
///
/// # Errors
/// The error of AWS if nothing could be read. Nothing was changed in this case.
pub(crate) async fn step<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    run: Run,
    look: Look,
) -> Result<Answer, WorkerError> {
    let mut progress = run.progress.clone();
    begin(&mut progress, &run, call, look);
    let error = match take(cloud, call, &run, progress.clone()).await {
        Ok((taken, not_closed)) => {
            let mut answer = report::of_step(&run, taken);
            answer.log.extend(not_closed);
            return Ok(answer);
        }
        Err(error) => error,
    };
    progress.verdict = Verdict::Waiting;
    progress.announce(run.sends_late);
    if progress.verdict != Verdict::Late || !error.name().is_retryable() {
        return Err(error);
    }
    for (index, ..) in open(&run, &progress) {
        progress.resources[index].waits(&format!("AWS does not answer: {error}"));
    }
    Ok(report::of_step(&run, progress))
}

/// The progress after the next step, and a log line if the recovery has ended and could not be closed.
async fn take<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    run: &Run,
    mut progress: Progress,
) -> Result<(Progress, Option<Value>), WorkerError> {
    let parameters = worker::read_parameters(cloud).await?;
    let policy = RecoveryPolicy::parse(&parameters, &call.account, &call.region)?;
    let entries = ready(cloud, call, run, &mut progress).await;
    let needs = all_needs(entries.iter().map(|entry| entry.kind.needs(&entry.setting)));
    let mut reading = read::read(cloud, call, &policy.sources, &needs).await;
    if let Some(error) = reading.failure() {
        return Err(error);
    }
    let is_of_0_1_0 = progress.recovery.is_none();
    let asks: Vec<Ask> = entries
        .iter()
        .flat_map(|entry| decide(entry, &reading.facts, &mut progress.resources[entry.index], is_of_0_1_0))
        .collect();
    let asks = gate::passed(cloud, call, (&entries, &run.layers), (asks, &mut reading), &mut progress).await;
    let is_up = |entry: &&Entry| progress.resources[entry.index].status == Status::Recovered;
    let up: Vec<&Entry> = entries.iter().filter(is_up).collect();
    let answers = apply::apply(cloud, &asks).await;
    for (ask, answer) in asks.iter().zip(answers) {
        let removes = entries.iter().any(|entry| entry.index == ask.resource && entry.kind.removes());
        note(&mut progress.resources[ask.resource], (ask, answer), removes, call.now);
    }
    // These lists come last, so that they delay no change.
    let needs = all_needs(up.iter().map(|entry| entry.kind.outcome_needs(&entry.setting)));
    reading.read_more(cloud, call, &needs).await;
    for entry in up {
        describe(entry, &reading.facts, &mut progress.resources[entry.index]);
    }
    progress.conclude(&run.layers);
    progress.announce(run.sends_late);
    let not_closed = match progress.verdict {
        Verdict::Recovered => closing::close(cloud, call, run, &mut reading).await,
        _ => None,
    };
    Ok((progress, not_closed))
}

/// The open resources of the current layer, each with its index and the number of its layer.
fn open<'a>(run: &'a Run, progress: &Progress) -> Vec<(usize, u32, &'a Resource)> {
    let Some(layer) = run.layers.get(progress.at) else { return Vec::new() };
    let from = Progress::offset(&run.layers, progress.at);
    let all = layer.resources.iter().enumerate().map(|(at, found)| (from + at, layer.layer, found));
    all.filter(|(index, ..)| progress.resources.get(*index).is_some_and(ResourceProgress::is_open)).collect()
}

/// Updates the time and counts the check, even if nothing can be read afterwards.
fn begin(progress: &mut Progress, run: &Run, call: &Call, look: Look) {
    let seconds = seconds_since(run.recovery().started, call.now);
    // While AWS answers no call, the state machine repeats the same one. That time is no attempt of the resources.
    let passed = seconds.saturating_sub(progress.seconds).min(LONGEST_PAUSE);
    progress.seconds = seconds;
    progress.running_seconds = seconds_since(run.execution.started, call.now);
    for (index, ..) in open(run, progress) {
        let resource = &mut progress.resources[index];
        resource.seconds = progress.seconds;
        if resource.status == Status::Waiting {
            resource.spent += passed;
        }
        resource.status = Status::Waiting;
        if look == Look::Again {
            resource.polls += 1;
        }
    }
}

/// The open resources that are ready. The others wait or fail.
async fn ready<C: RecoveryCloud>(cloud: &C, call: &Call, run: &Run, progress: &mut Progress) -> Vec<Entry> {
    let open = open(run, progress);
    let resources: Vec<&Resource> = open.iter().map(|(.., resource)| *resource).collect();
    let imports = Imports::read(cloud, &resources).await;
    let mut entries = Vec::new();
    for (index, layer, resource) in open {
        let state = &mut progress.resources[index];
        match Entry::new(index, layer, resource, &imports, (call, &run.recovery())) {
            Ok(mut entry) => {
                entry.setting.refusals = state.refusals();
                entry.setting.lacks = state.lacks();
                entries.push(entry);
            }
            Err(Unready::Invalid(problems)) => {
                let whats: Vec<_> = problems.iter().map(ToString::to_string).collect();
                state.fails(&whats.join("; "));
            }
            Err(Unready::Unread(error)) => {
                let limit = registry::limit_of(&resource.kind);
                state.waits_or_fails(&format!("cannot read an import: {error}"), limit);
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests;
