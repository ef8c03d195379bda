//! For each invariant the bug that it exists for, planted in a worker: the simulation must tell of it.

use std::collections::BTreeSet;
use std::future::Future;

use chrono::TimeDelta;
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::gateway::{CopySnapshot, RdsGateway};
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::model::tags;
use pilot_light_domain::rules::deletion::Delete;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::plan::Plan as WorkerPlan;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::in_process::SimulatedCloud;
use pilot_light_simulator::world::StrangersSnapshot;
use source_delete::SourceDelete;
use source_take::SourceTake;

use super::super::engine::Engine;
use super::super::execution::Pass;
use super::super::{Copier, CopyMode, Minutes, Plan, Preset};
use pilot_light_domain::run::worker_name::WorkerName;
use pilot_light_schedule::configuration::Configuration;

const SOURCE: &str = "111111111111";
const STRANGER: &str = "666666666666";

fn plan() -> Plan {
    let minutes = |from, to| Minutes { from, to };
    Plan {
        schedule: Preset::Default,
        config: None,
        databases: 2,
        days: 1,
        seed: 1,
        seeds: 1,
        snapshot: minutes(3, 6),
        copy: minutes(4, 10),
        copy_mode: CopyMode::OneStep,
        copier: Copier::Ours,
        faults: "none".parse().unwrap(),
        chart: None,
    }
}

/// The violations of a simulation in which `worker` has the bug.
fn told(plan: &Plan, worker: WorkerName, bug: Pass) -> Vec<String> {
    let mut engine = Engine::new(plan, &Configuration::usual().unwrap(), plan.seed).unwrap();
    for owner in [SOURCE, STRANGER] {
        assert!(engine.simulation().with_world(|world| world.impose_snapshot(strangers(owner))));
    }
    engine.replace(worker, bug);
    engine.run(plan).unwrap().violations
}

/// A snapshot without any tag, of a database that is none of ours, shared with the destination.
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

/// The worker as it is, and something more after it.
fn after<W, F>(worker: W, more: fn(SimulatedCloud, Context) -> F) -> Pass
where
    W: Worker + Clone + 'static,
    F: Future<Output = ()> + 'static,
{
    Pass(Box::new(move |cloud, context| {
        let worker = worker.clone();
        Box::pin(async move {
            let report = worker.run(&cloud, &context).await.map_err(|error| error.name().as_str())?;
            more(cloud, context).await;
            Ok(report)
        })
    }))
}

/// Something else instead, which reports that all is well.
fn instead<F>(act: fn(SimulatedCloud, Context) -> F) -> Pass
where
    F: Future<Output = ()> + 'static,
{
    Pass(Box::new(move |cloud, context| {
        Box::pin(async move {
            let report = Report::of_plan("planted", &context, &WorkerPlan::<Delete>::default());
            act(cloud, context).await;
            Ok(report)
        })
    }))
}

async fn nothing(_: SimulatedCloud, _: Context) {}

/// The worker as it is for six hours, and nothing after that.
fn stopping<W: Worker + Clone + 'static>(worker: W) -> Pass {
    Pass(Box::new(move |cloud, context| {
        let worker = worker.clone();
        Box::pin(async move {
            let mode = if context.now < pilot_light_domain::testing::at("2024-10-04T06:00:00Z") {
                Mode::Apply
            } else {
                Mode::DryRun
            };
            worker.run(&cloud, &Context { mode, ..context }).await.map_err(|error| error.name().as_str())
        })
    }))
}

fn assert_told(violations: &[String], what: &str) {
    assert!(violations.iter().any(|violation| violation.contains(what)), "{what}: {violations:?}");
}

