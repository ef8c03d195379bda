//! The next action of one resource in a step, and the conclusions from the answers of AWS.

use std::collections::BTreeSet;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use serde_json::Value;

use crate::apply::{Ask, Reply, Weight, is_temporary};
use crate::entry::Entry;
use crate::facts::{Facts, Known};
use crate::kinds::Next;
use crate::names::short_hash;
use crate::problems::{counted, cut};
use crate::progress::{Asked, LONGEST_STEP, Lack, Mark, Refused, ResourceProgress, Status, UP_BUT};
use crate::report::{in_words, whole};
use crate::{registry, tagging};

/// The number of checks in which a change that AWS accepted is not requested again, even if AWS still shows the state from
/// before. AWS shows a change only some seconds after the request.
const REST: u32 = 3;

/// The further minutes for removing what a failed resource leaves behind, and for what follows after an adjustment that did not end
/// in time.
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
    if let Some(noted) = kind.sees(known, &mark.noted, setting) {
        mark.noted = noted;
    }
    if let Some(noted) = kind.came_up(known, &mark.noted, setting) {
        mark = Mark { noted, up: Some(state.seconds), ..mark };
        state.mark = Some(mark);
        state.outcome = kind.outcome(known, setting);
        state.waits("is up; the deletions come next");
        return vec![];
    }
    let next = kind.next(known, &mark.noted, setting);
    state.mark = Some(mark);
    // A deletion or another change that follows takes time too.
    let more = if state.lacks().is_empty() { 0 } else { REMOVAL_MINUTES };
    let asks = follow((entry, kind.limit() + more), next, is_first_look, state);
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
    let is_up = matches!(next, Next::Done | Next::UpBut(_) | Next::Tidy { .. });
    // AWS may still list what was deleted a moment ago.
    let seemed_up = std::mem::replace(&mut state.noted_mark().seemed_up, is_up && is_first_look);
    if is_up && is_first_look {
        state.waits("seems to be up already; a second look confirms it");
        return vec![];
    }
    state.already = is_up && seemed_up;
    let needed =
        |region, first, change, then| Ask { resource, region, first, change, then, weight: Weight::Needed };
    let asked = match next {
        Next::Done if state.already => return state.ends("was already done"),
        Next::Done => return state.comes_up(None),
        Next::UpBut(what) => return state.comes_up(Some(what)),
        Next::Tidy { changes, but } => {
            state.recovers_and_tidies(but);
            let region = &entry.setting.region;
            let ask = |(change, then)| {
                let ask = needed(region.clone(), None, change, then);
                Ask { weight: Weight::Tidying, ..ask }
            };
            return changes.into_iter().map(ask).collect();
        }
        Next::Failed(why) => {
            state.fails(&why);
            return vec![];
        }
        Next::Wait(what) => {
            state.waits_or_fails(&what, limit);
            return vec![];
        }
        Next::Ask { region, change, then } => needed(region, None, change, then),
        Next::AskInOrder { region, first, change, then } => needed(region, Some(first), change, then),
        Next::Adjusting { what, without } => {
            if state.is_over(limit) {
                state.lacks_for_good(Lack::of(&without, &too_late(limit, &what)));
            } else {
                state.waits(&what);
            }
            return vec![];
        }
        Next::Adjust { region, first, change, then, without } => {
            if state.is_over(limit) {
                state.lacks_for_good(Lack::of(&without, &too_late(limit, &state.step)));
                return vec![];
            }
            Ask { weight: Weight::Adjusting(without), ..needed(region, first, change, then) }
        }
    };
    ask(state, limit, asked)
}

fn too_late(limit: u64, step: &str) -> String {
    format!("not within {limit} minutes; the last activity was: {step}")
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
    let noted = state.noted_mark().noted.clone();
    let Some(next) = entry.kind.remove(known, &noted, &entry.setting) else {
        if entry.kind.removes() && state.asked_just_now() {
            state.fails_after_removal(why);
            state.waits(&format!("{why}; AWS may show only in a moment what has to be removed"));
        } else {
            state.fails(why);
        }
        return vec![];
    };
    if state.is_over(limit) {
        state.fails(&still_there(why));
        return vec![];
    }
    state.fails_after_removal(why);
    let asks = follow((entry, limit), next, false, state);
    state.waits(&format!("{why}; {}", state.step));
    asks
}

fn still_there(why: &str) -> String {
    format!("{why}; what it left behind is still there, and the next drill removes it")
}

/// Notes the answer of AWS at the time `now`. A resource that `removes` what it made does so before it fails.
pub(super) fn note(state: &mut ResourceProgress, (ask, reply): (&Ask, Reply), removes: bool, now: Instant) {
    match (reply.change, reply.first) {
        (Some(answer), first) => {
            state.noted_mark().refused_first = first.map(|error| cut(&error.to_string(), LONGEST_STEP / 2));
            note_change(state, (ask, answer), removes, now);
        }
        (None, Some(error)) => state.waits(&requested_again(ask, &error)),
        (None, None) => {}
    }
}

fn requested_again(ask: &Ask, error: &GatewayError) -> String {
    format!("{}; the change is requested again after this answer: {error}", ask.then)
}

