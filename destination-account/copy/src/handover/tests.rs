use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::run::effects::Effect;
use pilot_light_domain::run::plan::Action;
use pilot_light_domain::testing::snapshot;

use super::*;
use crate::plan::{Hop, OneStep};

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
    let result = error
        .map_or(Ok(Effect::Done), |(code, text)| Err(GatewayError::of_code("CopyDBSnapshot", code, text)));
    let (verb, subject, detail) = (action.verb(), action.subject(), action.detail());
    let outcome = Outcome { verb, subject, detail, result };
    Tried { action: action.clone(), outcome }
}

fn planned(starts: &[Copy], line: &[Copy], one_step: OneStep) -> CopyPlan {
    let plan = Plan { actions: starts.to_vec(), line: line.to_vec(), ..Plan::default() };
    CopyPlan { plan, instead: BTreeMap::new(), probe: None, one_step }
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
        ("InvalidParameterValue", "The snapshot requires a target option group with the following options"),
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

#[test]
fn another_snapshot_of_a_refused_database_takes_its_place_before_the_line() {
    let closed = Some(("KMSKeyNotAccessibleFault", ""));
    let (schedule, by_hand) = (copy("a", Hop::OneStep), copy("by-hand", Hop::OneStep));
    let mut plan = planned(std::slice::from_ref(&schedule), &[copy("b", Hop::OneStep)], OneStep::Proven);
    plan.instead = BTreeMap::from([(schedule.source().unwrap().clone(), by_hand.clone())]);
    assert_eq!(next(&plan, &[tried(&schedule, None)]), []);
    let refused = tried(&schedule, closed);
    assert_eq!(next(&plan, std::slice::from_ref(&refused)), std::slice::from_ref(&by_hand));
    let both = [tried(&schedule, closed), tried(&by_hand, closed)];
    assert_eq!(next(&plan, &both), [copy("b", Hop::OneStep)]);
}

#[test]
fn another_snapshot_of_a_refused_database_waits_for_the_same_one_with_its_option_group() {
    let needs = Some(("InvalidParameterValue", "The snapshot requires a target option group"));
    let (schedule, by_hand) = (copy("a", Hop::First), copy("by-hand", Hop::First));
    let mut plan = planned(std::slice::from_ref(&schedule), &[], OneStep::Refused);
    plan.instead = BTreeMap::from([(schedule.source().unwrap().clone(), by_hand.clone())]);
    let along = next(&plan, &[tried(&schedule, needs)]);
    assert_eq!(along.iter().map(|copy| copy.source() == schedule.source()).collect::<Vec<_>>(), [true]);
    let both = [tried(&schedule, needs), tried(&along[0], needs)];
    assert_eq!(next(&plan, &both), [by_hand]);
}

#[test]
fn one_step_is_given_up_only_if_aws_refuses_one_of_the_line_as_well() {
    let odd = Some(("InvalidParameterValue", "odd"));
    let [one, two, three, last] = ["a", "b", "c", "d"].map(|name| copy(name, Hop::OneStep));
    let mut plan = planned(&[one.clone(), two.clone()], &[three.clone(), last.clone()], OneStep::Assumed);
    plan.probe = Some(last.clone());
    let answers = |of_last: Option<(&str, &str)>| {
        let mut answers = vec![tried(&one, odd), tried(&two, odd)];
        assert_eq!(next(&plan, &answers), std::slice::from_ref(&last));
        answers.push(tried(&last, of_last));
        answers
    };
    let accepted = answers(None);
    assert!(refused_one_step(&plan, &accepted).is_none());
    assert_eq!(next(&plan, &accepted), std::slice::from_ref(&three));
    let refused = answers(odd);
    assert!(refused_one_step(&plan, &refused).is_some());
    assert_eq!(next(&plan, &refused), []);
}

#[test]
fn no_probe_takes_the_place_of_a_copy_that_aws_may_have_begun() {
    let probe = copy("b", Hop::OneStep);
    let mut plan = planned(&[copy("a", Hop::OneStep)], std::slice::from_ref(&probe), OneStep::Assumed);
    plan.probe = Some(probe);
    let throttled = [tried(&copy("a", Hop::OneStep), Some(("Throttling", "")))];
    assert_eq!(next(&plan, &throttled), []);
}
