//! The report of a run, written as text for people, and values written as JSON for programs.

use std::fmt::Write;

use pilot_light_domain::run::plan::SkipReason;
use pilot_light_domain::run::report::{Entry, Report};
use serde::Serialize;

/// A value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
}

/// The report for people: the actions, then the failures, the blocked subjects, the waiting ones, and the rest.
pub(crate) fn text(report: &Report) -> String {
    let mut out = String::new();
    let outcome = if report.dry_run { "plan; nothing was written" } else { "one run" };
    let _ = writeln!(out, "{} in {} {}: {outcome}", report.worker, report.account, report.region);
    if report.dry_run {
        section(&mut out, "would do", &report.actions, report.planned);
    } else {
        section(&mut out, "done", &report.actions, report.acted.values().sum());
    }
    section(&mut out, "failed", &report.failures, report.failed);
    section(&mut out, "blocked: someone must act", &report.blockers, report.blocked);
    section(&mut out, "waiting", &report.waiting, report.pending);
    let noted: Vec<_> =
        report.settled.iter().filter(|entry| SkipReason::is_noted(&entry.what)).cloned().collect();
    section(&mut out, "note", &noted, noted.len());
    if !report.skipped.is_empty() {
        let counts: Vec<_> =
            report.skipped.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        let _ = writeln!(out, "left alone: {}", counts.join(", "));
    }
    if report.considered == 0 {
        out.push_str("no database or snapshot to consider\n");
    }
    out
}

fn section(out: &mut String, title: &str, entries: &[Entry], count: usize) {
    if count == 0 {
        return;
    }
    let _ = writeln!(out, "{title} ({count}):");
    for Entry { what, subject, detail } in entries {
        let _ = writeln!(out, "  {what} {subject}: {detail}");
    }
    if count > entries.len() {
        let _ = writeln!(out, "  and {} more", count - entries.len());
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::error::GatewayError;
    use pilot_light_domain::run::context::Mode;
    use pilot_light_domain::run::effects::{Effect, Outcome};
    use pilot_light_domain::run::plan::{Action, Plan};
    use pilot_light_domain::testing::context;

    use super::*;

    struct Take;

    impl Action for Take {
        fn verb(&self) -> &'static str {
            "take"
        }
        fn subject(&self) -> String {
            "orders".to_owned()
        }
        fn detail(&self) -> String {
            "as orders-1".to_owned()
        }
    }

    #[test]
    fn the_text_of_a_plan_lists_actions_first_and_the_rest_with_its_reasons() {
        let mut plan = Plan { actions: vec![Take], ..Plan::default() };
        plan.skip("archive", SkipReason::DefaultKey);
        plan.skip("billing", SkipReason::NotDue);
        let context = pilot_light_domain::run::context::Context {
            mode: Mode::DryRun,
            ..context("111111111111", "us-east-1", "2026-01-01T00:00:00Z")
        };
        let text = text(&Report::of_plan("source-take", &context, &plan));
        assert_eq!(
            text,
            "source-take in 111111111111 us-east-1: plan; nothing was written\n\
             would do (1):\n  take orders: as orders-1\n\
             blocked: someone must act (1):\n  DefaultKey archive: it is encrypted with the default aws/rds key, which \
             cannot be shared; set KmsKeyShare to have it re-encrypted\n\
             left alone: DefaultKey 1, NotDue 1\n"
        );
    }

    #[test]
    fn the_text_has_awss_words_about_a_refused_one_step() {
        let mut plan = Plan::<Take>::default();
        plan.skip("billing", SkipReason::NotDue);
        plan.skip("orders-1", SkipReason::OneStepRefused("CopyDBSnapshot: no such Region".to_owned()));
        let context = context("222222222222", "us-west-2", "2026-01-01T00:00:00Z");
        let text = text(&Report::of_plan("destination-copy", &context, &plan));
        assert!(text.contains("note (1):\n  OneStepRefused orders-1: "), "{text}");
        assert!(text.contains("CopyDBSnapshot: no such Region"), "{text}");
    }

    #[test]
    fn the_text_of_a_run_lists_the_done_actions_apart_from_the_failed_ones() {
        let plan = Plan { actions: vec![Take, Take], ..Plan::default() };
        let context = context("111111111111", "us-east-1", "2026-01-01T00:00:00Z");
        let refusal = GatewayError::of_code("CreateDBSnapshot", "AccessDenied", "no");
        let outcome = |result| Outcome {
            verb: "take",
            subject: "orders".to_owned(),
            detail: "as orders-1".to_owned(),
            result,
        };
        let of = |outcomes: [Outcome; 2]| {
            text(&Report::of_plan("source-take", &context, &plan).with_outcomes(&outcomes))
        };
        let failed = || outcome(Err(refusal.clone()));
        let head = "source-take in 111111111111 us-east-1: one run\n";
        let line = "  take orders: access is denied (CreateDBSnapshot failed with AccessDenied: no)\n";
        assert_eq!(of([failed(), failed()]), format!("{head}failed (2):\n{line}{line}"));
        let done = outcome(Ok(Effect::Done));
        assert_eq!(
            of([failed(), done]),
            format!("{head}done (1):\n  take orders: as orders-1\nfailed (1):\n{line}")
        );
    }
}
