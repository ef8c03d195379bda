//! The operations `start` and `check`: they read the facts and request the next change of every resource in the current layer.
//!
//! Both are the same step. A repeated, killed or late call therefore continues from the actual state. The decisions are left
//! to the kinds, waiting to the state machine.

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::policy::RecoveryPolicy;
use pilot_light_domain::recovery::{Answer, Call, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::worker;

use crate::apply::{self, Ask};
use crate::entry::{Entry, Unready};
use crate::facts::{Facts, all_needs};
use crate::imports::Imports;
use crate::kinds::Next;
use crate::manifest::Resource;
use crate::names::short_hash;
use crate::problems::cut;
use crate::progress::{Asked, LONGEST_STEP, Mark, Progress, ResourceProgress, Status, seconds_since};
use crate::read;
use crate::registry;
use crate::report;
use crate::request::Run;

/// The number of checks in which a change that AWS accepted is not requested again, even if AWS still shows the state from
/// before. AWS shows a change only some seconds after the request.
const REST: u32 = 3;

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
/// # Errors
/// The error of AWS if nothing could be read. Nothing was changed in this case.
pub(crate) async fn step<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    run: Run,
    look: Look,
) -> Result<Answer, WorkerError> {
    let parameters = worker::read_parameters(cloud).await?;
    let policy = RecoveryPolicy::parse(&parameters, &call.account, &call.region)?;
    let mut progress = run.progress.clone();
    begin(&mut progress, &run, call, look);
    let entries = ready(cloud, call, &run, &mut progress).await;
    let needs = all_needs(entries.iter().map(|entry| entry.kind.needs(&entry.setting)));
    let reading = read::read(cloud, call, &policy.sources, &needs).await;
    if let Some(error) = reading.failure() {
        return Err(error);
    }
    let asks: Vec<Ask> = entries
        .iter()
        .flat_map(|entry| decide(entry, &reading.facts, &mut progress.resources[entry.index]))
        .collect();
    let answers = apply::apply(cloud, &asks).await;
    for (ask, answer) in asks.iter().zip(answers) {
        note(&mut progress.resources[ask.resource], ask, answer);
    }
    progress.conclude(&run.layers);
    Ok(report::of_step(&run, progress))
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
    progress.seconds = seconds_since(run.execution.started, call.now);
    for (index, ..) in open(run, progress) {
        let resource = &mut progress.resources[index];
        resource.seconds = progress.seconds;
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
        match Entry::new(index, layer, resource, &imports, (call, &run.execution)) {
            Ok(entry) => entries.push(entry),
            Err(Unready::Invalid(problems)) => {
                let whats: Vec<_> = problems.iter().map(ToString::to_string).collect();
                state.fails(&whats.join("; "));
            }
            Err(Unready::Unread(error)) => {
                let polls = registry::polls_of(&resource.kind);
                state.waits_or_fails(&format!("cannot read an import: {error}"), polls);
            }
        }
    }
    entries
}

