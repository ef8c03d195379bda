//! The next action of one resource in a step, and the conclusions from the answers of AWS.

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};

use serde_json::Value;

use crate::apply::{Ask, Reply, is_temporary};
use crate::entry::Entry;
use crate::facts::{Facts, Known};
use crate::kinds::Next;
use crate::names::short_hash;
use crate::problems::{counted, cut};
use crate::progress::{Asked, LONGEST_STEP, Mark, Refused, ResourceProgress, Status};
use crate::registry;
use crate::report::in_words;

/// The number of checks in which a change that AWS accepted is not requested again, even if AWS still shows the state from
/// before. AWS shows a change only some seconds after the request.
const REST: u32 = 3;

/// The further minutes for removing what a failed resource leaves behind.
const REMOVAL_MINUTES: u64 = 60;

/// The changes that one resource requests next, if any. Its state describes the activity.
///
/// An execution that version 0.1.0 began goes on by its rules: it noted nothing on the state before the start.
pub(super) fn decide(
    entry: &Entry,
    facts: &Facts,
    state: &mut ResourceProgress,
    is_of_0_1_0: bool,
) -> Vec<Ask> {
    let Entry { kind, setting, words, .. } = entry;
    let known = match facts.known_to(&kind.needs(setting), words) {
        Ok(known) => known,
        Err(gap) => {
            state.waits_or_fails(&gap, kind.limit());
            return vec![];
        }
    };
    if let Some(why) = state.failure() {
        return remove(entry, known, state, &why);
    }
    let is_first_look = state.mark.is_none();
    let noted = || if is_of_0_1_0 { Value::Null } else { kind.mark(known, setting) };
    let mut mark = state.mark.take().unwrap_or_else(|| Mark::of(noted()));
    if let Some(noted) = kind.came_up(known, &mark.noted, setting) {
        mark = Mark { noted, up: Some(state.seconds), ..mark };
        state.mark = Some(mark);
        state.outcome = kind.outcome(known, setting);
        state.waits("is up; the deletions come next");
        return vec![];
    }
    let next = kind.next(known, &mark.noted, setting);
    state.mark = Some(mark);
    let asks = follow((entry, kind.limit()), next, is_first_look, state);
    if state.status == Status::Failed {
        let why = state.step.clone();
        return remove(entry, known, state, &why);
    }
    asks
}

/// Adds the result of a resource that is up. Its step gives the reason if a list for the result could not be read.
pub(super) fn describe(entry: &Entry, facts: &Facts, state: &mut ResourceProgress) {
    let Entry { kind, setting, words, .. } = entry;
    match facts.known_to(&kind.outcome_needs(setting), words) {
        Ok(known) => state.outcome = state.outcome.take().or_else(|| kind.outcome(known, setting)),
        Err(gap) => {
            let step = format!("{}, but its endpoint is unknown: {gap}", state.step);
            state.step = cut(&step, LONGEST_STEP);
        }
    }
}

/// Takes the next action of a kind, which fails after `limit` minutes.
fn follow(
    (entry, limit): (&Entry, u64),
    next: Next,
    is_first_look: bool,
    state: &mut ResourceProgress,
) -> Vec<Ask> {
    let resource = entry.index;
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
        Next::Done => match state.mark.as_ref().and_then(|mark| mark.refused_first.clone()) {
            Some(error) => state.recovers(&format!("is up, but without the tags of the recovery: {error}")),
            None => state.recovers("is up"),
        },
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
        Next::Wait(what) => state.waits_or_fails(&what, limit),
        Next::Ask { region, change, then } => {
            return ask(state, limit, Ask { resource, region, first: None, change, then, is_tidying: false });
        }
        Next::AskInOrder { region, first, change, then } => {
            return ask(
                state,
                limit,
                Ask { resource, region, first: Some(first), change, then, is_tidying: false },
            );
        }
    }
    vec![]
}

