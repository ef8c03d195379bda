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
mod tests {
    use pilot_light_domain::model::recovery_point::RecoveryPoint;
    use pilot_light_domain::model::tags::Tags;
    use pilot_light_domain::run::effects::Effect;
    use pilot_light_domain::run::plan::Action;
    use pilot_light_domain::testing::snapshot;

    use super::*;
    use crate::plan::Hop;

    fn copy(name: &str, hop: Hop) -> Copy {
        let source = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}"), "orders");
        let region = if hop == Hop::First { "us-east-1" } else { "us-west-2" };
        let copy = CopySnapshot {
            source: source.arn.clone(),
            target: source.arn.id.clone(),
            kms_key: None,
            option_group: GroupOfCopy::Default,
            tags: Tags::new(),
        };
        let database = RecoveryPoint::original(source).database();
        Copy::Make { database, hop, region: region.parse().unwrap(), copy }
    }

    fn tried(action: &Copy, error: Option<(&str, &str)>) -> Tried {
        let result = error.map_or(Ok(Effect::Done), |(code, text)| {
            Err(GatewayError::of_code("CopyDBSnapshot", code, text))
        });
        let outcome = Outcome { verb: action.verb(), subject: action.subject(), result };
        Tried { action: action.clone(), outcome }
    }

    fn planned(starts: &[Copy], line: &[Copy], one_step: OneStep) -> CopyPlan {
        let plan = Plan { actions: starts.to_vec(), ..Plan::default() };
        CopyPlan { plan, line: line.to_vec(), one_step }
    }

    #[test]
    fn a_refused_copy_is_followed_by_the_first_of_the_line_into_the_same_region() {
        let (one, two, three) = (copy("a", Hop::Second), copy("b", Hop::Second), copy("c", Hop::Second));
        let plan = planned(
            &[one.clone(), two.clone()],
            &[copy("d", Hop::First), three.clone(), copy("e", Hop::Second)],
            OneStep::Refused,
        );
        let mut answers = vec![tried(&one, Some(("KMSKeyNotAccessibleFault", ""))), tried(&two, None)];
        assert_eq!(next(&plan, &answers), std::slice::from_ref(&three));
        answers.push(tried(&three, None));
        assert_eq!(next(&plan, &answers), []);
    }

    #[test]
    fn only_a_certain_refusal_frees_a_place() {
        let (one, two) = (copy("a", Hop::Second), copy("b", Hop::Second));
        let plan = planned(std::slice::from_ref(&one), std::slice::from_ref(&two), OneStep::Refused);
        for (code, frees) in [
            ("InvalidParameterValue", true),
            ("DBSnapshotNotFound", true),
            ("AccessDenied", true),
            ("ANewCode", true),
            ("Throttling", false),
            ("InternalFailure", false),
            ("SnapshotQuotaExceeded", false),
        ] {
            assert_eq!(next(&plan, &[tried(&one, Some((code, "")))]).len(), usize::from(frees), "{code}");
        }
    }

    #[test]
    fn one_step_is_given_up_only_for_an_error_that_may_mean_it_and_only_if_none_was_ever_accepted() {
        let (one, two) = (copy("a", Hop::OneStep), copy("b", Hop::OneStep));
        let gives_up = |one_step, error, accepted: bool| {
            let plan = planned(std::slice::from_ref(&one), std::slice::from_ref(&two), one_step);
            let mut answers = vec![tried(&one, Some(error))];
            answers.extend(accepted.then(|| tried(&two, None)));
            let is_given_up = refused_one_step(&plan, &answers).is_some();
            assert_eq!(next(&plan, &answers).is_empty(), is_given_up || accepted, "{error:?}");
            is_given_up
        };
        let odd = ("InvalidParameterValue", "odd");
        assert!(gives_up(OneStep::Assumed, odd, false));
        assert!(gives_up(OneStep::Assumed, ("DBSnapshotNotFound", ""), false));
        assert!(!gives_up(OneStep::Assumed, odd, true));
        assert!(!gives_up(OneStep::Proven, odd, false));
        for (code, text) in [
            (
                "InvalidParameterValue",
                "The snapshot requires a target option group with the following options",
            ),
            ("KMSKeyNotAccessibleFault", ""),
            ("SharedSnapshotQuotaExceeded", ""),
            ("InvalidDBSnapshotState", ""),
        ] {
            assert!(!gives_up(OneStep::Assumed, (code, text), false), "{code}");
        }
    }

    #[test]
    fn a_copy_within_a_region_that_needs_an_option_group_takes_its_own_along_in_the_same_place() {
        let needs = Some(("InvalidParameterValue", "The snapshot requires a target option group"));
        let (first, second) = (copy("a", Hop::First), copy("b", Hop::Second));
        let plan = planned(
            &[first.clone(), second.clone()],
            &[copy("c", Hop::First), copy("d", Hop::Second)],
            OneStep::Refused,
        );
        let mut answers = vec![tried(&first, needs), tried(&second, needs)];
        let now = next(&plan, &answers);
        let [Copy::Make { copy: along, .. }, other] = now.as_slice() else { panic!("{now:?}") };
        assert_eq!((along.source.id.as_str(), &along.option_group), ("a", &GroupOfCopy::CopiedAlong));
        assert_eq!(*other, copy("d", Hop::Second));
        answers.extend([tried(&now[0], None), tried(&now[1], None)]);
        assert_eq!(next(&plan, &answers), []);
        let last: Vec<_> = last_answers(answers).into_iter().map(|tried| tried.action).collect();
        assert_eq!(last, [second, now[0].clone(), now[1].clone()]);
    }
}
