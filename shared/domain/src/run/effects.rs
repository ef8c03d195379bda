//! Carrying actions out: idempotent, side by side up to a limit, continuing after failures.
//!
//! Success includes "already exists" with the intended tags, and "already gone". This module decides nothing.

use std::future::Future;

use futures_util::StreamExt;

use crate::aws::error::{GatewayError, GatewayErrorKind};
use crate::aws::gateway::{CopySnapshot, CreateSnapshot, RdsGateway};
use crate::model::ids::SnapshotId;
use crate::model::snapshot::Phase;
use crate::model::tags;
use crate::model::tags::Tags;
use crate::run::StateNow;
use crate::run::plan::{Action, Plan};

/// The limit of calls in flight. With about 50 ms a call, this is more than RDS is known to accept. If RDS throttles,
/// the gateway slows down.
pub const CONCURRENCY: usize = 32;

/// The effect of an action that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// AWS accepted it now.
    Done,
    /// An earlier run had done it, or an earlier call whose answer was lost.
    AlreadyDone,
}

/// The outcome of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The action's verb.
    pub verb: &'static str,
    /// The database or snapshot.
    pub subject: String,
    /// The action's reason or target, for the report.
    pub detail: String,
    /// Its effect, or AWS's error.
    pub result: Result<Effect, GatewayError>,
}

