//! A planted bug for each invariant: a worker with that bug must violate the invariant.
//!
//! The invariants themselves are in `invariants`, one file for each. This file contains the planting, and the bugs in single
//! actions. The bugs of one subject are in a file of its own.

mod ages;
mod renames;
mod runs;
mod switchovers;

use std::collections::BTreeSet;
use std::future::Future;

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::gateway::{CopySnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{Region, SnapshotId};
use pilot_light_domain::model::tags;
use pilot_light_domain::rules::deletion::Delete;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::plan::Plan as WorkerPlan;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::conditions::CopyMode;
use pilot_light_schedule::configuration::Configuration;
use pilot_light_simulator::faults::{FaultPlan, Kind, Scripted};
use pilot_light_simulator::in_process::SimulatedCloud;
use pilot_light_simulator::world::StrangersSnapshot;
use source_delete::SourceDelete;
use source_take::SourceTake;

use crate::engine::Engine;
use crate::engine::execution::Runnable;
use crate::measure::shortfall::shortfalls;
use crate::measure::summary::Summary;
use crate::scenario::{Faults, Minutes, Scenario};

const SOURCE: &str = "111111111111";
const STRANGER: &str = "666666666666";

fn scenario() -> Scenario {
    Scenario { databases: 2, days: 1, ..Scenario::default() }
}

/// Some days with one database, which this fault strikes once.
fn struck(days: u32, fault: Kind, after: TimeDelta, lasts: TimeDelta) -> Scenario {
    let strike = Scripted { fault, after, lasts, side: None };
    let faults = Faults::Plan(FaultPlan::none().with_scripted(strike).unwrap());
    Scenario { databases: 1, days, faults, ..scenario() }
}

/// The default configuration under a scenario.
fn engine(scenario: &Scenario) -> Engine {
    Engine::new(scenario, &Configuration::usual().unwrap(), scenario.seed).unwrap()
}

/// The violations of a simulation in which `worker` has the bug.
fn violations_with(scenario: &Scenario, worker: WorkerName, bug: Runnable) -> Vec<String> {
    let mut engine = engine(scenario);
    for owner in [SOURCE, STRANGER] {
        assert!(engine.simulation().with_world(|world| world.impose_snapshot(strangers(owner))));
    }
    engine.replace(worker, bug);
    texts(engine.run(scenario).unwrap())
}

/// The same, while strangers share nothing. Their snapshots would be what such a bug copies or measures.
fn violations_without_strangers(scenario: &Scenario, worker: WorkerName, bug: Runnable) -> Vec<String> {
    let mut engine = engine(scenario);
    engine.replace(worker, bug);
    texts(engine.run(scenario).unwrap())
}

/// The violations of a simulation as texts.
fn texts(summary: Summary) -> Vec<String> {
    summary.violations.iter().map(ToString::to_string).collect()
}

/// A snapshot without any tag, of a foreign database, shared with the destination.
fn strangers(owner: &str) -> StrangersSnapshot {
    StrangersSnapshot {
        arn: format!("arn:aws:rds:us-east-1:{owner}:snapshot:theirs-{owner}").parse().unwrap(),
        database: "theirs".parse().unwrap(),
        taken: pilot_light_domain::testing::at("2024-10-04T00:00:00Z"),
        kms_key: None,
        tags: tags::Tags::new(),
        shared_with: BTreeSet::from(["222222222222".parse().unwrap()]),
    }
}

/// The unchanged worker, and then `more`.
fn after<W, F>(worker: W, more: fn(SimulatedCloud, Context) -> F) -> Runnable
where
    W: Worker + Clone + 'static,
    F: Future<Output = ()> + 'static,
{
    Runnable(Box::new(move |cloud, context| {
        let worker = worker.clone();
        Box::pin(async move {
            let report = worker.run(&cloud, &context).await.map_err(|error| error.name().as_str())?;
            more(cloud, context).await;
            Ok(report)
        })
    }))
}

/// `act` in place of the worker, with a report of success.
fn instead<F>(act: fn(SimulatedCloud, Context) -> F) -> Runnable
where
    F: Future<Output = ()> + 'static,
{
    Runnable(Box::new(move |cloud, context| {
        Box::pin(async move {
            let report = Report::of_plan("planted", &context, &WorkerPlan::<Delete>::default());
            act(cloud, context).await;
            Ok(report)
        })
    }))
}

fn assert_found(violations: &[String], expected: &str) {
    assert!(violations.iter().any(|violation| violation.contains(expected)), "{expected}: {violations:?}");
}

async fn copy(cloud: &SimulatedCloud, to: &str, source: &SnapshotArn, key: &str, origin: &SnapshotArn) {
    copy_as(cloud, (to, source.id.clone()), source, key, origin).await;
}

async fn copy_as(
    cloud: &SimulatedCloud,
    (to, target): (&str, SnapshotId),
    source: &SnapshotArn,
    key: &str,
    origin: &SnapshotArn,
) {
    let copy = CopySnapshot {
        source: source.clone(),
        target,
        kms_key: Some(key.parse().unwrap()),
        option_group: GroupOfCopy::Default,
        tags: tags::of([
            (tags::COPIED_BY, tags::TOOL),
            (tags::SOURCE_ACCOUNT, SOURCE),
            (tags::SOURCE_SNAPSHOT_ARN, &origin.to_string()),
        ]),
    };
    let _ = cloud.rds(&region(to)).copy_snapshot(&copy).await;
}

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

async fn copy_everything_shared(cloud: SimulatedCloud, key: &'static str) {
    for offer in cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap() {
        copy(&cloud, "us-west-2", &offer.arn, key, &offer.arn).await;
    }
}

const OUR_KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/copies";
const BETWEEN_KEY: &str = "arn:aws:kms:us-east-1:222222222222:key/between";
const THEIR_KEY: &str = "arn:aws:kms:us-west-2:111111111111:key/theirs";

#[test]
fn correct_workers_violate_no_invariant() {
    for copy_mode in [CopyMode::OneStep, CopyMode::TwoHop] {
        let scenario = Scenario { copy_mode, ..scenario() };
        assert_eq!(
            violations_with(&scenario, WorkerName::SourceTake, Runnable::of(SourceTake)),
            Vec::<String>::new()
        );
    }
}

#[test]
fn deleting_a_snapshot_without_our_tags_is_a_violation() {
    let bug = after(SourceDelete, |cloud, _| async move {
        let rds = cloud.rds(&region("us-east-1"));
        let all = rds.own_snapshots().await.unwrap();
        for other in all.iter().filter(|snapshot| snapshot.tags.is_empty()) {
            let _ = rds.delete_snapshot(&other.arn.id).await;
        }
    });
    assert_found(
        &violations_with(&scenario(), WorkerName::SourceDelete, bug),
        "theirs-111111111111 was deleted, but it carries no tag",
    );
}

#[test]
fn deleting_the_newest_usable_recovery_point_is_a_violation() {
    let bug = after(DestinationDelete, |cloud, _| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let all = rds.own_snapshots().await.unwrap();
        let newest = all.iter().filter(|copy| copy.is_available()).max_by_key(|copy| copy.taken_at());
        if let Some(newest) = newest {
            let _ = rds.delete_snapshot(&newest.arn.id).await;
        }
    });
    assert_found(
        &violations_with(&scenario(), WorkerName::DestinationDelete, bug),
        "the newest usable recovery point of db-000",
    );
}

