//! The decisions that follow from AWS's answers: who takes the place of a refused copy, and whether one step is refused.
//!
//! They are functions of the plan and the answers so far. The calls are left to [`apply`](crate::apply).

use std::collections::BTreeMap;

use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::aws::gateway::{CopySnapshot, GroupOfCopy};
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::run::effects::Outcome;
use pilot_light_domain::run::plan::{Plan, Skip, SkipReason};
use pilot_light_domain::run::subject::Subject;

use crate::plan::{Copy, CopyPlan, Lane, is_of_waiting, names_option_group};

/// An action and AWS's answer to it.
#[derive(Debug)]
pub(crate) struct Tried {
    /// The action.
    pub(crate) action: Copy,
    /// Its outcome.
    pub(crate) outcome: Outcome,
}

/// The copies that start now. While it is in doubt whether AWS copies in one step, that is the probe alone. Otherwise:
///
/// 1. Copies that AWS refused for lack of an option group, which it now copies along.
/// 2. Other snapshots of refused databases.
/// 3. The first of the line, one for each other refusal.
///
/// At no time are more copies in flight or accepted than the plan started.
pub(crate) fn next(plan: &CopyPlan, tried: &[Tried]) -> Vec<Copy> {
    let mut places: BTreeMap<Lane, usize> = BTreeMap::new();
    for lane in plan.plan.actions.iter().filter_map(Copy::lane) {
        *places.entry(lane).or_default() += 1;
    }
    let is_in_doubt = refused_one_step(plan, tried).is_some();
    if let Some(probe) = probe(plan, tried).filter(|_| is_in_doubt) {
        return vec![probe.clone()];
    }
    let occupies = |tried: &&Tried| match &tried.outcome.result {
        Ok(_) => true,
        Err(error) => !error.kind.frees_its_place() || (is_in_doubt && tried.action.is_one_step()),
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
    let is_amended =
        |source: &SnapshotArn| amended.iter().any(|copy| copy.source() == Some(source) && is_waiting(&copy));
    let refused = tried.iter().filter(|tried| !occupies(tried)).filter_map(|tried| tried.action.source());
    let instead = refused.filter(|source| !is_amended(source)).filter_map(|source| plan.instead.get(source));
    let instead: Vec<&Copy> = instead.collect();
    amended
        .iter()
        .chain(instead)
        .chain(&plan.plan.line)
        .filter(is_waiting)
        .filter(|copy| take(copy))
        .cloned()
        .collect()
}

/// The probe of the plan, unless it has been tried or no refused copy in one step left a place for it.
fn probe<'a>(plan: &'a CopyPlan, tried: &[Tried]) -> Option<&'a Copy> {
    let probe = plan.probe.as_ref()?;
    let left_its_place = |tried: &Tried| {
        let is_refused = tried.outcome.result.as_ref().is_err_and(|error| error.kind.frees_its_place());
        is_refused && tried.action.is_one_step() && tried.action.lane() == probe.lane()
    };
    let is_tried = tried.iter().any(|tried| tried.action == *probe);
    (!is_tried && tried.iter().any(left_its_place)).then_some(probe)
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
    plan.skips.retain(|skip| !(is_of_waiting(&skip.reason) && sources.contains(&skip.subject)));
    plan
}

/// AWS's answer that may mean that it does not copy in one step: see [`OneStep::refusal`].
///
/// [`OneStep::refusal`]: crate::plan::OneStep::refusal
pub(crate) fn refused_one_step<'a>(plan: &CopyPlan, tried: &'a [Tried]) -> Option<&'a Outcome> {
    let in_one_step = tried.iter().filter(|tried| tried.action.is_one_step());
    plan.one_step.refusal(&in_one_step.map(|tried| &tried.outcome).collect::<Vec<_>>())
}

/// The report that AWS does not copy in one step, with AWS's own words. Two hops follow, so nobody has to act.
pub(crate) fn report_of_refusal(refused: &Outcome) -> Skip {
    let words = refused.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    Skip { subject: refused.subject.as_str().into(), reason: SkipReason::OneStepRefused(words) }
}

#[cfg(test)]
mod tests;
