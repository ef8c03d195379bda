//! The workers' traits on the simulator: paging, mapping, faults.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use futures_util::FutureExt;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayErrorKind as Kind;
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::aws::metrics::{Metric, MetricName};
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;

use super::*;
use crate::world::{
    Chance, CreateDbInstance, CreateDbSnapshot, Imposed, Imposition, Mishap, Request, ResourceKind, Rules,
    SecondsRange, Selection, Settings,
};

const SOURCE: &str = "111111111111";
const DESTINATION: &str = "222222222222";

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn region() -> Region {
    Region::new("us-east-1").unwrap()
}

fn simulation() -> Simulation {
    let at_once = SecondsRange::new(0, 0).unwrap();
    let settings =
        Settings { instance_seconds: at_once, quota: 1000, instances: 1000, ..Settings::default() };
    let simulation = Simulation::new(settings, DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
    let create = CreateDbInstance { name: "orders".into(), engine: "postgres".into(), ..Default::default() };
    simulation.request(&account(SOURCE), &region(), Request::CreateDbInstance(create)).unwrap();
    simulation
}

fn rds(simulation: &Simulation, id: &str) -> SimulatedRds {
    simulation.cloud(&account(id), &region(), Parameters::new()).rds(&region())
}

fn take(id: &str) -> CreateSnapshot {
    CreateSnapshot {
        database: DatabaseName::new("orders").unwrap(),
        id: SnapshotId::new(id).unwrap(),
        tags: tags::of([(tags::CREATED_BY, tags::TOOL)]),
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

#[test]
fn a_snapshot_goes_from_source_to_destination() {
    let simulation = simulation();
    let (source, destination) = (rds(&simulation, SOURCE), rds(&simulation, DESTINATION));
    now(source.create_snapshot(&take("orders-1"))).unwrap();
    let in_progress = now(source.own_snapshots()).unwrap();
    assert_eq!(
        in_progress.iter().map(|s| (s.status.as_str(), s.taken_at())).collect::<Vec<_>>(),
        [("creating", None)]
    );

    simulation.settle();
    let taken = simulation.now();
    now(source.change_sharing(&in_progress[0].arn.id, &[account(DESTINATION)].into(), &BTreeSet::new()))
        .unwrap();
    let shared = now(destination.shared_snapshots()).unwrap();
    assert_eq!(shared.iter().map(|s| (&s.arn, s.tags.len())).collect::<Vec<_>>(), [(&in_progress[0].arn, 0)]);

    let copy = CopySnapshot {
        source: shared[0].arn.clone(),
        target: SnapshotId::new("orders-1").unwrap(),
        kms_key: None,
        option_group: GroupOfCopy::Default,
        tags: tags::of([(tags::COPIED_BY, tags::TOOL)]),
    };
    now(destination.copy_snapshot(&copy)).unwrap();
    simulation.settle();
    let copied = now(destination.own_snapshot(&copy.target)).unwrap().unwrap();
    assert_eq!((copied.status.as_str(), copied.taken_at()), ("available", Some(taken)));
    assert_eq!(copied.copied_from, Some(shared[0].arn.clone()));
    assert!(copied.is_copied_by_us());
    now(destination.delete_snapshot(&copy.target)).unwrap();
    assert_eq!(now(destination.own_snapshot(&copy.target)), Ok(None));
}

#[test]
fn a_listed_snapshot_is_listed_with_its_later_status_and_tags() {
    let simulation = simulation();
    let source = rds(&simulation, SOURCE);
    now(source.create_snapshot(&take("orders-1"))).unwrap();
    let before = now(source.own_snapshots()).unwrap();
    simulation.settle();
    now(source.tag_snapshot(&before[0].arn, &tags::of([("note", "new")]))).unwrap();
    let after = now(source.own_snapshots()).unwrap();
    let described = |listed: &[Arc<Snapshot>]| (listed[0].status.to_string(), listed[0].tags.len());
    assert_eq!(
        (described(&before), described(&after)),
        (("creating".to_owned(), 1), ("available".to_owned(), 2))
    );
    assert_eq!(now(source.own_snapshots()).unwrap(), after);
}

#[test]
fn hidden_tags_are_listed_only_after_the_mishap_ends() {
    let simulation = simulation();
    let source = rds(&simulation, SOURCE);
    now(source.create_snapshot(&take("orders-1"))).unwrap();
    simulation.settle();
    let listed = || now(source.own_snapshots()).unwrap()[0].clone();
    let lasts = SecondsRange::new(60, 60).unwrap();
    let chances = [(Mishap::HiddenTags, Chance { rate: 1.0, lasts })].into();
    let rules = Rules { seed: 1, end: simulation.now() + TimeDelta::days(1), chances };
    simulation.with_world(|world| world.set_rules(rules));
    now(source.tag_snapshot(&listed().arn, &tags::of([("note", "new")]))).unwrap();
    assert_eq!(listed().tags.len(), 1);
    simulation.settle();
    assert_eq!(listed().tags.len(), 2);
}

#[test]
fn lists_are_paged_and_every_page_is_a_call() {
    let simulation = simulation();
    for n in 0..250 {
        let create = CreateDbSnapshot { database: "orders".into(), id: format!("s-{n}"), tags: None };
        simulation.request(&account(SOURCE), &region(), Request::CreateDbSnapshot(create)).unwrap();
        simulation.settle();
    }
    let before = simulation.total_calls();
    assert_eq!(now(rds(&simulation, SOURCE).own_snapshots()).unwrap().len(), 250);
    assert_eq!(simulation.total_calls() - before, 3);
    assert_eq!(simulation.calls().of("DescribeDBSnapshots"), 3);
}

#[test]
fn a_killed_caller_never_resumes_and_has_no_later_effect() {
    for (effect, snapshots) in [(Effect::Before, 0), (Effect::After, 1)] {
        let simulation = simulation();
        let source = rds(&simulation, SOURCE);
        simulation.inject(Fault::Kill { call: 2, effect });
        let run = async {
            source.instances().await?;
            source.create_snapshot(&take("a")).await?;
            source.own_snapshots().await
        };
        assert_eq!(run.now_or_never(), None);
        assert!(simulation.was_killed());
        assert_eq!(source.delete_snapshot(&SnapshotId::new("a").unwrap()).now_or_never(), None);
        assert_eq!(simulation.with_world(|world| world.dump().snapshots.len()), snapshots);
        simulation.clear_faults();
        assert_eq!(now(source.own_snapshots()).unwrap().len(), snapshots);
    }
}

#[test]
fn a_planned_failure_strikes_before_or_after_the_effect_of_a_call() {
    for (effect, snapshots) in [(Effect::Before, 0), (Effect::After, 1)] {
        let simulation = simulation();
        let source = rds(&simulation, SOURCE);
        let (code, message) = ("RequestTimeout".to_owned(), "too slow".to_owned());
        simulation.inject(Fault::Fail { call: 1, effect, code, message });
        let error = now(source.create_snapshot(&take("a"))).unwrap_err();
        assert_eq!((error.action, error.kind), ("CreateDBSnapshot", Kind::Unavailable));
        assert_eq!(now(source.own_snapshots()).unwrap().len(), snapshots);
    }
}

#[test]
fn refusals_have_the_kinds_of_the_common_error_table() {
    let simulation = simulation();
    let source = rds(&simulation, SOURCE);
    now(source.create_snapshot(&take("a"))).unwrap();
    assert_eq!(now(source.create_snapshot(&take("b"))).unwrap_err().kind, Kind::InvalidState);
    assert_eq!(now(source.create_snapshot(&take("a"))).unwrap_err().kind, Kind::AlreadyExists);
    assert_eq!(now(source.delete_snapshot(&SnapshotId::new("c").unwrap())).unwrap_err().kind, Kind::NotFound);
    assert_eq!(now(source.snapshot_quota()), Ok(1000));
    assert_eq!(now(source.default_key()), Ok(None));
}

#[test]
fn metrics_and_parameters_are_recorded_as_calls() {
    let simulation = simulation();
    let parameters = Parameters::from([("RetentionDays".to_owned(), "7".to_owned())]);
    let cloud = simulation.cloud(&account(SOURCE), &region(), parameters.clone());
    assert_eq!(now(cloud.parameters()), Ok(parameters));
    now(cloud.publish(&[])).unwrap();
    now(cloud.publish(&[Metric::overall(MetricName::Pending, 1.0)])).unwrap();
    assert_eq!(simulation.total_calls(), 2);
    let published = simulation.take_published();
    assert_eq!(published.iter().map(|p| p.metric.value).collect::<Vec<_>>(), [1.0]);
    assert_eq!(simulation.take_published(), []);
}

#[test]
fn permissions_are_recorded_by_principal_once_the_record_is_requested() {
    let simulation = simulation();
    let cloud = simulation.cloud(&account(SOURCE), &region(), Parameters::new());
    now(cloud.rds(&region()).instances()).unwrap();
    assert_eq!(simulation.permissions().iter().count(), 0);
    simulation.record_permissions();
    let worker = cloud.named("source-take", "/pilot-light/source");
    now(worker.parameters()).unwrap();
    for _ in 0..2 {
        now(worker.rds(&region()).instances()).unwrap();
    }
    // No permission is recorded for a resource that does not exist: its tags cannot be known.
    now(worker.rds(&region()).delete_snapshot(&SnapshotId::new("nothing").unwrap())).unwrap_err();
    let recorded = simulation.permissions();
    let lines: Vec<_> = recorded
        .iter()
        .map(|one| (one.principal.as_str(), one.permission.action, one.permission.resource.as_str()))
        .collect();
    let path = "arn:aws:ssm:us-east-1:111111111111:parameter/pilot-light/source";
    assert_eq!(
        lines,
        [
            ("source-take", "rds:DescribeDBInstances", "arn:aws:rds:us-east-1:111111111111:db:*"),
            ("source-take", "ssm:GetParametersByPath", path),
            ("source-take", "ssm:GetParametersByPath", &format!("{path}/*")),
        ]
    );
}

#[test]
fn an_imposed_status_error_or_field_reaches_the_workers() {
    let simulation = simulation();
    let source = rds(&simulation, SOURCE);
    now(source.create_snapshot(&take("a"))).unwrap();
    simulation.settle();
    let on = || Selection::of_kind(ResourceKind::Snapshot).named("a");
    let pending = simulation.impose(Imposition::new(Imposed::Status("pending".into()), on())).unwrap();
    for field in ["SnapshotCreateTime", "TagList"] {
        simulation.impose(Imposition::new(Imposed::Missing(field.into()), on())).unwrap();
    }
    let time = Imposed::field("SnapshotDatabaseTime", "2026-01-02T03:04:05Z");
    simulation.impose(Imposition::new(time, on())).unwrap();
    let found = &now(source.own_snapshots()).unwrap()[0];
    assert_eq!((found.status.as_str(), found.created_at, found.tags.len()), ("pending", None, 0));
    assert_eq!(found.database_time.unwrap().to_rfc3339(), "2026-01-02T03:04:05+00:00");
    assert!(found.original_created_at.is_some());
    assert!(simulation.lift(pending));
    assert_eq!(now(source.own_snapshots()).unwrap()[0].status.as_str(), "available");
    let error = Imposed::error("KMSKeyNotAccessibleFault", "The key is gone.");
    simulation.impose(Imposition::new(error, Selection::of_action("DescribeDBSnapshots")).times(1)).unwrap();
    let refused = now(source.own_snapshots()).unwrap_err();
    assert_eq!((refused.kind, refused.message.as_str()), (Kind::KeyNotAccessible, "The key is gone."));
    assert!(now(source.own_snapshots()).is_ok());
}

#[test]
fn a_record_that_a_gateway_cannot_read_is_odd_and_leaves_the_others_readable() {
    let simulation = simulation();
    let source = rds(&simulation, SOURCE);
    for id in ["a", "b"] {
        now(source.create_snapshot(&take(id))).unwrap();
        simulation.settle();
    }
    let on = || Selection::of_kind(ResourceKind::Snapshot).named("a");
    for (imposed, problem) in [
        (Imposed::Missing("Engine".into()), "there is no Engine of arn:"),
        (Imposed::field("SourceDBSnapshotIdentifier", "x"), "'x' is not a valid snapshot ARN"),
        (Imposed::field("DBSnapshotArn", "x"), "'x' is the DBSnapshotArn of arn:"),
    ] {
        let id = simulation.impose(Imposition::new(imposed, on())).unwrap();
        let found = now(source.own_snapshots()).unwrap();
        assert_eq!((found.len(), found.odd.len()), (1, 1));
        assert!(found.odd[0].problem.starts_with(problem), "{:?}", found.odd);
        assert!(simulation.lift(id));
    }
    for imposed in [Imposed::Missing("Port".into()), Imposed::field("KmsKeyId", "alias/x")] {
        simulation.impose(Imposition::new(imposed, on())).unwrap();
        assert_eq!(now(source.own_snapshots()).unwrap().len(), 2);
    }
}