#[test]
fn deleting_a_recovery_point_before_its_retention_is_over_is_a_violation() {
    let bug = after(DestinationDelete, |cloud, context| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let young = context.now - TimeDelta::hours(3);
        let all = rds.own_snapshots().await.unwrap();
        let aged = all.iter().filter(|copy| copy.taken_at() < Some(young) && copy.is_available());
        for copy in aged {
            let _ = rds.delete_snapshot(&copy.arn.id).await;
        }
    });
    assert_found(
        &violations_with(&scenario(), WorkerName::DestinationDelete, bug),
        "but its retention is 720 min",
    );
}

#[test]
fn deleting_a_snapshot_that_is_being_copied_is_a_violation() {
    let bug = instead(|cloud, _| async move {
        let rds = cloud.rds(&region("us-east-1"));
        for snapshot in rds.own_snapshots().await.unwrap() {
            let _ = rds.delete_snapshot(&snapshot.arn.id).await;
        }
    });
    assert_found(
        &violations_with(&scenario(), WorkerName::SourceDelete, bug),
        "was still being copied from it",
    );
}

#[test]
fn a_copy_encrypted_with_a_key_of_the_source_account_is_a_violation() {
    let scenario = scenario();
    let mut engine = engine(&scenario);
    let grantee = BTreeSet::from(["222222222222".parse().unwrap()]);
    engine.simulation().with_world(|world| world.register_key(THEIR_KEY.parse().unwrap(), grantee));
    let bug = instead(|cloud, _| copy_everything_shared(cloud, THEIR_KEY));
    engine.replace(WorkerName::DestinationCopy, bug);
    assert_found(
        &texts(engine.run(&scenario).unwrap()),
        "is not encrypted with a key of the destination account",
    );
}

#[test]
fn a_copy_from_an_account_that_is_not_listed_is_a_violation() {
    let bug = instead(|cloud, _| copy_everything_shared(cloud, OUR_KEY));
    assert_found(
        &violations_with(&scenario(), WorkerName::DestinationCopy, bug),
        "theirs-666666666666, whose account is not listed",
    );
}

#[test]
fn requesting_more_copies_than_there_are_free_copy_slots_is_a_violation() {
    let scenario = Scenario { databases: 25, ..scenario() };
    let bug = instead(|cloud, _| copy_everything_shared(cloud, OUR_KEY));
    assert_found(
        &violations_with(&scenario, WorkerName::DestinationCopy, bug),
        "more than the free copy slots",
    );
}