/// The changes that one resource requests next, if any. Its state describes the activity.
fn decide(entry: &Entry, facts: &Facts, state: &mut ResourceProgress) -> Vec<Ask> {
    let Entry { kind, setting, words, .. } = entry;
    let known = match facts.known_to(&kind.needs(setting), words) {
        Ok(known) => known,
        Err(gap) => {
            state.waits_or_fails(&gap, kind.polls());
            return vec![];
        }
    };
    let is_first_look = state.mark.is_none();
    let mut mark = state.mark.take().unwrap_or_else(|| Mark::of(kind.mark(known, setting)));
    if let Some(noted) = kind.came_up(known, &mark.noted, setting) {
        mark = Mark { noted, up: Some(state.seconds), ..mark };
        state.mark = Some(mark);
        state.waits("is up; the deletions come next");
        return vec![];
    }
    let next = kind.next(known, &mark.noted, setting);
    let asked = mark.asked;
    state.mark = Some(mark);
    match next {
        Next::Done if is_first_look => state.recovers("was already done"),
        Next::Done => state.recovers("is up"),
        Next::Tidy(changes) => {
            state.recovers_and_tidies();
            let (resource, region) = (entry.index, &setting.region);
            let ask =
                |(change, then)| Ask { resource, region: region.clone(), change, then, is_tidying: true };
            return changes.into_iter().map(ask).collect();
        }
        Next::Failed(why) => state.fails(&why),
        Next::Wait(what) => state.waits_or_fails(&what, kind.polls()),
        Next::Ask { region, change, then } => {
            state.waits_or_fails(&then, kind.polls());
            let ask = Ask { resource: entry.index, region, change, then, is_tidying: false };
            let rests =
                asked.is_some_and(|asked| asked.change == ask.hash() && state.polls < asked.poll + REST);
            return (state.is_open() && !rests).then_some(ask).into_iter().collect();
        }
    }
    vec![]
}

/// Notes the answer of AWS to a change. If AWS refuses a change because it is done or under way, the next check continues.
fn note(state: &mut ResourceProgress, ask: &Ask, answer: Result<(), GatewayError>) {
    use GatewayErrorKind::{AlreadyExists, InvalidState, NotFound, Throttled, Unavailable};
    if ask.is_tidying {
        return tidied(state, ask, answer);
    }
    match answer {
        Ok(()) => state.has_asked(ask),
        Err(error) if error.kind == Unavailable => {
            // AWS may have made the change nevertheless.
            state.has_asked(ask);
            state.waits(&format!("{}; the result is checked again after this answer: {error}", ask.then));
        }
        Err(error) if [AlreadyExists, InvalidState, NotFound, Throttled].contains(&error.kind) => {
            state.waits(&format!("{}; the change is requested again after this answer: {error}", ask.then));
        }
        Err(error) => state.fails(&error.to_string()),
    }
}

/// Notes the answer of AWS to a tidying change of a resource that is up. A temporary error leads to another check. Every
/// error is reported, except that the thing is already gone.
fn tidied(state: &mut ResourceProgress, ask: &Ask, answer: Result<(), GatewayError>) {
    use GatewayErrorKind::{NotFound, Throttled, Unavailable};
    let Err(error) = answer else { return };
    let passes = [Throttled, Unavailable].contains(&error.kind);
    if passes && state.polls < registry::polls_of(&state.kind) {
        state.status = Status::Waiting;
    }
    if error.kind != NotFound {
        state.step = cut(&format!("{}; {}: {error}", state.step, ask.then), LONGEST_STEP);
    }
}

impl Ask {
    /// A hash that distinguishes this change from others.
    fn hash(&self) -> u32 {
        short_hash(&format!("{} {:?}", self.region, self.change))
    }
}

impl Mark {
    fn of(noted: serde_json::Value) -> Self {
        Self { noted, ..Self::default() }
    }
}

impl ResourceProgress {
    /// Notes that it is up. Tidying does not count towards its recovery time.
    fn recovers_and_tidies(&mut self) {
        let seconds = self.seconds;
        self.mark.get_or_insert_default().up.get_or_insert(seconds);
        self.recovers("is up");
    }

    fn has_asked(&mut self, ask: &Ask) {
        let mark = self.mark.get_or_insert_default();
        mark.asked = Some(Asked { change: ask.hash(), poll: self.polls });
        self.waits(&ask.then);
    }

    /// Notes that it waits, with `step` in progress, or that it failed if it has used up its checks.
    fn waits_or_fails(&mut self, step: &str, polls: u32) {
        if self.polls > polls {
            let minutes = u64::from(polls) / 4;
            self.fails(&format!("not up after {minutes} minutes; the last activity was: {step}"));
        } else {
            self.waits(step);
        }
    }
}

#[cfg(test)]
mod tests;
