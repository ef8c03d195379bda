//! Warm workers: a worker first reads facts under the parameters of its last run, and reads them again if these have changed.
//!
//! It never acts on outdated parameters.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::cell::RefCell;

use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::error::{ErrorName, WorkerError};
use pilot_light_domain::run::worker;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::in_process::{SimulatedCloud, SimulatedRds};
use pilot_light_tests::{Scene, Way};
use source_delete::SourceDelete;
use source_take::SourceTake;

/// The cloud of a process that has made a run before.
struct Warm {
    cloud: SimulatedCloud,
    last: Parameters,
}

impl Cloud for Warm {
    type Rds = SimulatedRds;

    fn rds(&self, region: &Region) -> SimulatedRds {
        self.cloud.rds(region)
    }

    async fn parameters(&self) -> Result<Parameters, GatewayError> {
        self.cloud.parameters().await
    }

    fn last_parameters(&self) -> Option<Parameters> {
        Some(self.last.clone())
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        self.cloud.publish(metrics).await
    }
}

fn keep_for(days: &str) -> Parameters {
    [("RetentionDays".to_owned(), days.to_owned())].into()
}

/// Reads facts after a run with the parameters `last`, while the parameters are `now`.
///
/// Returns the parameters of each read, and its outcome.
fn read(last: Parameters, now: &Parameters) -> (Vec<Parameters>, Result<Parameters, ErrorName>) {
    let (mut cloud, _) = Scene::new(Way::OneStep).cloud_and_context("source-delete", Mode::Apply);
    cloud.configure(now.clone());
    let reads = RefCell::new(Vec::new());
    let parse = |parameters: &Parameters| {
        let is_known = parameters.get("RetentionDays").is_some_and(|days| days != "?");
        is_known.then(|| parameters.clone()).ok_or_else(|| WorkerError::Internal("?".to_owned()))
    };
    let facts = |policy: Parameters| {
        reads.borrow_mut().push(policy.clone());
        async { Ok(policy) }
    };
    let outcome = worker::read(&Warm { cloud, last }, parse, facts).now_or_never().unwrap();
    (reads.into_inner(), outcome.map_err(|error| error.name()))
}

#[test]
fn facts_are_read_once_if_the_parameters_are_unchanged_and_again_if_they_have_changed() {
    let (old, new) = (keep_for("7"), keep_for("8"));
    assert_eq!(read(old.clone(), &old), (vec![old.clone()], Ok(old.clone())));
    assert_eq!(read(old.clone(), &new), (vec![old, new.clone()], Ok(new.clone())));
    assert_eq!(
        read(keep_for("?"), &new),
        (vec![new.clone()], Ok(new)),
        "invalid parameters of the last run are not used"
    );
}

#[test]
fn parameters_that_have_become_invalid_end_the_run() {
    let (reads, outcome) = read(keep_for("7"), &keep_for("?"));
    assert_eq!((reads.len(), outcome), (1, Err(ErrorName::Internal)));
    let (reads, outcome) = read(keep_for("7"), &Parameters::new());
    assert_eq!((reads.len(), outcome), (1, Err(ErrorName::InvalidConfiguration)));
}

#[test]
fn deletions_follow_the_current_retention_and_never_that_of_the_last_run() {
    let mut scene = Scene::new(Way::OneStep);
    scene.set_source("ShareSnapshots", "FALSE");
    // A longer retention would be promised for these snapshots.
    scene.set_source("RetentionDays", "1h");
    for _ in 0..3 {
        scene.run_cleanly(&SourceTake);
        scene.wait(60);
    }
    let deleted = |last: &str, now: &str| {
        let mut scene = scene.clone();
        let retained = |scene: &mut Scene, text: &str| {
            scene.set_source("RetentionDays", text);
            scene.cloud_and_context("source-delete", Mode::DryRun)
        };
        let (before, _) = retained(&mut scene, last);
        let last = before.parameters().now_or_never().unwrap().unwrap();
        let (cloud, context) = retained(&mut scene, now);
        let run = SourceDelete.run(&Warm { cloud, last }, &context).now_or_never();
        run.unwrap().unwrap().planned
    };
    assert_eq!(deleted("1h", "12h"), 0);
    assert!(deleted("12h", "1h") > 0 && deleted("1h", "1h") == deleted("12h", "1h"));
}
