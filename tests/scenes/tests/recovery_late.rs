//! The message and the metric that `RtoTarget` has passed while a recovery runs: once, also while AWS answers nothing.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Status, Verdict};
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::run::error::ErrorName;
use pilot_light_simulator::world::{Imposed, Imposition, ResourceKind, Selection};
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource, restore};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::{Execution, progress};
use serde_json::{Value, json};

/// A destination account with a copy of `orders`, in which recoveries are late after one minute.
fn estate() -> Estate {
    let mut estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    estate.parameter("RtoTarget", "1m");
    estate
}

/// A restore that does not end until the imposition with the returned number is lifted.
fn slow(estate: &Estate) -> u64 {
    let slow = Selection::of_kind(ResourceKind::Instance).named("*orders*");
    estate.simulation.impose(Imposition::new(Imposed::Status("creating".to_owned()), slow)).unwrap()
}

/// The messages that the target has passed in that number of steps.
fn late(execution: &mut Execution, state: &mut Value, steps: usize) -> Vec<String> {
    let mut late = Vec::new();
    for _ in 0..steps {
        execution.step(state).unwrap();
        late.extend(Some(progress(state)).filter(|now| now.verdict == Verdict::Late).map(|now| now.message));
    }
    late
}

/// The purposes of the metrics that the target has passed.
fn purposes(execution: &Execution) -> Vec<String> {
    let of = |metric: &Metric| {
        assert_eq!(metric.value.to_string(), "1");
        metric.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
    };
    execution.metrics.iter().filter(|metric| metric.name == MetricName::RtoTargetPassed).map(of).collect()
}

#[test]
fn a_message_and_a_metric_of_the_purpose_report_once_that_the_target_passes_while_it_runs() {
    let drill = resource("RestoreDrill", "orders", json!({"DBInstanceIdentifier": "orders"}));
    for (purpose, resource) in [("failover", restore("orders")), ("drill", drill)] {
        let estate = estate();
        let number = slow(&estate);
        let mut execution = estate.execution(WEST, purpose, "run-1");
        let mut state = execution.validate(&one(resource)).unwrap();
        let messages = late(&mut execution, &mut state, 12);
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert!(message.contains("RtoTarget has passed, and layer 1 is still being brought up"), "{message}");
        assert_eq!(purposes(&execution), [format!("Purpose={purpose}")]);
        assert!(estate.simulation.lift(number));
        while execution.step(&mut state).unwrap() {}
        assert_eq!(progress(&state).verdict, Verdict::Recovered);
    }
}

#[test]
fn an_execution_that_continues_a_late_recovery_does_not_report_again_that_the_target_has_passed() {
    let estate = estate();
    let number = slow(&estate);
    let manifest = one(restore("orders"));
    let mut stopped = estate.execution(WEST, "failover", "run-1");
    let mut state = stopped.validate(&manifest).unwrap();
    assert_eq!(late(&mut stopped, &mut state, 12).len(), 1);
    let mut continued = estate.execution(WEST, "failover", "run-2");
    let mut state = continued.validate(&manifest).unwrap();
    assert_eq!(progress(&state).recovery.unwrap().id, "run-1");
    assert_eq!(late(&mut continued, &mut state, 12), [""; 0]);
    assert_eq!(purposes(&continued), [""; 0]);
    assert!(estate.simulation.lift(number));
    while continued.step(&mut state).unwrap() {}
    assert!(progress(&state).message.contains("beyond the RtoTarget of 1 min"));
}

#[test]
fn an_execution_that_continues_before_the_target_reports_that_it_passes() {
    let estate = estate();
    let _ = slow(&estate);
    let manifest = one(restore("orders"));
    let mut stopped = estate.execution(WEST, "failover", "run-1");
    let mut state = stopped.validate(&manifest).unwrap();
    assert_eq!(late(&mut stopped, &mut state, 1), [""; 0]);
    let mut continued = estate.execution(WEST, "failover", "run-2");
    let mut state = continued.validate(&manifest).unwrap();
    assert_eq!(late(&mut continued, &mut state, 12).len(), 1);
}

#[test]
fn the_target_is_reported_as_passed_even_while_aws_answers_nothing() {
    for (silent, begun) in [("GetParametersByPath", 0), ("GetParametersByPath", 1), ("Describe", 1)] {
        let estate = estate();
        let mut execution = estate.execution(WEST, "failover", "run-1");
        let mut state = execution.validate(&one(restore("orders"))).unwrap();
        for _ in 0..begun {
            execution.step(&mut state).unwrap();
        }
        let actions: &[&'static str] =
            if silent == "Describe" { &["DescribeDBInstances", "DescribeDBSnapshots"] } else { &[silent] };
        for action in actions {
            estate.refuse(action, "Throttling");
        }
        // The state machine repeats the call with the same input.
        let early = execution.step(&mut state.clone()).unwrap_err().error();
        assert_eq!(early.name(), ErrorName::Throttled, "{silent}");
        estate.simulation.advance_by(TimeDelta::minutes(1));
        execution.step(&mut state).unwrap();
        let now = progress(&state);
        assert_eq!((now.verdict, statuses(&now)), (Verdict::Late, vec![Status::Waiting]), "{silent}");
        assert!(now.resources[0].step.starts_with("AWS does not answer: cannot "), "{}", now.message);
        assert_eq!(purposes(&execution), ["Purpose=failover"], "{silent}");
        let error = execution.step(&mut state.clone()).unwrap_err().error();
        assert_eq!(error.name(), ErrorName::Throttled, "{silent}: it is reported once");
        estate.simulation.clear_faults();
        while execution.step(&mut state).unwrap() {}
        let end = progress(&state);
        assert_eq!(end.verdict, Verdict::Recovered, "{silent}: {}", end.message);
        assert_eq!(purposes(&execution), ["Purpose=failover"], "{silent}");
    }
}

#[test]
fn an_error_that_does_not_end_by_itself_is_never_hidden_by_a_late_message() {
    let mut estate = estate();
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let mut state = execution.validate(&one(restore("orders"))).unwrap();
    estate.parameter("RtoTarget", "soon");
    execution.cloud = estate.cloud(WEST);
    estate.simulation.advance_by(TimeDelta::minutes(5));
    let error = execution.step(&mut state).unwrap_err().error();
    assert_eq!(error.name(), ErrorName::InvalidConfiguration);
}
