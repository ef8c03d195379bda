//! The size of a report, its order, and its error.

use super::*;
use crate::aws::error::{GatewayError, GatewayErrorKind};
use crate::testing::context;

struct Deed(usize);

impl Action for Deed {
    fn verb(&self) -> &'static str {
        "copy"
    }
    fn subject(&self) -> String {
        format!("{}{}", "s".repeat(1000), self.0)
    }
    fn detail(&self) -> String {
        "\"".repeat(1000)
    }
}

fn failure(kind: GatewayErrorKind) -> Outcome {
    let error = GatewayError::new("CopyDBSnapshot", kind, "Code", &"\"quoted\" ".repeat(100));
    Outcome { verb: "copy", subject: "s".repeat(1000), detail: String::new(), result: Err(error) }
}

#[test]
fn a_report_of_ten_thousand_long_entries_of_each_kind_fits_into_a_state_of_step_functions() {
    let mut plan = Plan { actions: (0..10_000).map(Deed).collect(), ..Plan::default() };
    for n in 0..10_000 {
        plan.skip(format!("{}{n}", "w".repeat(1000)).as_str(), SkipReason::InstanceBusy("x".repeat(1000)));
        plan.skip(format!("{}{n}", "b".repeat(1000)).as_str(), SkipReason::NoKey);
        plan.skip(format!("{}{n}", "s".repeat(1000)).as_str(), SkipReason::NotUsable("x".repeat(1000)));
    }
    let outcomes: Vec<_> = (0..10_000).map(|_| failure(GatewayErrorKind::Unavailable)).collect();
    let context = context("111111111111", "us-east-1", "2026-01-01T00:00:00Z");
    let planned = Report::of_plan("destination-copy", &context, &plan);
    let done = planned.clone();
    let mut report = planned.with_outcomes(&outcomes);
    assert_eq!(report.actions, []);
    report.actions = done.actions;
    let size = serde_json::to_vec(&report).unwrap().len();
    assert!(size < 256 * 1024, "{size} bytes");
    assert_eq!(
        (report.considered, report.pending, report.blocked, report.failed),
        (40_000, 10_000, 10_000, 10_000)
    );
    let lists = [report.actions, report.waiting, report.blockers, report.failures, report.settled];
    assert_eq!(lists.map(|list| list.len()), [LISTED; 5]);
}

#[test]
fn a_failure_that_only_a_person_can_repair_blocks_and_does_not_fail_the_run() {
    let context = context("111111111111", "us-east-1", "2026-01-01T00:00:00Z");
    let plan = Plan { actions: vec![Deed(0), Deed(1)], ..Plan::default() };
    let report =
        |outcomes: &[Outcome]| Report::of_plan("destination-copy", &context, &plan).with_outcomes(outcomes);

    let blocked = report(&[
        failure(GatewayErrorKind::SourceKeyNotAccessible),
        failure(GatewayErrorKind::InvalidRequest),
    ]);
    assert_eq!((blocked.blocked, blocked.failed, blocked.worker_error().is_none()), (2, 0, true));

    let failed = report(&[failure(GatewayErrorKind::KeyNotAccessible), failure(GatewayErrorKind::Throttled)]);
    let error = failed.worker_error().unwrap();
    assert_eq!((failed.failed, error.name()), (2, ErrorName::Throttled));
    assert!(error.to_string().starts_with("2 of 2 actions failed, first: copy sss"), "{error}");
}

#[test]
fn awss_words_about_a_refused_one_step_are_listed_before_everything_that_is_settled() {
    let mut plan = Plan::<Deed>::default();
    for n in 0..=LISTED {
        plan.skip(format!("settled-{n}").as_str(), SkipReason::AlreadyCopied);
    }
    plan.skip("refused", SkipReason::OneStepRefused("InvalidParameterValue: not here".to_owned()));
    let context = context("222222222222", "us-west-2", "2026-01-01T00:00:00Z");
    let settled = Report::of_plan("destination-copy", &context, &plan).settled;
    assert_eq!((settled.len(), settled[0].what.as_str()), (LISTED, "OneStepRefused"));
    assert!(settled[0].detail.ends_with("InvalidParameterValue: not here"), "{settled:?}");
}