/// Carries out every action, at most [`CONCURRENCY`] at once. It returns one outcome each, in the plan's order.
pub async fn each<'a, A, F, Fut>(actions: &'a [A], carry_out: F) -> Vec<Outcome>
where
    A: Action,
    F: Fn(&'a A) -> Fut,
    Fut: Future<Output = Result<Effect, GatewayError>>,
{
    // The calls are collected first: a stream that holds the closure itself is not `Send` for every lifetime.
    let calls: Vec<_> = actions
        .iter()
        .map(|action| {
            let result = carry_out(action);
            async move {
                let result = result.await;
                Outcome { verb: action.verb(), subject: action.subject(), detail: action.detail(), result }
            }
        })
        .collect();
    side_by_side(calls).await
}

/// Carries out the actions of `plan`. For each that AWS refuses, the next of its line takes the place. It returns one outcome
/// for each action that was tried, in the plan's order: see [`Plan::carried_out`].
///
/// A refused call leaves no trace in AWS, so the next run cannot know of it. Without the line, actions that AWS always refuses
/// would take the places of all others in every run.
pub async fn each_in_line<'a, A, F, Fut>(plan: &'a Plan<A>, carry_out: F) -> Vec<Outcome>
where
    A: Action,
    F: Fn(&'a A) -> Fut,
    Fut: Future<Output = Result<Effect, GatewayError>>,
{
    let mut outcomes = Vec::new();
    let (mut round, mut line) = (plan.actions.as_slice(), plan.line.as_slice());
    while !round.is_empty() {
        let answers = each(round, &carry_out).await;
        let both = round.iter().zip(&answers);
        let free = both.filter(|(action, outcome)| action.is_limited() && frees_its_place(outcome)).count();
        outcomes.extend(answers);
        (round, line) = line.split_at(free.min(line.len()));
    }
    outcomes
}

fn frees_its_place(outcome: &Outcome) -> bool {
    outcome.result.as_ref().is_err_and(|error| error.kind.frees_its_place())
}

/// Awaits `calls`, at most [`CONCURRENCY`] at once, and keeps their order.
///
/// The number begins at one and doubles. If the account is being throttled, AWS thus refuses only a few calls.
pub async fn side_by_side<F: Future>(calls: Vec<F>) -> Vec<F::Output> {
    let mut answers = Vec::with_capacity(calls.len());
    let mut calls = calls.into_iter();
    let mut at_once = 1;
    while at_once < CONCURRENCY {
        answers.extend(futures_util::future::join_all(calls.by_ref().take(at_once)).await);
        at_once *= 2;
    }
    answers.extend(futures_util::stream::iter(calls).buffered(CONCURRENCY).collect::<Vec<_>>().await);
    answers
}

/// Takes a snapshot.
///
/// # Errors
/// AWS's error, unless the snapshot exists with our own tags of `create`. AWS uses the key of the database, so an inaccessible
/// key concerns this database alone: [`GatewayErrorKind::DatabaseKeyNotAccessible`].
pub async fn create<R: RdsGateway>(rds: &R, create: &CreateSnapshot) -> Result<Effect, GatewayError> {
    match rds.create_snapshot(create).await {
        Ok(()) => Ok(Effect::Done),
        Err(error) if error.kind == GatewayErrorKind::KeyNotAccessible => {
            Err(GatewayError { kind: GatewayErrorKind::DatabaseKeyNotAccessible, ..error })
        }
        Err(error) => ours_already(rds, &create.id, &create.tags, error).await,
    }
}

/// Copies a snapshot that was listed as `available`.
///
/// # Errors
/// AWS's error, unless the copy exists with our own tags of `copy`. A snapshot that was listed as `available` is never in a
/// temporary state again, so a refusal for its state lasts. If a key is not accessible although our own key is usable, the
/// source's key is the cause: [`GatewayErrorKind::SourceKeyNotAccessible`].
pub async fn copy<R: RdsGateway>(rds: &R, copy: &CopySnapshot) -> Result<Effect, GatewayError> {
    match rds.copy_snapshot(copy).await {
        Ok(()) => Ok(Effect::Done),
        Err(error) if error.kind == GatewayErrorKind::KeyNotAccessible => {
            Err(whose_key(rds, copy, error).await)
        }
        Err(error) => {
            let done = ours_already(rds, &copy.target, &copy.tags, error).await;
            done.map_err(|error| in_state(error, StateNow::Allows))
        }
    }
}

/// Deletes a snapshot.
///
/// # Errors
/// AWS's error, unless the snapshot is already gone. AWS documents only that a snapshot must be `available` to be
/// deleted. If it refuses to delete a failed one, the kind is [`GatewayErrorKind::FailedAndUndeletable`]. If it refuses
/// to delete an available one, the kind is [`GatewayErrorKind::LastingState`].
pub async fn delete<R: RdsGateway>(rds: &R, id: &SnapshotId) -> Result<Effect, GatewayError> {
    match rds.delete_snapshot(id).await {
        Ok(()) => Ok(Effect::Done),
        Err(error) if error.kind == GatewayErrorKind::NotFound => Ok(Effect::AlreadyDone),
        Err(error) if error.kind == GatewayErrorKind::InvalidState => Err(of_state(rds, id, error).await),
        Err(error) => Err(error),
    }
}

/// Reads the state of a snapshot that AWS does not delete.
async fn of_state<R: RdsGateway>(rds: &R, id: &SnapshotId, error: GatewayError) -> GatewayError {
    let state = match rds.own_snapshot(id).await {
        Ok(Some(found)) => match found.status.phase() {
            Phase::Lost => StateNow::Lost,
            Phase::Usable => StateNow::Allows,
            Phase::InProgress | Phase::Deleting => StateNow::Changed,
        },
        _ => StateNow::Changed,
    };
    in_state(error, state)
}

/// The error once the state of its resource is known.
#[must_use]
pub fn in_state(error: GatewayError, state: StateNow) -> GatewayError {
    let kind = error.kind.in_state(state);
    error.read_as(kind)
}

async fn ours_already<R: RdsGateway>(
    rds: &R,
    id: &SnapshotId,
    wanted: &Tags,
    error: GatewayError,
) -> Result<Effect, GatewayError> {
    if error.kind != GatewayErrorKind::AlreadyExists {
        return Err(error);
    }
    let found = rds.own_snapshot(id).await?;
    // The user may have changed their own tags since the first attempt, and an update of Pilot Light or a launch what else is
    // written on a snapshot.
    let own = || wanted.iter().filter(|(key, _)| tags::is_own(key) && !tags::is_note(key));
    let is_ours =
        found.is_some_and(|snapshot| own().all(|(key, value)| snapshot.tags.get(key) == Some(value)));
    if is_ours { Ok(Effect::AlreadyDone) } else { Err(error) }
}

/// Blames the source's key if our own key is usable: that of another account, or that of a database of this account. Each of
/// them concerns one database alone. The key of an intermediate concerns all.
async fn whose_key<R: RdsGateway>(rds: &R, copy: &CopySnapshot, error: GatewayError) -> GatewayError {
    let Some(key) = &copy.kms_key else { return error };
    let kind = if key.account != copy.source.account {
        GatewayErrorKind::SourceKeyNotAccessible
    } else if copy.tags.has(tags::SOURCE_SNAPSHOT_ARN, &copy.source.to_string()) {
        GatewayErrorKind::DatabaseKeyNotAccessible
    } else {
        return error;
    };
    if rds.key_is_enabled(key).await == Ok(true) { error.read_as(kind) } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Deed(u32);

    impl Action for Deed {
        fn verb(&self) -> &'static str {
            "take"
        }
        fn subject(&self) -> String {
            self.0.to_string()
        }
        fn detail(&self) -> String {
            String::new()
        }
        fn is_limited(&self) -> bool {
            self.0 != 0
        }
    }

    /// The actions that are tried of three actions and a line of three, if `code` answers those below `refused`.
    fn tried(refused: u32, code: &str) -> Vec<u32> {
        let plan =
            Plan { actions: (0..3).map(Deed).collect(), line: (3..6).map(Deed).collect(), ..Plan::default() };
        let answer = |deed: &Deed| match deed.0 < refused {
            true => Err(GatewayError::of_code("CreateDBSnapshot", code, "")),
            false => Ok(Effect::Done),
        };
        let outcomes = each_in_line(&plan, |deed| std::future::ready(answer(deed)));
        let outcomes = futures_util::FutureExt::now_or_never(outcomes).unwrap();
        outcomes.iter().map(|outcome| outcome.subject.parse().unwrap()).collect()
    }

    #[test]
    fn a_refused_action_hands_its_place_to_the_next_in_line_and_no_other_outcome_does() {
        assert_eq!(tried(0, ""), [0, 1, 2]);
        // The first takes no place, so its refusal frees none.
        assert_eq!(tried(1, "InvalidParameterValue"), [0, 1, 2]);
        assert_eq!(tried(2, "InvalidParameterValue"), [0, 1, 2, 3]);
        assert_eq!(tried(4, "InvalidParameterValue"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(tried(9, "InvalidParameterValue"), [0, 1, 2, 3, 4, 5]);
        for code in ["Throttling", "InternalFailure", "SnapshotQuotaExceeded"] {
            assert_eq!(tried(3, code), [0, 1, 2], "{code}");
        }
    }
}
