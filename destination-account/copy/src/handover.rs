//! The decisions that follow from AWS's answers: who takes the place of a refused copy, and whether one step is refused.
//!
//! They are functions of the plan and the answers so far. The calls are left to [`apply`](crate::apply).

use std::collections::BTreeMap;

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::aws::gateway::{CopySnapshot, GroupOfCopy};
use pilot_light_domain::run::effects::Outcome;
use pilot_light_domain::run::plan::{Plan, Skip, SkipReason};
use pilot_light_domain::run::subject::Subject;

use crate::plan::{Copy, CopyPlan, Lane, OneStep};

/// An action and AWS's answer to it.
#[derive(Debug)]
pub(crate) struct Tried {
    /// The action.
    pub(crate) action: Copy,
    /// Its outcome.
    pub(crate) outcome: Outcome,
}

/// The copies that start now: first those that AWS refused for lack of an option group, which it now copies along; then
/// the first of the line, one for each other refusal. At no time are more copies in flight or accepted than the plan
/// started.
pub(crate) fn next(plan: &CopyPlan, tried: &[Tried]) -> Vec<Copy> {
    let mut places: BTreeMap<Lane, usize> = BTreeMap::new();
    for lane in plan.plan.actions.iter().filter_map(Copy::lane) {
        *places.entry(lane).or_default() += 1;
    }
    let is_in_doubt = refused_one_step(plan, tried).is_some();
    let occupies = |tried: &&Tried| match &tried.outcome.result {
        Ok(_) => true,
        Err(error) => !is_refusal(error.kind) || (is_in_doubt && tried.action.is_one_step()),
    };
    for lane in tried.iter().filter(occupies).filter_map(|tried| tried.action.lane()) {
        if let Some(free) = places.get_mut(&lane) {
            *free = free.saturating_sub(1);
        }
    }
    let is_waiting = |copy: &&Copy| tried.iter().all(|tried| tried.action != **copy);
    let mut take = |copy: &&Copy| {
        let free = copy.lane().and_then(|lane| places.get_mut(&lane)).filter(|free| **free > 0);
        free.map(|free| *free -= 1).is_some()
    };
    let amended: Vec<Copy> = tried.iter().filter_map(with_its_option_group).collect();
    amended.iter().chain(&plan.line).filter(is_waiting).filter(|copy| take(copy)).cloned().collect()
}

/// The answers that count: without those to copies that were then repeated with an option group.
pub(crate) fn last_answers(tried: Vec<Tried>) -> Vec<Tried> {
    let repeated: Vec<Option<Copy>> = tried.iter().map(with_its_option_group).collect();
    let is_tried = |copy: &Copy| tried.iter().any(|other| other.action == *copy);
    let is_last: Vec<bool> = repeated.iter().map(|copy| !copy.as_ref().is_some_and(is_tried)).collect();
    tried.into_iter().zip(is_last).filter_map(|(tried, is_last)| is_last.then_some(tried)).collect()
}

/// The same copy with the option group of its source, if AWS refused it because it needs one.
///
/// Only AWS knows which options of a group a database cannot be without: Timezone and OLS of Oracle, of those that can be
/// shared. It copies a group along within a Region, from another account. The group is not requested in general, since
/// an account may have 20 groups, and most databases need none.
fn with_its_option_group(tried: &Tried) -> Option<Copy> {
    let error = tried.outcome.result.as_ref().err()?;
    let needs_group = error.kind == GatewayErrorKind::InvalidRequest && names_option_group(error);
    let Copy::Make { database, hop, region, copy } = &tried.action else { return None };
    let is_possible = copy.source.region == *region && copy.option_group == GroupOfCopy::Default;
    let copy = CopySnapshot { option_group: GroupOfCopy::CopiedAlong, ..copy.clone() };
    (needs_group && is_possible).then(|| Copy::Make {
        database: database.clone(),
        hop: *hop,
        region: region.clone(),
        copy,
    })
}

/// The plan as it was carried out: with every copy that was tried, and without the reasons for which it waited.
pub(crate) fn carried_out(plan: Plan<Copy>, tried: &[Tried]) -> Plan<Copy> {
    let sources: Vec<Subject> =
        tried.iter().filter_map(|tried| tried.action.source()).map(Subject::from).collect();
    let mut plan = plan;
    plan.actions = tried.iter().map(|tried| tried.action.clone()).collect();
    plan.skips.retain(|skip| {
        let waited = matches!(skip.reason, SkipReason::NoFreeSlot | SkipReason::QuotaFull);
        !(waited && sources.contains(&skip.subject))
    });
    plan
}

/// The first refusal of a copy in one step that may mean that AWS does not offer it. None if AWS accepted one, now or
/// earlier: then the refusal is about that snapshot, and two hops would not help it.
pub(crate) fn refused_one_step<'a>(plan: &CopyPlan, tried: &'a [Tried]) -> Option<&'a Tried> {
    let in_one_step = || tried.iter().filter(|tried| tried.action.is_one_step());
    if plan.one_step != OneStep::Assumed || in_one_step().any(|tried| tried.outcome.result.is_ok()) {
        return None;
    }
    in_one_step().find(|tried| tried.outcome.result.as_ref().is_err_and(may_refuse_one_step))
}

/// The report that AWS does not copy in one step, with AWS's own words. Two hops follow, so nobody has to act.
pub(crate) fn report_of_refusal(refused: &Tried) -> Skip {
    let words = refused.outcome.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    Skip { subject: refused.outcome.subject.as_str().into(), reason: SkipReason::OneStepRefused(words) }
}

/// True if the error may mean that AWS does not copy across account and Region at once.
///
/// AWS has no error code for it. It calls the parameters invalid, or it looks for the snapshot only in its own Region and
/// does not find it. A missing option group has a message of its own, and concerns only that snapshot.
fn may_refuse_one_step(error: &GatewayError) -> bool {
    const CODES: [&str; 6] = [
        "InvalidParameterValue",
        "InvalidParameterCombination",
        "MissingParameter",
        "ValidationError",
        "DBSnapshotNotFound",
        "DBSnapshotNotFoundFault",
    ];
    CODES.contains(&error.code.as_str()) && !names_option_group(error)
}

/// True for "The snapshot requires a target option group with the following options: [Timezone]", and the like.
fn names_option_group(error: &GatewayError) -> bool {
    error.message.to_ascii_lowercase().contains("option group")
}

/// True if AWS refused the copy and began nothing, so that its place is free. A call that may have had its effect keeps
/// the place. So does one that the limits themselves refused, or the pace of the calls.
fn is_refusal(kind: GatewayErrorKind) -> bool {
    !matches!(
        kind,
        GatewayErrorKind::Throttled
            | GatewayErrorKind::Unavailable
            | GatewayErrorKind::OutOfTime
            | GatewayErrorKind::TooManySnapshots
            | GatewayErrorKind::TooManyCopies
    )
}

#[cfg(test)]
mod tests;