/// Notes the answer to a change. If AWS refuses a change because it is done or under way, the next check continues.
fn note_change(
    state: &mut ResourceProgress,
    (ask, answer): (&Ask, Result<(), GatewayError>),
    removes: bool,
    now: Instant,
) {
    use GatewayErrorKind::{
        AlreadyExists, InvalidState, NoCapacity, NotFound, Throttled, TooManyDatabases, Unavailable,
    };
    if ask.weight == Weight::Tidying {
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
        Err(error) if [NoCapacity, TooManyDatabases].contains(&error.kind) => state.is_refused(&error, now),
        Err(error) => refused(state, &ask.weight, &error.to_string(), removes),
    }
}

/// Notes that AWS refused a change for good.
fn refused(state: &mut ResourceProgress, weight: &Weight, why: &str, removes: bool) {
    match (weight, state.failure()) {
        (Weight::Adjusting(without), _) => state.lacks_for_good(Lack::of(without, why)),
        // The removal itself is refused.
        (_, Some(failure)) => state.fails(&still_there(&format!("{failure}; {why}"))),
        (_, None) if removes => {
            state.fails_after_removal(why);
            state.waits(why);
        }
        (_, None) => state.fails(why),
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

impl Lack {
    fn of(without: &str, why: &str) -> Self {
        Self { without: without.to_owned(), why: cut(why, LONGEST_STEP / 2) }
    }

    /// The thing that the database lacks, to follow [`UP_BUT`].
    fn in_words(&self) -> String {
        let Self { without, why } = self;
        format!("{without}: {why}")
    }
}

impl Mark {
    fn of(noted: serde_json::Value) -> Self {
        Self { noted, ..Self::default() }
    }
}

impl ResourceProgress {
    /// Notes that it is up. Tidying does not count towards its recovery time.
    fn recovers_and_tidies(&mut self, but: Option<String>) {
        let seconds = self.seconds;
        self.mark.get_or_insert_default().up.get_or_insert(seconds);
        self.comes_up(but);
    }

    /// Notes that it is up, with everything that people must know about it.
    fn comes_up(&mut self, but: Option<String>) -> Vec<Ask> {
        let mark = self.noted_mark();
        let untagged =
            mark.refused_first.iter().map(|error| format!("without the tags of the recovery: {error}"));
        let lacks = mark.lacks.iter().map(Lack::in_words);
        let but: Vec<String> = but.into_iter().chain(untagged).chain(lacks).collect();
        if but.is_empty() { self.ends("is up") } else { self.ends(&format!("{UP_BUT}{}", but.join("; "))) }
    }

    /// Notes that it is up. No change is left.
    fn ends(&mut self, step: &str) -> Vec<Ask> {
        self.recovers(step);
        vec![]
    }

    /// Notes that a usable database stays without an adjustment.
    fn lacks_for_good(&mut self, lack: Lack) {
        self.waits(&format!("{UP_BUT}{}", lack.in_words()));
        let mark = self.noted_mark();
        // The state machine holds all notes, and these are over.
        (mark.refused, mark.refused_first) = (None, None);
        mark.lacks.push(lack);
    }

    /// The adjustments that it stays without.
    pub(super) fn lacks(&self) -> BTreeSet<String> {
        self.mark.iter().flat_map(|mark| &mark.lacks).map(|lack| lack.without.clone()).collect()
    }

    /// Notes that it fails as soon as whatever it made is removed.
    fn fails_after_removal(&mut self, why: &str) {
        self.noted_mark().failure = Some(why.to_owned());
    }

    /// True if AWS accepted a change so recently that the lists may not show it yet.
    fn asked_just_now(&self) -> bool {
        let asked = self.mark.as_ref().and_then(|mark| mark.asked);
        asked.is_some_and(|asked| self.polls < asked.poll + REST)
    }

    fn noted_mark(&mut self) -> &mut Mark {
        self.mark.get_or_insert_default()
    }

    /// The reason for its failure, while something of it is being removed.
    fn failure(&self) -> Option<String> {
        self.mark.as_ref()?.failure.clone()
    }

    /// The number of refusals for lack of capacity. Another class does not help against a full quota.
    pub(super) fn refusals(&self) -> usize {
        self.mark.as_ref().and_then(|mark| mark.refused).map_or(0, |refused| refused.classes)
    }

    /// Notes a refusal for lack of capacity or quota. Both may end, so the request is repeated until the time of the kind is
    /// over.
    fn is_refused(&mut self, error: &GatewayError, now: Instant) {
        let seconds = self.seconds;
        let first = Refused { times: 0, since: seconds, classes: 0 };
        let refused = self.noted_mark().refused.get_or_insert(first);
        refused.times += 1;
        refused.classes += usize::from(error.kind == GatewayErrorKind::NoCapacity);
        let (times, waited) = (refused.times, seconds - refused.since);
        self.waits(&format!(
            "requested {} in {}, since {}, and again in the next check: {error}",
            counted(times, "time"),
            in_words(waited),
            tagging::time(now - whole(waited))
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
