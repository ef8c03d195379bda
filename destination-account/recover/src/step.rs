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
use crate::facts::{Facts, Known, all_needs};
use crate::imports::Imports;
use crate::kinds::Next;
use crate::manifest::Resource;
use crate::names::short_hash;
use crate::problems::cut;
use crate::progress::{
    Asked, LONGEST_STEP, Mark, Progress, Refused, ResourceProgress, Status, seconds_since,
};
use crate::read;
use crate::registry;
use crate::report::{self, in_words};
use crate::request::Run;

/// The number of checks in which a change that AWS accepted is not requested again, even if AWS still shows the state from
/// before. AWS shows a change only some seconds after the request.
const REST: u32 = 3;

/// The number of further checks for removing what a failed resource leaves behind: one hour.
const REMOVAL: u32 = 240;

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
    progress.recovery = Some(run.recovery());
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
    progress.announce(run.sends_late);
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
    progress.seconds = seconds_since(run.recovery().started, call.now);
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
        match Entry::new(index, layer, resource, &imports, (call, &run.recovery())) {
            Ok(mut entry) => {
                entry.setting.refusals = state.refusals();
                entries.push(entry);
            }
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
    if let Some(why) = state.failure() {
        return remove(entry, known, state, &why);
    }
    let is_first_look = state.mark.is_none();
    let mut mark = state.mark.take().unwrap_or_else(|| Mark::of(kind.mark(known, setting)));
    if let Some(noted) = kind.came_up(known, &mark.noted, setting) {
        mark = Mark { noted, up: Some(state.seconds), ..mark };
        state.mark = Some(mark);
        state.outcome = kind.outcome(known, setting);
        state.waits("is up; the deletions come next");
        return vec![];
    }
    let next = kind.next(known, &mark.noted, setting);
    state.mark = Some(mark);
    let asks = follow(entry, next, is_first_look, state);
    if state.status == Status::Recovered && state.outcome.is_none() {
        state.outcome = kind.outcome(known, setting);
    }
    if state.status == Status::Failed {
        let why = state.step.clone();
        return remove(entry, known, state, &why);
    }
    asks
}

/// Takes the next action of a kind.
fn follow(entry: &Entry, next: Next, is_first_look: bool, state: &mut ResourceProgress) -> Vec<Ask> {
    let (resource, polls) = (entry.index, entry.kind.polls());
    let is_up = matches!(next, Next::Done | Next::Tidy(_));
    // AWS may still list what was deleted a moment ago.
    let seemed_up = std::mem::replace(&mut state.noted_mark().seemed_up, is_up && is_first_look);
    if is_up && is_first_look {
        state.waits("seems to be up already; a second look confirms it");
        return vec![];
    }
    state.already = is_up && seemed_up;
    match next {
        Next::Done if state.already => state.recovers("was already done"),
        Next::Done => state.recovers("is up"),
        Next::Tidy(changes) => {
            state.recovers_and_tidies();
            let region = &entry.setting.region;
            let ask = |(change, then)| Ask {
                resource,
                region: region.clone(),
                first: None,
                change,
                then,
                is_tidying: true,
            };
            return changes.into_iter().map(ask).collect();
        }
        Next::Failed(why) => state.fails(&why),
        Next::Wait(what) => state.waits_or_fails(&what, polls),
        Next::Ask { region, change, then } => {
            return ask(state, polls, Ask { resource, region, first: None, change, then, is_tidying: false });
        }
        Next::AskInOrder { region, first, change, then } => {
            return ask(
                state,
                polls,
                Ask { resource, region, first: Some(first), change, then, is_tidying: false },
            );
        }
    }
    vec![]
}

/// The change, unless AWS accepted the same one a moment ago.
fn ask(state: &mut ResourceProgress, polls: u32, ask: Ask) -> Vec<Ask> {
    state.waits_or_fails(&ask.then, polls);
    let asked = state.mark.as_ref().and_then(|mark| mark.asked);
    let rests = asked.is_some_and(|asked| asked.change == ask.hash() && state.polls < asked.poll + REST);
    (state.is_open() && !rests).then_some(ask).into_iter().collect()
}

/// Removes what a failed resource leaves behind. Then the resource fails, for the reason `why`.
fn remove(entry: &Entry, known: Known<'_>, state: &mut ResourceProgress, why: &str) -> Vec<Ask> {
    let limit = entry.kind.polls() + REMOVAL;
    let Some(next) = entry.kind.remove(known, &entry.setting).filter(|_| state.polls <= limit) else {
        state.fails(why);
        return vec![];
    };
    state.noted_mark().failure = Some(why.to_owned());
    let asks = follow(entry, next, false, state);
    state.waits(&format!("{why}; {}", state.step));
    asks
}

/// Notes the answer of AWS to a change. If AWS refuses a change because it is done or under way, the next check continues.
fn note(state: &mut ResourceProgress, ask: &Ask, answer: Result<(), GatewayError>) {
    use GatewayErrorKind::{
        AlreadyExists, InvalidState, NoCapacity, NotFound, Throttled, TooManyDatabases, Unavailable,
    };
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
        Err(error) if [NoCapacity, TooManyDatabases].contains(&error.kind) => state.is_refused(&error),
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

    fn noted_mark(&mut self) -> &mut Mark {
        self.mark.get_or_insert_default()
    }

    /// The reason for its failure, while something of it is being removed.
    fn failure(&self) -> Option<String> {
        self.mark.as_ref()?.failure.clone()
    }

    /// The number of refusals for lack of capacity or quota.
    fn refusals(&self) -> usize {
        self.mark.as_ref().and_then(|mark| mark.refused).map_or(0, |refused| refused.times)
    }

    /// Notes a refusal for lack of capacity or quota. Both may end, so the request is repeated until the time of the kind is
    /// over.
    fn is_refused(&mut self, error: &GatewayError) {
        let seconds = self.seconds;
        let refused = self.noted_mark().refused.get_or_insert(Refused { times: 0, since: seconds });
        refused.times += 1;
        let (times, waited) = (refused.times, in_words(seconds - refused.since));
        self.waits(&format!("requested {times} times in {waited}, and again in the next check: {error}"));
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