/// The change, unless AWS accepted the same one a moment ago.
fn ask(state: &mut ResourceProgress, limit: u64, ask: Ask) -> Vec<Ask> {
    // The last step may be a refusal of AWS, which is the reason that it is not up.
    let step = if state.is_over(limit) { state.step.clone() } else { ask.then.clone() };
    state.waits_or_fails(&step, limit);
    let asked = state.mark.as_ref().and_then(|mark| mark.asked);
    let rests = asked.is_some_and(|asked| asked.change == ask.hash() && state.polls < asked.poll + REST);
    (state.is_open() && !rests).then_some(ask).into_iter().collect()
}

/// Removes what a failed resource leaves behind. Then the resource fails, for the reason `why`.
fn remove(entry: &Entry, known: Known<'_>, state: &mut ResourceProgress, why: &str) -> Vec<Ask> {
    let limit = entry.kind.limit() + REMOVAL_MINUTES;
    let Some(next) = entry.kind.remove(known, &entry.setting) else {
        state.fails(why);
        return vec![];
    };
    if state.is_over(limit) {
        state.fails(&format!("{why}; what it left behind is still there, and the next drill removes it"));
        return vec![];
    }
    state.noted_mark().failure = Some(why.to_owned());
    let asks = follow((entry, limit), next, false, state);
    state.waits(&format!("{why}; {}", state.step));
    asks
}

/// Notes the answer of AWS.
pub(super) fn note(state: &mut ResourceProgress, ask: &Ask, reply: Reply) {
    match (reply.change, reply.first) {
        (Some(answer), first) => {
            state.noted_mark().refused_first = first.map(|error| cut(&error.to_string(), LONGEST_STEP / 2));
            note_change(state, ask, answer);
        }
        (None, Some(error)) => state.waits(&requested_again(ask, &error)),
        (None, None) => {}
    }
}

fn requested_again(ask: &Ask, error: &GatewayError) -> String {
    format!("{}; the change is requested again after this answer: {error}", ask.then)
}

/// Notes the answer to a change. If AWS refuses a change because it is done or under way, the next check continues.
fn note_change(state: &mut ResourceProgress, ask: &Ask, answer: Result<(), GatewayError>) {
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
            state.waits(&requested_again(ask, &error));
        }
        Err(error) if [NoCapacity, TooManyDatabases].contains(&error.kind) => state.is_refused(&error),
        Err(error) => state.fails(&error.to_string()),
    }
}

/// Notes the answer of AWS to a tidying change of a resource that is up. A temporary error leads to another check. Every
/// error is reported, except that the thing is already gone.
fn tidied(state: &mut ResourceProgress, ask: &Ask, answer: Result<(), GatewayError>) {
    let Err(error) = answer else { return };
    if is_temporary(&error) && !state.is_over(registry::limit_of(&state.kind)) {
        state.status = Status::Waiting;
    }
    if error.kind != GatewayErrorKind::NotFound {
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
    pub(super) fn refusals(&self) -> usize {
        self.mark.as_ref().and_then(|mark| mark.refused).map_or(0, |refused| refused.times)
    }

    /// Notes a refusal for lack of capacity or quota. Both may end, so the request is repeated until the time of the kind is
    /// over.
    fn is_refused(&mut self, error: &GatewayError) {
        let seconds = self.seconds;
        let refused = self.noted_mark().refused.get_or_insert(Refused { times: 0, since: seconds });
        refused.times += 1;
        let (times, waited) = (refused.times, in_words(seconds - refused.since));
        self.waits(&format!(
            "requested {} in {waited}, and again in the next check: {error}",
            counted(times, "time")
        ));
    }

    fn has_asked(&mut self, ask: &Ask) {
        let mark = self.mark.get_or_insert_default();
        mark.asked = Some(Asked { change: ask.hash(), poll: self.polls });
        self.waits(&ask.then);
    }

    /// True if more than `limit` minutes have passed since the first look at it.
    fn is_over(&self, limit: u64) -> bool {
        self.spent > limit * 60
    }

    /// Notes that it waits, with `step` in progress, or that it failed if its time, `limit` in minutes, is over.
    pub(super) fn waits_or_fails(&mut self, step: &str, limit: u64) {
        if self.is_over(limit) {
            self.fails(&format!("not up after {limit} minutes; the last activity was: {step}"));
        } else {
            self.waits(step);
        }
    }
}