async fn copy(cloud: &SimulatedCloud, to: &str, source: &SnapshotArn, key: &str, origin: &SnapshotArn) {
    let copy = CopySnapshot {
        source: source.clone(),
        target: source.id.clone(),
        kms_key: Some(key.parse().unwrap()),
        option_group: None,
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
fn without_a_bug_nothing_is_told() {
    for copy_mode in [CopyMode::OneStep, CopyMode::TwoHop] {
        let plan = Plan { copy_mode, ..plan() };
        assert_eq!(told(&plan, WorkerName::SourceTake, Pass::of(SourceTake)), Vec::<String>::new());
    }
}

#[test]
fn deleting_what_carries_no_tag_of_ours_is_told() {
    let bug = after(SourceDelete, |cloud, _| async move {
        let rds = cloud.rds(&region("us-east-1"));
        let all = rds.own_snapshots().await.unwrap();
        for other in all.iter().filter(|snapshot| snapshot.tags.is_empty()) {
            let _ = rds.delete_snapshot(&other.arn.id).await;
        }
    });
    assert_told(
        &told(&plan(), WorkerName::SourceDelete, bug),
        "theirs-111111111111 was deleted, which carries no tag",
    );
}

#[test]
fn deleting_the_newest_usable_point_is_told() {
    let bug = after(DestinationDelete, |cloud, _| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let all = rds.own_snapshots().await.unwrap();
        let newest = all.iter().filter(|copy| copy.is_available()).max_by_key(|copy| copy.taken_at());
        if let Some(newest) = newest {
            let _ = rds.delete_snapshot(&newest.arn.id).await;
        }
    });
    assert_told(&told(&plan(), WorkerName::DestinationDelete, bug), "the newest usable point of db-000");
}

#[test]
fn deleting_a_point_before_its_time_is_told() {
    let bug = after(DestinationDelete, |cloud, context| async move {
        let rds = cloud.rds(&region("us-west-2"));
        let young = context.now - TimeDelta::hours(3);
        let all = rds.own_snapshots().await.unwrap();
        let aged = all.iter().filter(|copy| copy.taken_at() < Some(young) && copy.is_available());
        for copy in aged {
            let _ = rds.delete_snapshot(&copy.arn.id).await;
        }
    });
    assert_told(&told(&plan(), WorkerName::DestinationDelete, bug), "which is kept for 720");
}

#[test]
fn deleting_what_a_copy_reads_from_is_told() {
    let bug = instead(|cloud, _| async move {
        let rds = cloud.rds(&region("us-east-1"));
        for snapshot in rds.own_snapshots().await.unwrap() {
            let _ = rds.delete_snapshot(&snapshot.arn.id).await;
        }
    });
    assert_told(&told(&plan(), WorkerName::SourceDelete, bug), "is still being copied");
}

#[test]
fn a_copy_under_a_key_of_the_source_is_told() {
    let plan = plan();
    let mut engine = Engine::new(&plan, &Configuration::usual().unwrap(), plan.seed).unwrap();
    let grantee = BTreeSet::from(["222222222222".parse().unwrap()]);
    engine.simulation().with_world(|world| world.register_key(THEIR_KEY.parse().unwrap(), grantee));
    let bug = instead(|cloud, _| copy_everything_shared(cloud, THEIR_KEY));
    engine.replace(WorkerName::DestinationCopy, bug);
    assert_told(&engine.run(&plan).unwrap().violations, "is under no key of the destination");
}

#[test]
fn a_copy_from_an_account_that_is_not_listed_is_told() {
    let bug = instead(|cloud, _| copy_everything_shared(cloud, OUR_KEY));
    assert_told(
        &told(&plan(), WorkerName::DestinationCopy, bug),
        "theirs-666666666666, whose account is not listed",
    );
}

#[test]
fn asking_for_more_than_the_free_slots_is_told() {
    let plan = Plan { databases: 25, ..plan() };
    let bug = instead(|cloud, _| copy_everything_shared(cloud, OUR_KEY));
    assert_told(&told(&plan, WorkerName::DestinationCopy, bug), "more than the free slots");
}

#[test]
fn points_that_outlive_their_retention_are_told() {
    let violations = told(&plan(), WorkerName::DestinationDelete, instead(nothing));
    assert_told(&violations, "is still there after a pass of destination-delete");
    let violations = told(&plan(), WorkerName::SourceDelete, instead(nothing));
    assert_told(&violations, "is still there after a pass of source-delete");
}

#[test]
fn intermediates_that_outlive_their_copies_are_told() {
    let bug = instead(|cloud, _| async move {
        for offer in cloud.rds(&region("us-east-1")).shared_snapshots().await.unwrap() {
            if offer.arn.account.as_str() == SOURCE && offer.database.as_str() != "theirs" {
                copy(&cloud, "us-east-1", &offer.arn, BETWEEN_KEY, &offer.arn).await;
            }
        }
        for between in cloud.rds(&region("us-east-1")).own_snapshots().await.unwrap() {
            copy(&cloud, "us-west-2", &between.arn, OUR_KEY, &between.arn).await;
        }
    });
    let plan = Plan { copy_mode: CopyMode::TwoHop, ..plan() };
    assert_told(&told(&plan, WorkerName::DestinationCopy, bug), "outlives its copy");
}

#[test]
fn a_system_that_does_not_come_back_is_told() {
    let violations = told(&plan(), WorkerName::SourceTake, stopping(SourceTake));
    assert_told(&violations, "the system has not come back by itself");
}

/// The worker as it is for six hours, and an age that somebody made up.
fn lying(seconds: f64) -> Pass {
    Pass(Box::new(move |cloud, context| {
        Box::pin(async move {
            let honest = stopping(DestinationCopy);
            let report = (honest.0)(cloud.clone(), context).await?;
            let lie = [Metric::overall(MetricName::OldestRecoveryPointAge, seconds)];
            cloud.publish(&lie).await.map_err(|_| "Unavailable")?;
            Ok(report)
        })
    }))
}

#[test]
fn a_metric_that_hides_a_breach_is_told() {
    assert_told(&told(&plan(), WorkerName::DestinationCopy, lying(0.0)), "no alarm would tell");
}

#[test]
fn a_metric_that_alarms_on_a_healthy_day_is_told() {
    assert_told(&told(&plan(), WorkerName::DestinationCopy, lying(86_400.0)), "a false alarm");
}
